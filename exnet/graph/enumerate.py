"""The domains of the equations of a frame: counted, enumerated, guarded, and checked against one another."""

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from exnet.graph import rules
from exnet.graph.domain import Box, BoxBuilder, Domain, TooMany, guarded
from exnet.graph.frames import Frame, Rows
from exnet.graph.integers import Array, Column, power_text
from exnet.graph.mistakes import Mistake, mistake
from exnet.graph.rightside import extent_of, integer, range_of
from exnet.graph.scope import Family, Statement
from exnet.graph.tables import EquationTable, FamilyTable, overlaps
from exnet.language import syntax
from exnet.source import Label
from exnet.spec.walk import used_names

if TYPE_CHECKING:
    from exnet.graph.elaborate import Elaboration


def enumerate_family(work: "Elaboration", frame: Frame, family: Family) -> FamilyTable:
    """The table of a family in a frame. Mistakes go to the report and mark it as failed."""
    table = FamilyTable(family.name, family.rank, family)
    plain = [s for s in family.equations if not isinstance(s.head.guard, syntax.Otherwise)]
    others = [s for s in family.equations if isinstance(s.head.guard, syntax.Otherwise)]
    try:
        for statement in plain:
            _add(work, frame, table, statement, enumerate_head(work, frame, statement))
        rests = [(s, _rest(table, enumerate_head(work, frame, s))) for s in others]
        for statement, domain in rests:
            _add(work, frame, table, statement, domain)
        for first, second, rows in overlaps(table.equations):
            raise _overlap(frame, table, first, second, rows)
    except Mistake as found:
        table.failed = True
        work.tell(found)
    return table


def _add(work: "Elaboration", frame: Frame, table: FamilyTable, statement: Statement, domain: Domain) -> None:
    table.equations.append(EquationTable(statement, domain, work.take_slots(domain.count)))
    if isinstance(statement, syntax.Vertex):
        work.vertices += domain.count
        if work.vertices > work.limits.vertices:
            work.stop(_too_many(work, frame, statement, domain.count, None, work.vertices))


def _rest(table: FamilyTable, box: Domain) -> Domain:
    """The rows of a box that no other equation defines."""
    found = table.lookup(box.instance, box.index, box.count) if box.count else np.zeros(0)
    return guarded(box.box, found < 0) if box.count else box


def enumerate_head(work: "Elaboration", frame: Frame, statement: Statement) -> Domain:
    """The rows of a head; for `otherwise` those of its box.

    Raises:
        Mistake: a bound has no value.
    """
    vertex = isinstance(statement, syntax.Vertex) and statement.head.guard is None
    limit = work.limits.vertices - work.vertices if vertex else work.limits.scanned - work.scanned
    try:
        box = _box(frame, statement, min(limit, work.limits.scanned - work.scanned))
    except TooMany as error:
        raise work.stop(_too_many(work, frame, statement, error.count, error.axis, error.count)) from None
    work.scanned += box.count
    guard = statement.head.guard
    if not isinstance(guard, syntax.When):
        return guarded(box, True)
    keep = integer(guard.condition, box_rows(frame, statement, box)).data
    return guarded(box, keep if isinstance(keep, np.ndarray) else bool(keep))


def _box(frame: Frame, statement: Statement, limit: int) -> Box:
    binders = statement.head.binders
    fixed = [constant_axis(frame, statement, binder) for binder in binders]
    sizes = [frame.count, *(f[1] for f in fixed if f)]
    if prod(sizes) > limit:
        raise TooMany(prod(sizes), [frame.count, *(f[1] if f else 0 for f in fixed)])
    if not all(sizes):  # nothing is left, whatever the other axes hold
        fixed = [(f[0], 0) if f else None for f in fixed]
    builder = BoxBuilder(frame.count, limit)
    for binder, known in zip(binders, fixed, strict=True):
        if known is not None:
            builder.add_constant(*known)
            continue

        def bounds(box: Box, binder: syntax.Binder = binder) -> tuple[Column, Column]:
            return axis_bounds(box_rows(frame, statement, box), binder)

        builder.probe(bounds)
        builder.add_ragged(*bounds(builder.prefix()))
    return builder.finish()


def constant_axis(frame: Frame, statement: Statement, binder: syntax.Binder) -> tuple[int, int] | None:
    """First index and extent of an axis whose bounds are the same everywhere."""
    indices = {b.name.id for b in statement.head.binders if b.name}
    for name in _bound_names(binder):
        if name in indices or not frame.ints[name].is_constant:
            return None
    one = Rows(frame, 1, Column.constant(0), {}, (None,) * len(statement.head.binders), statement)
    lo, extent = axis_bounds(one, binder)
    return lo.at(0), extent.at(0)


def _bound_names(binder: syntax.Binder) -> list[str]:
    domain = binder.domain
    exprs = (domain.lo, domain.hi) if isinstance(domain, syntax.Range) else (domain,)
    return [name.id for expr in exprs for name in used_names(expr)]


def axis_bounds(rows: Rows, binder: syntax.Binder) -> tuple[Column, Column]:
    """First index and extent of an axis in each row of its prefix."""
    if isinstance(binder.domain, syntax.Range):
        lo, hi = range_of(binder.domain, rows)
        return lo, extent_of(lo, hi)
    return integer(binder.domain, rows), Column.constant(1)


def box_rows(frame: Frame, statement: Statement, box: Box) -> Rows:
    """The rows of a box or of a prefix of it."""
    binders = statement.head.binders
    columns = {b.name.id: c for b, c in zip(binders, box.index, strict=False) if b.name}
    index = (*box.index, *([None] * (len(binders) - len(box.index))))
    return Rows(frame, box.count, box.instance, columns, index, statement)


def _too_many(
    work: "Elaboration", frame: Frame, statement: Statement, count: int, axis: int | None, total: int
) -> Mistake:
    """`too-many-vertices` or `too-many-indices`, with the largest factor and what to lower."""
    vertices = isinstance(statement, syntax.Vertex) and (statement.head.guard is None or axis is None)
    name, head = statement.head.name.id, statement.head
    limit = work.limits.vertices if vertices else work.limits.scanned
    rule = rules.TOO_MANY_VERTICES if vertices else rules.TOO_MANY_INDICES
    have = power_text(count) if count > limit else f"{power_text(count)}, {power_text(total)} in all"
    what = f"would have {have}" if vertices else f"would look at {have} index tuples"
    message = f"`{name}` {what}; the limit is {power_text(limit)}"
    hint = "raise `--max-vertices`"
    if axis is not None and 0 < axis <= len(head.binders):
        domain = head.binders[axis - 1].domain
        bound = domain.hi if isinstance(domain, syntax.Range) else domain
        lower = _lowered(work, bound)
        where = "" if frame.scope.is_library else f" in line {bound.span.shown.first.line}"
        hint = f"lower {lower}{where}, or raise `--max-vertices`"
    if frame.scope.is_library:
        hint = f"apply `{frame.scope.name}` to something smaller, or raise `--max-vertices`"
    rows = box_rows(frame, statement, Box(1, Column.constant(0), (), ()))
    return mistake(rule, rows, None, head.span, message, help=hint)


def _lowered(work: "Elaboration", bound: syntax.Expr) -> str:
    params = [n.id for n in used_names(bound) if n.id in work.spec.parameters]
    if not params or bound.span.source is not work.spec.source or bound.span.text == params[0]:
        return f"`{bound.span.text}`"
    return f"`{params[0]}` or `{bound.span.text}`"


def _overlap(frame: Frame, table: FamilyTable, first: EquationTable, second: EquationTable, rows: Array) -> Mistake:
    assert first.statement is not None
    assert second.statement is not None
    domain = first.domain
    keys = [column.array(domain.count)[rows] for column in reversed(domain.index)]
    smallest = int(np.lexsort(keys)[0]) if keys else 0
    inside = ", ".join(str(c.at(int(rows[smallest]))) for c in domain.index)
    name = f"{table.name}[{inside}]" if inside else table.name
    early, late = sorted((first.statement, second.statement), key=lambda s: s.span.start)
    lines = f"lines {early.span.shown.first.line} and {late.span.shown.first.line}"
    if early.span.shown.first.line == late.span.shown.first.line:
        lines = f"line {early.span.shown.first.line} twice"
    common = f" ({len(rows)} indices in common)" if len(rows) > 1 else ""
    message = f"`{name}` is defined on {lines}{common}"
    labels = [Label(early.head.span, "and here")]
    one = box_rows(frame, late, Box(1, Column.constant(0), (), ()))
    return mistake(
        rules.OVERLAPPING_EQUATIONS, one, None, late.head.span, message, help=_apart(early, late), labels=labels
    )


def _apart(early: Statement, late: Statement) -> str:
    """`write l: 1..=4`, where one head has a single first index that a range of the other starts with."""
    for one, other in ((early, late), (late, early)):
        for a, b in zip(one.head.binders, other.head.binders, strict=True):
            if a.name is None and isinstance(a.domain, syntax.Int) and b.name and isinstance(b.domain, syntax.Range):
                lo = b.domain.lo
                if isinstance(lo, syntax.Int) and lo.value == a.domain.value:
                    dots = "..=" if b.domain.inclusive else ".."
                    return f"write `{b.name.id}: {lo.value + 1}{dots}{b.domain.hi.span.text}`"
    return ""
