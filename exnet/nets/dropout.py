"""Dropout masks as a function of (seed, component, site, step, instance, layer, unit), never of order.

So the message pass and the local update of one step see the same mask, and so does one instance alone or in a batch.
A *site* is a vertex (primary propagator, trainer) or an arc (complementary propagator).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.graph.randomness import bits, mix

Hashes: TypeAlias = NDArray[np.uint64]
Mask: TypeAlias = Callable[[int, Tensor, float], Tensor]
"""mask(layer, x, rate): 0 with probability `rate`, else 1 / (1 - rate), in the shape and type of x."""


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """When a batch is seen: the training step, and int64 [B], the number of each instance in its data set."""

    step: int
    instances: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Masks:
    """The source of the masks of one step."""

    seed: int
    moment: Moment

    def sites(self, component: str, sites: Hashes) -> Mask:
        """The mask of sites [G, m] (or [m]) for all B instances: rows [G, m * B] (or [m * B])."""
        rows = self._rows(component, sites[..., None], self.moment.instances)
        return _mask(rows.reshape(*sites.shape[:-1], -1))

    def rows(self, component: str, sites: Hashes, columns: NDArray[np.int64]) -> Mask:
        """The mask of single rows: site and position in the batch of each, both in the shape of the rows."""
        return _mask(self._rows(component, sites, self.moment.instances[columns]))

    def _rows(self, component: str, sites: Hashes, instances: NDArray[np.int64]) -> Hashes:
        return bits(self.seed, f"dropout/{component}", sites, self.moment.step, instances)


def _mask(rows: Hashes) -> Mask:
    def mask(layer: int, x: Tensor, rate: float) -> Tensor:
        state = mix(mix(rows, layer)[..., None], np.arange(x.shape[-1]))
        uniform = (state >> np.uint64(11)).astype(np.float64) * 2.0**-53
        kept = torch.from_numpy((uniform >= rate) / (1.0 - rate))
        return kept.to(device=x.device, dtype=x.dtype)

    return mask
