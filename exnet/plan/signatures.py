"""The widths that each component reads and writes."""

from exnet.graph.model import StackShape
from exnet.spec.model import Spec
from exnet.spec.network import Signature


def signature(spec: Spec, shape: StackShape) -> Signature:
    """phi: (p,) * k -> p;  phi': (q,) + (p,) * (k - 1) -> q;  psi: (p, q) -> all outputs."""
    p, q, k = spec.primary, spec.complementary, shape.children
    match shape.component:
        case "primary":
            return Signature((p,) * k, p)
        case "complementary":
            return Signature((q,) + (p,) * (k - 1), q)
        case _:
            return Signature((p, q), spec.output_width)
