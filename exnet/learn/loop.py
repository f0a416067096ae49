"""The one training loop: every rule, every data set.

for each epoch, for each batch: rule.step fills the gradients; the optimiser and the schedule move once
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from torch.optim import Optimizer

from exnet.data import Fitted
from exnet.learn.backprop import BackpropRule
from exnet.learn.batches import Batches
from exnet.learn.evaluate import Evaluation, evaluate
from exnet.learn.optimiser import make_optimiser, make_schedule
from exnet.learn.rule import Rule
from exnet.learn.xprop import XpropRule
from exnet.monitor.epoch import EpochMeter
from exnet.monitor.finite import check_parameters, check_step
from exnet.passing.net import ExtractionNet
from exnet.spec.rule import Backprop, LearningRule, Xprop


def make_rule(net: ExtractionNet, options: LearningRule) -> Rule:
    """The implementation of a declared rule."""
    match options:
        case Xprop():
            return XpropRule(net, options)
        case Backprop():
            return BackpropRule(net)
        case _:
            raise TypeError(f"no implementation of {options!r}")


@dataclass(frozen=True, slots=True)
class Progress:
    """After a step: how far training is, and the running means of the epoch at the root."""

    step: int
    steps: int
    epoch: int
    epochs: int
    loss: float
    accuracy: float | None
    seconds: float


class Observer:
    """What may follow a run. Every method may be left as it is."""

    def stepped(self, progress: Progress) -> None:
        """After every step."""

    def epoch_ended(self, record: Mapping[str, Any], net: ExtractionNet, optimiser: Optimizer) -> None:
        """After every epoch, with its line of metrics; and before the first one, as epoch 0, without figures."""

    def stopped(self, record: Mapping[str, Any], net: ExtractionNet, optimiser: Optimizer) -> None:
        """After the step at which the user stopped the run."""


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended: figures of the last epoch, never of the best one. `test` is None if it was stopped."""

    finished: bool
    step: int
    epoch: int
    train: Mapping[str, Any]
    test: Evaluation | None
    seconds: float


@dataclass(eq=False)
class Run:
    """One training run of one net.

    Args:
        net: is changed in place.
        data: fitted to its spec.
        rule: learning rule with optimiser, schedule, batch size and epochs.
        seed: decides order, draws of the data, and draws of arcs through the net's own seed.
        observer: is told of every step and epoch.
        stop: asked after every step; once true, the run ends there.
    """

    net: ExtractionNet
    data: Fitted
    rule: LearningRule
    seed: int = 0
    observer: Observer = field(default_factory=Observer)
    stop: Callable[[], bool] = bool

    def __post_init__(self) -> None:
        self._device = next(self.net.parameters()).device
        self._batches = Batches(self.data, self.rule.batch, self.seed, self._device)
        self._steps = self._batches.steps * self.rule.epochs
        self._optimiser = make_optimiser(self.net.parameters(), self.rule.optimiser)
        self._schedule = make_schedule(self._optimiser, self.rule, self._steps)
        self._rule = make_rule(self.net, self.rule)
        self._step = 0
        self._start = perf_counter()

    def train(self) -> Result:
        """Runs all epochs and evaluates on the test part, once, at the end.

        Raises:
            ExnetError: EXN640 as soon as a number is not finite.
        """
        self._start = perf_counter()
        self.net.train()
        record = {"epoch": 0, "step": 0}
        self.observer.epoch_ended(record, self.net, self._optimiser)
        for epoch in range(self.rule.epochs):
            meter = EpochMeter(self.net.plan, self._device)
            complete = self._epoch(epoch, meter)
            check_parameters(self.net, self._step)
            record = self._record(epoch + complete, meter)
            if not complete:
                self.observer.stopped(record, self.net, self._optimiser)
                break
            self.observer.epoch_ended(record, self.net, self._optimiser)
        return self._result(record)

    def _epoch(self, epoch: int, meter: EpochMeter) -> bool:
        """All steps of an epoch; false if it was stopped before its end."""
        for at, batch in enumerate(self._batches.epoch(epoch), 1):
            report = self._rule.step(self.net, batch.x, batch.y, self._step, batch.instances)
            check_step(self.net, batch.x, report, self._step)
            if self.rule.clip is not None:
                self._rule.clip(self.net, self.rule.clip)
            self._optimiser.step()
            self._rule.stepped(self.net, self._optimiser, self._step)
            self._schedule.step()
            self._step += 1
            meter.add(report)
            self._tell(epoch, meter)
            if self.stop():
                return at == self._batches.steps
        return True

    def _tell(self, epoch: int, meter: EpochMeter) -> None:
        loss, accuracy = meter.root
        seconds = perf_counter() - self._start
        told = Progress(self._step, self._steps, epoch + 1, self.rule.epochs, loss, accuracy, seconds)
        self.observer.stepped(told)

    def _record(self, epoch: int, meter: EpochMeter) -> dict[str, Any]:
        rate = float(self._schedule.get_last_lr()[0])
        seconds = round(perf_counter() - self._start, 3)
        return {"epoch": epoch, "step": self._step, "rate": rate, "seconds": seconds, **meter.finish()}

    def _result(self, record: Mapping[str, Any]) -> Result:
        seconds = perf_counter() - self._start
        finished = self._step == self._steps
        test = evaluate(self.net, self.data.test) if finished else None
        return Result(finished, self._step, int(record["epoch"]), record, test, seconds)
