"""order-vertices: the order of vertex rows. Before: places. After: rows of primary classes, `vertex`, `up_sites`, CSR.

Rows go by level, then stack, then sharing class, then place: what runs together lies together, children always before
their parents, the root last.
"""

from dataclasses import replace

import numpy as np

from exnet.plan.draft import Draft
from exnet.plan.grouping import class_rows, gathered, inverse, order_by, pointers, rectangles, uniform


def order_vertices(draft: Draft) -> Draft:
    """vertex[r] = the graph's id of vertex row r; row_of is its inverse; children by row."""
    graph, stack = draft.graph, draft.primary.stack
    placed = order_by(draft.place)
    of, use = graph.primary.of.take(placed), 2 * graph.level.take(placed)
    row = class_rows(stack, of, use)
    sites = rectangles(use, of, stack, row)
    vertex = placed.take(sites.order).astype(np.int32)
    row_of = inverse(vertex)
    same = uniform(graph.child_ptr) is not None
    child_ptr = graph.child_ptr if same else pointers(np.diff(graph.child_ptr)[vertex])
    child = gathered(graph.child_ptr, graph.child, vertex)
    child = np.concatenate((inverse(draft.leaf), row_of + np.int32(graph.leaf_count))).take(child)
    return replace(
        draft,
        primary=replace(draft.primary, row=row),
        vertex=vertex,
        row_of=row_of,
        up_sites=sites,
        child_ptr=child_ptr,
        child=child,
    )
