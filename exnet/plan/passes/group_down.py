"""group-down: the batched products of the down pass. Before: `arcs` and `down_sites`. After: `down`.

Group i reads complementary extractions of vertices that are less deep than its children, and primary extractions.
"""

from dataclasses import replace

import numpy as np

from exnet.plan.draft import Draft
from exnet.plan.operands import arc_operands


def group_down(draft: Draft) -> Draft:
    """down[i].operands = the parent's vertex row, then the node rows of the siblings."""
    arcs = draft.arcs
    ptr, operands = arc_operands(arcs)
    rows = np.arange(len(arcs.child), dtype=np.int32)
    return replace(draft, down=draft.down_sites.groups(rows, arcs.child, ptr, operands))
