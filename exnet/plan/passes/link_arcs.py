"""link-arcs: the table of arcs. Before: arc rows. After: `arcs`: ends, propagators, incoming arcs, siblings."""

from dataclasses import replace

import numpy as np

from exnet.plan.draft import Draft
from exnet.plan.grouping import order_by, pointers, spread
from exnet.plan.model import Arcs, Ints, Ints32


def link_arcs(draft: Draft) -> Draft:
    """arcs.incoming lists the arc rows into each vertex row by (parent's graph id, slot)."""
    graph, arc = draft.graph, draft.arc
    parent = np.searchsorted(graph.child_ptr, arc, side="right") - 1
    slot = arc - graph.child_ptr[parent]
    above = draft.row_of[parent]
    below = draft.row_of[graph.child[arc] - graph.leaf_count]
    sibling_ptr, sibling = _siblings(draft, above, slot)
    of = graph.complementary.of[arc]
    canonical = np.argsort(arc)
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


def _siblings(draft: Draft, parent: Ints32, slot: Ints) -> tuple[Ints, Ints32]:
    """The other children of the parent of each arc, by slot: CSR."""
    others = np.diff(draft.child_ptr)[parent] - 1
    at = spread(draft.child_ptr[parent], others)
    own = np.repeat(draft.child_ptr[parent] + slot, others)
    return pointers(others), draft.child[at + (at >= own)]
