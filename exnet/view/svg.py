"""SVG as text: elements, numbers, paths and the document around them. What it writes is the same on every machine."""

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

from exnet.view.layers import Station

FORBIDDEN = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)), "\ufffd")
"""Characters that XML cannot hold, whatever the escape."""


def number(value: float) -> str:
    """A coordinate with at most one decimal: `12`, `3.5`."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def plain(text: str) -> str:
    """A text as the content of an element."""
    return escape(text.translate(FORBIDDEN))


def element(tag: str, content: str | Iterable[str] | None = None, **attributes: float | str | None) -> str:
    """An element; `content` is markup. Attributes: `class_` is `class`, `_` is `-`, and None leaves one out."""
    text = "".join(
        f" {name.rstrip('_').replace('_', '-')}={quoteattr(_value(value))}"
        for name, value in attributes.items()
        if value is not None
    )
    if content is None:
        return f"<{tag}{text}/>"
    inside = content if isinstance(content, str) else "".join(content)
    return f"<{tag}{text}>{inside}</{tag}>"


def _value(value: float | str) -> str:
    return value.translate(FORBIDDEN) if isinstance(value, str) else number(value)


def words(x: float, y: float, text: str, class_: str, anchor: str | None = None) -> str:
    """One line of text with its baseline at y. `anchor`: `middle`, `end`."""
    return element("text", plain(text), x=x, y=y, class_=class_, text_anchor=anchor)


def document(width: float, height: float, title: str, about: str, style: str, body: Iterable[str]) -> str:
    """A picture that stands alone: one line for each element of `body`."""
    w, h = number(width), number(height)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{w}" height="{h}" viewBox="0 0 {w} {h}">'
    lines = [head, element("title", plain(title)), element("desc", plain(about)), element("style", "\n" + style)]
    lines += [element("rect", width="100%", height="100%", class_="xn-ground"), *body, "</svg>"]
    return "\n".join(lines) + "\n"


def curve(stations: Sequence[Station]) -> list[str]:
    """The path data of a route, one for each piece between texts: down the columns, and in curves between them."""
    pieces, parts = list[str](), list[str]()
    x = y = 0.0
    for station in stations:
        if station.label:
            pieces.append("".join(parts))
            parts = []
            continue
        if not parts:
            parts.append(f"M{number(station.x)} {number(station.top)}")
        elif number(station.x) != number(x):
            middle = number((y + station.top) / 2)
            to = f"{number(station.x)} {number(station.top)}"
            parts.append(f"V{number(y)}C{number(x)} {middle} {number(station.x)} {middle} {to}")
        x, y = station.x, station.bottom
        parts = _down(parts, y)
    return [*pieces, "".join(parts)]


def _down(parts: list[str], y: float) -> list[str]:
    """The pieces with a line down to y; a line that goes on further replaces the one before."""
    kept = parts[:-1] if parts[-1].startswith("V") and "C" not in parts[-1] else parts
    return [*kept, f"V{number(y)}"]
