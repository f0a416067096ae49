"""Stochastic mode: only the (arc, instance) pairs that were drawn are computed.

Pairs are sorted by the place of their arc in the groups. A group of several classes is padded to the longest class, so
that it is still one batched product.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.nets.dropout import Mask, Masks
from exnet.nets.layers import Weights
from exnet.passing.rows import Rows
from exnet.passing.schedule import Task
from exnet.plan.model import Groups, Plan


@dataclass(frozen=True, slots=True, eq=False)
class Pick:
    """The drawn pairs of one group, R of them, ordered by site.

    Attributes:
        site: int64 [R], position among the sites of the group. instance: int64 [R].
        place: int64 [R], i * B + instance, where i numbers the vertices with several incoming arcs.
        target: int64 [R], vertex row (or where its results go) * B + instance.
    """

    site: Tensor
    instance: Tensor
    place: Tensor
    target: Tensor

    def run(self, task: Task, weights: Weights, buffers: Sequence[Tensor], masks: Masks | None) -> Tensor:
        """The messages, [R, q]. Buffers as of `gather`."""
        if len(self.site) == 0:
            return buffers[0].new_zeros(0, buffers[0].shape[-1])
        padding = self.padding(task)
        found = self.operands(task, buffers, padding)
        result = task.apply(task.network, weights, found, self.mask(task, masks, padding))
        return result if padding is None else padding.take(result)

    def padding(self, task: Task) -> "Padding | None":
        """How the pairs of several classes are laid out."""
        return Padding(self.site // task.members, task.classes) if task.classes > 1 else None

    def operands(self, task: Task, buffers: Sequence[Tensor], padding: "Padding | None") -> list[Tensor]:
        """What the pairs read, [R, w] or padded [classes, longest, w]. Buffers as of `gather`."""
        last = len(buffers) - 1
        return [self._read(buffers[min(i, last)], rows, padding) for i, rows in enumerate(task.reads)]

    def _read(self, buffer: Tensor, rows: Rows, padding: "Padding | None") -> Tensor:
        batch, width = buffer.shape[1:]
        row = rows[self.site] if isinstance(rows, Tensor) else rows.start + self.site * (rows.step or 1)
        flat = row * batch + self.instance
        if padding is not None:
            flat = padding.spread(flat)
        found = buffer.reshape(-1, width).index_select(0, flat)
        return found if padding is None else found.view(padding.classes, padding.longest, width)

    def mask(self, task: Task, masks: Masks | None, padding: "Padding | None") -> Mask | None:
        """Dropout for the pairs."""
        if masks is None or task.identity is None:
            return None
        site, instance = self.site, self.instance
        if padding is not None:
            lead = (padding.classes, padding.longest)
            site, instance = padding.spread(site).view(lead), padding.spread(instance).view(lead)
        return masks.rows(task.component, task.identity[site.cpu().numpy()], instance.cpu().numpy())


class Padding:
    """Rows sorted by class, laid out as [classes, longest]. Free places repeat the first row and are never read."""

    def __init__(self, classes_of: Tensor, classes: int) -> None:
        counts = torch.bincount(classes_of, minlength=classes)
        self.classes = classes
        self.longest = int(counts.max())
        offset = torch.arange(len(classes_of), device=classes_of.device) - (counts.cumsum(0) - counts)[classes_of]
        self._place = classes_of * self.longest + offset

    def spread(self, values: Tensor) -> Tensor:
        """[R] to [classes * longest]."""
        return values[0].expand(self.classes * self.longest).index_copy(0, self._place, values)

    def zeros(self, values: Tensor) -> Tensor:
        """[R, width] to [classes, longest, width], zero in free places."""
        free = values.new_zeros(self.classes * self.longest, values.shape[-1])
        return free.index_copy_(0, self._place, values).view(self.classes, self.longest, -1)

    def take(self, result: Tensor) -> Tensor:
        """[classes, longest, width] to [R, width]."""
        return result.reshape(-1, result.shape[-1]).index_select(0, self._place)


class Chooser:
    """Sorts the drawn pairs of a batch into the groups of a sequence.

    Args:
        plan: with the arcs.
        groups: `down` or `local_arcs`.
        rows: the vertex rows whose draws count; all arcs into them are in the groups.
        device: of the draws.
        at: where the results of a vertex row go; to the row itself if None.
    """

    def __init__(
        self,
        plan: Plan,
        groups: Groups,
        rows: NDArray[np.int64],
        device: torch.device,
        at: NDArray[np.int64] | None = None,
    ) -> None:
        place = np.zeros(len(plan.arcs.child), np.int64)
        place[groups.sites] = np.arange(len(groups.sites))
        self._place = torch.from_numpy(place[plan.arcs.incoming]).to(device)
        self._rows = torch.from_numpy(rows).to(device)
        self._at = self._rows if at is None else torch.from_numpy(at[rows]).to(device)
        self._first = torch.from_numpy(plan.arcs.incoming_ptr[rows]).to(device)
        self._starts = [(i, int(groups.site_ptr[i])) for i in range(len(groups)) if groups.drawn[i]]
        ends = [int(groups.site_ptr[i + 1]) for i, _ in self._starts]
        self._bounds = torch.tensor([*(start for _, start in self._starts), *ends], device=device)

    def picks(self, draws: Tensor) -> dict[int, Pick]:
        """For each drawn group its pairs; draws int64 [V, B]."""
        if not self._starts:
            return {}
        batch = draws.shape[1]
        drawn = self._place[self._first.unsqueeze(1) + draws.index_select(0, self._rows)].flatten()
        place, order = drawn.sort(stable=True)
        instance = order % batch
        target = self._at[order // batch] * batch + instance
        cuts = torch.searchsorted(place, self._bounds).tolist()
        made, half = dict[int, Pick](), len(self._starts)
        for n, (group, start) in enumerate(self._starts):
            span = slice(cuts[n], cuts[half + n])
            made[group] = Pick(place[span] - start, instance[span], order[span], target[span])
        return made
