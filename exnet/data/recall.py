"""The recall task: say, at the end of a sequence, what its first token was."""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from exnet.data.model import Data, Dataset, Generator, Part
from exnet.data.rules import BAD_DATA_OPTION
from exnet.graph.randomness import uniform
from exnet.source import ExnetError


class Recall(Data):
    """Sequences of integers; the class is the first one.

    Args:
        length: tokens in a sequence.
        classes: the first token is uniform in 0..classes.
        others: the other tokens are uniform in 0..classes (`same`) or in classes..2*classes (`distractor`).
        steps: training steps in an epoch (instances are fresh at every step).
        test: test instances.
    """

    kind: ClassVar[str] = "recall"
    positional: ClassVar[str | None] = "length"
    length: int = 64
    classes: int = 4
    others: Literal["same", "distractor"] = "same"
    steps: int = 100
    test: int = 1000

    def load(self) -> Dataset:
        """The generator, and a test part that no training seed can draw."""
        for name, least in (("length", 1), ("classes", 2), ("steps", 1), ("test", 1)):
            if getattr(self, name) < least:
                message = f"`{name}: {getattr(self, name)}` is too small for `recall`"
                raise ExnetError(BAD_DATA_OPTION.at(None, message, help=f"it must be at least {least}"))
        source = Sequences(self, self.steps)
        return Dataset(self.text, source, source.make(0, "recall/test", 0, self.test), {"class": self.classes})


@dataclass(frozen=True)
class Sequences(Generator):
    """Fresh sequences of a recall task."""

    task: Recall
    steps: int

    def draw(self, seed: int, step: int, rows: int) -> Part:
        """`rows` sequences for one step."""
        return self.make(seed, "recall/train", step, rows)

    def make(self, seed: int, purpose: str, step: int, rows: int) -> Part:
        """Token t of row b is a function of (seed, purpose, step, b, t)."""
        task = self.task
        grid = (np.arange(rows)[:, None], np.arange(task.length)[None, :])
        tokens = (uniform(seed, purpose, step, *grid) * task.classes).astype(np.int64)
        label = tokens[:, 0].copy()
        if task.others == "distractor":
            tokens[:, 1:] += task.classes
        return Part({"tokens": tokens}, {"class": label})
