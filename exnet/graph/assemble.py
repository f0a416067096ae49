"""From slots to the graph: what the names mean, what the root reaches, levels, classes, canonical numbers."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from exnet.graph import rules
from exnet.graph.alias import resolve, slot_name
from exnet.graph.clauses import clauses_of
from exnet.graph.cycles import Circle, report_cycle
from exnet.graph.doubts import unreachable, unused_leaves
from exnet.graph.integers import Array, Column
from exnet.graph.levels import Cyclic, Dag, Deep, find_cycle, levels_and_depths, reachable
from exnet.graph.mistakes import Mistake
from exnet.graph.model import Equation, Graph, Hashes, LeafBlock
from exnet.graph.randomness import hash_text, mix
from exnet.graph.sharing import Kept, classes, kept_of
from exnet.language import syntax
from exnet.spec.model import COMPONENTS

if TYPE_CHECKING:
    from exnet.graph.elaborate import Elaboration, Made


def assemble(work: "Elaboration") -> Graph | None:
    """The graph of an elaboration without mistakes; None if one comes to light here."""
    found = resolve(work)
    if found is None:
        return None
    written, meant = found
    leaves = tuple(work.leaves.values())
    count = sum(block.leaves for block in leaves)
    root = int(meant[work.root])
    if root < count:
        _root_is_leaf(work, root)
        return None
    made = sorted((m for m in work.made if m.children is not None), key=canonical)
    node = _nodes(made, meant, count)
    ptr, child = _csr(made, node)
    dag = Dag(ptr, child, count, int(node[root]) - count, lambda: _features(made))
    keep = reachable(dag)
    if keep is not None:
        made_rows = _kept_rows(made, keep)
        unreachable(work, made, made_rows)
        dag, dag.root = _restricted(dag, keep, made, made_rows)
    else:
        made_rows = [None] * len(made)
    try:
        level, depth = levels_and_depths(dag, work.limits.deep_levels)
    except Cyclic as cyclic:
        report_cycle(work, Circle(dag, made, keep, written, meant), find_cycle(dag, cyclic.left))
        return None
    except Deep:
        message = f"more than {work.limits.deep_levels} levels, and no closed form for them"
        work.report.add(rules.TOO_DEEP.at(work.spec.root.span, message, help="make the graph wider and less deep"))
        return None
    unused_leaves(work, leaves, dag.child)
    del found, written, meant, node
    work.release()
    return _graph(work, leaves, dag, level, depth, made, made_rows)


def _root_is_leaf(work: "Elaboration", leaf: int) -> None:
    name, expr = slot_name(work, leaf), work.spec.root.value
    message = f"the root is the leaf `{name}`; a leaf has no trainer"
    hint = f"write `vertex top = ({expr.span.text})` and `root top`"
    work.report.add(rules.ROOT_NOT_A_VERTEX.at(expr.span, message, help=hint))


def canonical(made: "Made") -> tuple[object, ...]:
    """The place of an equation among all: its path, then its smallest index. Nothing of the text."""
    domain, frame = made.table.domain, made.frame
    instance = domain.instance.at(0)
    outer = tuple(column.at(instance) for column in frame.outer)
    statement = made.table.statement
    assert statement is not None
    return (frame.sites, statement.head.name.id, outer, tuple(column.at(0) for column in domain.index))


def _nodes(made: Sequence["Made"], meant: Array, leaves: int) -> Array:
    """The node of every slot; -1 for slots that mean none. int32."""
    node = np.full(len(meant), -1, dtype=np.int32)
    node[:leaves] = np.arange(leaves)
    number = leaves
    for m in made:
        count = m.table.domain.count
        node[m.table.first : m.table.first + count] = np.arange(number, number + count)
        number += count
    return node.take(meant)


def _csr(made: Sequence["Made"], node: Array) -> tuple[Array, Array]:
    counts, parts, widths = [np.zeros(1, np.int64)], [], set[int]()
    for m in made:
        assert m.children is not None
        count = m.children.count
        widths.add(count if isinstance(count, int) else -1)
        counts.append(np.broadcast_to(np.asarray(count, np.int64), (m.table.domain.count,)))
        parts.append(node.take(m.children.slots))
    child, width = np.concatenate(parts), max(widths)
    if len(widths) == 1 and width > 0:
        return np.arange(0, len(child) + 1, width), child
    return np.cumsum(np.concatenate(counts)), child


def _features(made: Sequence["Made"], rows: "Sequence[Array | None] | None" = None) -> list[tuple[int, Array]]:
    """For guessing levels: first vertex and index table (outer and own indices) of each equation."""
    tables, first = list[tuple[int, Array]](), 0
    for at, m in enumerate(made):
        table = np.concatenate(_index_tables(m, rows[at] if rows else None), axis=1)
        tables.append((first, table))
        first += len(table)
    return [(first, table) for first, table in tables if len(table)]


def _index_tables(made: "Made", rows: Array | None) -> tuple[Array, Array]:
    """Outer and own indices of some rows, int64 [rows, columns] each."""
    domain, frame = made.table.domain, made.frame
    count = domain.count if rows is None else len(rows)
    own, instance = domain.index, domain.instance
    if rows is not None:
        own, instance = tuple(c.take(rows) for c in own), instance.take(rows)
    outer = tuple(c.take(instance) for c in frame.outer)
    return _stacked(outer, count), _stacked(own, count)


def _stacked(columns: Sequence[Column], count: int) -> Array:
    table = np.empty((count, len(columns)), np.int64)
    for at, column in enumerate(columns):
        table[:, at] = column.data
    return table


def _kept_rows(made: Sequence["Made"], keep: Array) -> list[Array | None]:
    """The rows of each equation that are kept; None for all."""
    rows, first = list[Array | None](), 0
    for m in made:
        part = keep[first : first + m.table.domain.count]
        first += m.table.domain.count
        rows.append(None if part.all() else np.flatnonzero(part))
    return rows


def _restricted(dag: Dag, keep: Array, made: Sequence["Made"], rows: "Sequence[Array | None]") -> tuple[Dag, int]:
    """The part of a graph that is kept, renumbered."""
    number = np.cumsum(keep, dtype=np.int32) - np.int32(1)
    kept = np.flatnonzero(keep)
    child = dag.child[dag.arcs(kept)]
    inner = child >= dag.leaves
    child[inner] = number[child[inner] - dag.leaves] + np.int32(dag.leaves)
    counts = np.diff(dag.ptr)[kept]
    ptr = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    root = int(number[dag.root])
    return Dag(ptr, child, dag.leaves, root, lambda: _features(made, rows)), root


def _graph(
    work: "Elaboration",
    leaves: tuple[LeafBlock, ...],
    dag: Dag,
    level: Array,
    depth: Array,
    made: Sequence["Made"],
    rows: "Sequence[Array | None]",
) -> Graph | None:
    kept, equations, hashes = list[Kept](), list[Equation](), list[Callable[[], Hashes]]()
    first = 0
    for m, keep in zip(made, rows, strict=True):
        assert m.children is not None
        if keep is not None and not len(keep):
            continue
        part = kept_of(m.rows, first, m.children, keep, _networks(work, m))
        outer = tuple(_slim(c.take(part.rows.instance)) for c in m.frame.outer)
        own = tuple(_slim(c) for c in part.rows.index if c is not None)
        equations.append(_equation(m, part, outer, own))
        hashes.append(partial(_hashes, equations[-1].path, part.rows.count, (*outer, *own)))
        kept.append(part)
        first += part.rows.count
    try:
        found = {c: classes(work, c, kept, dag.ptr, dag.child, dag.leaves) for c in COMPONENTS}
    except Mistake as error:
        work.tell(error)
        return None
    return Graph.deferred(
        {"hash": lambda: np.concatenate([make() for make in hashes])},
        leaves=leaves,
        equations=tuple(equations),
        child_ptr=dag.ptr,
        child=dag.child,
        level=level,
        depth=depth,
        root=dag.root,
        primary=found["primary"],
        complementary=found["complementary"],
        trainer=found["trainer"],
    )


def _networks(work: "Elaboration", made: "Made") -> tuple[str, str, str]:
    statement, spec = made.table.statement, work.spec
    assert isinstance(statement, syntax.Vertex)
    chosen = {
        "primary": spec.defaults.primary,
        "complementary": spec.defaults.complementary,
        "trainer": spec.defaults.trainer,
        **made.frame.networks,
        **clauses_of(statement).networks,
    }
    return (chosen["primary"], chosen["complementary"], chosen["trainer"])


def _slim(column: Column) -> Column:
    """The same in half the memory, where it fits: names and hashes are made later, or never."""
    if isinstance(column.data, np.ndarray) and -(2**31) <= column.lo <= column.hi < 2**31:
        return Column(column.data.astype(np.int32), column.lo, column.hi)
    return column


def _equation(made: "Made", kept: Kept, outer: tuple[Column, ...], own: tuple[Column, ...]) -> Equation:
    frame, count = made.frame, kept.rows.count
    return Equation.deferred(
        {"outer": lambda: _stacked(outer, count), "index": lambda: _stacked(own, count)},
        family=kept.statement.head.name.id,
        sites=frame.sites,
        hosts=frame.hosts,
        first=kept.first,
        rows=kept.rows.count,
        children=kept.count if isinstance(kept.count, int) else kept.count.astype(np.int32),
        networks=kept.networks,
        span=kept.statement.span,
        applied=frame.applied,
    )


def _hashes(path: str, count: int, columns: tuple[Column, ...]) -> Hashes:
    """hash(path without indices, outer indices, own indices) of each vertex; constant columns as one number."""
    state: Hashes = np.asarray(hash_text(path), dtype=np.uint64)
    for column in columns:
        state = mix(state, np.asarray(column.data))
    return np.array(np.broadcast_to(state, (count,)), dtype=np.uint64)
