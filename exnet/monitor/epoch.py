"""One epoch in figures: what a line of metrics.jsonl holds."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from exnet.learn.report import StepReport
from exnet.monitor.statistics import draw_entropy, extraction_figures, level_rows
from exnet.plan.model import Plan


class EpochMeter:
    """Gathers the reports of one epoch. Losses and scores are means over the instances that a vertex was computed for;
    extractions those of the last batch; the entropy of draws counts all of them.
    """

    def __init__(self, plan: Plan, device: torch.device) -> None:
        self._plan = plan
        self._level = torch.as_tensor(plan.level, dtype=torch.int64, device=device)
        self._incoming = torch.as_tensor(plan.arcs.incoming_ptr, dtype=torch.int64, device=device)
        self._sums = dict[str, Tensor]()
        self._last: StepReport | None = None

    def add(self, report: StepReport) -> None:
        """Counts one step."""
        self._gather("loss", report.rows, report.loss.double() * report.batch)
        self._gather("seen", report.rows, torch.full_like(report.loss, report.batch, dtype=torch.float64))
        if report.score is not None:
            self._gather("score", report.rows, report.score.double() * report.batch)
        if report.draws is not None:
            counts = self._count(report.draws)
            self._sums["draws"] = counts if "draws" not in self._sums else self._sums["draws"] + counts
        self._last = report

    def state(self) -> dict[str, Tensor]:
        """The sums so far."""
        return dict(self._sums)

    def restore(self, sums: Mapping[str, Tensor]) -> None:
        """Goes on from the sums of an epoch that is not done."""
        self._sums = {name: value.to(self._level.device) for name, value in sums.items()}

    @property
    def last(self) -> StepReport | None:
        """The last step that was counted."""
        return self._last

    def with_sums(self, sums: Mapping[str, Tensor], last: StepReport | None) -> "EpochMeter":
        """A meter of the same plan with these sums and this last step: those of several processes, say."""
        made = EpochMeter(self._plan, self._level.device)
        made._sums, made._last = dict(sums), last
        return made

    @property
    def root(self) -> tuple[float | None, float | None]:
        """Mean loss and score at the root so far; None where it was not computed."""
        return self._at_root("loss"), self._at_root("score")

    def finish(self) -> dict[str, Any]:
        """`loss` and `accuracy` at the root, and `levels`, the leaves first as level 0."""
        loss, accuracy = self.root
        return {"loss": loss, "accuracy": accuracy, "levels": list(self._levels())}

    def _levels(self) -> list[dict[str, Any]]:
        last = self._last
        if last is None or last.primary is None or last.complementary is None:
            return []
        leaves = self._plan.leaves
        found: list[dict[str, Any]] = [
            {"level": 0, "leaves": leaves, "primary": extraction_figures(last.primary[:leaves])}
        ]
        entropy = draw_entropy(self._sums["draws"], self._incoming) if "draws" in self._sums else None
        for number, rows in level_rows(self._level):
            found.append(
                {
                    "level": number,
                    "vertices": len(rows),
                    "loss": self._mean("loss", rows),
                    "accuracy": self._mean("score", rows),
                    "primary": extraction_figures(last.primary[leaves + rows]),
                    "complementary": extraction_figures(last.complementary[rows]),
                    "draw_entropy": None if entropy is None else _mean_of_numbers(entropy[rows]),
                }
            )
        return found

    def _gather(self, name: str, rows: slice | Tensor, values: Tensor) -> None:
        if name not in self._sums:
            self._sums[name] = torch.zeros(self._plan.vertices, dtype=torch.float64, device=values.device)
        self._sums[name][rows] += values

    def _at_root(self, name: str) -> float | None:
        if name not in self._sums:
            return None
        seen = float(self._sums["seen"][self._plan.root])
        return float(self._sums[name][self._plan.root]) / seen if seen else None

    def _mean(self, name: str, rows: Tensor) -> float | None:
        """Mean over vertices of the means over their instances; None if no vertex has any."""
        if name not in self._sums:
            return None
        means = self._sums[name][rows] / self._sums["seen"][rows]
        return _mean_of_numbers(means)

    def _count(self, draws: Tensor) -> Tensor:
        """How often each incoming arc was drawn, float64 [arcs]. Vertices without arcs in (the root) are left out."""
        start, degrees = self._incoming[:-1], self._incoming.diff()
        arcs = (start[:, None] + draws)[degrees > 0]
        return torch.bincount(arcs.reshape(-1), minlength=int(self._incoming[-1])).double()


def spread(record: Mapping[str, Any]) -> tuple[float | None, ...]:
    """Accuracy by level of a record, lowest first."""
    return tuple(level["accuracy"] for level in record["levels"] if level["level"] > 0)


def _mean_of_numbers(values: Tensor) -> float | None:
    kept = values[~values.isnan()]
    return float(kept.mean()) if len(kept) else None
