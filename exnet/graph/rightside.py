"""Right sides: node expressions evaluated over all rows of an equation at once."""

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from exnet.graph import rules
from exnet.graph.application import apply
from exnet.graph.frames import Rows, Value
from exnet.graph.integers import Array, Column, Fault, evaluate, power_text
from exnet.graph.mistakes import Mistake, advice, mistake, more, of_fault, outside, outside_slice
from exnet.graph.tables import FamilyTable
from exnet.graph.views import FamilyBase, Flattened, Restricted, Reversed, Slice, Transposed, View, elements, unravelled
from exnet.language import syntax

if TYPE_CHECKING:
    from exnet.graph.elaborate import Elaboration


def integer(expr: syntax.Expr, rows: Rows) -> Column:
    """The column of an integer expression or condition.

    Raises:
        Mistake: where it has no value.
    """
    try:
        return evaluate(expr, rows.name)
    except Fault as fault:
        raise of_fault(fault, rows, expr) from None


def node(work: "Elaboration", expr: syntax.Expr, rows: Rows) -> Array:
    """The slot of a vertex expression in each row. int64 [rows].

    Raises:
        Mistake: where there is none.
    """
    found = value(work, expr, rows)
    assert isinstance(found, np.ndarray)
    return found


def value(work: "Elaboration", expr: syntax.Expr, rows: Rows) -> Value:
    """What a node expression is in each row: a slot or an array.

    Raises:
        Mistake: where it has no value.
    """
    match expr:
        case syntax.Paren():
            return value(work, expr.inner, rows)
        case syntax.Name():
            return _name(work, expr, rows)
        case syntax.Subscript():
            return _subscript(work, expr, rows)
        case syntax.Call() if expr.function.id in rows.frame.scope.visible:
            return apply(work, expr, rows)
        case syntax.Call():
            base = value(work, expr.args[0].value, rows)
            assert isinstance(base, View)
            return {"flatten": Flattened, "reverse": Reversed, "transpose": Transposed}[expr.function.id](base)
        case _:
            raise TypeError(f"not a node expression: {expr!r}")


def in_rows(found: Value, rows: Rows) -> Value:
    """A value given for each instance, for each row."""
    if isinstance(found, View):
        whole = rows.count == rows.frame.count == 1
        return found if whole else Restricted(found, rows.instance)
    return Column(found, 0, 0).take(rows.instance.array(rows.count)).array(rows.count)


def _name(work: "Elaboration", expr: syntax.Name, rows: Rows) -> Value:
    frame, name = rows.frame, expr.id
    if name in frame.arrays:
        return in_rows(frame.arrays[name], rows)
    table = frame.families.get(name)
    if table is None:
        return in_rows(work.whole(frame, name, expr), rows)
    if table.rank == 0:
        return _found(table, rows, (), expr)
    return _family_slice(work, table, rows, [syntax.All(expr.span)] * table.rank, expr)


def _found(table: FamilyTable, rows: Rows, index: Sequence[Column], expr: syntax.Expr) -> Array:
    if table.failed:
        raise Mistake
    slots = table.lookup(rows.instance, index, rows.count)
    if rows.count and slots.min() < 0:
        raise outside(table, rows, np.flatnonzero(slots < 0), index, expr)
    return slots


def _subscript(work: "Elaboration", expr: syntax.Subscript, rows: Rows) -> Value:
    table = rows.frame.families.get(expr.base.id) if isinstance(expr.base, syntax.Name) else None
    if table is None:
        base = value(work, expr.base, rows)
        assert isinstance(base, View)
        return _view_subscript(base, expr, rows)
    plain = [sub for sub in expr.subscripts if not isinstance(sub, syntax.Range | syntax.All)]
    if len(plain) < len(expr.subscripts):
        return _family_slice(work, table, rows, expr.subscripts, expr)
    return _found(table, rows, [integer(sub, rows) for sub in plain], expr)


# Slices of families, with their own indices


def _family_slice(
    work: "Elaboration",
    table: FamilyTable,
    rows: Rows,
    subs: "Sequence[syntax.Expr | syntax.Range | syntax.All]",
    expr: syntax.Expr,
) -> View:
    if table.failed:
        raise Mistake
    axes, ends = _axes(subs, rows)
    if any(isinstance(sub, syntax.All) for sub in subs):
        axes, ends = _whole_axes(table, rows, subs, axes, ends, expr)
    sizes = tuple(extent_of(lo, hi) for (keep, lo), hi in zip(axes, ends, strict=True) if keep and hi is not None)
    view = Slice(FamilyBase(table, rows.instance), tuple(axes), sizes)
    if any(isinstance(sub, syntax.Range) for sub in subs):
        _check_elements(work, view, table, rows, axes, expr)
    return view


def _axes(
    subs: "Sequence[syntax.Expr | syntax.Range | syntax.All]", rows: Rows
) -> tuple[list[tuple[bool, Column]], list[Column | None]]:
    """For each axis whether it is kept, and its index or first index; and the end of ranges."""
    axes: list[tuple[bool, Column]] = []
    ends: list[Column | None] = []
    for sub in subs:
        if isinstance(sub, syntax.Range):
            lo, hi = range_of(sub, rows)
            axes.append((True, lo))
            ends.append(hi)
        elif isinstance(sub, syntax.All):
            axes.append((True, Column.constant(0)))
            ends.append(None)
        else:
            axes.append((False, integer(sub, rows)))
            ends.append(None)
    return axes, ends


def range_of(domain: syntax.Range, rows: Rows) -> tuple[Column, Column]:
    """First index and end (exclusive) of a range."""
    lo, hi = integer(domain.lo, rows), integer(domain.hi, rows)
    return lo, Column(hi.data + 1, hi.lo + 1, hi.hi + 1) if domain.inclusive else hi


def extent_of(lo: Column, hi: Column) -> Column:
    """`max(hi - lo, 0)`."""
    data = np.maximum(hi.data - lo.data, 0)
    return Column.of(data) if isinstance(data, np.ndarray) and data.ndim else Column.constant(int(data))


def _whole_axes(
    table: FamilyTable,
    rows: Rows,
    subs: "Sequence[syntax.Expr | syntax.Range | syntax.All]",
    axes: list[tuple[bool, Column]],
    ends: list[Column | None],
    expr: syntax.Expr,
) -> tuple[list[tuple[bool, Column]], list[Column | None]]:
    """Fills in the axes of `:` from what exists at the fixed indices (of a range: at its first one)."""
    kept = tuple(at for at, sub in enumerate(subs) if isinstance(sub, syntax.All))
    groups = table.groups(kept)
    if groups is None:
        message = f"the indices of `{table.name}` span more than 2^62 places"
        raise mistake(rules.INTEGER_OVERFLOW, rows, None, expr, message)
    fixed = [column for at, (_, column) in enumerate(axes) if at not in kept]
    found = groups.find([rows.instance, *fixed], rows.count)
    if rows.count and found.min() < 0:
        shown = [(at in kept, column) for at, (_, column) in enumerate(axes)]
        raise outside_slice(table, rows, np.flatnonzero(found < 0), shown, expr)
    volume = np.ones(rows.count)  # as floats: exact where it could equal a count, and without overflow
    for axis, lo, hi in zip(kept, groups.lo, groups.hi, strict=True):
        axes[axis] = (True, Column.of(lo[found]))
        ends[axis] = Column.of(hi[found] + 1)
        volume = volume * (hi[found] - lo[found] + 1)
    holes = np.flatnonzero(volume != groups.counts[found])
    if len(holes):
        present = int(groups.counts[found[holes[0]]])
        raise _hole(table, rows, int(holes[0]), present, axes, ends, kept, expr)
    return axes, ends


def _hole(
    table: FamilyTable,
    rows: Rows,
    row: int,
    present: int,
    axes: Sequence[tuple[bool, Column]],
    ends: Sequence[Column | None],
    kept: tuple[int, ...],
    expr: syntax.Expr,
) -> Mistake:
    """`slice-with-hole`: the first indices of the rectangle that do not exist."""
    sizes = [Column.constant(end.at(row) - axes[axis][1].at(row)) for axis in kept if (end := ends[axis]) is not None]
    total = prod(size.at(0) for size in sizes)
    looked = min(total, present + 3)
    index = unravelled(Column.of(np.arange(looked)), sizes)
    full: list[Column] = []
    inside = iter(index)
    for axis, (_, column) in enumerate(axes):
        at = column.at(row)
        full.append(_moved(next(inside), at) if axis in kept else Column.constant(at))
    slots = table.lookup(Column.constant(rows.instance.at(row)), full, looked)
    missing = np.flatnonzero(slots < 0)
    names = [f"`{table.name}[{', '.join(str(c.at(int(m))) for c in full)}]`" for m in missing[:2]]
    absent = total - present
    many = f" and {absent - len(names)} more" if absent > 2 else ""
    text = (" and ".join(names) if not many else ", ".join(names)) + many
    verb = "does" if absent == 1 else "do"
    shown = ", ".join(":" if axis in kept else str(c.at(row)) for axis, (_, c) in enumerate(axes))
    what = "is not contiguous" if len(kept) == 1 else "is no rectangle"
    message = f"`{table.name}[{shown}]` {what}: {text} {verb} not exist"
    return mistake(rules.SLICE_WITH_HOLE, rows, row, expr, message, help="choose a part of it with a range")


def _moved(column: Column, by: int) -> Column:
    return Column(column.data + by, column.lo + by, column.hi + by)


def _check_elements(
    work: "Elaboration",
    view: Slice,
    table: FamilyTable,
    rows: Rows,
    axes: Sequence[tuple[bool, Column]],
    expr: syntax.Expr,
) -> None:
    """Every element of a slice with ranges must exist. One index more than the family has is enough to see it."""
    most = 1 + sum(t.domain.count for t in table.equations)
    sizes = [_at_most(size, most) for size in view.sizes]
    same = rows.instance.is_constant and all(c.is_constant for c in [*sizes, *(c for _, c in axes)])
    count = min(rows.count, 1) if same else rows.count
    if (wanted := number_of(sizes, count)) > work.limits.scanned:
        message = f"the slices `{expr.span.text}` have {power_text(wanted)} elements in all"
        hint = f"the limit is {power_text(work.limits.scanned)}; `:` costs less than a range"
        work.stop(mistake(rules.TOO_MANY_INDICES, rows, None, expr, message, help=hint))
    at, index, total, _ = elements(sizes, count)
    if total == 0:
        return
    slots = view.fetch(at, index, total)
    missing = np.flatnonzero(slots < 0)
    if not len(missing):
        return
    inside = iter(index)
    full = [(_sum(lo.take(at), next(inside)) if keep else lo.take(at)).take(missing) for keep, lo in axes]
    back = rows.take(at.array(total)[missing], tuple(rows.columns))
    raise outside(table, back, np.arange(len(missing)), full, expr)


def _at_most(column: Column, most: int) -> Column:
    if column.hi <= most:
        return column
    data = np.minimum(column.data, most)
    return Column.of(data) if isinstance(data, np.ndarray) and data.ndim else Column.constant(int(data))


def number_of(sizes: Sequence[Column], count: int) -> int:
    """How many elements the arrays of all rows have; near enough where that is huge."""
    volume = np.ones(count)
    for size in sizes:
        volume = volume * size.array(count)
    return int(volume.sum())


def _sum(a: Column, b: Column) -> Column:
    return Column(a.data + b.data, a.lo + b.lo, a.hi + b.hi)


# Reads of arrays, which start at 0


def _view_subscript(base: View, expr: syntax.Subscript, rows: Rows) -> Value:
    axes, ends = _axes(expr.subscripts, rows)
    for at, (sub, extent) in enumerate(zip(expr.subscripts, base.extents, strict=True)):
        keep, column = axes[at]
        end = ends[at]
        if isinstance(sub, syntax.All):
            ends[at] = extent
        elif not keep:
            _check_inside(column, extent, column, expr, rows, at)
        elif end is not None:
            size = extent_of(column, end)
            wanted = Column.of(np.where(size.array(rows.count) > 0, column.array(rows.count), 0))
            last = np.where(size.array(rows.count) > 0, end.array(rows.count) - 1, -1)
            _check_inside(wanted, extent, Column.of(last), expr, rows, at)
    if not any(keep for keep, _ in axes):
        return base.fetch(None, [column for _, column in axes], rows.count)
    sizes = tuple(extent_of(lo, hi) for (keep, lo), hi in zip(axes, ends, strict=True) if keep and hi is not None)
    return Slice(base, tuple(axes), sizes)


def _check_inside(first: Column, extent: Column, last: Column, expr: syntax.Subscript, rows: Rows, axis: int) -> None:
    """Reads of an array at `first..=last` must lie in 0..extent."""
    if rows.count == 0 or (first.lo >= 0 and last.hi < extent.lo):
        return
    low, high = first.array(rows.count), last.array(rows.count)
    size = extent.array(rows.count)
    bad = np.flatnonzero((low < 0) | ((high >= size) & (high >= low)) | ((high >= low) & (low >= size)))
    if not len(bad):
        return
    row = int(bad[0])
    wrong = int(low[row]) if low[row] < 0 else int(max(high[row], low[row]) if high[row] >= size[row] else low[row])
    text = expr.base.span.text
    rank = len(expr.subscripts)
    exists = f"0..{int(size[row])}" + (f" on axis {axis + 1}" if rank > 1 else "")
    reader = f"`{rows.reader(row)}`"
    message = f"{reader} reads index {wrong} of `{text}`, which has {exists}{more(len(bad) - 1)}"
    if isinstance(expr.base, syntax.Name) and rank == 1:
        name = "i"
        message = (
            f"{reader} reads `{text}[{wrong}]`; `{text}[{name}]` exists for {name} in {exists}{more(len(bad) - 1)}"
        )
    hint = advice(None, rows, row, axis, wrong, expr)
    raise mistake(rules.READ_OUTSIDE_DOMAIN, rows, row, expr, message, help=hint)
