"""link-arcs: the table of arcs. Before: arc rows. After: `arcs`: ends, propagators, incoming arcs, siblings."""

from dataclasses import replace

import numpy as np

from exnet.plan.draft import Draft
from exnet.plan.grouping import Integers, order_by, owners, pointers, spread, uniform
from exnet.plan.model import Arcs, Ints, Ints32


def link_arcs(draft: Draft) -> Draft:
    """arcs.incoming lists the arc rows into each vertex row by (parent's graph id, slot)."""
    graph, arc = draft.graph, draft.arc
    parent = owners(graph.child_ptr, arc)
    slot = arc - graph.child_ptr[parent]
    above = draft.row_of[parent]
    below = draft.row_of[graph.child[arc] - graph.leaf_count]
    sibling_ptr, sibling = _siblings(draft, above, slot)
    of = graph.complementary.of[arc]
    canonical = _canonical(arc, graph.arc_count)
    arcs = Arcs(
        parent=above,
        child=below,
        slot=slot.astype(np.int32),
        stack=draft.complementary.stack[of],
        row=draft.complementary.row[of],
        incoming_ptr=pointers(np.bincount(below, minlength=graph.vertex_count)),
        incoming=canonical[order_by(below[canonical])].astype(np.int32),
        sibling_ptr=sibling_ptr,
        sibling=sibling,
    )
    return replace(draft, arcs=arcs)


def _canonical(arc: Integers, count: int) -> Ints:
    """The arc rows in the order of the graph's numbers, of which there are `count`. Without sorting."""
    row = np.full(count, -1, np.int32)
    row[arc] = np.arange(len(arc), dtype=np.int32)
    return row[row >= 0].astype(np.int64)


def _siblings(draft: Draft, parent: Ints32, slot: Ints) -> tuple[Ints, Ints32]:
    """The other children of the parent of each arc, by slot: CSR."""
    width = uniform(draft.child_ptr)
    if width is not None and width > 1:
        found, first = np.empty((len(parent), width - 1), np.int32), draft.child_ptr[parent]
        for n in range(width - 1):
            found[:, n] = draft.child[first + n + (slot <= n)]
        return np.arange(0, found.size + 1, width - 1), found.ravel()
    others = np.diff(draft.child_ptr)[parent] - 1
    at = spread(draft.child_ptr[parent], others)
    own = np.repeat(draft.child_ptr[parent] + slot, others)
    return pointers(others), draft.child[at + (at >= own)]
