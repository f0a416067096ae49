"""Data-parallel training: every process has the whole net and a slice of every batch; gradients are summed.

    g = sum over ranks r of (b_r / B) g_r,    g_r the averaged gradient of the rule on the b_r instances of rank r

All ranks see the same batches in the same order, and every draw is a function of step and instance, so that this is
the gradient of one process to rounding. The sums have the same bits everywhere, and so have the parameters.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import torch
from torch import Tensor

from exnet.learn.report import Inputs, StepReport
from exnet.learn.rule import Rule
from exnet.learn.state import State, without_tensors
from exnet.learn.team import Team
from exnet.learn.wrapped import WrappedRule
from exnet.monitor.epoch import EpochMeter
from exnet.passing.net import ExtractionNet
from exnet.ranks.peers import Peers
from exnet.ranks.rules import RANKS_DIFFER
from exnet.ranks.traffic import Traffic
from exnet.source import ExnetError

T = TypeVar("T")


class SlicedRule(WrappedRule):
    """A rule on the slice of this rank, its gradients summed over all ranks.

    Args:
        rule: of the whole batch.
        peers: all ranks.
        traffic: counts what is sent.
    """

    def __init__(self, rule: Rule, peers: Peers, traffic: Traffic) -> None:
        super().__init__(rule)
        self._peers, self._traffic = peers, traffic

    def step(self, net: ExtractionNet, x: Inputs, y: Inputs, step: int, instances: Tensor) -> StepReport:
        """As the rule on the whole batch; the report is about the slice. A rank without instances takes the first one
        and counts it as none, so that nothing need be defined for empty batches.
        """
        count = len(instances)
        own = bounds(count, self._peers.rank, self._peers.size)
        weight = own.stop - own.start
        taken = own if weight else slice(0, 1)
        report = self._rule.step(net, _rows(x, taken), _rows(y, taken), step, instances[taken])
        gradients = [p.grad for p in net.parameters() if p.grad is not None]
        if weight < count:
            for gradient in gradients:
                gradient.mul_(weight / count)
        with self._traffic.part():
            self._peers.sum(gradients)
        self._traffic.step_ended()
        return (
            report if weight else replace(report, batch=0, draws=None if report.draws is None else report.draws[:, :0])
        )


def bounds(count: int, rank: int, size: int) -> slice:
    """The instances of a rank out of `count`: as many for each, and one more for the first ones."""
    each, more = divmod(count, size)
    start = rank * each + min(rank, more)
    return slice(start, start + each + (rank < more))


def _rows(values: Inputs, rows: slice) -> Inputs:
    return {name: value[rows] for name, value in values.items()}


class DataTeam(Team):
    """Processes with a slice of every batch each.

    Args:
        net: that is trained.
        peers: all processes.
    """

    def __init__(self, net: ExtractionNet, peers: Peers) -> None:
        super().__init__(net)
        self.leads = peers.leads
        self._peers = peers
        self._stop = False
        self._traffic = Traffic(peers)

    def rule(self, rule: Rule) -> Rule:
        """The rule on a slice."""
        return SlicedRule(rule, self._peers, self._traffic)

    def spread(self, start: State) -> State:
        """The state and the net's tensors, told to all; sums of an unfinished epoch stay with the leading process."""
        tensors, told = self._peers.told(lambda: (self.net.state_dict(), without_tensors(start)))
        self.net.load_state_dict(tensors)
        return start if self.leads else told

    def check(self, check: Callable[[], None], stop: Callable[[], bool]) -> None:
        """Fails everywhere if it fails somewhere."""
        self._stop = bool(self._peers.checked(check, int(stop())))

    def stopping(self, stop: Callable[[], bool]) -> bool:  # noqa: ARG002 - all processes have agreed
        """What all have agreed on."""
        return self._stop

    def collect(self) -> None:
        """Makes sure that all parameters have the same bits.

        Raises:
            ExnetError: EXN665.
        """
        found = self._peers.gathered(fingerprint(self.net))
        if len(set(found)) > 1:
            message = f"after the epoch the parameters of rank {_other(found)} are not those of rank 0"
            raise ExnetError(RANKS_DIFFER.at(None, message, help="use like machines with the same versions"))
        self._traffic.gather()

    def meter(self, meter: EpochMeter) -> EpochMeter:
        """Sums over all; extractions are those of the leading process's slice."""
        sums = {name: value.clone() for name, value in meter.state().items()}
        self._peers.sum([sums[name] for name in sorted(sums)])
        return meter.with_sums(sums, meter.last)

    def told(self, make: Callable[[], T]) -> T:
        """What the leading process makes."""
        return self._peers.told(make)

    def figures(self) -> dict[str, Any]:
        """`ranks`: their number, and the most bytes that one of them sends in a step."""
        return {"ranks": {"parallel": "data", **self._traffic.figures()}}


def fingerprint(net: ExtractionNet) -> tuple[int, ...]:
    """A number for each parameter that its bits decide."""
    kinds = {2: torch.int16, 4: torch.int32, 8: torch.int64}
    return tuple(int(p.detach().view(kinds[p.element_size()]).sum(dtype=torch.int64)) for p in net.parameters())


def _other(found: list[tuple[int, ...]]) -> int:
    return next(rank for rank, one in enumerate(found) if one != found[0])
