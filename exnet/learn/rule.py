"""What the loop asks of a learning rule."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.optim import Optimizer

from exnet.learn.captured import NOT_CAPTURED, Recorder, Say
from exnet.learn.report import Inputs, StepReport
from exnet.passing.net import ExtractionNet


class Rule(ABC):
    """A learning rule at work on one net: it fills `parameter.grad`, the loop moves the optimiser."""

    @abstractmethod
    def step(self, net: ExtractionNet, x: Inputs, y: Inputs, step: int, instances: Tensor) -> StepReport:
        """Fills `parameter.grad` from one batch.

        Args:
            net: whose parameters.
            x: inputs as `net.up` takes them.
            y: targets as `Heads.loss` takes them.
            step: number of the step; with the instances it decides what is drawn.
            instances: int64 [B], the number of each.
        """

    def capture(self, net: ExtractionNet, record: Recorder, say: Say) -> None:  # noqa: ARG002
        """From now on steps are recorded once and replayed, as far as the rule can; `say` is told if it cannot."""
        say(f"{NOT_CAPTURED}: only those of `xprop` in one process are")

    def clip(self, net: ExtractionNet, limit: float) -> None:
        """Scales all gradients together to a norm of at most `limit`."""
        torch.nn.utils.clip_grad_norm_(net.parameters(), limit)

    def stepped(self, net: ExtractionNet, optimiser: Optimizer, step: int) -> None:  # noqa: B027 - most rules need none
        """After the optimiser has moved at the end of `step`."""

    def figures(self) -> dict[str, object]:
        """What the rule has to say in a line of metrics beside losses and scores; most rules nothing."""
        return {}

    def state(self) -> dict[str, Tensor]:
        """What the rule remembers from step to step beside the net and its optimiser; most rules nothing."""
        return {}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Takes up what `state` gave, so that the next step is the one that would have come.

        Raises:
            ValueError: the state is one of another rule, other options, or another net.
        """
        if state:
            raise ValueError(f"a rule without memory cannot take up {sorted(state)}")
