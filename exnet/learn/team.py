"""What the training loop asks of the processes that carry a run. With one process, as here, all of it is trivial.

A team decides which net this process trains, how its rule sees a batch, and what the first process, which leads, is
given before it writes, prints or evaluates.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from torch import Tensor

from exnet.learn.rule import Rule
from exnet.learn.state import State
from exnet.monitor.epoch import EpochMeter
from exnet.passing.net import ExtractionNet

T = TypeVar("T")


class Team:
    """One process.

    Args:
        net: that is trained.

    Attributes:
        net: what this process trains: the net, or its part of it.
        whole: on the process that leads the whole net, brought up to date by `collect`; elsewhere `net`.
        leads: whether this process writes, prints and evaluates.
    """

    def __init__(self, net: ExtractionNet) -> None:
        self.net = net
        self.whole = net
        self.leads = True

    def rule(self, rule: Rule) -> Rule:
        """The rule for this process's part of each batch."""
        return rule

    def spread(self, start: State) -> State:
        """This process's part of a state that the leading one has read, whose `whole` has the parameters of it."""
        return start

    def check(self, check: Callable[[], None], stop: Callable[[], bool]) -> None:  # noqa: ARG002 - asked later
        """Runs a check; if it fails on one process it fails on all, and a wish to stop becomes known to all."""
        check()

    def stopping(self, stop: Callable[[], bool]) -> bool:
        """Whether to stop, the same for all processes since the last check."""
        return stop()

    def collect(self) -> None:
        """Brings `whole` up to date."""

    def meter(self, meter: EpochMeter) -> EpochMeter:
        """On the process that leads, the figures of all; elsewhere anything."""
        return meter

    def optimiser(self, tensors: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
        """On the process that leads, what the optimisers of all remember; elsewhere anything."""
        return tensors

    def told(self, make: Callable[[], T]) -> T:
        """What the leading process makes, the same for all."""
        return make()

    def figures(self) -> dict[str, Any]:
        """What a line of metrics says about the team beside the rest."""
        return {}
