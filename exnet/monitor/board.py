"""Scalars of a run for TensorBoard, which is an extra."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exnet.learn.observer import Observer
from exnet.learn.state import State
from exnet.monitor.rules import MISSING_TENSORBOARD
from exnet.passing.net import ExtractionNet
from exnet.source import ExnetError

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

ROOT = ("loss", "accuracy", "rate", "validation_loss", "validation_accuracy")
LEVEL = ("loss", "accuracy", "draw_entropy", "drift")
EXTRACTIONS = ("norm", "variance", "rank")


def check_tensorboard() -> None:
    """Nothing, if tensorboard is installed.

    Raises:
        ExnetError: EXN641.
    """
    if importlib.util.find_spec("tensorboard") is None:
        message = "`--tensorboard` needs the package tensorboard, which is not installed"
        raise ExnetError(MISSING_TENSORBOARD.at(None, message, help="pip install 'exnet[tensorboard]'"))


class Board(Observer):
    """Writes the numbers of each line of metrics: the root's by their names, those of a level as `level-3/loss`.

    Args:
        folder: for the event files of TensorBoard. A resumed run hides what was written after its state.
    """

    def __init__(self, folder: Path) -> None:
        check_tensorboard()
        self._folder = folder
        self._writer: SummaryWriter | None = None

    def epoch_ended(self, record: Mapping[str, Any], net: ExtractionNet, state: State) -> None:  # noqa: ARG002
        """Adds a point to every curve."""
        writer = self._open(record["step"])
        for name, value in scalars(record).items():
            writer.add_scalar(name, value, record["step"])
        writer.flush()

    def close(self) -> None:
        """Closes the file."""
        if self._writer is not None:
            self._writer.close()

    def _open(self, step: int) -> "SummaryWriter":
        if self._writer is None:
            from torch.utils.tensorboard import SummaryWriter  # slow to load

            self._writer = SummaryWriter(str(self._folder), purge_step=step if self._folder.is_dir() else None)
        return self._writer


def scalars(record: Mapping[str, Any]) -> dict[str, float]:
    """The numbers in a line of metrics, by the name of their curve."""
    found = {name: record.get(name) for name in ROOT}
    for level in record.get("levels", ()):
        place = f"level-{level['level']}"
        found |= {f"{place}/{name}": level.get(name) for name in LEVEL}
        for kind in ("primary", "complementary"):
            found |= {f"{place}/{kind}_{name}": level.get(kind, {}).get(name) for name in EXTRACTIONS}
    return {name: float(value) for name, value in found.items() if value is not None}
