"""Learned tokenisers, as what they are short for: a vertex above raw leaves.

    tokenise x with learned(network: mix, trainer: judge) + position

says that each `x[i]` is a vertex whose children are raw leaves: the numbers of the leaf, cut into pieces of at most p
numbers and padded with zeros, then one fixed random vector for the position. (An index counts as V numbers, all zero
but one, so that the first layer of the network holds a learned table.) The analysis adds that equation to those of the
file, and nothing after it knows of learned tokenisers: like any vertex, `x[i]` has a trainer, and arcs into it have
complementary propagators.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, prod
from typing import TYPE_CHECKING

from exnet.language import syntax
from exnet.source import Label, Span
from exnet.spec.rules import LEARNED_SUM, LEARNED_TABLE
from exnet.spec.tokeniser import Learned, Position, TokeniserPart
from exnet.spec.walk import nodes

if TYPE_CHECKING:
    from exnet.spec.options import OptionReader

MAX_ENTRIES = 4096
"""The largest V of an `index[V]` that is read as V numbers."""


@dataclass(frozen=True, slots=True)
class LeafGrid:
    """Leaves of one input in row-major order: all of them (`x`), or `x.position` and `x.raw` of a learned tokeniser.

    The last axis of `x.raw` counts the pieces of a leaf.
    """

    name: str
    shape: tuple[int, ...]

    @property
    def leaves(self) -> int:
        """Number of leaves."""
        return prod(self.shape)

    def leaf_name(self, position: int) -> str:
        """`image[1, 2]` for a row-major position; `image[1, 2].raw[0]` and `image[1, 2].position` below a vertex."""
        index = list[int]()
        for size in reversed(self.shape):
            index.insert(0, position % size)
            position //= size
        name, _, below = self.name.partition(".")
        piece = f"[{index.pop()}]" if below == "raw" else ""
        inside = f"[{', '.join(map(str, index))}]" if index else ""
        return f"{name}{inside}.{below}{piece}" if below else f"{name}{inside}"


def pieces(numbers: int, primary: int) -> int:
    """Into how many primary extractions so many numbers are cut."""
    return max(1, ceil(numbers / primary))


def learned_of(parts: Sequence[TokeniserPart]) -> Learned | None:
    """The part `learned` of a tokeniser, if it has one."""
    return next((part for part in parts if isinstance(part, Learned)), None)


def leaf_grids(
    name: str, shape: tuple[int, ...], parts: Sequence[TokeniserPart], numbers: int, primary: int
) -> tuple[LeafGrid, ...]:
    """The leaves of an input whose leaves hold so many numbers, in the order of the names of the grids."""
    if learned_of(parts) is None:
        return (LeafGrid(name, shape),)
    raw = LeafGrid(f"{name}.raw", (*shape, pieces(numbers, primary)))
    return (LeafGrid(f"{name}.position", shape), raw) if _placed(parts) else (raw,)


def _placed(parts: Sequence[TokeniserPart]) -> bool:
    return any(isinstance(part, Position) for part in parts)


def tokenising(
    input_: syntax.Input, shape: tuple[int, ...], statement: syntax.Tokenise, parts: Sequence[TokeniserPart]
) -> syntax.Vertex | None:
    """`vertex x[i: 0..n] = (x.raw[i, :], x.position[i])  share all  with (primary: mix, trainer: judge)`.

    None if the tokeniser is fixed.

    Args:
        input_: the statement of the input.
        shape: of its grid.
        statement: the one that says how it is tokenised; messages about the vertices point there.
        parts: what it says.
    """
    learned, at, name = learned_of(parts), statement.span, input_.name.id
    if learned is None:
        return None
    letters = "ijklmn" if len(shape) <= 6 else [f"i{axis}" for axis in range(len(shape))]
    indices = tuple(syntax.Name(letters[axis], at) for axis in range(len(shape)))
    binders = tuple(
        syntax.Binder(index, syntax.Range(syntax.Int(0, at), syntax.Int(size, at), False, at), at)
        for index, size in zip(indices, shape, strict=True)
    )
    children = [_read(f"{name}.raw", (*indices, syntax.All(at)), at)]
    if _placed(parts):
        children.append(_read(f"{name}.position", indices, at))
    head = syntax.Head(input_.name, binders, None, input_.name.span)
    return syntax.Vertex(head, syntax.Tuple(tuple(children), statement.value.span), _clauses(learned, at), at)


def _read(name: str, subscripts: tuple[syntax.Name | syntax.All, ...], at: Span) -> syntax.Expr:
    base = syntax.Name(name, at)
    return syntax.Subscript(base, subscripts, at) if subscripts else base


def _clauses(learned: Learned, at: Span) -> tuple[syntax.Clause, ...]:
    share = syntax.Share((syntax.ShareItem(None, "all" if learned.shared else "none", (), (), at),), None, at)
    chosen = {"primary": learned.network, "trainer": learned.trainer}
    args = tuple(
        syntax.Arg(syntax.Name(component, at), syntax.Name(network, at), at)
        for component, network in chosen.items()
        if network is not None
    )
    return (share, syntax.With(args, at)) if args else (share,)


# What is wrong with them


def check_alone(reader: "OptionReader", parts: Sequence[tuple[TokeniserPart, syntax.Expr]]) -> None:
    """Reports what is added to `learned` beside `position`."""
    place = next((place for part, place in parts if isinstance(part, Learned)), None)
    for part, other in parts if place else ():
        if not isinstance(part, Learned | Position):
            message = f"`{part.kind}` cannot be added to `learned`"
            labels = (Label(place.span, "reads the raw values itself"),) if place else ()
            way_out = "leave it out; `position` alone may stand beside `learned`"
            reader.said.append(LEARNED_SUM.at(other.span, message, labels=labels, help=way_out))


def check_table(reader: "OptionReader", input_: syntax.Input, numbers: int, place: syntax.Expr) -> None:
    """Reports an index with too many values."""
    if input_.type.name.id == "index" and numbers > MAX_ENTRIES:
        name, labels = input_.name.id, (Label(input_.type.span, "the type of a leaf"),)
        message = f"`learned` reads an index as that many numbers, at most {MAX_ENTRIES}; `{name}` has {numbers}"
        way_out = f"use `embedding`, a fixed table, and vertices `({name}[i])` with `share all` above it"
        reader.said.append(LEARNED_TABLE.at(place.span, message, labels=labels, help=way_out))


def chosen_networks(statements: Sequence[syntax.Tokenise]) -> Iterator[tuple[str, syntax.Name]]:
    """Components and the names of networks that learned tokenisers choose for them."""
    for call in nodes(tuple(statements)):
        if isinstance(call, syntax.Call) and call.function.id == Learned.kind:
            for arg in call.args:
                if arg.name is not None and isinstance(arg.value, syntax.Name):
                    match arg.name.id:
                        case "network":
                            yield "primary", arg.value
                        case "trainer":
                            yield "trainer", arg.value
                        case _:
                            pass
