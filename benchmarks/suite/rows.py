"""Rows of the table: what was measured, what was asked for, whether it was met. Anybody may add rows of their own."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from suite.measuring import Figure

SLACK = 0.05
"""A target counts as met when the median is within this part of it."""
HEAD = ("workload", "measured", "figure", "spread", "must", "goal", "met")
SIGNS = {"least": "≥", "most": "≤"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line.

    Attributes:
        workload: such as `W1`, or `compile`.
        name: what is measured; with the workload it says which row this is.
        figure: the median; None if it could not be measured, `detail` says why.
        spread: lowest and highest round, if there were several.
        unit: after the figure: `x` for a ratio, `%` for a part, `ms`, ..
        must, goal: targets; None for what is only reported.
        target: whether the figure must be at `least` or at `most` that.
        exact: no slack (checks, counts).
        detail: the absolute figures behind it, or why it is not met.
    """

    workload: str
    name: str
    figure: float | None
    spread: tuple[float, float] | None = None
    unit: str = "x"
    must: float | None = None
    goal: float | None = None
    target: str = "least"
    exact: bool = False
    detail: str = ""

    @property
    def met(self) -> str:
        """`goal`, `must`, `no`, or nothing where nothing was asked for."""
        if self._reaches(self.goal):
            return "goal"
        if self._reaches(self.must):
            return "must"
        return "" if self.must is None and self.goal is None else "no"

    def _reaches(self, wanted: float | None) -> bool:
        if wanted is None or self.figure is None:
            return False
        slack = 0.0 if self.exact else SLACK
        return self.figure >= wanted * (1 - slack) if self.target == "least" else self.figure <= wanted * (1 + slack)

    @property
    def cells(self) -> list[str]:
        """As the table has them."""
        sign = SIGNS[self.target]
        asked = ["" if wanted is None else f"{sign} {self._text(wanted)}" for wanted in (self.must, self.goal)]
        spread = "" if self.spread is None else " to ".join(map(self._text, self.spread))
        figure = "not measured" if self.figure is None else self._text(self.figure)
        return [self.workload, self.name, figure, spread, *asked, self.met]

    def _text(self, value: float) -> str:
        if self.unit == "%":
            return f"{100 * value:.0f} %" if value >= 0.1 else f"{100 * value:.1f} %"
        if self.unit == "x":
            return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
        return f"{value:.3g} {self.unit}".strip()


def row(workload: str, name: str, figure: Figure, **more: Any) -> Row:
    """A row of a measured figure."""
    return Row(workload, name, figure.value, (figure.low, figure.high), **more)


def markdown(rows: Iterable[Row]) -> str:
    """The table."""
    lines = [HEAD, ["---"] * len(HEAD), *(row.cells for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def summary(rows: Sequence[Row]) -> str:
    """How many targets were met, checks apart: those are no achievement."""
    asked = [row for row in rows if row.must is not None and not row.exact]
    there = [row for row in asked if row.figure is not None]
    met = [row for row in there if row.met in ("must", "goal")]
    checks = [row for row in rows if row.exact]
    agreed = [row for row in checks if row.met == "must"]
    parts = [f"{len(met)} of {len(there)} musts met"]
    parts += [f"{len(asked) - len(there)} not measured"] if len(asked) > len(there) else []
    parts += [f"{len(agreed)} of {len(checks)} checks of gradients hold"] if checks else []
    return f"{', '.join(parts)}."


def missed(rows: Iterable[Row]) -> list[str]:
    """The measured rows whose must was not met."""
    return [f"{row.workload} {row.name}" for row in rows if row.must and row.met == "no" and row.figure is not None]


def store(path: Path, rows: Iterable[Row], about: Mapping[str, Any] | None = None) -> None:
    """Writes rows to a JSON file. Rows of like workload and name are replaced where they stand, others follow."""
    old_rows, old = load(path)
    kept = {(row.workload, row.name): row for row in [*old_rows, *rows]}
    made = {"about": {**old, **(about or {})}, "rows": [asdict(row) for row in kept.values()]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")


def load(path: Path) -> tuple[list[Row], dict[str, Any]]:
    """The stored rows, and what is said about how they were made."""
    if not path.exists():
        return [], {}
    found = json.loads(path.read_text())
    return [_read(**row) for row in found["rows"]], found["about"]


def _read(*, spread: list[float] | None, **rest: Any) -> Row:
    return Row(**rest, spread=None if spread is None else (spread[0], spread[1]))


def written(text: str, name: str, table: str) -> str:
    """The text with the table between `<!-- NAME -->` and `<!-- /NAME -->`.

    Raises:
        ValueError: there is no such place, or several.
    """
    first, last = f"<!-- {name} -->", f"<!-- /{name} -->"
    made, places = re.subn(f"(?<={first}\n).*?(?={last})", lambda _: table + "\n", text, flags=re.DOTALL)
    if places != 1:
        raise ValueError(f"the text has {places} places `{first}` .. `{last}`, and there must be one")
    return made


EXPECTED = (
    Row("chain", "eager / compiled blocks, both passes", None, must=2.0, goal=4.0),
    Row("memory", "saved bytes, chunked Xprop / fair backprop, T = 1,024", None, must=0.7, goal=0.45, target="most"),
)
"""Targets whose figures other benchmarks store, by these names; the table says so as long as they are not there.

What compiling costs, and several processes, have pages of their own.
"""
