"""order-vertices: the order of vertex rows. Before: stacks. After: rows of primary classes, `vertex`, `up_sites`, CSR.

Rows go by level, then stack, then sharing class, then the graph's number: what runs together lies together, children
always before their parents, the root last.
"""

from dataclasses import replace

import numpy as np

from exnet.plan.draft import Draft
from exnet.plan.grouping import class_rows, inverse, pointers, rectangles, spread


def order_vertices(draft: Draft) -> Draft:
    """vertex[r] = the graph's id of vertex row r; row_of is its inverse; children by row."""
    graph, stack = draft.graph, draft.primary.stack
    of, level = graph.primary.of, graph.level
    certain = np.zeros(len(of), np.bool_)
    row = class_rows(stack, of, level, certain, np.arange(len(of)))
    sites = rectangles(level, certain, stack[of], row[of])
    row_of = inverse(sites.order)
    counts = np.diff(graph.child_ptr)[sites.order]
    child = graph.child[spread(graph.child_ptr[sites.order], counts)]
    leaves, inner = graph.leaf_count, child >= graph.leaf_count
    child[inner] = leaves + row_of[child[inner] - leaves]
    return replace(
        draft,
        primary=replace(draft.primary, row=row),
        vertex=sites.order.astype(np.int32),
        row_of=row_of,
        up_sites=sites,
        child_ptr=pointers(counts),
        child=child.astype(np.int32),
    )
