"""Tokenisers as declarations: how raw values become the primary extractions of the leaves. Free of torch.

A tokeniser is a sum of parts, `linear + position`. Every part is fixed (never trained); its numbers are drawn once from
(seed, input name). In the paper tokenisers are fixed too.
"""

from typing import ClassVar

from exnet.spec.network import Model


class TokeniserPart(Model):
    """One summand."""

    kind: ClassVar[str]


class Orthogonal(TokeniserPart):
    """Fixed random matrix with orthonormal rows or columns, one for all leaves of the input: e = scale * x W."""

    kind: ClassVar[str] = "orthogonal"
    scale: float = 1.0


class Linear(TokeniserPart):
    """Fixed random matrix with entries N(0, scale^2 / width of x), one for all leaves of the input: e = x W."""

    kind: ClassVar[str] = "linear"
    scale: float = 1.0


class Identity(TokeniserPart):
    """The values themselves, padded with zeros: needs width of x <= p."""

    kind: ClassVar[str] = "identity"


class Embedding(TokeniserPart):
    """For `index[V]`: row x of a fixed random table with entries N(0, scale^2)."""

    kind: ClassVar[str] = "embedding"
    scale: float = 1.0


class Position(TokeniserPart):
    """A fixed random vector for each leaf with entries N(0, scale^2), added."""

    kind: ClassVar[str] = "position"
    scale: float = 1.0
