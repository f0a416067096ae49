"""The local update in parts: vertices are computed again, some at a time, so that little is kept at any moment."""

import torch
from torch import Tensor

from exnet.nets.dropout import Masks
from exnet.nets.stacks import Stacks
from exnet.passing.update import Coverage, Judge, LocalUpdate, Slopes, Told, blank
from exnet.plan.memory import part_rows
from exnet.plan.model import Plan
from exnet.spec.model import Mode


class PartedUpdate:
    """As a `LocalUpdate` of all vertices without a tape; what it holds does not grow with their number.

    Args:
        plan: of the net.
        mode: stochastic or deterministic.
        device: of the extractions.
        parts: how many at most, each of consecutive vertex rows.
    """

    def __init__(self, plan: Plan, mode: Mode, device: torch.device, parts: int) -> None:
        self.device = device
        self._updates = [LocalUpdate(plan, mode, device, rows) for rows in part_rows(plan, mode, parts)]
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
