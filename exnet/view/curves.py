"""The curves of runs as data: panels of series over epochs. All figures of the metrics are drawn, known or not."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from exnet.view.runs import History, Record, Runs, about_lines

T = TypeVar("T")
MOST_LEVELS = 24
"""Levels with a line of their own; of more, so many evenly spread ones are drawn."""
MOST_POINTS = 200
"""Points of a line; of more, so many evenly spread ones are drawn, the last among them."""
PARTS = ("validation_", "test_")
"""Figures of other parts of the data stand in one panel with those of the training part."""
_ROOT_TITLES = {
    "loss": "Loss at the root",
    "accuracy": "Accuracy at the root",
    "rate": "Learning rate",
    "turn.drift": "Drift in the last turn",
    "turn.group": "Group whose turn it is",
    "turn.number": "Number of the turn",
}
_LEVEL_TITLES = {
    "accuracy": "Accuracy by level",
    "loss": "Loss by level",
    "draw_entropy": "Entropy of the draws by level",
}
_EXTRACTION_TITLES = {"norm": "Norm", "variance": "Variance", "rank": "Effective rank"}
_NOT_DRAWN = ("seconds", "level", "vertices", "leaves")


@dataclass(frozen=True, slots=True)
class Series:
    """A line: `y` is None where there is no figure. `low` and `high`: the band between the seeds, if there are several.

    Attributes:
        name: such as `training`, `validation`, `seed 1`, `level 3`.
        level: the level that it belongs to, if it does.
        thin: whether it is one of several seeds whose mean is drawn as well.
    """

    name: str
    x: tuple[float, ...]
    y: tuple[float | None, ...]
    low: tuple[float | None, ...] | None = None
    high: tuple[float | None, ...] | None = None
    level: int | None = None
    thin: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One diagram.

    Attributes:
        title: what it shows.
        row: panels of one row belong together.
        share: its figures are shares of 1, to be written in percent.
        series: its lines.
    """

    title: str
    row: str
    share: bool
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """All diagrams of a picture.

    Attributes:
        title: of the picture. about: lines below it.
        seeds: how many runs it shows.
        epochs: the first and the last place on the axis of epochs.
        levels: the levels that have lines, lowest first. all_levels: how many there are.
    """

    title: str
    about: tuple[str, ...]
    seeds: int
    epochs: tuple[float, float]
    levels: tuple[int, ...]
    all_levels: int
    panels: tuple[Panel, ...]


def curves(runs: Runs) -> Curves:
    """The diagrams of the runs of a folder."""
    records = [record for history in runs.histories for record in history.records]
    histories = thinned(runs.histories)
    every = sorted({level for record in records for level in record.levels})
    levels = evenly(every, MOST_LEVELS)
    panels = (*_root_panels(histories, records), *_level_panels(histories, records, levels))
    spec = runs.about.get("spec")
    return Curves(
        title=f"{spec}: {runs.name}" if isinstance(spec, str) else runs.name,
        about=tuple(about_lines(runs)),
        seeds=len(runs.histories),
        epochs=(min(record.at for record in records), max(record.at for record in records)),
        levels=tuple(levels),
        all_levels=len(every),
        panels=tuple(panel for panel in panels if panel.series),
    )


def thinned(histories: Sequence[History]) -> list[History]:
    """The same places of all runs, so that they have a mean, and the last of each."""
    kept = set(evenly(sorted({record.at for history in histories for record in history.records}), MOST_POINTS))
    return [
        replace(history, records=tuple(r for r in history.records if r.at in kept or r is history.records[-1]))
        for history in histories
    ]


def evenly(items: Sequence[T], most: int) -> list[T]:
    """At most so many of the items, evenly spread, the first and the last among them."""
    if len(items) <= most:
        return list(items)
    return [items[round(at * (len(items) - 1) / (most - 1))] for at in range(most)]


# Figures of the whole net


def _root_panels(histories: Sequence[History], records: Sequence[Record]) -> Iterable[Panel]:
    names = _named(record.root for record in records)
    bases = dict.fromkeys(_base(name) for name in names)
    for base in sorted(bases, key=lambda base: _order(base, ("loss", "accuracy", *_others(bases), "rate"))):
        series = list[Series]()
        for name in (base, *(part + base for part in PARTS)):
            if name in names:
                series += _over_seeds(histories, _part(name), lambda record, name=name: record.root.get(name))
        yield Panel(_ROOT_TITLES.get(base, _words(base)), "root", base == "accuracy", tuple(series))


def _base(name: str) -> str:
    return next((name.removeprefix(part) for part in PARTS if name.startswith(part)), name)


def _part(name: str) -> str:
    return next((part.rstrip("_") for part in PARTS if name.startswith(part)), "training")


def _others(names: Iterable[str]) -> list[str]:
    return sorted(set(names) - {"loss", "accuracy", "rate"})


def _order(name: str, known: Sequence[str]) -> tuple[int, str]:
    return (known.index(name) if name in known else len(known), name)


def _named(figures: Iterable[object]) -> list[str]:
    """Names under which there is a figure somewhere."""
    found = dict[str, None]()
    for each in figures:
        assert isinstance(each, dict)
        found |= {name: None for name, value in each.items() if value is not None and name not in _NOT_DRAWN}
    return list(found)


def _words(name: str) -> str:
    text = name.replace("_", " ").replace(".", " ")
    return text[:1].upper() + text[1:]


Figure = Callable[[Record], float | None]


def _over_seeds(histories: Sequence[History], name: str, figure: Figure) -> list[Series]:
    """One line; or with several seeds a thin one for each, and their mean where all of them have a figure."""
    lines = [_series(history, name, figure) for history in histories]
    if len(histories) == 1:
        return list(filter(_has_figures, lines))
    thin = [
        Series(f"{name}, {history.name}", line.x, line.y, thin=True)
        for history, line in zip(histories, lines, strict=True)
        if _has_figures(line)
    ]
    return [*thin, *filter(_has_figures, (_mean(name, thin),))] if len(thin) > 1 else thin


def _has_figures(line: Series) -> bool:
    return any(value is not None for value in line.y)


def _series(history: History, name: str, figure: Figure) -> Series:
    return Series(name, tuple(r.at for r in history.records), tuple(figure(r) for r in history.records))


def _mean(name: str, lines: Sequence[Series], level: int | None = None) -> Series:
    """Mean, least and largest over lines, at the places that all of them have."""
    tables = [dict(zip(line.x, line.y, strict=True)) for line in lines]
    places = sorted(set.intersection(*(set(table) for table in tables)))
    columns = [[table[x] for table in tables] for x in places]
    whole = [[v for v in column if v is not None] for column in columns]
    full = [column if len(column) == len(tables) else [] for column in whole]
    return Series(
        f"{name}, mean of {len(lines)} seeds",
        tuple(places),
        tuple(sum(column) / len(column) if column else None for column in full),
        tuple(min(column) if column else None for column in full),
        tuple(max(column) if column else None for column in full),
        level,
    )


# Figures of levels


def _level_panels(histories: Sequence[History], records: Sequence[Record], levels: Sequence[int]) -> Iterable[Panel]:
    names = _named(figures for record in records for figures in record.levels.values())
    plain = sorted((n for n in names if "." not in n), key=lambda n: _order(n, ("accuracy", "loss")))
    for name in plain:
        yield _level_panel(histories, levels, name, _LEVEL_TITLES.get(name, f"{_words(name)} by level"), "levels")
    for group in sorted({name.partition(".")[0] for name in names if "." in name}, reverse=True):
        inner = [name.partition(".")[2] for name in names if name.startswith(f"{group}.")]
        for figure in sorted(inner, key=lambda n: _order(n, tuple(_EXTRACTION_TITLES))):
            title = f"{_EXTRACTION_TITLES.get(figure, _words(figure))} of {group} extractions"
            below = levels[:-1] if group == "complementary" else levels  # that of the root is the constant 0
            yield _level_panel(histories, below, f"{group}.{figure}", title, group)


def _level_panel(histories: Sequence[History], levels: Sequence[int], name: str, title: str, row: str) -> Panel:
    found = list[Series]()
    for level in levels:

        def figure(record: Record, level: int = level) -> float | None:
            return record.levels.get(level, {}).get(name)

        lines = [_series(history, f"level {level}", figure) for history in histories]
        lines = list(filter(_has_figures, lines))
        line = lines[0] if len(lines) == 1 else _mean(f"level {level}", lines, level) if lines else None
        if line is not None and _has_figures(line):
            found.append(Series(line.name, line.x, line.y, level=level))
    return Panel(title, row, name == "accuracy", tuple(found))
