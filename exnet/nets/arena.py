"""Memory that a training step uses again and again: what the passes keep lies in one block.

A step makes the same tensors every time. Taken from the allocator anew, large ones come as fresh pages of the operating
system, which on a net of 65,535 vertices costs as much as the arithmetic.
"""

from collections.abc import Callable
from math import prod
from typing import TypeAlias

import torch
from torch import Tensor

New: TypeAlias = Callable[..., Tensor]
"""new(like, *shape): an uninitialised tensor in the type and on the device of `like`."""


def fresh(like: Tensor, *shape: int) -> Tensor:
    """A tensor from the allocator."""
    return like.new_empty(shape)


class Arena:
    """Tensors that live until the next `begin`, from blocks that live as long as the arena.

    Attributes:
        taken: numbers that the current step has taken.
    """

    ALIGNED = 16
    """Every tensor starts at a multiple of this many numbers."""

    def __init__(self) -> None:
        self.taken = 0
        self._block: Tensor | None = None

    @property
    def bytes(self) -> int:
        """The size of the block."""
        return 0 if self._block is None else self._block.nbytes

    def begin(self) -> None:
        """All tensors that were taken may be written over. The block is as large as the last step was."""
        if self._block is not None and self.taken > len(self._block):
            like, self._block = self._block, None
            self._block = like.new_empty(self.taken)
        self.taken = 0

    def new(self, like: Tensor, *shape: int) -> Tensor:
        """As of `New`; from the allocator where the block is used up."""
        size = prod(shape)
        if self._block is None or self._block.dtype != like.dtype or self._block.device != like.device:
            self._block = torch.empty(0, dtype=like.dtype, device=like.device)
        at, self.taken = self.taken, self.taken + size + -size % self.ALIGNED
        if self.taken > len(self._block):
            return like.new_empty(shape)
        return self._block.narrow(0, at, size).view(shape)
