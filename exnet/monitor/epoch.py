"""One epoch in figures: what a line of metrics.jsonl holds."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from exnet.learn.report import StepReport
from exnet.monitor.statistics import draw_entropy, extraction_figures, level_rows
from exnet.plan.model import Plan


class EpochMeter:
    """Gathers the reports of one epoch. Losses and scores are means over its instances; extractions those of its last
    batch; the entropy of draws counts all of them.
    """

    def __init__(self, plan: Plan, device: torch.device) -> None:
        self._plan = plan
        self._level = torch.as_tensor(plan.level, dtype=torch.int64, device=device)
        self._incoming = torch.as_tensor(plan.arcs.incoming_ptr, dtype=torch.int64, device=device)
        self._loss: Tensor | None = None
        self._score: Tensor | None = None
        self._counts: Tensor | None = None
        self._instances = 0
        self._last: StepReport | None = None

    def add(self, report: StepReport) -> None:
        """Counts one step."""
        self._instances += report.batch
        self._loss = _plus(self._loss, report.loss.double() * report.batch)
        if report.score is not None:
            self._score = _plus(self._score, report.score.double() * report.batch)
        if report.draws is not None:
            self._counts = _plus(self._counts, self._count(report.draws))
        self._last = report

    @property
    def root(self) -> tuple[float, float | None]:
        """Mean loss and score at the root so far."""
        if self._loss is None:
            return float("nan"), None
        score = None if self._score is None else float(self._score[-1]) / self._instances
        return float(self._loss[-1]) / self._instances, score

    def finish(self) -> dict[str, Any]:
        """`loss` and `accuracy` at the root, and `levels`, the leaves first as level 0."""
        loss, accuracy = self.root
        return {"loss": loss, "accuracy": accuracy, "levels": list(self._levels())}

    def _levels(self) -> list[dict[str, Any]]:
        last = self._last
        if last is None or self._loss is None or last.primary is None or last.complementary is None:
            return []
        leaves = self._plan.leaves
        found: list[dict[str, Any]] = [
            {"level": 0, "leaves": leaves, "primary": extraction_figures(last.primary[:leaves])}
        ]
        entropy = None if self._counts is None else draw_entropy(self._counts, self._incoming)
        for number, rows in level_rows(self._level):
            found.append(
                {
                    "level": number,
                    "vertices": len(rows),
                    "loss": self._mean(self._loss, rows),
                    "accuracy": self._mean(self._score, rows),
                    "primary": extraction_figures(last.primary[leaves + rows]),
                    "complementary": extraction_figures(last.complementary[rows]),
                    "draw_entropy": None if entropy is None else _mean_of_numbers(entropy[rows]),
                }
            )
        return found

    def _mean(self, sums: Tensor | None, rows: Tensor) -> float | None:
        return None if sums is None else float(sums[rows].mean()) / self._instances

    def _count(self, draws: Tensor) -> Tensor:
        """How often each incoming arc was drawn, float64 [arcs]. Vertices without arcs in (the root) are left out."""
        start, degrees = self._incoming[:-1], self._incoming.diff()
        arcs = (start[:, None] + draws)[degrees > 0]
        return torch.bincount(arcs.reshape(-1), minlength=int(self._incoming[-1])).double()


def spread(record: Mapping[str, Any]) -> tuple[float | None, ...]:
    """Accuracy by level of a record, lowest first."""
    return tuple(level["accuracy"] for level in record["levels"] if level["level"] > 0)


def _plus(total: Tensor | None, more: Tensor) -> Tensor:
    return more if total is None else total + more


def _mean_of_numbers(values: Tensor) -> float | None:
    kept = values[~values.isnan()]
    return float(kept.mean()) if len(kept) else None
