"""The figures of a run, read from its folder: run.json and metrics.jsonl, or those of the seeds below it."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from exnet.source import Diagnostic, Outcome, Source, Span
from exnet.source.reading import LARGEST_FILE
from exnet.view.rules import DAMAGED_METRICS, DAMAGED_RUN, NO_FIGURES, NO_RUN

RUN, METRICS = "run.json", "metrics.jsonl"
LONGEST_LINE = LARGEST_FILE
"""Characters of a line of metrics; one that is longer is damaged."""
LARGEST, SMALLEST = 1e300, 1e-300
"""Sizes of the figures that are drawn; what is larger counts as not finite, what is smaller as 0."""
_SEED = re.compile(r"seed-(\d+)")

Figures = Mapping[str, float | None]
"""Named figures; None where there is none, or where it is not finite."""


@dataclass(frozen=True, slots=True)
class Record:
    """One line of metrics.

    Attributes:
        at: epochs done, with a fraction where a run was stopped inside one.
        root: figures of the whole net: `loss`, `accuracy`, `rate`, ..
        levels: for each level its figures: `loss`, `accuracy`, `primary.norm`, ..
    """

    at: float
    root: Figures
    levels: Mapping[int, Figures]


@dataclass(frozen=True, slots=True)
class History:
    """One run: what it is called, what its run.json says, and its records in order."""

    name: str
    about: Mapping[str, Any]
    records: tuple[Record, ...]


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of a folder: one, or one for each seed. `about`: the run.json of the folder itself."""

    name: str
    about: Mapping[str, Any]
    histories: tuple[History, ...]


def is_run(folder: Path) -> bool:
    """Whether `exnet train` wrote a folder."""
    return (folder / METRICS).is_file() or (folder / RUN).is_file() or any(True for _ in _seeds(folder))


def read_runs(folder: Path) -> Outcome[Runs]:
    """All runs of a folder that have figures. Damaged lines are left out with a warning.

    The diagnostics are EXN770 to EXN773.
    """
    if not is_run(folder):
        way_out = "name a folder that `exnet train` or `exnet compile -o` wrote"
        return Outcome(None, (NO_RUN.at(None, f"there is nothing to draw in `{folder}`", help=way_out),))
    said = list[Diagnostic]()
    about = _about(folder, said)
    folders = [path for _, path in sorted(_seeds(folder))] or [folder]
    histories = list[History]()
    for path in folders:
        own = about if path == folder else _about(path, said)
        records = _records(path / METRICS, said)
        if records:
            histories.append(History(_title(path, own), own, records))
    if not histories:
        way_out = "a line is written after each epoch; wait for the first one, or train again"
        return Outcome(None, (*said, NO_FIGURES.at(None, f"there are no figures in `{folder}` yet", help=way_out)))
    return Outcome(Runs(folder.resolve().name, about or histories[0].about, tuple(histories)), tuple(said))


def _seeds(folder: Path) -> Iterator[tuple[int, Path]]:
    """The folders of single seeds that hold a run, with their numbers."""
    try:
        inside = list(folder.iterdir())
    except OSError:
        return
    for path in inside:
        match = _SEED.fullmatch(path.name)
        if match and ((path / METRICS).is_file() or (path / RUN).is_file()):
            yield int(match[1]), path


def _title(folder: Path, about: Mapping[str, Any]) -> str:
    seed = about.get("seed")
    return f"seed {seed}" if isinstance(seed, int) else folder.name.replace("-", " ")


def _about(folder: Path, said: list[Diagnostic]) -> Mapping[str, Any]:
    """What run.json says; nothing if there is none."""
    path = folder / RUN
    if not path.is_file():
        return {}
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        value = None
    if isinstance(value, dict):
        return value
    said.append(DAMAGED_RUN.at(None, f"`{path}` cannot be read as a JSON object", help="the curves do not need it"))
    return {}


def _records(path: Path, said: list[Diagnostic]) -> tuple[Record, ...]:
    """The records of a file. A line that repeats or goes back in steps takes the place of those from there on."""
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ()
    source = Source(str(path), text)
    lines = list[_Line]()
    start = 0
    for line in text.split("\n"):
        if line.strip():
            value = _parsed(line)
            if value is None:
                said.append(_damaged(Span(source, start, start + len(line))))
            else:
                while lines and lines[-1].step >= value.step:
                    lines.pop()
                lines.append(value)
        start += len(line) + 1
    kept = [line for line in lines[:-1] if not line.unfinished] + lines[-1:]
    length = next((line.step / line.epoch for line in kept if not line.unfinished and line.epoch), 0.0)
    return tuple(_record(line, length) for line in kept)


def _damaged(span: Span) -> Diagnostic:
    message = "this line is no record of an epoch, so it is left out"
    return DAMAGED_METRICS.at(span, message, help="the other lines are drawn; delete this one to silence the warning")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line as it stands: its epoch and step, whether the epoch was cut short, and all of it."""

    epoch: int
    step: int
    unfinished: bool
    value: Mapping[str, Any] = field(repr=False)


def _parsed(line: str) -> _Line | None:
    """A line with the number of its epoch, and levels that are objects with numbers; None if it is not that."""
    if len(line) > LONGEST_LINE:
        return None
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not _is_count(value.get("epoch")):
        return None
    levels = value.get("levels", [])
    if not isinstance(levels, list) or not all(isinstance(v, dict) and _is_count(v.get("level")) for v in levels):
        return None
    epoch, step = int(value["epoch"]), value.get("step")
    return _Line(epoch, int(step) if _is_count(step) else epoch, bool(value.get("unfinished")), value)


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _record(line: _Line, length: float) -> Record:
    """A record; `length` is the number of steps of an epoch, 0 if unknown."""
    at = line.step / length if line.unfinished and length else line.epoch + 0.5 * line.unfinished
    root = {name: value for name, value in _figures(line.value) if name not in ("epoch", "step")}
    levels = {level["level"]: dict(_figures(level)) for level in line.value.get("levels", [])}
    return Record(float(at), root, levels)


def _figures(value: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, float | None]]:
    """Named numbers; those of an object inside have its name and a point before theirs."""
    for name, figure in value.items():
        if isinstance(figure, dict) and not prefix:
            yield from _figures(figure, f"{name}.")
        elif figure is None:
            yield prefix + name, None
        elif isinstance(figure, int | float) and not isinstance(figure, bool):
            yield prefix + name, _finite(figure)


def _finite(figure: float) -> float | None:
    if not -LARGEST < figure < LARGEST:
        return None
    return float(figure) if abs(figure) > SMALLEST else 0.0


def about_lines(runs: Runs) -> Sequence[str]:
    """What a picture says above its curves: rule and data, how the runs ended."""
    about = runs.about
    rule = about.get("rule")
    parts = [_rule_text(rule)] if isinstance(rule, dict) else []
    if isinstance(about.get("data"), str):
        parts.append(f"data {about['data']}")
    if isinstance(about.get("dtype"), str):
        parts.append(about["dtype"])
    lines = [", ".join(parts)] if parts else []
    ends = [_end_text(history) for history in runs.histories]
    shown = ends[:3] + ([f"{len(ends) - 3} more"] if len(ends) > 3 else [])
    return [*lines, "; ".join(filter(None, shown))]


def _rule_text(rule: Mapping[str, Any]) -> str:
    parts = [str(rule.get("kind", "?"))]
    optimiser, schedule = rule.get("optimiser"), rule.get("schedule")
    if isinstance(optimiser, dict):
        parts.append(f"{optimiser.get('kind', '')} {optimiser.get('lr', '')}".strip())
    if isinstance(schedule, dict):
        parts.append(str(schedule.get("kind", "")))
    if "batch" in rule:
        parts.append(f"batch {rule['batch']}")
    return ", ".join(filter(None, parts))


def _end_text(history: History) -> str:
    """`seed 0 finished, test loss 0.46, accuracy 89.4 %`."""
    about = history.about
    parts = [f"{history.name} {about['status']}" if isinstance(about.get("status"), str) else history.name]
    test = about.get("test")
    if isinstance(test, dict):
        loss, accuracy = (_number(test.get(name)) for name in ("loss", "accuracy"))
        parts += [] if loss is None else [f"test loss {loss:.4g}"]
        parts += [] if accuracy is None else [f"accuracy {100 * accuracy:.1f} %"]
    return ", ".join(parts)


def _number(value: object) -> float | None:
    return _finite(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
