"""Pictures of specs. Free of torch."""

from exnet.view.dot import dot, dot_unfolded
from exnet.view.mermaid import mermaid, mermaid_unfolded
from exnet.view.quotient import Quotient, quotient
from exnet.view.quotient_svg import quotient_svg
from exnet.view.unfolded import Unfolded, unfold
from exnet.view.unfolded_svg import unfolded_svg

__all__ = [
    "Quotient",
    "Unfolded",
    "dot",
    "dot_unfolded",
    "mermaid",
    "mermaid_unfolded",
    "quotient",
    "quotient_svg",
    "unfold",
    "unfolded_svg",
]
