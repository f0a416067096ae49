"""An unfolded graph as SVG: leaves at the bottom, a row for each level, a colour for each sharing class."""

from collections.abc import Sequence
from itertools import pairwise

from exnet.view.captions import clipped, counted
from exnet.view.fonts import text_width
from exnet.view.layers import Edge, Gaps, Item, Placed, place
from exnet.view.style import STYLE, ink, series_colour
from exnet.view.svg import curve, document, element, number, plain, words
from exnet.view.unfolded import Node, Unfolded

MARGIN = 20.0
RADIUS = 7.0
PILL = 22.0
"""Height of a node with its name in it."""
WIDEST = 1600.0
"""A picture whose names would make it wider has circles instead."""
LEGEND_LINE = 20.0
MOST_CLASSES = 12
"""Classes that the legend lists by name."""
RULER = 62.0
"""Room for the numbers of levels."""


def unfolded_svg(picture: Unfolded) -> str:
    """A self-contained SVG document."""
    named = _is_narrow(picture)
    items = [_item(node, named) for node in picture.nodes]
    edges = [Edge(a.parent, a.child) if named else Edge(a.parent, a.child, 0.0, 0.0) for a in picture.arcs]
    gaps = Gaps(items=10 if named else 8, rows=_distance(picture), ends=12)
    placed = place(items, edges, gaps)
    legend = _legend(picture)
    width = max(placed.width + RULER, *(w for _, w in legend)) + 2 * MARGIN
    height = placed.height + 2 * MARGIN + 14 + LEGEND_LINE * len(legend)
    graph = "\n".join(
        ["", *_rows(picture, placed, items), *_arcs(picture, placed), *_nodes(picture, placed, items), ""]
    )
    body = [element("g", graph, transform=f"translate({number(MARGIN + RULER)} {number(MARGIN)})")]
    for at, (markup, _) in enumerate(legend):
        y = number(placed.height + MARGIN + 14 + LEGEND_LINE * at)
        body.append(element("g", markup, transform=f"translate({number(MARGIN)} {y})"))
    return document(width, height, f"{picture.name}: every vertex", _about(picture), STYLE, body)


def _about(picture: Unfolded) -> str:
    leaves = sum(node.colour is None for node in picture.nodes)
    vertices = counted(len(picture.nodes) - leaves, "vertex", "vertices")
    return f"{vertices}, {counted(leaves, 'leaf', 'leaves')}, level by level; vertices of one colour share components."


def _is_narrow(picture: Unfolded) -> bool:
    rows = [0.0] * (picture.levels + 1)
    for node in picture.nodes:
        rows[node.level] += _pill(node) + 10
    return max(rows) <= WIDEST


def _pill(node: Node) -> float:
    return text_width(node.short, 11) + 16


def _item(node: Node, named: bool) -> Item:
    half = _pill(node) / 2 if named else RADIUS
    return Item(half, half, PILL if named else 2 * RADIUS)


def _distance(picture: Unfolded) -> float:
    """Between rows: more where many arcs run from one to the next."""
    fullest = max(
        (sum(picture.nodes[a.parent].level == row for a in picture.arcs) for row in _some(picture)), default=0
    )
    return 34.0 + min(fullest, 130) * 0.5


def _some(picture: Unfolded) -> Sequence[int]:
    """Levels that are looked at for the distance: all of them, or 20 evenly spread."""
    step = max(1, picture.levels // 20)
    return range(1, picture.levels + 1, step)


def _rows(picture: Unfolded, placed: Placed, items: Sequence[Item]) -> list[str]:
    """The number of each level beside its row; of many levels every second, fifth, .."""
    middle = dict[int, float]()
    for node, item, (_, top) in zip(picture.nodes, items, placed.places, strict=True):
        middle[node.level] = top + item.height / 2
    levels = sorted(middle)
    apart = min((abs(middle[a] - middle[b]) for a, b in pairwise(levels)), default=20.0)
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 10**6) if apart * s >= 16 or s == 10**6)
    found = list[str]()
    for level in levels:
        if level % step == 0 or level == levels[-1]:
            y = middle[level]
            d = f"M{number(-8)} {number(y)}H{number(placed.width)}"
            found.append(element("path", d=d, class_="xn-grid"))
            found.append(words(-RULER, y + 4, f"level {level}" if level else "leaves", "xn-small xn-muted"))
    return found


def _arcs(picture: Unfolded, placed: Placed) -> list[str]:
    found = list[str]()
    for arc, route in zip(picture.arcs, placed.routes, strict=True):
        slots = ", ".join(map(str, arc.slots))
        parent, child = picture.nodes[arc.parent].name, picture.nodes[arc.child].name
        title = element("title", plain(f"{parent} reads {child} in slot {slots}"))
        found.append(element("path", title, d=curve(route)[0], class_="xn-link"))
    return found


def _nodes(picture: Unfolded, placed: Placed, items: Sequence[Item]) -> list[str]:
    found = list[str]()
    for i, (node, item, (x, top)) in enumerate(zip(picture.nodes, items, placed.places, strict=True)):
        title = element("title", plain("\n".join((node.name, *node.classes))))
        w, h = item.left + item.right, item.height
        kind = "xn-input" if node.colour is None else "xn-top" if i == picture.root else None
        fill = None if node.colour is None else series_colour(node.colour)
        corner = h / 2 if node.colour is None or h < PILL else 4.0
        shape = element("rect", x=x - w / 2, y=top, width=w, height=h, rx=corner, class_=kind, fill=fill)
        text = ""
        if h >= PILL:
            paint = ink(fill) if fill else None
            class_ = "xn-small" if fill else "xn-small xn-text"
            text = element(
                "text", plain(node.short), x=x, y=top + h / 2 + 4, class_=class_, text_anchor="middle", fill=paint
            )
        found.append(element("g", [title, shape, text]))
    return found


def _legend(picture: Unfolded) -> list[tuple[str, float]]:
    """Lines below the graph, each with its width."""
    classes = picture.classes
    if len(classes) > MOST_CLASSES:
        text = f"{len(classes):,} classes of primary propagators; some of so many colours are alike"
        return [(words(0, 14, text, "xn-small xn-muted"), text_width(text, 11))]
    lines = list[tuple[str, float]]()
    for i, name in enumerate(classes):
        text = clipped(name, 90)
        swatch = element("rect", x=0, y=4, width=12, height=12, rx=3, fill=series_colour(i))
        lines.append((swatch + words(18, 14, text, "xn-small xn-text"), 18 + text_width(text, 11)))
    return lines
