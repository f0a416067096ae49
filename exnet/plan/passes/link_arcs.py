"""link-arcs: the table of arcs. Before: arc rows. After: `arcs`: ends, propagators, incoming arcs, siblings."""

from dataclasses import replace

import numpy as np

from exnet.plan.draft import Draft
from exnet.plan.grouping import Rectangles, order_by, owners, pointers, spread, uniform
from exnet.plan.model import Arcs, Ints, Ints32


def link_arcs(draft: Draft) -> Draft:
    """arcs.incoming lists the arc rows into each vertex row by (parent's graph id, slot)."""
    entry = draft.entry
    parent = owners(draft.child_ptr, entry).astype(np.int32, copy=False)
    slot = _slots(draft.child_ptr, entry, parent)
    child = draft.child.take(entry)
    child -= np.int32(draft.graph.leaf_count)
    sibling_ptr, sibling = _siblings(draft, entry, parent, slot)
    stack, row = _propagators(draft.down_sites)
    incoming_ptr = pointers(np.bincount(child, minlength=draft.graph.vertex_count))
    arcs = Arcs(
        parent=parent,
        child=child,
        slot=slot,
        stack=stack,
        row=row,
        incoming_ptr=incoming_ptr,
        incoming=_incoming(draft, child, incoming_ptr),
        sibling_ptr=sibling_ptr,
        sibling=sibling,
    )
    return replace(draft, arcs=arcs, entry=Draft(draft.spec, draft.graph).entry)


def _slots(ptr: Ints, entry: Ints32, parent: Ints32) -> Ints32:
    width = uniform(ptr)
    first = parent * np.int32(width) if width is not None else ptr[parent].astype(np.int32)
    return np.subtract(entry, first, out=first)


def _propagators(sites: Rectangles) -> tuple[Ints32, Ints32]:
    """Stack and row of each arc row: arc rows are in the order of the groups."""
    rows = np.repeat(sites.rows, np.repeat(sites.members, sites.classes))
    return np.repeat(sites.stack, np.diff(sites.site_ptr)), rows


def _incoming(draft: Draft, child: Ints32, ptr: Ints) -> Ints32:
    """The arc rows into each vertex row; where there are several, by the graph's arc number."""
    incoming = np.empty(len(child), np.int32)
    rows = np.arange(len(child), dtype=np.int32)
    certain = ~draft.arc_drawn
    incoming[ptr.take(child[certain])] = rows[certain]
    drawn = rows[draft.arc_drawn]
    drawn = drawn[order_by(draft.arc.take(drawn))]
    several = np.repeat(np.diff(ptr) > 1, np.diff(ptr))
    incoming[several] = drawn[order_by(child.take(drawn))]
    return incoming


def _siblings(draft: Draft, entry: Ints32, parent: Ints32, slot: Ints32) -> tuple[Ints, Ints32]:
    """The other children of the parent of each arc, by slot: CSR."""
    width = uniform(draft.child_ptr)
    if width is not None and width > 1:
        found, first = np.empty((len(entry), width - 1), np.int32), entry - slot
        for n in range(width - 1):
            found[:, n] = draft.child.take(first + (slot <= n) + np.int32(n))
        return np.arange(0, found.size + 1, width - 1), found.ravel()
    others = np.diff(draft.child_ptr)[parent] - 1
    at = spread(draft.child_ptr[parent], others)
    own = np.repeat(entry, others)
    return pointers(others), draft.child[at + (at >= own)]
