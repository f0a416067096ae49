"""The quotient of a graph as SVG: the outputs at the top, the inputs at the bottom, applications as frames."""

from collections.abc import Sequence

from exnet.view.captions import Caption, answer_caption, arcs_caption, captions, counted, frame_caption
from exnet.view.fonts import text_width
from exnet.view.layers import Gaps
from exnet.view.nesting import Arrow, Boxed, Course, Nested, nest
from exnet.view.nesting import Box as Rectangle
from exnet.view.quotient import Arcs, Quotient
from exnet.view.style import STYLE
from exnet.view.svg import curve, document, element, number, plain, words

MARGIN = 20.0
LINE, CODE_LINE = 17.0, 15.0
LOOP = 26.0
"""How far a loop reaches out of its box."""
GAPS = Gaps(items=36, rows=34, ends=26)


def quotient_svg(picture: Quotient) -> str:
    """A self-contained SVG document."""
    texts = [*captions(picture), *map(answer_caption, picture.outputs)]
    between = [arcs for arcs in picture.arcs if arcs.parents != arcs.children]
    loops = {arcs.parents: arcs for arcs in picture.arcs if arcs.parents == arcs.children}
    first_output = len(picture.leaves) + len(picture.families)
    boxes = [_boxed(picture, i, text, loops.get(i)) for i, text in enumerate(texts)]
    arrows = [Arrow(a.parents, a.children, _size(arcs_caption(a))) for a in between]
    arrows += [Arrow(first_output + i, picture.root) for i in range(len(picture.outputs))]
    titles = {f.sites: text_width(frame_caption(f), 12, bold=True) + 6 for f in picture.frames}
    layout = nest(boxes, titles, arrows, GAPS)
    body = list(_body(picture, layout, texts, between, loops))
    width, height = layout.width + 2 * MARGIN, layout.height + 2 * MARGIN
    moved = element("g", "\n" + "\n".join(body) + "\n", transform=f"translate({number(MARGIN)} {number(MARGIN)})")
    return document(width, height, f"{picture.name}: extraction network", _about(picture), STYLE, [moved])


def _about(picture: Quotient) -> str:
    vertices = sum(family.vertices for family in picture.families)
    leaves = sum(block.leaves for block in picture.leaves)
    arcs = sum(arcs.count for arcs in picture.arcs)
    return (
        f"{counted(vertices, 'vertex', 'vertices')} in {counted(len(picture.families), 'family', 'families')}, "
        f"{counted(leaves, 'leaf', 'leaves')}, {counted(arcs, 'arc', 'arcs')}. Arrows run from parents to children."
    )


def _boxed(picture: Quotient, number: int, text: Caption, loop: Arcs | None) -> Boxed:
    width, height = _size(text)
    beside = LOOP + 8 + _size(arcs_caption(loop))[0] if loop else 0.0
    families = picture.families
    at = number - len(picture.leaves)
    if at < 0:
        return Boxed((), width + 24, height + 20, beside, (0, 0))
    if at >= len(families):
        top = max(family.levels[1] for family in families) + 1
        return Boxed((), width + 24, height + 20, beside, (top, top))
    return Boxed(families[at].sites, width + 24, height + 20, beside, families[at].levels)


def _size(text: Caption) -> tuple[float, float]:
    """Width and height of a caption."""
    widths = [text_width(text.title, 14 if text.table else 12, bold=bool(text.table))]
    widths += [text_width(line, 11, mono=True) for line in text.code]
    widths += [text_width(line, 12) for line in text.figures]
    if not text.code and not text.table and text.figures:
        widths.append(text_width(text.title, 14, bold=True))
    if text.table:
        widths.append(sum(_columns(text)) + 2 * 14)
    lines = len(text.figures) + len(text.table)
    rule = 8.0 if text.table else 0.0
    return max(widths), LINE * (1 + lines) + CODE_LINE * len(text.code) + rule


def _columns(text: Caption) -> list[float]:
    """Widths of the columns of the table."""
    return [max(text_width(row[i], 11, mono=i == 1) for row in text.table) for i in range(3)]


def _body(
    picture: Quotient, layout: Nested, texts: Sequence[Caption], between: Sequence[Arcs], loops: dict[int, Arcs]
) -> list[str]:
    found = list[str]()
    for frame in picture.frames:
        found.append(_frame(layout.frames[frame.sites], frame_caption(frame), ".".join(frame.sites)))
    for at, course in sorted(layout.courses.items()):
        found += _arrow(course, between[at] if at < len(between) else None)
    for i, text in enumerate(texts):
        found += _box(picture, i, layout.boxes[i], text)
    for i, arcs in loops.items():
        found += _loop(layout.boxes[i], arcs)
    return found


def _frame(box: Rectangle, title: str, path: str) -> str:
    x, y, w, h = box
    inside = [
        element("title", plain(path)),
        element("rect", x=x, y=y, width=w, height=h, rx=8, class_="xn-frame"),
        element("text", plain(title), x=x + 16, y=y + 21, class_="xn-muted", font_weight="bold"),
    ]
    return element("g", inside)


def _kind(picture: Quotient, number: int) -> str:
    at = number - len(picture.leaves)
    if at < 0:
        return "xn-input"
    if at >= len(picture.families):
        return "xn-output"
    return "xn-box xn-root" if picture.families[at].root else "xn-box"


def _box(picture: Quotient, number: int, box: Rectangle, text: Caption) -> list[str]:
    x, y, w, h = box
    kind = _kind(picture, number)
    corner = 4.0 if "xn-box" in kind else min(h / 2, 18.0)
    parts = [element("title", plain("\n".join(_tooltip(picture, number, text))))]
    parts.append(element("rect", x=x, y=y, width=w, height=h, rx=corner, class_=kind))
    at, middle = y + 10, x + w / 2
    parts.append(words(middle, at + 13, text.title, "xn-name xn-text", "middle"))
    at += LINE
    for line in text.code:
        parts.append(words(middle, at + 11.5, line, "xn-code xn-muted", "middle"))
        at += CODE_LINE
    for line in text.figures:
        parts.append(words(middle, at + 13, line, "xn-text", "middle"))
        at += LINE
    if text.table:
        parts += _table(x + 12, at + 4, w - 24, text)
    return [element("g", parts)]


def _table(x: float, y: float, width: float, text: Caption) -> list[str]:
    columns = _columns(text)
    parts = [element("path", d=f"M{number(x)} {number(y)}h{number(width)}", class_="xn-grid")]
    for row, (name, network, classes) in enumerate(text.table):
        base = y + 4 + LINE * row + 12
        parts.append(words(x, base, name, "xn-small xn-muted"))
        parts.append(words(x + columns[0] + 14, base, network, "xn-code xn-text"))
        parts.append(words(x + width, base, classes, "xn-small xn-text", "end"))
    return parts


def _tooltip(picture: Quotient, number: int, text: Caption) -> list[str]:
    """The caption with nothing shortened."""
    at = number - len(picture.leaves)
    if not 0 <= at < len(picture.families):
        return list(text.lines)
    family = picture.families[at]
    table = [f"{c.name}: {' | '.join(c.networks)}, {counted(c.classes, 'class', 'classes')}" for c in family.components]
    return [".".join((*family.sites, family.name)), *family.domains, *text.figures, *table]


# Arrows


def _arrow(course: Course, arcs: Arcs | None) -> list[str]:
    kind = "xn-back" if course.upwards else "xn-arrow"
    stations = course.stations
    shorter = curve(stations)
    parts = [element("path", d=" ".join(filter(None, shorter)), class_=kind)]
    end = stations[0] if course.upwards else stations[-1]
    if arcs is None:
        return parts
    y = end.top if course.upwards else end.bottom
    parts.append(_tip(end.x, y, -1 if course.upwards else 1, "xn-back-tip" if course.upwards else "xn-tip"))
    text = arcs_caption(arcs)
    for station in stations:
        if station.label:
            parts += _label(station.x, station.top, text, "middle")
    return [element("g", [element("title", plain("\n".join((text.title, *arcs.reads)))), *parts])]


def _tip(x: float, y: float, direction: int, kind: str) -> str:
    """An arrowhead that ends at (x, y): direction 1 points down, -1 up."""
    d = f"M{number(x)} {number(y)}l-4 {-9 * direction}h8z"
    return element("path", d=d, class_=kind)


def _label(x: float, y: float, text: Caption, anchor: str | None) -> list[str]:
    parts = [words(x, y + 13, text.title, "xn-text", anchor)]
    for at, line in enumerate(text.code):
        parts.append(words(x, y + LINE + CODE_LINE * at + 11.5, line, "xn-code xn-muted", anchor))
    return parts


def _loop(box: Rectangle, arcs: Arcs) -> list[str]:
    """A loop on the right side of a box, with its text beside it."""
    x, y, w, h = box
    right, middle = x + w, y + h / 2
    low, high, out = middle + 16, middle - 16, LOOP * 1.3
    d = f"M{number(right)} {number(high)}c{number(out)} -8 {number(out)} 40 0 32"
    text = arcs_caption(arcs)
    _, height = _size(text)
    parts = [element("title", plain("\n".join((text.title, *arcs.reads))))]
    parts.append(element("path", d=d, class_="xn-back"))
    tip = f"M{number(right)} {number(low)}l8.5 -5.2l1.5 7.8z"
    parts.append(element("path", d=tip, class_="xn-back-tip"))
    parts += _label(right + LOOP + 4, middle - height / 2, text, None)
    return [element("g", parts)]
