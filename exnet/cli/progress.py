"""How training goes, on standard error: one line that is redrawn on a terminal, one line for each epoch elsewhere."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from exnet.cli.common import log

REDRAW = 0.1
"""Seconds between two drawings."""
SHOWN = 6
"""Levels whose accuracy is shown: evenly spread, the lowest and the highest among them."""


class Line:
    """Draws progress. `label` stands before every line, such as `seed 0`."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._live = sys.stderr.isatty()
        self._drawn = 0.0
        self._levels = ""

    def stepped(self, step: int, steps: int, epoch: int, epochs: int, figures: str, seconds: float) -> None:
        """Redraws the live line, at most ten times a second."""
        now = monotonic()
        if not self._live or (now - self._drawn < REDRAW and step < steps):
            return
        self._drawn = now
        left = clock(seconds / step * (steps - step))
        self._draw(f"{self._label}  epoch {epoch}/{epochs}  step {step}/{steps}  {figures}{self._levels}  {left} left")

    def epoch_ended(self, record: Mapping[str, Any], steps: int, epochs: int) -> None:
        """A line of its own where nothing can be redrawn; on a terminal only the levels are taken over."""
        self._levels = by_level(record["levels"])
        if self._live:
            return
        left = clock(record["seconds"] / record["step"] * (steps - record["step"]))
        told = figures(record["loss"], record["accuracy"]) + held_back(record)
        log(f"{self._label}  epoch {record['epoch']}/{epochs}  {told}{self._levels}  {left} left\n")

    def said(self, remark: str) -> None:
        """A remark on a line of its own."""
        self.close()
        log(f"{self._label}  {remark}\n")

    def close(self) -> None:
        """Removes the live line."""
        if self._live and self._drawn:
            log("\r\x1b[K")

    def _draw(self, text: str) -> None:
        width = shutil.get_terminal_size().columns - 1
        log("\r\x1b[K" + text[:width])


def figures(loss: float | None, accuracy: float | None) -> str:
    """Loss and accuracy at the root."""
    told = "loss -" if loss is None else f"loss {loss:.4f}"
    return told if accuracy is None else f"{told}  root {percent(accuracy)}"


def held_back(record: Mapping[str, Any]) -> str:
    """Figures of the validation part, if there is one."""
    if "validation_loss" not in record:
        return ""
    return "  validation " + figures(record["validation_loss"], record["validation_accuracy"]).replace("root ", "")


def by_level(levels: Sequence[Mapping[str, Any]]) -> str:
    """Accuracies of some levels, lowest first."""
    given = [level for level in levels if level.get("accuracy") is not None]
    if not given:
        return ""
    count = min(SHOWN, len(given))
    chosen = [given[i * (len(given) - 1) // max(1, count - 1)] for i in range(count)]
    return "  levels " + " ".join(f"{level['level']}:{100 * level['accuracy']:.0f}" for level in chosen)


def percent(share: float) -> str:
    """0.9634 as `96.3 %`."""
    return f"{100 * share:.1f} %"


def clock(seconds: float) -> str:
    """75 as `1:15`."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def aligned(rows: Sequence[Sequence[str]], left: int) -> str:
    """A table as text, its columns set right but for the one with number `left`."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    left %= len(widths)
    lines = (
        [cell.ljust(w) if i == left else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))]
        for row in rows
    )
    return "".join("  ".join(line).rstrip() + "\n" for line in lines)
