"""How several processes carry a run: the kind of their team, chosen once for all seeds."""

from dataclasses import dataclass
from typing import Any

import torch

from exnet.learn.data_parallel import DataTeam
from exnet.learn.team import Team
from exnet.learn.vertex_parallel import VertexTeam
from exnet.passing.net import ExtractionNet
from exnet.plan.cut import Cut
from exnet.plan.model import Plan
from exnet.plan.parallel import VERTEX, Choice, checked_cut, choose
from exnet.ranks.peers import Peers
from exnet.spec.model import Spec
from exnet.spec.rule import LearningRule

KINDS = ("auto", "data", "vertex")
"""What `--parallel` takes."""


@dataclass(frozen=True, slots=True, eq=False)
class Parallel:
    """Processes, and which part of the work each has.

    Attributes:
        peers: all of them.
        kind: `data` or `vertex`.
        reason: why this kind; empty if it was asked for.
        cut: of the vertices, for `vertex`.
    """

    peers: Peers
    kind: str
    reason: str = ""
    cut: Cut | None = None

    @property
    def about(self) -> dict[str, Any]:
        """What run.json says about it, and what a resumed run must agree with."""
        return {"parallel": self.kind, "ranks": self.peers.size}

    def team(self, spec: Spec, plan: Plan, seed: int, dtype: torch.dtype, device: torch.device) -> Team:
        """The team for one run."""
        if self.cut is not None:
            return VertexTeam(spec, plan, self.cut, self.peers, seed=seed, dtype=dtype, device=device)
        return DataTeam(ExtractionNet(spec, plan, seed=seed, dtype=dtype).to(device), self.peers)


def parallel_of(peers: Peers, kind: str, plan: Plan, rule: LearningRule) -> Parallel:
    """What `--parallel kind` means for a plan and a rule.

    Raises:
        ExnetError: EXN660 to EXN662, if the vertices are to be divided and cannot be.
    """
    chosen = choose(plan, rule, peers.size, rule.batch) if kind == "auto" else Choice(kind, "")
    cut = checked_cut(plan, rule, peers.size, rule.batch) if chosen.kind == VERTEX else None
    return Parallel(peers, chosen.kind, chosen.reason, cut)
