"""Pictures of specs. Free of torch."""

from exnet.view.drawing import dot, mermaid
from exnet.view.quotient import Family, Leaves, Quotient, quotient

__all__ = ["Family", "Leaves", "Quotient", "dot", "mermaid", "quotient"]
