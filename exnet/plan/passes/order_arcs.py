"""order-arcs: the order of arc rows. Before: vertex rows. After: rows of complementary classes, `arc`, `down_sites`.

Arcs into leaves have no complementary propagator and get no row. Rows go by depth of the child, certain arcs before
drawn ones, then stack, sharing class, slot, and row of the parent: what an arc reads lies in that order already.
"""

from dataclasses import replace

import numpy as np

from exnet.plan.draft import Draft
from exnet.plan.grouping import Integers, class_rows, order_by, owners, rectangles, uniform
from exnet.plan.model import Ints


def order_arcs(draft: Draft) -> Draft:
    """arc[r] = the graph's id of arc row r; arc_drawn[r] = whether its child has several incoming arcs."""
    graph, stack = draft.graph, draft.complementary.stack
    entry, arc = _entries(draft)
    child = draft.child.take(entry) - np.int32(graph.leaf_count)
    use = 2 * graph.depth.take(draft.vertex)
    use += np.bincount(child, minlength=graph.vertex_count) > 1
    of, use = graph.complementary.of.take(arc), use.take(child)
    row = class_rows(stack, of, use)
    sites = rectangles(use, of, stack, row)
    return replace(
        draft,
        complementary=replace(draft.complementary, row=row),
        entry=entry.take(sites.order).astype(np.int32),
        arc=arc.take(sites.order).astype(np.int32),
        arc_drawn=np.repeat(sites.drawn, np.diff(sites.site_ptr)),
        down_sites=sites,
    )


def _entries(draft: Draft) -> tuple[Ints, Integers]:
    """The arcs into vertices by slot, then by row of the parent: their places in `child`, and the graph's ids."""
    graph, width = draft.graph, uniform(draft.child_ptr)
    if width is None:
        return _entries_by_slot(draft)
    entry, child = np.arange(graph.arc_count).reshape(-1, width).T, draft.child.reshape(-1, width).T
    inner = child >= graph.leaf_count
    arc = draft.vertex * np.int64(width) + np.arange(width)[:, None]
    return entry[inner], arc[inner]


def _entries_by_slot(draft: Draft) -> tuple[Ints, Integers]:
    graph = draft.graph
    entry = np.flatnonzero(draft.child >= graph.leaf_count)
    parent = owners(draft.child_ptr, entry)
    slot = entry - draft.child_ptr[parent]
    order = order_by(slot)
    arc = graph.child_ptr[draft.vertex[parent]] + slot
    return entry[order], arc[order]
