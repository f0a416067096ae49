"""The reference interpreter: it defines what a spec means, one vertex at a time, in float64, plain and slow.

It evaluates the equations itself and reads nothing of the compiler but the spec.
"""

from exnet.reference.graph import ReferenceGraph, ReferenceVertex, interpret
from exnet.reference.integers import NotDefined

__all__ = ["NotDefined", "ReferenceGraph", "ReferenceVertex", "interpret"]
