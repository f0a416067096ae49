"""rank-nodes: who stands next to whom within a level. Before: stacks. After: `place` of each vertex, `leaf` rows.

From the root downwards, the children of a level stand in the order in which that level reads them: those in slot 0 of
its first vertex, of its second, .., then those in slot 1. So the reads of a group are slices of consecutive rows (a
complete tree comes out in bit-reversed order), and so are those of the arcs into its children.

Where levels are many and narrow (chains) the graph's own order is kept: it has that property already.
"""

from dataclasses import replace

import numpy as np

from exnet.graph.model import Graph
from exnet.plan.draft import Draft
from exnet.plan.grouping import Integers, Ints, order_by, pointers, slots_of, spread, uniform

NARROW = 8
"""Mean number of vertices of a level below which the graph's order is kept, if the graph is deep."""
DEEP = 64
"""Levels up to which the order of a narrow graph is looked for all the same."""


def rank_nodes(draft: Draft) -> Draft:
    """place[v] = position of vertex v among those of its level; leaf[r] = the leaf (as in the graph) in leaf row r."""
    graph = draft.graph
    if graph.levels > DEEP and graph.vertex_count < NARROW * graph.levels:
        natural = np.arange(graph.vertex_count, dtype=np.int64)
        return replace(draft, place=natural, leaf=np.arange(graph.leaf_count, dtype=np.int32))
    key = _read_first(draft)
    leaf = order_by(key[: graph.leaf_count]).astype(np.int32)
    return replace(draft, place=key[graph.leaf_count :], leaf=leaf)


def _read_first(draft: Draft) -> Integers:
    """For each node the number of the read, in the order above, that reads it first; what nobody reads comes last."""
    graph = draft.graph
    unread = graph.arc_count + 1
    key = np.full(graph.leaf_count + graph.vertex_count, unread, np.int32 if unread < 2**31 else np.int64)
    key[graph.leaf_count + graph.root] = 0
    by_level = order_by(graph.level)
    ends = pointers(np.bincount(graph.level, minlength=graph.levels + 1))
    reads, width = 1, uniform(graph.child_ptr)
    for level in range(graph.levels, 0, -1):
        rows = by_level[ends[level] : ends[level + 1]]
        rows = _arranged(draft, rows, key[graph.leaf_count :].take(rows))
        nodes = slots_of(graph.child, width, rows).ravel() if width else _by_slot(graph, rows)
        np.minimum.at(key, nodes, np.arange(reads, reads + len(nodes), dtype=key.dtype))
        reads += len(nodes)
    return key


def _arranged(draft: Draft, rows: Ints, place: Integers) -> Ints:
    """The vertices of a level by stack, then by the first place of their class, then by place."""
    own = draft.graph.primary.of.take(rows)
    low, high = int(own.min()), int(own.max())
    if low == high:
        return rows.take(order_by(place))
    own -= np.int32(low)
    least = np.full(high - low + 1, np.iinfo(place.dtype).max, place.dtype)
    np.minimum.at(least, own, place)
    return rows[order_by(draft.primary.stack[low : high + 1][own], least[own], place)]


def _by_slot(graph: Graph, rows: Ints) -> Integers:
    """The children of some vertices: those in slot 0 of all, then those in slot 1, and so on."""
    starts, counts = graph.child_ptr[rows], np.diff(graph.child_ptr)[rows]
    children = graph.child[spread(starts, counts)]
    if counts.min() == counts.max():
        return children.reshape(len(rows), -1).T.ravel()
    return children[np.argsort(spread(np.zeros(len(counts), np.int64), counts), kind="stable")]
