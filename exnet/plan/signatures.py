"""The widths that each component reads and writes."""

from exnet.graph.model import StackShape
from exnet.spec import declarations
from exnet.spec.model import Spec
from exnet.spec.network import Signature


def signature(spec: Spec, shape: StackShape) -> Signature:
    """phi: (p,) * k -> p;  phi': (q,) + (p,) * (k - 1) -> q;  psi: (p, q) -> all outputs."""
    widths = spec.primary, spec.complementary, spec.output_width
    return declarations.signature(shape.component, shape.children, *widths)
