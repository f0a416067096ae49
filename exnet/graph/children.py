"""The children of the vertices of an equation, as one table or one ragged list of slots."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from exnet.graph import rules
from exnet.graph.frames import Rows, Value
from exnet.graph.integers import Array, Column, power_text
from exnet.graph.mistakes import Mistake, mistake
from exnet.graph.rightside import value
from exnet.graph.views import View, elements
from exnet.language import syntax

if TYPE_CHECKING:
    from exnet.graph.elaborate import Elaboration


@dataclass(frozen=True, slots=True, eq=False)
class Children:
    """The slots of all children, row by row; `count` is the number of children of each row, one int if all agree."""

    slots: Array
    count: "int | Array"


def items_of(expr: syntax.Expr) -> tuple[syntax.Expr, ...]:
    """The parts of the right side of a `vertex`."""
    if isinstance(expr, syntax.Tuple):
        return expr.items
    return (expr.inner,) if isinstance(expr, syntax.Paren) else (expr,)


def children(work: "Elaboration", statement: syntax.Vertex, rows: Rows) -> Children:
    """The children of every row.

    Raises:
        Mistake: a child does not exist, or a vertex would have none.
    """
    values: list[Value] = []
    failed: Mistake | None = None
    for item in items_of(statement.value):
        try:
            values.append(value(work, item, rows))
        except Mistake as found:
            work.tell(found)
            failed = found
    if failed is not None:
        raise Mistake
    sizes = [v.extents[0] if isinstance(v, View) else Column.constant(1) for v in values]
    _check_counts(work, statement, rows, sizes)
    if all(size.is_constant for size in sizes):
        parts = [_fixed(v, size.at(0), rows.count) for v, size in zip(values, sizes, strict=True)]
        table = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
        return Children(table.reshape(-1), table.shape[1])
    return _ragged(values, sizes, rows.count)


def _check_counts(work: "Elaboration", statement: syntax.Vertex, rows: Rows, sizes: list[Column]) -> None:
    total = sum((size.array(rows.count) for size in sizes), np.zeros(rows.count, np.int64))
    name = statement.head.name.id
    if len(empty := np.flatnonzero(total == 0)):
        row = int(empty[0])
        texts = " and ".join(f"`{_part(item)}`" for item in items_of(statement.value))
        verb = "is" if len(sizes) == 1 else "are"
        message = f"`{rows.reader(row)}` would have 0 children: {texts} {verb} empty"
        raise mistake(rules.NO_CHILDREN, rows, row, _blamed(statement), message)
    if (most := int(total.max())) > work.limits.children:
        row = int(total.argmax())
        message = f"`{rows.reader(row)}` would have {most} children; the limit is {work.limits.children}"
        work.stop(
            mistake(
                rules.TOO_MANY_CHILDREN, rows, row, _blamed(statement), message, help="a tree over them does better"
            )
        )
    work.arcs += int(total.sum())
    if work.arcs > work.limits.arcs:
        message = (
            f"`{name}` brings the graph to {power_text(work.arcs)} arcs; the limit is {power_text(work.limits.arcs)}"
        )
        work.stop(rules.TOO_MANY_ARCS.at(statement.head.span, message, help="lower its domain or raise `--max-arcs`"))


def _blamed(statement: syntax.Vertex) -> syntax.Expr:
    items = items_of(statement.value)
    return items[0] if len(items) == 1 else statement.value


def _part(item: syntax.Expr) -> str:
    if isinstance(item, syntax.Subscript):
        ranges = [sub for sub in item.subscripts if isinstance(sub, syntax.Range)]
        if len(ranges) == 1:
            return ranges[0].span.text
    return item.span.text


def _fixed(found: Value, size: int, count: int) -> Array:
    """[rows, size]."""
    if not isinstance(found, View):
        return found.reshape(count, 1)
    if size == 1:
        return found.fetch(None, [Column.constant(0)], count).reshape(count, 1)
    rows = np.repeat(np.arange(count), size)
    index = np.tile(np.arange(size), count)
    return found.fetch(Column.of(rows), [Column.of(index)], count * size).reshape(count, size)


def _ragged(values: list[Value], sizes: list[Column], count: int) -> Children:
    total = sum((size.array(count) for size in sizes), np.zeros(count, np.int64))
    start = np.cumsum(total) - total
    slots = np.empty(int(total.sum()), np.int64)
    for found, size in zip(values, sizes, strict=True):
        if isinstance(found, View):
            rows, index, number, counts = elements([size], count)
            at = start.repeat(counts) + index[0].array(number)
            slots[at] = found.fetch(rows, index, number)
            start = start + counts
        else:
            slots[start] = found
            start = start + 1
    return Children(slots, total)
