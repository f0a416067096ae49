"""How several processes carry a run: the kind of their team, chosen once for all seeds."""

from dataclasses import dataclass
from typing import Any

import torch

from exnet.learn.data_parallel import DataTeam
from exnet.learn.team import Team
from exnet.passing.net import ExtractionNet
from exnet.plan.model import Plan
from exnet.plan.parallel import DATA, Choice, choose
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
    """

    peers: Peers
    kind: str
    reason: str = ""

    @property
    def about(self) -> dict[str, Any]:
        """What run.json says about it, and what a resumed run must agree with."""
        return {"parallel": self.kind, "ranks": self.peers.size}

    def team(self, spec: Spec, plan: Plan, seed: int, dtype: torch.dtype, device: torch.device) -> Team:
        """The team for one run."""
        assert self.kind == DATA
        return DataTeam(ExtractionNet(spec, plan, seed=seed, dtype=dtype).to(device), self.peers)


def parallel_of(peers: Peers, kind: str, plan: Plan, rule: LearningRule) -> Parallel:
    """What `--parallel kind` means for a plan and a rule."""
    chosen = choose(plan, rule, peers.size, rule.batch) if kind == "auto" else Choice(kind, "")
    return Parallel(peers, chosen.kind, chosen.reason)
