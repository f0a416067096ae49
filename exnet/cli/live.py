"""The progress of a run, drawn while it goes on."""

from collections.abc import Mapping
from typing import Any

from exnet.cli.progress import Line, figures
from exnet.learn.observer import Observer, Progress


class LineObserver(Observer):
    """Draws the progress of a run."""

    def __init__(self, label: str) -> None:
        self._line, self._steps, self._epochs = Line(label), 0, 0

    def said(self, remark: str) -> None:
        """A line of its own."""
        self._line.said(remark)

    def stepped(self, progress: Progress) -> None:
        """Redraws the live line."""
        p, self._steps, self._epochs = progress, progress.steps, progress.epochs
        self._line.stepped(p.step, p.steps, p.epoch, p.epochs, figures(p.loss, p.accuracy), p.seconds)

    def epoch_ended(self, record: Mapping[str, Any], net: object, state: object) -> None:  # noqa: ARG002
        """A line for the epoch."""
        if record["epoch"]:
            self._line.epoch_ended(record, self._steps, self._epochs)

    def close(self) -> None:
        """Removes the live line."""
        self._line.close()
