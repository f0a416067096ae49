"""Where a run stands after a step: with the net and the options of the run, all that the next step depends on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Tensor, nn

START: Mapping[str, Any] = {"epoch": 0, "step": 0}
"""The line of metrics before the first epoch."""


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """The epoch with the lowest validation loss so far, and the net's tensors after it."""

    epoch: int
    loss: float
    tensors: Mapping[str, Tensor]

    @classmethod
    def of(cls, net: nn.Module, epoch: int, loss: float) -> "Best":
        """What a net is now, as copies."""
        return cls(epoch, loss, {name: value.detach().clone() for name, value in net.state_dict().items()})


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """Where a run stands. The schedule is a function of `step`, and so is all that is random.

    Attributes:
        step, epoch: how many are done.
        optimiser: its tensors, as `parameter/name`.
        rule: what the learning rule remembers.
        meter: sums over the steps of an epoch that is not done; empty at its end.
        best: of early stopping; None without patience, and before the first epoch's end.
        record: the line of metrics of the last epoch.
        seconds: spent so far.
    """

    step: int = 0
    epoch: int = 0
    optimiser: Mapping[str, Tensor] = field(default_factory=dict)
    rule: Mapping[str, Tensor] = field(default_factory=dict)
    meter: Mapping[str, Tensor] = field(default_factory=dict)
    best: Best | None = None
    record: Mapping[str, Any] = field(default_factory=lambda: dict(START))
    seconds: float = 0.0


def without_tensors(state: State) -> State:
    """A state without the sums of its unfinished epoch and the tensors of its best one."""
    best = None if state.best is None else replace(state.best, tensors={})
    return replace(state, meter={}, best=best)
