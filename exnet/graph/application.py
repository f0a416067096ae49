"""Applications of blocks: one instance for each value of the lifted indices, and a frame that holds them all."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from exnet.graph import rightside, rules
from exnet.graph.clauses import Clauses, clauses_of, lifted_names
from exnet.graph.domain import encode, ranges_of
from exnet.graph.frames import Frame, Pool, Rows, Value
from exnet.graph.integers import Array, Column
from exnet.graph.mistakes import mistake
from exnet.graph.tables import first_of_runs
from exnet.graph.views import Restricted, View
from exnet.language import syntax
from exnet.spec.model import COMPONENTS

if TYPE_CHECKING:
    from exnet.graph.elaborate import Elaboration


def apply(work: "Elaboration", call: syntax.Call, rows: Rows) -> Value:
    """What an application yields, for each row of its equation.

    Raises:
        Mistake: it has no value.
    """
    clauses = Clauses({}, {}, None, (), {})
    indices: tuple[str, ...] = ()
    if rows.statement is not None and not isinstance(rows.statement, syntax.Yield):
        clauses = clauses_of(rows.statement)
    if isinstance(rows.statement, syntax.Let | syntax.Vertex):
        indices = tuple(b.name.id for b in rows.statement.head.binders if b.name)
    lifted = tuple(i for i in lifted_names(call, indices, clauses.per) if i in rows.columns)
    first, group = instances(rows, lifted)
    host = rows.take(first, lifted)
    frame = _frame(work, call, host, lifted, clauses)
    result = work.enter(frame)
    if isinstance(result, View):
        return result if frame.count == rows.count == 1 else Restricted(result, group)
    return result[group.array(rows.count)]


def instances(rows: Rows, lifted: Sequence[str]) -> tuple[Array, Column]:
    """The first row of each (instance, lifted indices) in ascending order, and the number of its group in each row."""
    keys = [rows.instance, *(rows.columns[name] for name in lifted)]
    if rows.count == 0:
        return np.zeros(0, np.int64), Column.constant(0)
    if all(key.is_constant for key in keys):
        return np.zeros(1, np.int64), Column.constant(0)
    ranges = ranges_of([keys])
    if ranges is None:
        table = np.stack([key.array(rows.count) for key in keys], axis=1)
        _, first, group = np.unique(table, axis=0, return_index=True, return_inverse=True)
        return first, Column.of(group.reshape(-1))
    codes = encode(keys, rows.count, ranges)
    if (codes[1:] >= codes[:-1]).all():
        first = first_of_runs(codes)
        sizes = np.diff(np.append(first, rows.count))
        return first, Column.of(np.repeat(np.arange(len(first)), sizes))
    _, first, group = np.unique(codes, return_index=True, return_inverse=True)
    return first, Column.of(group)


def _frame(work: "Elaboration", call: syntax.Call, host: Rows, lifted: tuple[str, ...], clauses: Clauses) -> Frame:
    parent = host.frame
    block = parent.scope.visible[call.function.id]
    outer = (*(c.take(host.instance) for c in parent.outer), *(host.columns[name] for name in lifted))
    base = len(parent.outer)
    site = parent.site_names[id(call)]
    frame = Frame(
        scope=work.program.blocks[block],
        count=host.count,
        outer=outer,
        outer_names=(*parent.outer_names, *lifted),
        sites=(*parent.sites, site),
        hosts=(*parent.hosts, _pattern(host, lifted, base)),
        applied=(*parent.applied, call.span),
        networks={**parent.networks, **clauses.networks},
        call=call,
        arguments=matched(call, work.spec.blocks[block].block.formals),
        host=host,
    )
    frame.pools = {c: _pool(parent.pools[c], c, clauses, site, lifted, base) for c in COMPONENTS}
    work.check_pool(frame, host, block)
    _bind(work, frame, work.spec.blocks[block].block.formals)
    return frame


def _pattern(host: Rows, lifted: tuple[str, ...], base: int) -> tuple[int | None, ...]:
    if not isinstance(host.statement, syntax.Let | syntax.Vertex):
        return ()
    names = [b.name.id if b.name else None for b in host.statement.head.binders]
    return tuple(base + lifted.index(name) if name in lifted else None for name in names)


def _pool(parent: Pool, component: str, clauses: Clauses, site: str, lifted: tuple[str, ...], base: int) -> Pool:
    over = clauses.over_of(component)
    own = tuple(base + at for at, name in enumerate(lifted) if name not in over)
    return Pool((*parent.path, clauses.alias or site), (*parent.columns, *own))


def matched(call: syntax.Call, formals: Sequence[syntax.Formal]) -> Mapping[str, syntax.Expr]:
    """The arguments of a checked application by the names of the formals."""
    names = [formal.name.id for formal in formals]
    return {arg.name.id if arg.name else names[at]: arg.value for at, arg in enumerate(call.args)}


def _bind(work: "Elaboration", frame: Frame, formals: Sequence[syntax.Formal]) -> None:
    """Formals and the sizes that they bind, from left to right; then the sizes that are only checked."""
    assert frame.host is not None
    checked: list[tuple[syntax.Formal, int, syntax.Expr]] = []
    for formal in formals:
        name = formal.name.id
        argument = frame.arguments.get(name)
        if formal.dims is None and not formal.is_vertex:
            if argument is not None:
                frame.ints[name] = rightside.integer(argument, frame.host)
            elif formal.default is not None:
                frame.ints[name] = rightside.integer(formal.default, frame.rows())
            continue
        assert argument is not None
        value = frame.arrays[name] = rightside.value(work, argument, frame.host)
        for axis, dim in enumerate(formal.dims or ()):
            if isinstance(dim, syntax.Name) and dim.id not in frame.ints and isinstance(value, View):
                frame.ints[dim.id] = _settled(value.extents[axis])
            else:
                checked.append((formal, axis, dim))
    for formal, axis, dim in checked:
        _check_size(frame, formal, axis, dim)


def _settled(column: Column) -> Column:
    return Column.of(column.data) if isinstance(column.data, np.ndarray) else column


def _check_size(frame: Frame, formal: syntax.Formal, axis: int, dim: syntax.Expr) -> None:
    view = frame.arrays[formal.name.id]
    assert isinstance(view, View)
    assert frame.host is not None
    sizes = view.extents
    wanted = rightside.integer(dim, frame.rows())
    wrong = np.flatnonzero(sizes[axis].array(frame.count) != wanted.array(frame.count))
    if not len(wrong):
        return
    row = int(wrong[0])
    argument = frame.arguments[formal.name.id]
    shape = " x ".join(str(size.at(row)) for size in sizes)
    names = [d.id for d in formal.dims or () if isinstance(d, syntax.Name)]
    if len(names) > 1 and len(set(names)) == 1:
        wants = "equal sizes"
    else:
        wants = f"{dim.span.text} = {wanted.at(row)}" if not isinstance(dim, syntax.Int) else f"size {dim.value}"
        wants += f" on axis {axis + 1}" if len(sizes) > 1 else ""
    is_what = shape if len(sizes) > 1 else f"has {shape}"
    verb = "is " if len(sizes) > 1 else ""
    message = f"`{formal.span.text}` wants {wants}; `{argument.span.text}` {verb}{is_what}"
    raise mistake(rules.SHAPE_DIFFERS, frame.host, row, argument, message)
