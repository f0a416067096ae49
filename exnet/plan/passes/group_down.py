"""group-down: the batched products of the down pass. Before: `arcs` and `down_sites`. After: `down`.

Group i reads complementary extractions of vertices that are less deep than its children, and primary extractions.
"""

from dataclasses import replace

import numpy as np

from exnet.plan.draft import Draft
from exnet.plan.grouping import spread
from exnet.plan.model import Arcs, Ints, Ints32


def group_down(draft: Draft) -> Draft:
    """down[i].operands = the parent's vertex row, then the node rows of the siblings."""
    arcs = draft.arcs
    ptr, operands = arc_operands(arcs)
    rows = np.arange(len(arcs.child), dtype=np.int32)
    return replace(draft, down=draft.down_sites.groups(rows, arcs.child, ptr, operands))


def arc_operands(arcs: Arcs) -> tuple[Ints, Ints32]:
    """Parent and siblings of each arc row as one CSR."""
    count = len(arcs.parent)
    ptr = arcs.sibling_ptr + np.arange(count + 1)
    operands = np.empty(int(ptr[-1]), np.int32)
    operands[ptr[:-1]] = arcs.parent
    operands[spread(ptr[:-1] + 1, np.diff(arcs.sibling_ptr))] = arcs.sibling
    return ptr, operands
