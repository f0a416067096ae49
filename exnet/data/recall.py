"""The recall task: say, at the end of a sequence, what its first token was."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from exnet.data.generated import Task, tokens
from exnet.data.model import Part


class Recall(Task):
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
    least: ClassVar[Mapping[str, int]] = {"length": 1, "classes": 2}
    length: int = 64
    classes: int = 4
    others: Literal["same", "distractor"] = "same"
    steps: int = 100
    test: int = 1000

    def targets(self) -> Mapping[str, int]:
        """One target of `classes` classes."""
        return {"class": self.classes}

    def make(self, seed: int, purpose: str, step: int, rows: int) -> Part:
        """`rows` sequences [rows, length]."""
        made = tokens(seed, purpose, step, rows, self.length, self.classes)
        label = made[:, 0].copy()
        if self.others == "distractor":
            made[:, 1:] += self.classes
        return Part({"tokens": made}, {"class": label})
