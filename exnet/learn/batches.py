"""Batches of a fitted data set, as tensors. Their order is a function of (seed, epoch), and how training images are
changed one of (seed, step, instance).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.data import Fitted, Generator, Part
from exnet.graph.randomness import bits


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some instances.

    Attributes:
        x: by input: [B, leaves, width], or [B, leaves] for an index.
        y: by output: [B] for a class, else [B, width].
        instances: int64 [B], the number of each instance.
    """

    x: dict[str, Tensor]
    y: dict[str, Tensor]
    instances: Tensor


class Batches:
    """The training part in batches of `size`; the last of an epoch may be smaller."""

    def __init__(self, data: Fitted, size: int, seed: int, device: torch.device) -> None:
        self._data = data
        self._size = size
        self._seed = seed
        self._device = device
        self._train = None if isinstance(data.train, Generator) else to_tensors(data.train, device)

    @property
    def steps(self) -> int:
        """Steps in an epoch."""
        train = self._data.train
        return train.steps if isinstance(train, Generator) else -(-len(train) // self._size)

    def epoch(self, number: int) -> Iterator[Batch]:
        """The batches of epoch `number` (from 0)."""
        if self._train is None:
            yield from self._fresh(number)
            return
        order = bits(self._seed, "shuffle", number, np.arange(len(self._train.instances))).argsort(kind="stable")
        if self._data.augment:
            yield from self._changed(number, order)
            return
        for rows in torch.as_tensor(order, device=self._device).split(self._size):
            yield _take(self._train, rows)

    def _changed(self, number: int, order: NDArray[np.int64]) -> Iterator[Batch]:
        """Training images, changed anew at every step."""
        for at in range(self.steps):
            rows = order[at * self._size : (at + 1) * self._size]
            batch = to_tensors(self._data.changed(self._seed, number * self.steps + at, rows), self._device)
            yield Batch(batch.x, batch.y, torch.as_tensor(rows, device=self._device))

    def _fresh(self, number: int) -> Iterator[Batch]:
        for step in range(number * self.steps, (number + 1) * self.steps):
            batch = to_tensors(self._data.draw(self._seed, step, self._size), self._device)
            yield Batch(batch.x, batch.y, batch.instances + step * self._size)


def to_tensors(part: Part, device: torch.device) -> Batch:
    """A whole part as one batch."""
    x = {name: torch.as_tensor(array, device=device) for name, array in part.inputs.items()}
    y = {name: torch.as_tensor(array, device=device) for name, array in part.targets.items()}
    return Batch(x, y, torch.arange(len(part), device=device))


def _take(batch: Batch, rows: Tensor) -> Batch:
    x = {name: values[rows] for name, values in batch.x.items()}
    return Batch(x, {name: values[rows] for name, values in batch.y.items()}, batch.instances[rows])
