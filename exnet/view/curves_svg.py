"""Curves as SVG: the figures of the whole net first, then a diagram for each figure by level, from leaves to root."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from exnet.view.axes import Axis, axis, epochs
from exnet.view.captions import clipped, counted
from exnet.view.curves import Curves, Panel, Series
from exnet.view.fonts import text_width
from exnet.view.style import STYLE, ramp_colour, series_colour
from exnet.view.svg import document, element, number, plain, words

MARGIN, COLUMNS = 24.0, 3
WIDTH, HEIGHT = 350.0, 226.0
"""Of a panel with its title and the numbers of its axes."""
LEFT, RIGHT, TOP, BOTTOM = 58.0, 14.0, 44.0, 34.0
"""From the edges of a panel to its axes."""
MOST_SWATCHES = 8
"""Levels that the legend names one by one; beyond, it is a band of colours."""


def curves_svg(picture: Curves) -> str:
    """A self-contained SVG document."""
    inner = COLUMNS * WIDTH
    body, y = _head(picture, inner)
    y += 22
    for levels, group in groupby(picture.panels, key=lambda panel: panel.row != "root"):
        if levels:
            body += [element("g", _legend(picture), transform=f"translate({number(MARGIN)} {number(y)})")]
            y += 34
        for _, row in groupby(group, key=lambda panel: panel.row):
            panels = list(row)
            for at, panel in enumerate(panels):
                x = MARGIN + WIDTH * (at % COLUMNS)
                top = y + HEIGHT * (at // COLUMNS)
                drawn = "\n" + "\n".join(_panel(picture, panel)) + "\n"
                body.append(element("g", drawn, transform=f"translate({number(x)} {number(top)})"))
            y += HEIGHT * -(-len(panels) // COLUMNS)
    runs = counted(picture.seeds, "run", "runs")
    about = f"Curves over {picture.epochs[1]:g} epochs of {runs}. {'. '.join(picture.about)}"
    return document(inner + 2 * MARGIN, y + MARGIN / 2, f"{picture.title}: curves", about, STYLE, body)


def _head(picture: Curves, inner: float) -> tuple[list[str], float]:
    y = MARGIN + 16
    found = [words(MARGIN, y, clipped(picture.title, 90), "xn-head xn-text")]
    for line in picture.about:
        if line:
            y += 19
            fitting = int(len(line) * min(1.0, inner / text_width(line, 12)))
            found.append(words(MARGIN, y, clipped(line, max(fitting, 10)), "xn-muted"))
    return found, y


# Legends


def _legend(picture: Curves) -> list[str]:
    """Which colour is which level."""
    found, x = [words(0, 20, "By level", "xn-name xn-text")], 86.0
    if len(picture.levels) <= MOST_SWATCHES:
        for level in picture.levels:
            name = _level_name(picture, level)
            found.append(element("path", d=f"M{number(x)} 15h18", class_="xn-line", stroke=_colour(picture, level)))
            found.append(words(x + 23, 19, name, "xn-small xn-text"))
            x += 23 + text_width(name, 11) + 16
        return found
    names = [_level_name(picture, level) for level in (picture.levels[0], picture.levels[-1])]
    found.append(words(x, 19, names[0], "xn-small xn-text"))
    x += text_width(names[0], 11) + 8
    for at in range(40):
        found.append(element("rect", x=x + 4 * at, y=10, width=4.2, height=10, fill=ramp_colour(at / 39)))
    note = (
        ""
        if len(picture.levels) == picture.all_levels
        else f" ({len(picture.levels)} of {picture.all_levels:,} levels)"
    )
    found.append(words(x + 168, 19, names[1] + note, "xn-small xn-text"))
    return found


def _level_name(picture: Curves, level: int) -> str:
    if level == 0:
        return "leaves"
    return f"level {level} (root)" if level == picture.levels[-1] else f"level {level}"


def _colour(picture: Curves, level: int) -> str:
    low, high = picture.levels[0], picture.levels[-1]
    return ramp_colour((level - low) / (high - low) if high > low else 0.0)


# Panels


def _panel(picture: Curves, panel: Panel) -> Iterator[str]:
    x_axis = epochs(*picture.epochs)
    figures = [v for s in panel.series for line in (s.y, s.low or (), s.high or ()) for v in line if v is not None]
    y_axis = axis(figures, share=panel.share, zero=panel.row not in ("root", "levels"))
    yield words(0, 14, panel.title, "xn-text xn-panel")
    yield from _key(panel, picture.seeds)
    yield from _frame(x_axis, y_axis)
    for series in _thin_first(panel.series):
        colour = _series_colour(picture, panel, series)
        yield from _line(series, colour, x_axis, y_axis)


def _thin_first(series: Sequence[Series]) -> list[Series]:
    return sorted(series, key=lambda s: not s.thin)


def _series_colour(picture: Curves, panel: Panel, series: Series) -> str:
    if series.level is not None:
        return _colour(picture, series.level)
    return series_colour(_kinds(panel).index(_kind(series)))


def _kind(series: Series) -> str:
    return series.name.partition(",")[0]


def _kinds(panel: Panel) -> list[str]:
    """`training`, `validation`, ..: what has a colour of its own in a panel without levels."""
    return list(dict.fromkeys(_kind(series) for series in panel.series if series.level is None))


def _key(panel: Panel, seeds: int) -> Iterator[str]:
    """The legend of a panel that has several kinds of line, or a mean."""
    kinds = _kinds(panel)
    has_mean = any(series.low is not None and series.level is None for series in panel.series)
    note = f"mean and range of {seeds} seeds" if has_mean else ""
    if len(kinds) < 2 and not note:
        return
    x = 0.0
    for at, kind in enumerate(kinds):
        name = f"{kind}, {note}" if len(kinds) == 1 and note else kind
        yield element("path", d=f"M{number(x)} 28h16", class_="xn-line", stroke=series_colour(at))
        yield words(x + 20, 32, name, "xn-small xn-muted")
        x += 20 + text_width(name, 11) + 12
    if note and len(kinds) > 1:
        yield words(x, 32, note, "xn-small xn-muted")


def _frame(x_axis: Axis, y_axis: Axis) -> Iterator[str]:
    """Grid, ticks and axes."""
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    for value, text in y_axis.ticks:
        y = _y(y_axis, value)
        yield element("path", d=f"M{number(LEFT)} {number(y)}H{number(right)}", class_="xn-grid")
        yield words(LEFT - 7, y + 4, text, "xn-small xn-muted", "end")
    for value, text in x_axis.ticks:
        x = _x(x_axis, value)
        yield element("path", d=f"M{number(x)} {number(bottom)}v4", class_="xn-axis")
        yield words(x, bottom + 16, text, "xn-small xn-muted", "middle")
    yield words(right, bottom + 29, "epochs", "xn-small xn-muted", "end")
    yield element("path", d=f"M{number(LEFT)} {number(TOP)}V{number(bottom)}H{number(right)}", class_="xn-axis")


def _x(x_axis: Axis, value: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * x_axis.share(value)


def _y(y_axis: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * y_axis.share(value)


def _line(series: Series, colour: str, x_axis: Axis, y_axis: Axis) -> Iterator[str]:
    """A line with gaps where there is no figure; a figure between two gaps is a dot."""
    parts, dots = list[str](), list[tuple[float, float]]()
    for run in _unbroken(series.x, series.y):
        places = [(_x(x_axis, x), _y(y_axis, y)) for x, y in run]
        if len(places) == 1:
            dots += places
        else:
            parts.append("M" + "L".join(f"{number(x)} {number(y)}" for x, y in places))
    if series.low is not None and series.high is not None:
        yield from _band(series.x, series.low, series.high, colour, x_axis, y_axis)
    title = element("title", plain(_said(series)))
    kind = "xn-line xn-thin" if series.thin else "xn-line"
    if parts:
        yield element("path", title, d="".join(parts), class_=kind, stroke=colour)
    radius = 2.2 if series.thin else 3.2
    for x, y in dots:
        yield element("circle", title, cx=x, cy=y, r=radius, fill=colour)


def _unbroken(x: Sequence[float], y: Sequence[float | None]) -> Iterator[list[tuple[float, float]]]:
    """The runs of figures without a gap."""
    run = list[tuple[float, float]]()
    for at, value in zip(x, y, strict=True):
        if value is not None:
            run.append((at, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _band(
    x: Sequence[float],
    low: Sequence[float | None],
    high: Sequence[float | None],
    colour: str,
    x_axis: Axis,
    y_axis: Axis,
) -> Iterator[str]:
    for lower, upper in zip(_unbroken(x, low), _unbroken(x, high), strict=True):
        places = [(_x(x_axis, a), _y(y_axis, b)) for a, b in (*upper, *reversed(lower))]
        d = "M" + "L".join(f"{number(a)} {number(b)}" for a, b in places) + "Z"
        yield element("path", d=d, class_="xn-band", fill=colour)


def _said(series: Series) -> str:
    """The tooltip: name, last figure, range."""
    found = [value for value in series.y if value is not None]
    return f"{series.name}: {found[-1]:.4g} at the end, between {min(found):.4g} and {max(found):.4g}"
