"""group-up: the batched products of the up pass. Before: vertex rows and `up_sites`. After: `up`.

Group i writes consecutive vertex rows, and reads node rows that earlier groups (or the tokenisers) have written.
"""

from dataclasses import replace

import numpy as np

from exnet.plan.draft import Draft


def group_up(draft: Draft) -> Draft:
    """up[i].operands[j] = node rows of the children in slot j."""
    rows = np.arange(len(draft.vertex), dtype=np.int32)
    return replace(draft, up=draft.up_sites.groups(rows, rows, draft.child_ptr, draft.child))
