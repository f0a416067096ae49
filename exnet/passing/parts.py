"""The local update in parts: vertices are computed again, some at a time, so that little is kept at any moment."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.nets.dropout import Masks
from exnet.nets.stacks import Stacks
from exnet.passing.update import Coverage, Judge, LocalUpdate, Slopes, Told, blank
from exnet.plan.memory import part_rows
from exnet.plan.model import Plan
from exnet.spec.model import Mode


class PartedUpdate:
    """As a `LocalUpdate` without a tape; what it holds does not grow with the number of vertices.

    Args:
        plan: of the net.
        mode: stochastic or deterministic.
        device: of the extractions.
        parts: into how many at most all vertex rows are cut, each of consecutive ones.
        rows: the vertex rows that learn, ascending; all if None.
    """

    def __init__(
        self, plan: Plan, mode: Mode, device: torch.device, parts: int, rows: NDArray[np.int64] | None = None
    ) -> None:
        self.device = device
        cut = part_rows(plan, mode, parts)
        own = cut if rows is None else [part[np.isin(part, rows)] for part in cut]
        self._updates = [LocalUpdate(plan, mode, device, part) for part in own if len(part)]
        coverage = Coverage(plan)
        self._orders = [update.within(coverage) for update in self._updates]
        self._empty = coverage.blanks(device)

    def run(
        self,
        primary: Tensor,
        complementary: Tensor,
        draws: Tensor | None,
        stacks: Stacks,
        masks: Masks | None,
        judge: Judge,
        slopes: Slopes,
    ) -> Told:
        """As of `LocalUpdate.run`."""
        blank(self._empty, slopes)
        told = [
            update.run(primary, complementary, draws, stacks, masks, judge, slopes, order=order)
            for update, order in zip(self._updates, self._orders, strict=True)
        ]
        scores = [part.score for part in told if part.score is not None]
        return Told(torch.cat([part.loss for part in told]), torch.cat(scores) if scores else None)
