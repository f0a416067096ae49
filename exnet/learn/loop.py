"""The one training loop: every rule, every data set.

for each epoch, for each batch: rule.step fills the gradients; the optimiser and the schedule move once
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from time import perf_counter
from typing import Any

import torch

from exnet.data import Fitted, class_weights
from exnet.learn.backprop import BackpropRule
from exnet.learn.batches import Batches
from exnet.learn.captured import recorder_of
from exnet.learn.evaluate import Evaluation, evaluate
from exnet.learn.heads import Heads
from exnet.learn.observer import Observer, Progress
from exnet.learn.optimiser import make_optimiser, make_schedule, optimiser_tensors, restore_optimiser
from exnet.learn.rule import Rule
from exnet.learn.state import Best, State
from exnet.learn.team import Team
from exnet.learn.xprop import XpropRule
from exnet.learn.xprop_star import XpropStarRule
from exnet.monitor.epoch import EpochMeter
from exnet.monitor.finite import check_loss, check_parameters, check_step
from exnet.passing.net import ExtractionNet
from exnet.spec.rule import Backprop, LearningRule, Xprop, XpropStar


def make_rule(net: ExtractionNet, options: LearningRule, steps: int = 1, heads: Heads | None = None) -> Rule:
    """The implementation of a declared rule; `steps` are those of a pass over the data, `heads` the spec's if None."""
    match options:
        case XpropStar():
            return XpropStarRule(net, options, steps, heads)
        case Xprop():
            return XpropRule(net, options, heads)
        case Backprop():
            return BackpropRule(net, heads)
        case _:
            raise TypeError(f"no implementation of {options!r}")


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended.

    Attributes:
        finished: false if the user stopped it.
        step, epoch: how many are done.
        train: the last epoch's line of metrics.
        test: figures of the net that the run ends with; None if it was stopped, and where another process leads.
        best: with patience, the epoch whose parameters those are: the one with the lowest validation loss.
        seconds: that it took.
    """

    finished: bool
    step: int
    epoch: int
    train: Mapping[str, Any]
    test: Evaluation | None
    best: int | None
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
        balance: whether classes weigh inversely to their frequency in the training part.
        patience: the run ends once the validation loss has not fallen for so many epochs; None means never.
        start: where to go on from, if not at the start; the net has the parameters of that moment.
        team: the processes that carry the run; `net` is the one that this process trains. This one alone if None.
        capture: whether steps are captured on a card, where they can be; the observer is told if they cannot.
    """

    net: ExtractionNet
    data: Fitted
    rule: LearningRule
    seed: int = 0
    observer: Observer = field(default_factory=Observer)
    stop: Callable[[], bool] = bool
    balance: bool = False
    patience: int | None = None
    start: State = field(default_factory=State)
    team: Team | None = None
    capture: bool = True

    def __post_init__(self) -> None:
        self._team = self.team or Team(self.net)
        self._device = self.net.device
        self._batches = Batches(self.data, self.rule.batch, self.seed, self._device)
        self._steps = self._batches.steps * self.rule.epochs
        self._rule = self._team.rule(make_rule(self.net, self.rule, self._batches.steps, self._heads()))
        self._rule.restore(self.start.rule)
        self._optimiser = make_optimiser(self.net.parameters(), self.rule.optimiser)
        restore_optimiser(self.net, self._optimiser, self.start.optimiser)
        self._step, self._epoch, self._best = self.start.step, self.start.epoch, self.start.best
        self._schedule = make_schedule(self._optimiser, self.rule, self._steps, self._step)
        self._record: Mapping[str, Any] = self.start.record
        self._began = perf_counter()

    def _heads(self) -> Heads:
        weights = class_weights(self.data) if self.balance else {}
        return Heads(self.net.spec.outputs, {name: torch.tensor(values) for name, values in weights.items()})

    def train(self) -> Result:
        """Runs all epochs that are left and evaluates on the test part, once, at the end.

        Raises:
            ExnetError: EXN640 as soon as a number is not finite.
        """
        self._began = perf_counter() - self.start.seconds
        self.net.train()
        record = recorder_of(self._device) if self.capture else None
        if record is not None:
            self._rule.capture(self.net, record, self.observer.said)
        meter = EpochMeter(self.net.plan, self._device)
        meter.restore(self.start.meter)
        if self._step == 0:
            self.observer.epoch_ended(self._record, self._team.whole, self._state(None))
        while not self._over() and self._run_epoch(meter):
            meter = EpochMeter(self.net.plan, self._device)
        return self._result()

    def _over(self) -> bool:
        if self._step == self._steps:
            return True
        return self.patience is not None and self._best is not None and self._epoch - self._best.epoch >= self.patience

    def _run_epoch(self, meter: EpochMeter) -> bool:
        """The steps left in an epoch; false if the user stopped the run in it."""
        done, stopping = self._step - self._epoch * self._batches.steps, False
        for batch in islice(self._batches.epoch(self._epoch), done, None):
            self._one_step(batch.x, batch.y, batch.instances, meter)
            stopping = self._team.stopping(self.stop)
            if stopping and self._step < (self._epoch + 1) * self._batches.steps:
                self._collect()
                self.observer.stopped(self._figures(meter), self._team.whole, self._state(meter))
                return False
        self._collect()
        self._end_epoch(meter)
        return not stopping

    def _collect(self) -> None:
        """The whole net as it is now, if its parameters are finite."""
        self._team.check(lambda: check_parameters(self.net, self._step), self.stop)
        self._team.collect()

    def _one_step(self, x: Any, y: Any, instances: torch.Tensor, meter: EpochMeter) -> None:
        report = self._rule.step(self.net, x, y, self._step, instances)
        self._team.check(lambda: check_step(self.net, x, report, self._step), self.stop)
        if self.rule.clip is not None:
            self._rule.clip(self.net, self.rule.clip)
        self._optimiser.step()
        self._rule.stepped(self.net, self._optimiser, self._step)
        self._schedule.step()
        self._step += 1
        meter.add(report)
        seconds = perf_counter() - self._began
        self.observer.stepped(
            Progress(self._step, self._steps, self._epoch + 1, self.rule.epochs, *meter.root, seconds)
        )

    def _end_epoch(self, meter: EpochMeter) -> None:
        self._epoch += 1
        record = self._figures(meter)
        if self.data.validation is not None:
            held = self.data.validation
            found = self._team.told(lambda: evaluate(self._team.whole, held))
            check_loss(self._team.whole, found.loss, "validation", self._step)
            record |= {"validation_loss": found.loss, "validation_accuracy": found.accuracy}
            if self.patience is not None and (self._best is None or found.loss < self._best.loss):
                self._best = Best.of(self._team.whole, self._epoch, found.loss)
        self._record = record
        self.observer.epoch_ended(record, self._team.whole, self._state(None))

    def _figures(self, meter: EpochMeter) -> dict[str, Any]:
        rate = float(self._schedule.get_last_lr()[0])
        seconds = round(perf_counter() - self._began, 3)
        place = {"epoch": self._epoch, "step": self._step, "rate": rate, "seconds": seconds}
        return {**place, **self._rule.figures(), **self._team.figures(), **self._team.meter(meter).finish()}

    def _state(self, meter: EpochMeter | None) -> State:
        return State(
            step=self._step,
            epoch=self._epoch,
            optimiser=self._team.optimiser(optimiser_tensors(self.net, self._optimiser)),
            rule=self._rule.state(),
            meter={} if meter is None else self._team.meter(meter).state(),
            best=self._best,
            record=self._record,
            seconds=perf_counter() - self._began,
        )

    def _result(self) -> Result:
        finished, best, test = self._over(), None, None
        if finished and self._best is not None:
            best = self._best.epoch
        if finished and self._team.leads:
            if self._best is not None:
                self._team.whole.load_state_dict(dict(self._best.tensors))
            test = evaluate(self._team.whole, self.data.test, scales=self.data.scales, codes=self.data.codes)
            check_loss(self._team.whole, test.loss, "test", self._step)
        seconds = perf_counter() - self._began
        return Result(finished, self._step, self._epoch, self._record, test, best, seconds)
