"""Tasks whose instances are made: fresh ones at every training step, and a test part that no seed can draw."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from exnet.data.model import Data, Dataset, Generator, Part
from exnet.data.rules import BAD_DATA_OPTION
from exnet.graph.randomness import uniform
from exnet.source import ExnetError


class Task(Data):
    """A task on sequences of integers. Its options end with `steps` of an epoch and the number of `test` instances."""

    least: ClassVar[Mapping[str, int]] = {}
    """The smallest value of each option; that of `steps` and `test` is 1."""

    @abstractmethod
    def targets(self) -> Mapping[str, int]:
        """The number of classes of each target."""

    @abstractmethod
    def make(self, seed: int, purpose: str, step: int, rows: int) -> Part:
        """`rows` instances; each is a function of (seed, purpose, step, its number)."""

    def load(self) -> Dataset:
        """The generator, and a test part that no training seed can draw."""
        for name, least in {**self.least, "steps": 1, "test": 1}.items():
            if self._option(name) < least:
                message = f"`{name}: {self._option(name)}` is too small for `{self.kind}`"
                raise ExnetError(BAD_DATA_OPTION.at(None, message, help=f"it must be at least {least}"))
        test = self.make(0, f"{self.kind}/test", 0, self._option("test"))
        return Dataset(self.text, Instances(self, self._option("steps")), test, dict(self.targets()))

    def _option(self, name: str) -> int:
        return int(getattr(self, name))


@dataclass(frozen=True)
class Instances(Generator):
    """Fresh instances of a task."""

    task: Task
    steps: int

    def draw(self, seed: int, step: int, rows: int) -> Part:
        """`rows` instances for one step."""
        return self.task.make(seed, f"{self.task.kind}/train", step, rows)

    def held(self, rows: int) -> Part:
        """Instances that neither training nor the test part can hold, but by chance."""
        return self.task.make(0, f"{self.task.kind}/validation", 0, rows)


def tokens(seed: int, purpose: str, step: int, rows: int, length: int, values: int) -> NDArray[np.int64]:
    """int64 [rows, length], uniform in 0..values; token t of row b is a function of (seed, purpose, step, b, t)."""
    grid = (np.arange(rows)[:, None], np.arange(length)[None, :])
    return (uniform(seed, purpose, step, *grid) * values).astype(np.int64)
