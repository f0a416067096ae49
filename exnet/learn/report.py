"""What one training step tells: losses and scores by vertex, and the extractions for whoever wants to look."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from torch import Tensor

Inputs: TypeAlias = Mapping[str, Tensor]
"""Tensors of a batch by the name of an input or output."""


@dataclass(frozen=True, slots=True, eq=False)
class StepReport:
    """One step on a batch of B instances. Nothing here carries a gradient.

    Attributes:
        rows: vertex rows of the entries of `loss` and `score`, ascending: all of them, some, or the root's alone; the
            root's is always there, as the last one.
        loss: [rows], mean over the batch.
        score: [rows], mean share of right answers, or None if no output has one.
        batch: B.
        primary: E [L + V, B, p]; complementary: E' [V, B, q]; draws: [V, B]. None where a rule does not make them.
    """

    rows: slice | Tensor
    loss: Tensor
    score: Tensor | None
    batch: int
    primary: Tensor | None = None
    complementary: Tensor | None = None
    draws: Tensor | None = None

    def row(self, entry: int) -> int:
        """The vertex row of an entry."""
        return entry + self.rows.start if isinstance(self.rows, slice) else int(self.rows[entry])

    @property
    def root_loss(self) -> Tensor:
        """The loss at the root, a scalar."""
        return self.loss[-1]

    @property
    def root_score(self) -> Tensor | None:
        """The score at the root, a scalar."""
        return None if self.score is None else self.score[-1]
