"""A layered layout of boxes in frames in frames: each frame is laid out by itself and then placed as one item.

An arrow out of a frame leaves it at a port on its border, so that no arrow crosses a box, a title or a foreign frame.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from exnet.view.layers import Edge, Gaps, Item, Placed, Station, moved, place, rows_of

PAD = 16.0
"""Between a frame and what is in it."""
TITLE = 18.0
"""Height of the title of a frame."""

Path = tuple[str, ...]
Box = tuple[float, float, float, float]
"""Left, top, width, height."""


@dataclass(frozen=True, slots=True)
class Boxed:
    """A box to place: its frame, its width and height, the room for a loop on its right, and what it stands over.

    `rank`: a box is drawn above those of lower rank where an arrow joins them.
    """

    path: Path
    width: float
    height: float
    beside: float
    rank: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Arrow:
    """From box `source` to box `target`, with the size of its text. The two differ."""

    source: int
    target: int
    label: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """Where an arrow runs, from above; `upwards` if its target is at the top end."""

    stations: tuple[Station, ...]
    upwards: bool


@dataclass(slots=True)
class Nested:
    """A layout: left, top, width and height of boxes and frames, the courses of arrows, and the size of it all."""

    boxes: dict[int, Box] = field(default_factory=dict[int, Box])
    frames: dict[Path, Box] = field(default_factory=dict[Path, Box])
    courses: dict[int, Course] = field(default_factory=dict[int, Course])
    width: float = 0.0
    height: float = 0.0


def nest(boxes: Sequence[Boxed], titles: Mapping[Path, float], arrows: Sequence[Arrow], gaps: Gaps = Gaps()) -> Nested:
    """The layout. `titles`: the width of the title of every frame."""
    return _Nesting(boxes, titles, arrows, gaps).whole()


@dataclass(slots=True)
class _Inside:
    """A frame laid out by itself: its content from (0, 0), and the pieces of arrows that go on outside."""

    content: Nested
    pieces: dict[int, tuple[Station, ...]]


Key = int | Path
"""An item of a frame: a box by its number, or an inner frame by its path."""


Inner = Mapping[Key, _Inside]
"""The frames inside a frame, each laid out by itself."""


class _Nesting:
    def __init__(
        self, boxes: Sequence[Boxed], titles: Mapping[Path, float], arrows: Sequence[Arrow], gaps: Gaps
    ) -> None:
        self._boxes, self._titles, self._arrows, self._gaps = boxes, titles, arrows, gaps
        self._common = [_common(boxes[a.source].path, boxes[a.target].path) for a in arrows]
        self._upwards = [self._is_upwards(number) for number in range(len(arrows))]

    def whole(self) -> Nested:
        return self._lay(()).content

    def _is_upwards(self, number: int) -> bool:
        """Whether an arrow must run upwards: its source, or the frame around it, ranks below its target's."""
        arrow, path = self._arrows[number], self._common[number]
        return self._rank(self._item(arrow.source, path)) < self._rank(self._item(arrow.target, path))

    def _item(self, box: int, path: Path) -> Key:
        """What holds a box in the frame of a path."""
        own = self._boxes[box].path
        return box if own == path else own[: len(path) + 1]

    def _rank(self, key: Key) -> tuple[int, int, int]:
        """Lowest and highest rank of what it holds; no two items of a frame have the same."""
        inside = [key] if isinstance(key, int) else [i for i in range(len(self._boxes)) if self._is_inside(i, key)]
        ranks = [self._boxes[i].rank for i in inside]
        return min(low for low, _ in ranks), max(high for _, high in ranks), -min(inside)

    def _ends(self, number: int) -> tuple[int, int]:
        """Upper and lower box of an arrow."""
        arrow = self._arrows[number]
        return (arrow.target, arrow.source) if self._upwards[number] else (arrow.source, arrow.target)

    def _is_inside(self, box: int, path: Path) -> bool:
        return self._boxes[box].path[: len(path)] == path

    def _lay(self, path: Path) -> _Inside:
        """The layout of a frame: inner frames first, then boxes, frames and ports as items in rows."""
        keys: list[Key] = [i for i, box in enumerate(self._boxes) if box.path == path]
        keys += sorted({b.path[: len(path) + 1] for b in self._boxes if b.path[: len(path)] == path != b.path})
        inner: Inner = {key: self._lay(key) for key in keys if not isinstance(key, int)}
        number = {key: i for i, key in enumerate(keys)}
        items = [self._as_item(key, inner) for key in keys]
        own = [n for n in range(len(self._arrows)) if self._common[n] == path]
        edges = [self._edge(n, path, number, inner) for n in own]
        up, down = self._leaving(path)
        items += [Item(3.0, 3.0, 0.0) for _ in (*up, *down)]
        for at, n in enumerate((*up, *down), len(keys)):
            edges.append(self._to_port(n, at, path, number, inner, n in up))
        items = self._with_top(items, edges, len(keys), len(up), path)
        placed = place(items, edges, self._gaps)
        return self._gathered(path, keys, inner, [*own, *up, *down], placed, len(up))

    def _as_item(self, key: Key, inner: Inner) -> Item:
        if isinstance(key, int):
            box = self._boxes[key]
            return Item(box.width / 2, box.width / 2 + box.beside, box.height)
        content = inner[key].content
        return Item(content.width / 2, content.width / 2, content.height)

    def _leaving(self, path: Path) -> tuple[list[int], list[int]]:
        """Arrows that cross the border of a frame: at its top, at its bottom."""
        up, down = list[int](), list[int]()
        for n in range(len(self._arrows)):
            above, below = (self._is_inside(box, path) for box in self._ends(n))
            if above != below:
                (down if above else up).append(n)
        return up, down

    def _edge(self, n: int, path: Path, number: Mapping[Key, int], inner: Inner) -> Edge:
        above, below = (self._item(box, path) for box in self._ends(n))
        leave, enter = self._port(n, above, inner, True), self._port(n, below, inner, False)
        return Edge(number[above], number[below], leave, enter, self._arrows[n].label)

    def _to_port(self, n: int, port: int, path: Path, number: Mapping[Key, int], inner: Inner, up: bool) -> Edge:
        above, below = self._ends(n)
        key = self._item(below if up else above, path)
        at = self._port(n, key, inner, not up)
        return Edge(port, number[key], 0.0, at) if up else Edge(number[key], port, at, 0.0)

    def _port(self, n: int, key: Key, inner: Inner, bottom: bool) -> float | None:
        """Where an arrow crosses the border of an inner frame, from its axis; None at a box."""
        if isinstance(key, int):
            return None
        content = inner[key]
        stations = content.pieces[n]
        return stations[-1 if bottom else 0].x - content.content.width / 2

    def _with_top(self, items: list[Item], edges: list[Edge], first: int, ports: int, path: Path) -> list[Item]:
        """Ports of the top border stand in a row of their own, to the right of the title."""
        if not ports:
            return items
        inside = [e for e in edges if not first <= e.above < first + ports]
        top = max(rows_of(items, inside)) + 1
        found = [Item(i.left, i.right, i.height, i.first, top) if first <= n < first + ports else i
                 for n, i in enumerate(items)]  # fmt: skip
        return [*found, Item(0.0, self._titles[path], TITLE, True, top)]

    def _gathered(
        self,
        path: Path,
        keys: Sequence[Key],
        inner: Inner,
        numbers: Sequence[int],
        placed: Placed,
        ports: int,
    ) -> _Inside:
        pad = PAD if path else 0.0
        head = 0.0 if not path else PAD / 2 if ports else PAD / 2 + TITLE + 6.0
        width = placed.width + 2 * pad
        if path and not ports:
            width = max(width, self._titles[path] + 2 * pad)
        dx, dy = (width - placed.width) / 2, head
        found = Nested(width=width, height=placed.height + head + pad)
        if path:
            found.frames[path] = (0.0, 0.0, width, found.height)
        pieces = dict[int, tuple[Station, ...]]()
        for n, route in zip(numbers, placed.routes, strict=True):
            pieces[n] = moved(route, dx, dy)
        for key, (x, y) in zip(keys, placed.places, strict=False):
            self._put(found, pieces, key, inner, x + dx, y + dy)
        for n in numbers:
            if self._common[n] == path:
                found.courses[n] = Course(pieces.pop(n), self._upwards[n])
            else:
                pieces[n] = self._to_border(n, pieces[n], path, found.height)
        return _Inside(found, pieces)

    def _put(
        self, found: Nested, pieces: dict[int, tuple[Station, ...]], key: Key, inner: Inner, x: float,
        y: float,
    ) -> None:  # fmt: skip
        """Puts a box or an inner frame with its axis at x and its top at y, and joins the pieces of its arrows."""
        if isinstance(key, int):
            box = self._boxes[key]
            found.boxes[key] = (x - box.width / 2, y, box.width, box.height)
            return
        content = inner[key].content
        left = x - content.width / 2
        found.boxes |= {i: (a + left, b + y, w, h) for i, (a, b, w, h) in content.boxes.items()}
        found.frames |= {p: (a + left, b + y, w, h) for p, (a, b, w, h) in content.frames.items()}
        for n, course in content.courses.items():
            found.courses[n] = Course(moved(course.stations, left, y), course.upwards)
        for n, piece in inner[key].pieces.items():
            shifted = moved(piece, left, y)
            above, _ = self._ends(n)
            pieces[n] = (*shifted, *pieces[n]) if self._is_inside(above, key) else (*pieces[n], *shifted)

    def _to_border(self, n: int, piece: tuple[Station, ...], path: Path, height: float) -> tuple[Station, ...]:
        above, _ = self._ends(n)
        if self._is_inside(above, path):
            return (*piece, Station(piece[-1].x, piece[-1].bottom, height))
        return (Station(piece[0].x, 0.0, piece[0].top), *piece)


def _common(a: Path, b: Path) -> Path:
    """The longest path that both begin with."""
    size = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[:size]
