"""Vertex-parallel training: every process has the components of its own vertices and the whole of every batch.

    up      e_v  = phi_v(e_c1, .., e_ck)     own vertices; e of others is received
    down    e'_v = phi'_a(e'_u, siblings)    own vertices; e and e' of others are received
    local   L_v                              own vertices; gradients and optimiser stay where they are

No gradient crosses, since none crosses a vertex. The first process also keeps the whole net, for evaluation and for
the files of the run; it is brought up to date at the end of every epoch.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor

from exnet.learn.report import Inputs, StepReport
from exnet.learn.rule import Rule
from exnet.learn.state import State, without_tensors
from exnet.learn.team import Team
from exnet.learn.wrapped import WrappedRule
from exnet.monitor.epoch import EpochMeter
from exnet.passing.net import ExtractionNet
from exnet.plan.cut import Cut
from exnet.plan.grouping import spread
from exnet.plan.model import Plan
from exnet.plan.share import class_owners, held_leaves, share
from exnet.ranks.exchange import Exchange
from exnet.ranks.parts import Parts
from exnet.ranks.peers import Peers
from exnet.ranks.traffic import Traffic
from exnet.spec.model import Spec

T = TypeVar("T")
VERTICES, DRAWS, LEAVES = "vertices", "draws", "leaves"
"""What rows of figures are called: by vertex row, by place in the plan's list of incoming arcs, and by leaf row."""


class OwnRule(WrappedRule):
    """A rule whose report is about own vertices: ghosts, the first vertex rows, have no losses.

    Args:
        rule: of the local net.
        ghosts: how many.
    """

    def __init__(self, rule: Rule, ghosts: int) -> None:
        super().__init__(rule)
        self._ghosts = ghosts

    def step(self, net: ExtractionNet, x: Inputs, y: Inputs, step: int, instances: Tensor) -> StepReport:
        """As the rule, the report cut."""
        report, first = super().step(net, x, y, step, instances), self._ghosts
        score = None if report.score is None else report.score[first:]
        return replace(report, rows=slice(first, len(report.loss)), loss=report.loss[first:], score=score)


class VertexTeam(Team):
    """Processes with a part of the vertices each.

    Args:
        spec: of the net.
        plan: of the whole net.
        cut: of the plan.
        peers: all processes.
        seed: of the net.
        dtype: of the net.
        device: of this process.
    """

    def __init__(
        self, spec: Spec, plan: Plan, cut: Cut, peers: Peers, *, seed: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        own = share(plan, cut, peers.rank)
        super().__init__(ExtractionNet(spec, own.plan, seed=seed, dtype=dtype).to(device))
        self.leads, self._peers, self._ghosts = peers.leads, peers, len(own.ghosts)
        if self.leads:
            self.whole = ExtractionNet(spec, plan, seed=seed, dtype=dtype).to(device)
        self._parts = Parts(peers, holdings(plan, cut))
        self._traffic = Traffic(peers)
        self.net.up_pass.exchange = self.net.down_pass.exchange = Exchange(own, peers, self._traffic)
        self._stop = False

    def rule(self, rule: Rule) -> Rule:
        """The rule, with a report about own vertices."""
        return OwnRule(rule, self._ghosts)

    def spread(self, start: State) -> State:
        """The part of each rank, handed out by the leading one."""
        tensors, part = self._peers.handed_out(lambda rank: self._part(start, rank))
        self.net.load_state_dict({**self.net.state_dict(), **tensors})
        part = replace(part, meter={name: self._with_ghosts(name, sums) for name, sums in part.meter.items()})
        return replace(part, best=start.best) if self.leads else part

    def _with_ghosts(self, name: str, sums: Tensor) -> Tensor:
        """Sums by own vertex as sums by local vertex row."""
        return sums if name == DRAWS else torch.cat((sums.new_zeros(self._ghosts), sums))

    def check(self, check: Callable[[], None], stop: Callable[[], bool]) -> None:
        """Fails everywhere if it fails somewhere."""
        self._stop = bool(self._peers.checked(check, int(stop())))

    def stopping(self, stop: Callable[[], bool]) -> bool:  # noqa: ARG002 - all processes have agreed
        """What all have agreed on."""
        return self._stop

    def collect(self) -> None:
        """The parameters of all, in the whole net."""
        self._parts.gather(dict(self.net.named_parameters()), dict(self.whole.named_parameters()), stack_of)
        self._traffic.gather()

    def optimiser(self, tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """What the optimisers of all remember. Counts of steps have no rows and are the same everywhere."""
        made = self._like(tensors) if self.leads else {}
        local, whole = ({name: v for name, v in some.items() if v.dim()} for some in (tensors, made))
        self._parts.gather(local, whole, stack_of)
        return made if self.leads else tensors

    def meter(self, meter: EpochMeter) -> EpochMeter:
        """The figures of all: sums, and the extractions of the last batch; elsewhere none."""
        given = {name: value if name == DRAWS else value[self._ghosts :] for name, value in meter.state().items()}
        names, last = tuple(given), meter.last
        if last is not None and last.primary is not None and last.complementary is not None:
            leaves = self.net.plan.leaves
            given[LEAVES] = last.primary[:leaves]
            given["primary"] = last.primary[leaves + self._ghosts :]
            given["complementary"] = last.complementary[self._ghosts :]
        plan, device = self.whole.plan, self.net.device
        rows = {DRAWS: len(plan.arcs.incoming), LEAVES: plan.leaves}
        made = {name: v.new_zeros(rows.get(name, plan.vertices), *v.shape[1:]) for name, v in given.items()}
        self._parts.gather(given, made, rows_of)
        empty = EpochMeter(plan, device)
        if not self.leads:
            return empty
        report = None if last is None else self._report(last, made)
        return empty.with_sums({name: made[name] for name in names}, report)

    def told(self, make: Callable[[], T]) -> T:
        """What the leading process makes."""
        return self._peers.told(make)

    def figures(self) -> dict[str, Any]:
        """`ranks`: their number, and the most bytes that one of them sends in a step."""
        return {"ranks": {"parallel": "vertex", **self._traffic.figures()}}

    @staticmethod
    def _report(last: StepReport, made: Mapping[str, Tensor]) -> StepReport:
        """The extractions of the last step as one process would have them."""
        if last.primary is None:
            return last
        primary = torch.cat((made[LEAVES], made["primary"]))
        return replace(last, primary=primary, complementary=made["complementary"])

    def _like(self, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Room for what the whole net's optimiser would remember, of the kinds that this rank's remembers."""
        kinds = {name.rpartition("/")[2]: value for name, value in tensors.items()}
        return {
            f"{name}/{kind}": torch.zeros_like(parameter) if value.dim() else value.clone()
            for name, parameter in self.whole.named_parameters()
            for kind, value in kinds.items()
        }

    def _part(self, start: State, rank: int) -> tuple[dict[str, Tensor], State]:
        """The parameters and the state of one rank."""
        tensors = self._parts.cut(dict(self.whole.named_parameters()), rank, stack_of)
        optimiser = self._parts.cut(start.optimiser, rank, stack_of)
        meter = self._parts.cut(start.meter, rank, rows_of)
        return tensors, replace(without_tensors(start), optimiser=optimiser, meter=meter)


def holdings(plan: Plan, cut: Cut) -> list[dict[str, Tensor]]:
    """The rows that each rank has: of every stack by its name, of vertices, draws and leaves."""
    owners, made = class_owners(plan, cut), list[dict[str, Tensor]]()
    for rank in range(cut.ranks):
        rows, incoming = np.flatnonzero(cut.owner == rank), plan.arcs.incoming_ptr
        held = {stack.name: np.flatnonzero(own == rank) for stack, own in zip(plan.stacks, owners, strict=True)}
        held = {name: found for name, found in held.items() if len(found)}
        held |= {VERTICES: rows, DRAWS: spread(incoming[rows], np.diff(incoming)[rows])}
        held[LEAVES] = held_leaves(plan, cut, rank)
        made.append({name: torch.from_numpy(found) for name, found in held.items()})
    return made


def stack_of(name: str) -> str:
    """The stack of a parameter, or of what an optimiser remembers of it: `stacks.primary/2/mix.w0/exp_avg`."""
    return name.removeprefix("stacks.").rpartition(".")[0]


def rows_of(name: str) -> str:
    """The rows of a figure."""
    return name if name in (DRAWS, LEAVES) else VERTICES
