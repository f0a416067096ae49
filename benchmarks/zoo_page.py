"""The tables of docs/zoo.md and README.md, a function of the stored runs alone."""

import re
from collections.abc import Iterable, Sequence
from statistics import mean, median, stdev
from typing import Any

from zoo_runs import METHODS, ROOT, Entry, entries, spec_of

Row = dict[str, Any]
PAGE, README = ROOT / "docs" / "zoo.md", ROOT / "README.md"
TITLES = {
    "stochastic": "Xprop, stochastic",
    "deterministic": "Xprop, deterministic",
    "star_level": r"Xprop\*, by level",
    "star_whole": r"Xprop\*, whole",
    "backprop": "backprop",
    "plain": "plain net",
}
NOTHING = "No runs are stored. `make zoo` makes them and writes this table."


def write_tables(rows: Iterable[Row]) -> None:
    """Puts the tables between the markers of both files."""
    rows = list(rows)
    for path, tables in ((PAGE, {"scores": scores(rows), "costs": costs(rows)}), (README, {"zoo": short(rows)})):
        text = path.read_text()
        for name, table in tables.items():
            text = between(text, name, table)
        path.write_text(text)


def between(text: str, name: str, table: str) -> str:
    """The text with the table between `<!-- NAME -->` and `<!-- /NAME -->`."""
    first, last = f"<!-- {name} -->", f"<!-- /{name} -->"
    place = re.compile(f"(?<={re.escape(first)}\n).*?(?={re.escape(last)})", re.DOTALL)
    made, places = place.subn(lambda _: table + "\n", text)
    if places != 1:
        raise ValueError(f"the text has {places} places `{first}` .. `{last}`, and there must be one")
    return made


def scores(rows: Sequence[Row]) -> str:
    """Every entry by every method."""
    head = ["net", "task", "vertices", "guess", *TITLES.values()]
    lines = list[list[str]]()
    for entry, mine in by_entry(rows):
        cells = [cell(entry, mine, method) for method in METHODS]
        lines.append([linked(entry), entry.task, *size(mine), guess(entry, mine), *cells])
    return table(head, lines) + origin(rows)


def costs(rows: Sequence[Row]) -> str:
    """Parameters, and times of a step as multiples of backprop's through the same graph."""
    head = ["net", "parameters", "used to predict", "plain net", "backprop, ms"]
    head += [f"{TITLES[method]} / backprop" for method in METHODS if method != "backprop"]
    lines = list[list[str]]()
    for entry, mine in by_entry(rows):
        own = [number(mine, method, name) for method, name in (("backprop", "parameters"), ("backprop", "used"))]
        unit = step(mine, "backprop")
        times = [ratio(step(mine, method), unit) for method in METHODS if method != "backprop"]
        plain, time = number(mine, "plain", "parameters"), "" if unit is None else f"{unit:.1f}"
        lines.append([linked(entry), *own, plain, time, *times])
    return table(head, lines)


def short(rows: Sequence[Row]) -> str:
    """The table of the README."""
    named = ("stochastic", "star_whole", "backprop", "plain")
    head = ["net", "task", "Xprop", *(TITLES[method] for method in named[1:])]
    lines = [
        [f"[{e.name}](specs/{e.spec}.exn)", e.task, *(cell(e, mine, method) for method in named)]
        for e, mine in by_entry(rows)
    ]
    return table(head, lines)


def by_entry(rows: Sequence[Row]) -> list[tuple[Entry, list[Row]]]:
    """The entries that have runs, in the order of zoo.toml, with their runs by seed."""
    ordered = sorted(rows, key=lambda row: row["seed"])
    found = [(entry, [row for row in ordered if row["entry"] == entry.name]) for entry in entries()]
    return [(entry, mine) for entry, mine in found if mine]


def cell(entry: Entry, rows: Sequence[Row], method: str) -> str:
    """Mean and deviation of a sample over the seeds, such as `97.1 ± 0.3`; `same` where both modes are one."""
    mine = [row for row in rows if row["method"] == method]
    if not mine:
        return "same" if method == "deterministic" else ""
    values = [row["score"] for row in mine if "failed" not in row]
    away = f"{len(mine) - len(values)} of {len(mine)} ran away" if len(values) < len(mine) else ""
    word = "GRU" if method == "plain" and entry.plain == "gru" else ""
    return " ".join(part for part in (spread(entry, values), word, away) if part)


def spread(entry: Entry, values: Sequence[float]) -> str:
    """Mean ± deviation in the entry's own measure."""
    if not values:
        return ""
    sign, scale, digits = ("R2 ", 1.0, 3) if measures_r2(entry) else ("", 100.0, 1)
    text = f"{sign}{scale * mean(values):.{digits}f}"
    return text if len(values) < 2 else f"{text} ± {scale * stdev(values):.{digits}f}"


def measures_r2(entry: Entry) -> bool:
    """Whether the score is R2, as it is of numbers; else it is an accuracy."""
    return spec_of(entry).outputs[0].type.kind == "real"


def guess(entry: Entry, rows: Sequence[Row]) -> str:
    """The score of the most frequent answer."""
    known = [row["guess"] for row in rows if "guess" in row]
    return spread(entry, known[:1])


def size(rows: Sequence[Row]) -> list[str]:
    """The number of vertices."""
    return [next((f"{row['vertices']:,}" for row in rows if "vertices" in row), "")]


def number(rows: Sequence[Row], method: str, name: str) -> str:
    """An integer that all runs of a method have."""
    return next((f"{row[name]:,}" for row in rows if row["method"] == method and name in row), "")


def step(rows: Sequence[Row], method: str) -> float | None:
    """Milliseconds of a step, the median over the seeds."""
    times = [row["step_ms"] for row in rows if row["method"] == method and "step_ms" in row]
    return median(times) if times else None


def ratio(part: float | None, whole: float | None) -> str:
    """How many times as long."""
    return "" if part is None or whole is None else f"{part / whole:.1f}"


def linked(entry: Entry) -> str:
    """The name of the entry, leading to its spec."""
    return f"[{entry.name}](../specs/{entry.spec}.exn)"


def origin(rows: Sequence[Row]) -> str:
    """Which versions the runs were made with."""
    made = sorted({f"exnet {row['exnet']} and torch {row['torch']}" for row in rows})
    seeds = sorted({row["seed"] for row in rows})
    return f"\n\nMade with {'; '.join(made)}; seeds {', '.join(map(str, seeds))}." if rows else ""


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Markdown."""
    if not lines:
        return NOTHING
    return "\n".join("| " + " | ".join(line) + " |" for line in (head, ["---"] * len(head), *lines))
