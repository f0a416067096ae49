"""order-arcs: the order of arc rows. Before: vertex rows. After: rows of complementary classes, `arc`, `down_sites`.

Arcs into leaves have no complementary propagator and get no row. Rows go by depth of the child, certain arcs before
drawn ones, then stack, sharing class, slot, and row of the parent: what an arc reads lies in that order already.
"""

from dataclasses import replace

import numpy as np

from exnet.plan.draft import Draft
from exnet.plan.grouping import class_rows, order_by, owners, rectangles


def order_arcs(draft: Draft) -> Draft:
    """arc[r] = the graph's id of arc row r; arc_drawn[r] = whether its child has several incoming arcs."""
    graph, stack = draft.graph, draft.complementary.stack
    arc = np.flatnonzero(graph.child >= graph.leaf_count)
    parent = owners(graph.child_ptr, arc)
    arc = arc[order_by(arc - graph.child_ptr[parent], draft.row_of[parent])]
    child = graph.child[arc] - graph.leaf_count
    drawn = (np.bincount(child, minlength=graph.vertex_count) > 1)[child]
    of, depth = graph.complementary.of[arc], graph.depth[child]
    row = class_rows(stack, of, depth, drawn, np.arange(len(arc)))
    sites = rectangles(depth, drawn, stack[of], row[of])
    return replace(
        draft,
        complementary=replace(draft.complementary, row=row),
        arc=arc[sites.order].astype(np.int32),
        arc_drawn=drawn[sites.order],
        down_sites=sites,
    )
