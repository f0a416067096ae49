"""The up pass that autograd can follow: blocks of rows that are never written again.

A buffer that is filled in place would make autograd copy its whole gradient at every level.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.passing.rows import Rows, read, rows_of
from exnet.plan.model import Plan


class BlockRows:
    """Rows that lie in one or several blocks.

    Args:
        numbers: node rows.
        starts: the first node row of each block.
    """

    def __init__(self, numbers: NDArray[np.integer], starts: NDArray[np.int64], device: torch.device) -> None:
        block = np.searchsorted(starts, numbers, side="right") - 1
        used, which = np.unique(block, return_inverse=True)
        low = np.full(len(used), np.iinfo(np.int64).max)
        high = np.zeros(len(used), np.int64)
        np.minimum.at(low, which, numbers)
        np.maximum.at(high, which, numbers)
        offset = np.concatenate([[0], np.cumsum(high - low + 1)[:-1]])
        self._parts = [
            (int(b), int(lo - starts[b]), int(hi - lo + 1)) for b, lo, hi in zip(used, low, high, strict=True)
        ]
        self._rows: Rows = rows_of(numbers - low[which] + offset[which], device)

    def read(self, blocks: list[Tensor]) -> Tensor:
        """The rows, [count, B, p]."""
        parts = [blocks[b].narrow(0, at, count) for b, at, count in self._parts]
        together = parts[0] if len(parts) == 1 else torch.cat(parts)
        if isinstance(self._rows, slice) and self._rows == slice(0, len(together)):
            return together
        return read(together, self._rows)


def operands(plan: Plan, device: torch.device) -> list[list[BlockRows]]:
    """Where each up group finds its operands, if block 0 holds the leaves and block i + 1 the results of group i."""
    starts = np.concatenate([[0], plan.leaves + plan.up.site_ptr[:-1]])
    return [[BlockRows(rows, starts, device) for rows in plan.up[i].operands] for i in range(len(plan.up))]
