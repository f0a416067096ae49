"""The local update's predictions, for all vertices at once and free of levels.

    y^_v = psi_v(phi_v(e_c1, .., e_ck), e'_v),   e'_v = combine over the (drawn) arcs of phi'_a(e'_u, siblings)

Every e and e' that is read comes from the two passes and is a constant, so that the gradient of row v reaches psi_v,
phi_v and the phi'_a of the (drawn) arcs into v, and nothing else. Each sharing class is one product over all its sites.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.nets.dropout import Masks
from exnet.nets.stacks import Stacks
from exnet.passing.combine import Combiner
from exnet.passing.drawn import Chooser, Pick
from exnet.passing.draws import several
from exnet.passing.rows import Arrangement
from exnet.passing.schedule import Schedule, gather
from exnet.plan.model import Plan
from exnet.plan.part import part
from exnet.spec.model import Mode


class LocalPass:
    """psi_v(phi_v(..), e'_v) of all vertices, or of some, as a function of the parameters alone.

    Args:
        plan: of the net.
        mode: stochastic or deterministic.
        device: of the extractions.
        rows: the vertex rows that predict, ascending; all if None. What other vertices need is not computed.

    Attributes:
        plan: its local groups hold what is computed.
        rows: int64 [R], as given.
    """

    def __init__(self, plan: Plan, mode: Mode, device: torch.device, rows: NDArray[np.int64] | None = None) -> None:
        whole = rows is None or len(rows) == plan.vertices
        self.device = device
        self.rows: NDArray[np.int64] = np.arange(plan.vertices) if rows is None else rows
        self.plan = plan = plan if whole else part(plan, self.rows)
        self._several = np.intersect1d(several(plan), self.rows, assume_unique=True)
        self._roots = self.rows[self.rows == plan.root]
        self._primary = Schedule(plan, plan.local_primary, device)
        self._arcs = Schedule(plan, plan.local_arcs, device)
        self._trainers = Schedule(plan, plan.trainers, device)
        self._combiner = Combiner(plan, plan.local_arcs, mode.combine, self._several, device)
        self._chooser = Chooser(plan, plan.local_arcs, self._several, device)
        self._arrange()

    def _arrange(self) -> None:
        trained = [task.group.targets for task in self._trainers.tasks]
        made = [task.group.targets for task in self._primary.tasks]
        self._to_trainers = Arrangement(made, trained, self.device)
        certain = [task.group.targets for task in self._arcs.tasks if not task.group.drawn]
        self._below_to_trainers = Arrangement([*certain, self._several, self._roots], trained, self.device)
        self._to_rows = Arrangement(trained, [self.rows], self.device)

    def predictions(
        self, primary: Tensor, complementary: Tensor, draws: Tensor | None, stacks: Stacks, masks: Masks | None
    ) -> Tensor:
        """The predictions of the rows, [R, B, out]; arguments as of `ExtractionNet.local`."""
        primary, complementary = primary.detach(), complementary.detach()
        own = self._own(primary, stacks, masks)
        below = self._below(primary, complementary, draws, stacks, masks)
        weights = self._trainers.pieces.of(stacks)
        made = [
            task.run(w, (e, c), masks) for task, w, e, c in zip(self._trainers.tasks, weights, own, below, strict=True)
        ]
        return self._to_rows.whole(made)

    def _own(self, primary: Tensor, stacks: Stacks, masks: Masks | None) -> list[Tensor]:
        """Live e_v for each group of trainers."""
        weights = self._primary.pieces.of(stacks)
        tasks = zip(self._primary.tasks, weights, strict=True)
        return self._to_trainers.parts([task.run(w, gather((primary,), task.reads), masks) for task, w in tasks])

    def _below(
        self, primary: Tensor, complementary: Tensor, draws: Tensor | None, stacks: Stacks, masks: Masks | None
    ) -> list[Tensor]:
        """Live e'_v for each group of trainers."""
        picks = {} if draws is None else self._chooser.picks(draws)
        buffers, blocks, drawn = (complementary, primary), list[Tensor](), list[Tensor]()
        for number, (task, w) in enumerate(zip(self._arcs.tasks, self._arcs.pieces.of(stacks), strict=True)):
            if number in picks:
                drawn.append(picks[number].run(task, w, buffers, masks))
            else:
                (drawn if task.group.drawn else blocks).append(task.run(w, gather(buffers, task.reads), masks))
        together = self._gathered(drawn, picks, complementary)
        nothing = complementary.new_zeros(len(self._roots), *complementary.shape[1:])
        return self._below_to_trainers.parts([*blocks, together, nothing])

    def _gathered(self, drawn: list[Tensor], picks: dict[int, Pick], complementary: Tensor) -> Tensor:
        """What vertices with several incoming arcs receive, [vertices with several arcs, B, q]."""
        if not drawn:
            return complementary.new_zeros(0, *complementary.shape[1:])
        messages = torch.cat(drawn)
        if not picks:
            return self._combiner.combined(messages)
        place = torch.cat([pick.place for pick in picks.values()])
        made = torch.empty_like(messages).index_copy(0, place, messages)
        return made.view(len(self._combiner.rows), *complementary.shape[1:])
