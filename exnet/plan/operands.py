"""What the call sites of arcs read, as one CSR."""

import numpy as np

from exnet.plan.grouping import spread, uniform
from exnet.plan.model import Arcs, Ints, Ints32


def arc_operands(arcs: Arcs) -> tuple[Ints, Ints32]:
    """Parent and siblings of each arc row: pointers and rows."""
    count = len(arcs.parent)
    width = uniform(arcs.sibling_ptr)
    if width is not None:
        rows = np.concatenate([arcs.parent[:, None], arcs.sibling.reshape(count, width)], axis=1)
        return np.arange(0, count * (width + 1) + 1, width + 1), rows.ravel()
    ptr = arcs.sibling_ptr + np.arange(count + 1)
    operands = np.empty(int(ptr[-1]), np.int32)
    operands[ptr[:-1]] = arcs.parent
    operands[spread(ptr[:-1] + 1, np.diff(arcs.sibling_ptr))] = arcs.sibling
    return ptr, operands
