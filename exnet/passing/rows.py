"""Reading and writing rows of a buffer [rows, B, width]: views where the rows are evenly spaced, gathers otherwise."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Rows: TypeAlias = slice | Tensor
"""Evenly spaced rows as a slice (without step if they follow one another), others as an int64 tensor."""


def rows_of(numbers: NDArray[np.integer], device: torch.device) -> Rows:
    """The rows `numbers`, in that order."""
    count = len(numbers)
    if count == 0:
        return slice(0, 0)
    first, last = int(numbers[0]), int(numbers[-1])
    if count == 1:
        return slice(first, first + 1)
    step = int(numbers[1]) - first
    if step > 0 and last - first == step * (count - 1) and bool((np.diff(numbers) == step).all()):
        return slice(first, last + 1) if step == 1 else slice(first, last + 1, step)
    return torch.from_numpy(numbers.astype(np.int64)).to(device)


def read(buffer: Tensor, rows: Rows) -> Tensor:
    """buffer[rows]; a view if `rows` is a slice."""
    if isinstance(rows, Tensor):
        return buffer.index_select(0, rows)
    if rows.step is None:
        return buffer.narrow(0, rows.start, rows.stop - rows.start)
    return buffer[rows]


def write(buffer: Tensor, rows: Rows, value: Tensor) -> None:
    """buffer[rows] = value."""
    if isinstance(rows, Tensor):
        buffer.index_copy_(0, rows, value)
    else:
        read(buffer, rows).copy_(value)


class Arrangement:
    """Blocks of rows, put one after the other and brought into the order that is wanted.

    Args:
        given: the row numbers of each block, in the order in which the blocks come; all together each number once.
        wanted: the row numbers in the order in which they are wanted.
    """

    def __init__(
        self, given: Sequence[NDArray[np.integer]], wanted: Sequence[NDArray[np.integer]], device: torch.device
    ) -> None:
        self._same = len(given) == len(wanted) and all(map(np.array_equal, given, wanted))
        self._sizes = [len(rows) for rows in wanted]
        have = np.concatenate([*given, np.zeros(0, np.int64)]).astype(np.int64)
        place = np.zeros(int(have.max(initial=-1)) + 1, np.int64)
        place[have] = np.arange(len(have))
        order = place[np.concatenate([*wanted, np.zeros(0, np.int64)]).astype(np.int64)]
        plain = len(order) == len(have) and bool((order == np.arange(len(order))).all())
        self._order = None if plain else torch.from_numpy(order).to(device)

    def parts(self, blocks: list[Tensor]) -> list[Tensor]:
        """The rows wanted, cut as `wanted` was."""
        if self._same:
            return blocks
        return list(self.whole(blocks).split(self._sizes))

    def whole(self, blocks: list[Tensor]) -> Tensor:
        """The rows wanted, in one tensor."""
        together = blocks[0] if len(blocks) == 1 else torch.cat(blocks)
        return together if self._order is None else together.index_select(0, self._order)
