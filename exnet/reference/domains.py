"""Domains of equations: which index tuples an equation defines, and which equation defines an index tuple."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from exnet.language import syntax
from exnet.reference.integers import NotDefined, Number, bounds, number

Index = tuple[int, ...]
Statement = syntax.Let | syntax.Vertex


@dataclass(frozen=True, eq=False)
class Row:
    """One index tuple of one equation, with the values of the names that its head binds."""

    statement: Statement
    names: dict[str, Number]


def box(
    binders: Sequence[syntax.Binder], outer: Mapping[str, Number], index: Index = ()
) -> Iterator[tuple[Index, dict[str, Number]]]:
    """The index tuples of a head without its guard, in lexicographic order, each with the values of the names."""
    if len(index) == len(binders):
        own = {b.name.id: i for b, i in zip(binders, index, strict=True) if b.name is not None}
        yield index, own
        return
    binder = binders[len(index)]
    if not isinstance(binder.domain, syntax.Range):
        yield from box(binders, outer, (*index, int(number(binder.domain, outer))))
        return
    for i in bounds(binder.domain, outer):
        inner = outer if binder.name is None else {**outer, binder.name.id: i}
        yield from box(binders, inner, (*index, i))


def table(statements: Sequence[Statement], outer: Mapping[str, Number]) -> dict[Index, Row]:
    """A family: which row defines each of its indices. `outer` holds consts, params and formals."""
    family: dict[Index, Row] = {}
    for statement in statements:
        if not isinstance(statement.head.guard, syntax.Otherwise):
            _define(family, statement, _guarded(statement, outer))
    said = set(family)
    for statement in statements:
        if isinstance(statement.head.guard, syntax.Otherwise):
            rest = ((index, own) for index, own in box(statement.head.binders, outer) if index not in said)
            _define(family, statement, rest)
    return family


def _guarded(statement: Statement, outer: Mapping[str, Number]) -> Iterator[tuple[Index, dict[str, Number]]]:
    guard = statement.head.guard
    for index, own in box(statement.head.binders, outer):
        if not isinstance(guard, syntax.When) or number(guard.condition, {**outer, **own}):
            yield index, own


def _define(family: dict[Index, Row], statement: Statement, rows: Iterator[tuple[Index, dict[str, Number]]]) -> None:
    for index, own in rows:
        if index in family:
            raise NotDefined(f"`{statement.head.name.id}{list(index)}` is defined twice")
        family[index] = Row(statement, own)
