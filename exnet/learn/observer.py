"""What may follow a run: every step, a line of metrics for every epoch, and the state to go on from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from exnet.learn.state import State
from exnet.passing.net import ExtractionNet


@dataclass(frozen=True, slots=True)
class Progress:
    """After a step: how far training is, and the running means of the epoch at the root.

    `loss` is None until the root's loss has been computed in the epoch.
    """

    step: int
    steps: int
    epoch: int
    epochs: int
    loss: float | None
    accuracy: float | None
    seconds: float


class Observer:
    """What may follow a run. Every method may be left as it is."""

    def said(self, remark: str) -> None:
        """Of something that is worth a line, before or during training."""

    def stepped(self, progress: Progress) -> None:
        """After every step."""

    def epoch_ended(self, record: Mapping[str, Any], net: ExtractionNet, state: State) -> None:
        """After every epoch, with its line of metrics; and before the first one, as epoch 0, without figures."""

    def stopped(self, record: Mapping[str, Any], net: ExtractionNet, state: State) -> None:
        """After the step at which the user stopped the run, if that was not the last one of an epoch."""

    def close(self) -> None:
        """When the run is over, however it ended."""


class Observers(Observer):
    """Several observers, told in their order."""

    def __init__(self, *observers: Observer) -> None:
        self._all: Sequence[Observer] = observers

    def said(self, remark: str) -> None:
        """Tells all."""
        for observer in self._all:
            observer.said(remark)

    def stepped(self, progress: Progress) -> None:
        """Tells all."""
        for observer in self._all:
            observer.stepped(progress)

    def epoch_ended(self, record: Mapping[str, Any], net: ExtractionNet, state: State) -> None:
        """Tells all."""
        for observer in self._all:
            observer.epoch_ended(record, net, state)

    def stopped(self, record: Mapping[str, Any], net: ExtractionNet, state: State) -> None:
        """Tells all."""
        for observer in self._all:
            observer.stopped(record, net, state)

    def close(self) -> None:
        """Closes all."""
        for observer in self._all:
            observer.close()
