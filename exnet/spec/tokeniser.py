"""Tokenisers as declarations: how raw values become the primary extractions of the leaves. Free of torch.

A tokeniser is a sum of fixed parts, `linear + position`, whose numbers are drawn once from (seed, input name) and never
trained, as in the paper; or it is `learned`, a vertex above each leaf (`exnet.spec.learned`).
"""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from exnet.spec.network import Model, NetworkName

Scale: TypeAlias = Annotated[float, Field(gt=0.0)]
Reads: TypeAlias = Literal["numbers", "index", "anything", "nothing"]


class TokeniserPart(Model):
    """One summand. `reads` says what of an instance: `numbers` (real, patch), an `index`, `anything` or `nothing`."""

    kind: ClassVar[str]
    reads: ClassVar[Reads] = "numbers"

    def problem(self, width: int, primary: int) -> str | None:  # noqa: ARG002
        """Why it cannot map `width` numbers to `primary` ones, as a lower-case sentence; None if it can."""
        return None


class Orthogonal(TokeniserPart):
    """Fixed random matrix with orthonormal rows or columns, one for all leaves of the input: e = scale * x W."""

    kind: ClassVar[str] = "orthogonal"
    scale: Scale = 1.0


class Linear(TokeniserPart):
    """Fixed random matrix with entries N(0, scale^2 / width of x), one for all leaves of the input: e = x W."""

    kind: ClassVar[str] = "linear"
    scale: Scale = 1.0


class Identity(TokeniserPart):
    """The values themselves, padded with zeros: needs width of x <= p."""

    kind: ClassVar[str] = "identity"

    def problem(self, width: int, primary: int) -> str | None:
        """The values must fit into a primary extraction."""
        if width <= primary:
            return None
        return f"`identity` copies the {width} numbers of a leaf, but a primary extraction holds {primary}"


class Embedding(TokeniserPart):
    """For `index[V]`: row x of a fixed random table with entries N(0, scale^2)."""

    kind: ClassVar[str] = "embedding"
    reads: ClassVar[Reads] = "index"
    scale: Scale = 1.0


class Position(TokeniserPart):
    """A fixed random vector for each leaf with entries N(0, scale^2), added; beside `learned`, a leaf of its own."""

    kind: ClassVar[str] = "position"
    reads: ClassVar[Reads] = "nothing"
    scale: Scale = 0.5


class Learned(TokeniserPart):
    """A vertex above the raw numbers of each leaf, with a trainer, so that its own local loss trains it.

    Options:
        network: its primary propagator, by name; that of every vertex if not given.
        trainer: likewise.
        shared: all leaves of the input use one tokeniser and one trainer; if not, each has its own.
    """

    kind: ClassVar[str] = "learned"
    reads: ClassVar[Reads] = "anything"
    network: NetworkName | None = None
    trainer: NetworkName | None = None
    shared: bool = True


def default_tokeniser(kind: str) -> tuple[TokeniserPart, ...]:
    """What an input has when nothing is said: `embedding + position` for an index, else `orthogonal + position`."""
    return (Embedding() if kind == "index" else Orthogonal(), Position())
