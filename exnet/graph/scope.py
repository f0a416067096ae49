"""Names: what each one means in a scope, before any array is made."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from exnet.graph.rules import MISSING_YIELD, RANK_DIFFERS
from exnet.language import syntax
from exnet.source import Diagnostic, Label, Span
from exnet.spec.model import BlockSource, Spec
from exnet.spec.rules import DUPLICATE_NAME

Statement: TypeAlias = syntax.Let | syntax.Vertex
Kind: TypeAlias = str | int | None
"""What an expression is: `int`, `bool`, or a number: the rank of an array of nodes (0: one node). None: not known."""


class Report:
    """Collects diagnostics; of equal ones (code, place) only the first."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._seen: set[tuple[str, int, int, int]] = set()

    def add(self, diagnostic: Diagnostic) -> None:
        """Adds one, unless this was said of this place."""
        span = diagnostic.span
        key = (diagnostic.code, id(span.source), span.start, span.end) if span else (diagnostic.code, 0, 0, 0)
        if key not in self._seen:
            self._seen.add(key)
            self.diagnostics.append(diagnostic)

    @property
    def failed(self) -> bool:
        """Whether an error is among them."""
        return any(d.is_error for d in self.diagnostics)


@dataclass(slots=True)
class Family:
    """One indexed name: its equations in the order of the text."""

    name: str
    equations: list[Statement] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether it is a single `let name = ..` without indices: it may name a whole array."""
        first = self.equations[0]
        return len(self.equations) == 1 and isinstance(first, syntax.Let) and not first.head.binders

    @property
    def rank(self) -> int:
        """The number of indices in its heads."""
        return len(self.equations[0].head.binders)

    @property
    def is_uneven(self) -> bool:
        """Whether its heads have different numbers of indices, which is a mistake."""
        return any(len(e.head.binders) != self.rank for e in self.equations)

    def index_name(self, axis: int) -> str:
        """What people call an axis of it: the first name bound there, else a letter."""
        for equation in self.equations:
            name = equation.head.binders[axis].name if axis < len(equation.head.binders) else None
            if name:
                return name.id
        return "ijklmn"[axis % 6]


@dataclass(slots=True)
class Scope:
    """The file, or the body of one block.

    Attributes:
        name: of the block; empty for the file.
        block: its source, or None for the file.
        ints: integers and booleans by name: `int` or `bool`.
        arrays: formals that are nodes, by name: their rank.
        inputs: grids of leaves of the file: their rank.
        families: by name.
        visible: the blocks that it may apply.
        places: where each name was defined, and as what.
    """

    name: str
    block: BlockSource | None
    visible: dict[str, int]
    ints: dict[str, str] = field(default_factory=dict)
    arrays: dict[str, int] = field(default_factory=dict)
    inputs: dict[str, int] = field(default_factory=dict)
    families: dict[str, Family] = field(default_factory=dict)
    places: dict[str, tuple[str, Span]] = field(default_factory=dict)

    @property
    def is_library(self) -> bool:
        """Whether it belongs to a standard block, which its user does not edit."""
        return self.block is not None and self.block.origin == "standard"

    def statements(self) -> Iterator[Statement]:
        """All equations, family by family."""
        for family in self.families.values():
            yield from family.equations

    def names(self) -> list[str]:
        """Everything that may stand as a value."""
        return [*self.ints, *self.arrays, *self.inputs, *self.families]

    def declare(self, name: syntax.Name, what: str, report: Report) -> bool:
        """Gives a name its one meaning; a second one is a mistake."""
        known = self.places.get(name.id)
        if known is None:
            self.places[name.id] = (what, name.span)
            return True
        if known[0] == what == "family":
            return True
        message = f"`{name.id}` is already the {known[0]} of line {known[1].shown.first.line}"
        report.add(DUPLICATE_NAME.at(name.span, message, labels=(Label(known[1], "defined here"),)))
        return False


def file_scope(spec: Spec, report: Report) -> Scope:
    """The scope of a file: constants, params, inputs, networks and families."""
    scope = Scope("", None, spec.visible)
    tokenised, inputs = {item.name for item in spec.inputs if item.equation}, dict[str, tuple[str, Span]]()
    for statement in spec.file.statements:
        match statement:
            case syntax.Settings(keyword="const" | "param"):
                for setting in statement.settings:
                    scope.places.setdefault(setting.name.id, (statement.keyword, setting.name.span))
            case syntax.Input() if statement.name.id not in tokenised:
                scope.places.setdefault(statement.name.id, ("input", statement.name.span))
            case syntax.Input():
                inputs[statement.name.id] = ("input", statement.name.span)
            case syntax.Net():
                scope.places.setdefault(statement.name.id, ("net", statement.name.span))
            case _:
                pass
    for name, value in spec.constants.items():
        scope.ints[name] = "bool" if isinstance(value, bool) else "int"
    for grid in (grid for item in spec.inputs for grid in item.grids):
        scope.inputs[grid.name] = len(grid.shape)
    _add_families(scope, spec.equations, report)
    scope.places |= inputs
    return scope


def block_scope(source: BlockSource, report: Report) -> Scope:
    """The scope of a block's body: its formals, the sizes they bind, its families."""
    scope = Scope(source.block.name.id, source, source.visible)
    for formal in source.block.formals:
        _add_formal(scope, formal, report)
    _add_families(scope, [s for s in source.block.body if not isinstance(s, syntax.Yield)], report)
    yields = [s for s in source.block.body if isinstance(s, syntax.Yield)]
    if len(yields) != 1:
        what = "has no `yield`" if not yields else f"has {len(yields)} times `yield`"
        place = yields[1].span if yields else source.block.name.span
        report.add(MISSING_YIELD.at(place, f"`{scope.name}` {what}", help="a block yields one vertex or one array"))
    return scope


def _add_formal(scope: Scope, formal: syntax.Formal, report: Report) -> None:
    if not scope.declare(formal.name, "formal", report):
        return
    if formal.dims is None and not formal.is_vertex:
        is_bool = isinstance(formal.default, syntax.Bool | syntax.Compare) or (
            isinstance(formal.default, syntax.Name) and scope.ints.get(formal.default.id) == "bool"
        )
        scope.ints[formal.name.id] = "bool" if is_bool else "int"
        return
    scope.arrays[formal.name.id] = len(formal.dims or ())
    for dim in formal.dims or ():
        if isinstance(dim, syntax.Name) and dim.id not in scope.ints and scope.declare(dim, "size", report):
            scope.ints[dim.id] = "int"


def _add_families(scope: Scope, statements: "tuple[Statement, ...] | list[Statement]", report: Report) -> None:
    for statement in statements:
        name = statement.head.name
        if scope.declare(name, "family", report):
            scope.families.setdefault(name.id, Family(name.id)).equations.append(statement)
    for family in scope.families.values():
        _check_ranks(family, report)


def _check_ranks(family: Family, report: Report) -> None:
    first = family.equations[0]
    for other in family.equations[1:]:
        mine, theirs = len(other.head.binders), family.rank
        if mine != theirs:
            report.add(_rank_differs(family, first, other))


def _rank_differs(family: Family, first: Statement, other: Statement) -> Diagnostic:
    theirs, mine = family.rank, len(other.head.binders)
    line = first.head.name.span.shown.first.line
    indices = "index" if theirs == 1 else "indices"
    message = f"`{family.name}` has {theirs} {indices} on line {line} and {mine} here"
    binders = ", ".join(b.span.text for b in other.head.binders)
    hint = "use another name"
    if theirs == mine + 1:
        hint = f"write `{family.name}[{', '.join(t for t in ('1', binders) if t)}]`, or use another name"
    return RANK_DIFFERS.at(other.head.span, message, help=hint, labels=(Label(first.head.span, "defined here"),))


def yield_of(source: BlockSource) -> syntax.Expr:
    """What a block yields."""
    return next(s.value for s in source.block.body if isinstance(s, syntax.Yield))
