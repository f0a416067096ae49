"""Strips: equations of which every index but the last is enumerated. What they read, as lines over the last one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from exnet.graph.application import matched
from exnet.graph.clauses import clauses_of, lifted_names
from exnet.graph.domain import Box, BoxBuilder, TooMany
from exnet.graph.enumerate import axis_bounds, box_rows, constant_axis
from exnet.graph.frames import Frame
from exnet.graph.integers import Column
from exnet.graph.limits import Limits
from exnet.graph.mistakes import Mistake
from exnet.graph.program import Program
from exnet.graph.rightside import integer
from exnet.graph.scope import Family, Scope, Statement, yield_of
from exnet.graph.symbolic.lines import Line, Names, Unproved, line_of, where, without
from exnet.language import syntax
from exnet.spec.walk import nodes

Host: TypeAlias = Statement | syntax.Root | syntax.Yield
MOST = 512
"""Strips of one spec; more are no longer a closed form."""


class Piece(NamedTuple):
    """For each index i in `over`: element `line.at(i)` of a strip."""

    over: range
    strip: "Strip"
    line: Line


def piece(over: range, strip: "Strip", line: Line) -> Piece:
    """A piece; of a single index with a constant line."""
    return Piece(over, strip, Line(line.at(over.start), 0) if len(over) == 1 else line)


@dataclass(eq=False, slots=True)
class Strip:
    """Some elements of one family: fixed outer indices, a range of the last one. Leaves have no statement.

    `reads`: for a `vertex` the pieces of each slot, for a `let` those of the one node that it names; made on demand.
    """

    frame: "Part | None"
    statement: Statement | None
    outer: tuple[int, ...]
    over: range
    names: Names
    reads: list[list[Piece]] | None = None
    open: bool = False

    @property
    def is_alias(self) -> bool:
        """Whether it only renames."""
        return isinstance(self.statement, syntax.Let)


@dataclass(eq=False, slots=True)
class Row:
    """An array of nodes: its size, and the nodes at a line of its indices, which start at 0."""

    size: int
    fetch: Callable[[Line, range], list[Piece]]


@dataclass(eq=False, slots=True)
class Part:
    """A frame of one instance: the file, or one application."""

    frame: Frame
    tables: dict[str, dict[tuple[int, ...], list[Strip]]] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    nodes: dict[str, Piece] = field(default_factory=dict)
    calls: "dict[int, Row | Piece]" = field(default_factory=dict)
    opened: "set[str]" = field(default_factory=set)

    @property
    def scope(self) -> Scope:
        """Whose equations it has."""
        return self.frame.scope

    def constants(self) -> dict[str, int]:
        """Its integers."""
        return {name: column.at(0) for name, column in self.frame.ints.items()}


class Strips:
    """All strips of a spec whose applications have one instance each."""

    def __init__(self, program: Program, limits: Limits) -> None:
        self.program, self.limits = program, limits
        self.made: list[Strip] = []
        self.leaves: dict[str, list[Strip]] = {}
        self._wholes: list[tuple[Part, str]] = []
        self._root = program.spec.root
        self.vertices = self.scanned = self.parts = 0
        self.root = self._file()

    def vertex_strips(self) -> list[Strip]:
        """Those that make vertices."""
        return [s for s in self.made if isinstance(s.statement, syntax.Vertex)]

    def _file(self) -> Piece:
        spec = self.program.spec
        if any(item.equation for item in spec.inputs):
            raise Unproved
        part = Part(Frame(self.program.file))
        part.frame.ints = {name: Column.constant(int(v)) for name, v in spec.constants.items()}
        for grid in (grid for item in spec.inputs for grid in item.grids):
            if len(grid.shape) > 1:
                raise Unproved
            strip = Strip(None, None, (), range(grid.leaves), Names({}, None, range(0)))
            self.leaves[grid.name], part.tables[grid.name] = [strip], {(): [strip]}
        self._open(part)
        names = Names(part.constants(), None, range(1))
        (found,) = self.node(spec.root.value, part, names, spec.root)
        self._read_everything()
        return found

    def _read_everything(self) -> None:
        """What nothing reads may not be wrong either. The lists grow while they are gone through."""
        for strip in self.made:
            self.read(strip)
        for part, name in self._wholes:
            if name not in part.rows:
                self.row(part.scope.families[name].equations[0].head.name, part, Names({}, None, range(1)), self._root)
        if any(strip.reads is None for strip in self.made):
            self._read_everything()

    # Domains

    def _open(self, part: Part) -> None:
        self.parts += 1
        if self.parts > min(MOST, self.limits.applications):
            raise Unproved
        for family in part.scope.families.values():
            if family.is_whole and self.program.family_kind(part.scope, family) != 0:
                self._wholes.append((part, family.name))
            else:
                self._family(part, family)

    def _family(self, part: Part, family: Family) -> None:
        table = part.tables[family.name] = {}
        for late in (False, True):
            for statement in family.equations:
                if isinstance(statement.head.guard, syntax.Otherwise) is late:
                    self._equation(part, statement, table)

    def _equation(self, part: Part, statement: Statement, table: dict[tuple[int, ...], list[Strip]]) -> None:
        if any(isinstance(c, syntax.Share) and c.alias for c in statement.clauses):
            raise Unproved
        count, guard = 0, statement.head.guard
        for outer, names in self._heads(part, statement):
            known = table.setdefault(outer, [])
            taken = [strip.over for strip in known]
            kept = [names.over]
            if isinstance(guard, syntax.When):
                kept = where(guard.condition, names)
            elif isinstance(guard, syntax.Otherwise):
                kept = without(names.over, taken)
            for over in kept:
                if any(max(over.start, t.start) < min(over.stop, t.stop) for t in taken):
                    raise Unproved
                strip = Strip(part, statement, outer, over, Names(names.constants, names.index, over))
                known.append(strip)
                self.made.append(strip)
                count += len(over)
        if count == 0 and part.scope.block is None:
            raise Unproved
        self.vertices += count if isinstance(statement, syntax.Vertex) else 0
        if len(self.made) > MOST or self.vertices > self.limits.vertices or self.scanned > self.limits.scanned:
            raise Unproved

    def _heads(self, part: Part, statement: Statement) -> Iterator[tuple[tuple[int, ...], Names]]:
        """Outer indices and the range of the last one, where that is not empty."""
        frame, binders, fixed = part.frame, statement.head.binders, part.constants()
        if not binders:
            self.scanned += 1
            yield (), Names(fixed, None, range(1))
            return
        box, lo, extent = _prefix(frame, statement)
        _bounded(frame, statement, box, lo, extent)
        self.scanned += int(extent.array(box.count).sum())
        titles, last = [b.name.id if b.name else None for b in binders[:-1]], binders[-1].name
        for row in range(box.count):
            outer = tuple(column.at(row) for column in box.index)
            over = range(lo.at(row), lo.at(row) + extent.at(row))
            if over:
                inner = {title: value for title, value in zip(titles, outer, strict=True) if title}
                yield outer, Names({**fixed, **inner}, last.id if last else None, over)

    # Right sides

    def read(self, strip: Strip) -> list[list[Piece]]:
        """What a strip reads, slot by slot.

        Raises:
            Unproved: there is no closed form, or it reads itself by renaming.
        """
        if strip.reads is None:
            statement, part = strip.statement, strip.frame
            if strip.open or statement is None or part is None:
                raise Unproved
            strip.open = True
            value = statement.value
            items: Sequence[syntax.Expr] = (value,)
            if isinstance(statement, syntax.Vertex):
                if not isinstance(value, syntax.Tuple | syntax.Paren):
                    raise Unproved
                items = value.items if isinstance(value, syntax.Tuple) else (value.inner,)
            strip.reads = [self.node(item, part, strip.names, statement) for item in items]
            strip.open = False
        return strip.reads

    def node(self, expr: syntax.Expr, part: Part, names: Names, statement: "Host") -> list[Piece]:
        """The node of an expression at every index.

        Raises:
            Unproved: it has no closed form.
        """
        match expr:
            case syntax.Paren():
                return self.node(expr.inner, part, names, statement)
            case syntax.Name() if expr.id in part.nodes:
                return [part.nodes[expr.id]._replace(over=names.over)]
            case syntax.Name() if expr.id in part.tables:
                return self.found(part.tables[expr.id], (), Line(0, 0), names.over)
            case syntax.Subscript():
                return self._element(expr, part, names, statement)
            case syntax.Call() if expr.function.id in part.scope.visible:
                applied = self._apply(expr, part, names, statement)
                if isinstance(applied, Piece):
                    return [applied._replace(over=names.over)]
            case _:
                pass
        raise Unproved

    def _element(self, expr: syntax.Subscript, part: Part, names: Names, statement: "Host") -> list[Piece]:
        if any(isinstance(sub, syntax.Range | syntax.All) for sub in expr.subscripts):
            raise Unproved
        lines = [line_of(sub, names) for sub in expr.subscripts if not isinstance(sub, syntax.Range | syntax.All)]
        base = expr.base
        if isinstance(base, syntax.Name) and base.id in part.tables:
            if any(line.slope for line in lines[:-1]):
                raise Unproved
            return self.found(part.tables[base.id], tuple(line.base for line in lines[:-1]), lines[-1], names.over)
        row = self.row(base, part, names, statement)
        low, high = lines[0].ends(names.over)
        if len(lines) > 1 or low < 0 or high >= row.size:
            raise Unproved
        return row.fetch(lines[0], names.over)

    def row(self, expr: syntax.Expr, part: Part, names: Names, statement: "Host") -> Row:
        """An array of nodes, the same at every index.

        Raises:
            Unproved: it has no closed form.
        """
        match expr:
            case syntax.Paren():
                return self.row(expr.inner, part, names, statement)
            case syntax.Name() if expr.id in part.rows:
                return part.rows[expr.id]
            case syntax.Name() if expr.id in part.tables:
                return self._whole(part.tables[expr.id], ())
            case syntax.Name() if expr.id in part.scope.families and expr.id not in part.opened:
                part.opened.add(expr.id)
                equation = part.scope.families[expr.id].equations[0]
                part.rows[expr.id] = self.row(equation.value, part, Names(part.constants(), None, range(1)), equation)
                return part.rows[expr.id]
            case syntax.Subscript(base=syntax.Name(id=name)) if name in part.tables:
                *first, last = expr.subscripts
                if isinstance(last, syntax.All) and not any(isinstance(s, syntax.Range | syntax.All) for s in first):
                    lines = [line_of(s, names) for s in first if not isinstance(s, syntax.Range | syntax.All)]
                    if not any(line.slope for line in lines):
                        return self._whole(part.tables[name], tuple(line.base for line in lines))
            case syntax.Call() if expr.function.id in part.scope.visible:
                applied = self._apply(expr, part, names, statement)
                if isinstance(applied, Row):
                    return applied
            case syntax.Call() if expr.function.id == "reverse":
                base = self.row(expr.args[0].value, part, names, statement)
                return Row(base.size, lambda line, over: base.fetch(Line(base.size - 1, -1).after(line), over))
            case _:
                pass
        raise Unproved

    def _whole(self, table: dict[tuple[int, ...], list[Strip]], outer: tuple[int, ...]) -> Row:
        """`h[l, :]`: every element that there is, without a hole."""
        overs = sorted((s.over for s in table.get(outer, ())), key=lambda over: over.start)
        if not overs or any(a.stop != b.start for a, b in pairwise(overs)):
            raise Unproved
        first = overs[0].start
        return Row(overs[-1].stop - first, lambda line, over: self.found(table, outer, _moved(line, first), over))

    def found(
        self, table: dict[tuple[int, ...], list[Strip]], outer: tuple[int, ...], line: Line, over: range
    ) -> list[Piece]:
        """The elements of a family along a line, and where names lead; all of them must exist."""
        pieces, count = list[Piece](), 0
        for strip in table.get(outer, ()):
            part = line.within(over, strip.over.start, strip.over.stop)
            count += len(part)
            if not part:
                continue
            if not strip.is_alias:
                pieces.append(piece(part, strip, line))
                continue
            for target in self.read(strip)[0]:
                inside = line.within(part, target.over.start, target.over.stop)
                if inside:
                    pieces.append(piece(inside, target.strip, target.line.after(line)))
        if count != len(over) or len(pieces) > MOST:
            raise Unproved
        return pieces

    # Applications

    def _apply(self, call: syntax.Call, part: Part, names: Names, statement: "Host") -> "Row | Piece":
        if id(call) not in part.calls:
            part.calls[id(call)] = self._applied(call, part, names, statement)
        return part.calls[id(call)]

    def _applied(self, call: syntax.Call, part: Part, names: Names, statement: "Host") -> "Row | Piece":
        networks = dict(part.frame.networks)
        if not isinstance(statement, syntax.Yield):
            clauses = clauses_of(statement)
            networks |= clauses.networks
            heads = () if isinstance(statement, syntax.Root) else statement.head.binders
            if lifted_names(call, [b.name.id for b in heads if b.name], clauses.per) or clauses.alias or clauses.over:
                raise Unproved
        number = part.scope.visible[call.function.id]
        source = self.program.spec.blocks[number]
        inner = Part(Frame(self.program.blocks[number], networks=networks))
        self._bind(inner, part, names, matched(call, source.block.formals), source.block.formals, statement)
        self._open(inner)
        end = next(s for s in source.block.body if isinstance(s, syntax.Yield))
        own = Names(inner.constants(), None, range(1))
        if self.program.yield_kind(number) == 0:
            (found,) = self.node(yield_of(source), inner, own, end)
            return found
        return self.row(yield_of(source), inner, own, end)

    def _bind(
        self,
        inner: Part,
        part: Part,
        names: Names,
        arguments: Mapping[str, syntax.Expr],
        formals: Sequence[syntax.Formal],
        statement: "Host",
    ) -> None:
        for formal in formals:
            name, given = formal.name.id, arguments.get(formal.name.id)
            if formal.dims is None and not formal.is_vertex:
                expr, own = (given, names) if given is not None else (formal.default, None)
                assert expr is not None
                value = line_of(expr, own or Names(inner.constants(), None, range(1)))
                inner.frame.ints[name] = Column.constant(value.base)
            elif formal.dims is None and given is not None:
                (found,) = self.node(given, part, names, statement)
                inner.nodes[name] = piece(range(1), found.strip, found.line)
            elif formal.dims is not None and len(formal.dims) == 1 and given is not None:
                dim = formal.dims[0]
                row = inner.rows[name] = self.row(given, part, names, statement)
                if not isinstance(dim, syntax.Name) or dim.id in inner.frame.ints:
                    raise Unproved
                inner.frame.ints[dim.id] = Column.constant(row.size)
            else:
                raise Unproved


def _moved(line: Line, by: int) -> Line:
    return Line(line.base + by, line.slope)


def _prefix(frame: Frame, statement: Statement) -> tuple[Box, Column, Column]:
    """The outer indices enumerated, and first index and extent of the last one for each."""
    *outer, last = statement.head.binders
    builder = BoxBuilder(1, MOST)
    try:
        for binder in outer:
            known = constant_axis(frame, statement, binder)
            if known is not None:
                builder.add_constant(*known)
            else:
                builder.add_ragged(*axis_bounds(box_rows(frame, statement, builder.prefix()), binder))
        box = builder.finish()
        known = constant_axis(frame, statement, last)
        if known is not None:
            return box, Column.constant(known[0]), Column.constant(known[1])
        return box, *axis_bounds(box_rows(frame, statement, box), last)
    except (TooMany, Mistake):
        raise Unproved from None


def _bounded(frame: Frame, statement: Statement, box: Box, lo: Column, extent: Column) -> None:
    """No integer of an equation may overflow: the bounds of enumeration, at the first index of every strip."""
    if box.count == 0:
        return
    first = np.array(lo.array(box.count))
    high = max(int((first + extent.array(box.count)).max()) - 1, int(first.max()))
    index = (*box.index, Column(first, int(first.min()), high))
    rows = box_rows(frame, statement, Box(box.count, box.instance, index, ()))
    slot = Column(np.zeros(box.count, np.int64), 0, 2**16)
    keyed = replace(rows, columns={**rows.columns, "slot": slot})
    try:
        for expr in _integers(statement):
            integer(expr, rows)
        for expr in (key for c in statement.clauses if isinstance(c, syntax.Share) for i in c.items for key in i.key):
            integer(expr, keyed)
    except (Mistake, KeyError):
        raise Unproved from None


def _integers(statement: Statement) -> Iterator[syntax.Expr]:
    """The integer expressions that are evaluated for every index."""
    if isinstance(statement.head.guard, syntax.When):
        yield statement.head.guard.condition
    for node in nodes(statement.value):
        if isinstance(node, syntax.Subscript):
            yield from (sub for sub in node.subscripts if not isinstance(sub, syntax.Range | syntax.All))
