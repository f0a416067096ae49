"""Pictures of specs and of runs. Free of torch."""

from exnet.view.curves import Curves, curves
from exnet.view.curves_svg import curves_svg
from exnet.view.dot import dot, dot_unfolded
from exnet.view.mermaid import mermaid, mermaid_unfolded
from exnet.view.quotient import Quotient, quotient
from exnet.view.quotient_svg import quotient_svg
from exnet.view.runs import Runs, read_runs
from exnet.view.unfolded import Unfolded, unfold
from exnet.view.unfolded_svg import unfolded_svg

__all__ = [
    "Curves",
    "Quotient",
    "Runs",
    "Unfolded",
    "curves",
    "curves_svg",
    "dot",
    "dot_unfolded",
    "mermaid",
    "mermaid_unfolded",
    "quotient",
    "quotient_svg",
    "read_runs",
    "unfold",
    "unfolded_svg",
]
