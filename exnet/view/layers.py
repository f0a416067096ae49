"""A layered layout: items in rows, those above over those below, and curves between the rows that cross no item.

Four steps, each its own function: rows by the longest path downwards; long edges cut at every row in between; order in
the rows by barycentres; places by least squares under the least distances. Coordinates grow to the right and downwards.
"""

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from exnet.source import ExnetError
from exnet.view.rules import TOO_INTRICATE

MOST_CUTS = 50_000
"""Rows that long edges may cross in all: about three seconds of work, and far more than a picture that can be read."""
SWEEPS = 8
"""Rounds of ordering, each upwards and downwards."""
ROUNDS = 12
"""Rounds of placing."""
CORNER = 0.8
"""Distance from the ends of edges to the corners of an item, in distances between ends."""
STIFF = 8.0
"""How much more a cut of a long edge resists a bend than an item does."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something to place: how far it reaches to both sides of its axis, and its height.

    `first` items stand leftmost in their row. `row` is the least row, counted from the bottom.
    """

    left: float
    right: float
    height: float
    first: bool = False
    row: int = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """From an item to one below it. `leave` and `enter` say where it meets them, from their axes; None: anywhere.

    `label`: width and height of a text that wants a place on the way.
    """

    above: int
    below: int
    leave: float | None = None
    enter: float | None = None
    label: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Gaps:
    """Least distances between neighbours in a row and between rows, and between the ends of edges at one item."""

    items: float = 28.0
    rows: float = 30.0
    ends: float = 18.0


@dataclass(frozen=True, slots=True)
class Station:
    """A straight piece of a route: down the column `x` from `top` to `bottom`. `label`: a text stands there instead."""

    x: float
    top: float
    bottom: float
    label: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A layout: of each item the axis and the top, of each edge its route from above, and the size of it all."""

    places: tuple[tuple[float, float], ...]
    routes: tuple[tuple[Station, ...], ...]
    width: float
    height: float


def place(items: Sequence[Item], edges: Sequence[Edge], gaps: Gaps = Gaps()) -> Placed:
    """The layout. The edges must not form a circle, and items keep their order where nothing speaks against it.

    Raises:
        ExnetError: EXN971 if long edges cross too many rows.
    """
    cut = _cut(items, edges, any(edge.label for edge in edges))
    order = _ordered(cut)
    x = _columns(cut, order, gaps)
    return _drawn(cut, order, x, gaps, len(items), edges)


# Rows


def rows_of(items: Sequence[Item], edges: Sequence[Edge]) -> list[int]:
    """The row of each item, counted from the bottom: one above the highest item below it."""
    parents: list[list[int]] = [[] for _ in items]
    waiting = [0] * len(items)
    for edge in edges:
        parents[edge.below].append(edge.above)
        waiting[edge.above] += 1
    rows = [item.row for item in items]
    ready = [i for i, n in enumerate(waiting) if n == 0]
    for i in ready:
        for parent in parents[i]:
            rows[parent] = max(rows[parent], rows[i] + 1)
            waiting[parent] -= 1
            if waiting[parent] == 0:
                ready.append(parent)
    if len(ready) < len(items):
        raise ValueError("edges form a circle")
    return rows


@dataclass(frozen=True, slots=True)
class _Link:
    """A piece of an edge between neighbouring rows; its ends as distances from the axes, None until they are known."""

    above: int
    below: int
    leave: float | None
    enter: float | None


@dataclass(frozen=True, slots=True)
class _Cut:
    """Items and the cuts of long edges, which are items without height, with their rows and links.

    `chains`: for each edge the numbers of its cuts, from above. `labels`: which of them holds the text, or None.
    """

    items: list[Item]
    rows: list[int]
    links: list[_Link]
    chains: list[list[int]]
    labels: list[int | None]
    whole: int

    def is_cut(self, number: int) -> bool:
        """Whether it stands for a piece of an edge."""
        return number >= self.whole


def _cut(items: Sequence[Item], edges: Sequence[Edge], labelled: bool) -> _Cut:
    """With labels every other row is kept free for them."""
    step = 2 if labelled else 1
    rows = [row * step for row in rows_of(items, edges)]
    if sum(rows[edge.above] - rows[edge.below] - 1 for edge in edges) > MOST_CUTS:
        message = f"{len(items):,} boxes in {max(rows) // step + 1:,} rows have too many long arrows for an SVG picture"
        raise ExnetError(
            TOO_INTRICATE.at(None, message, help="`--format dot` or `--format mermaid` leave the drawing to others")
        )
    all_items, links = list(items), list[_Link]()
    chains, labels = list[list[int]](), list[int | None]()
    for edge in edges:
        chain, at = list[int](), edge.above
        leave = edge.leave
        label = None
        for row in range(rows[edge.above] - 1, rows[edge.below], -1):
            here = edge.label if edge.label and row == rows[edge.below] + 1 else None
            width, height = here or (6.0, 0.0)
            number = len(all_items)
            all_items.append(Item(width / 2, width / 2, height))
            rows.append(row)
            label = number if here else label
            links.append(_Link(at, number, leave, 0.0))
            chain.append(number)
            at, leave = number, 0.0
        links.append(_Link(at, edge.below, leave, edge.enter))
        chains.append(chain)
        labels.append(label)
    return _Cut(all_items, rows, links, chains, labels, len(items))


# Order


def _ordered(cut: _Cut) -> list[list[int]]:
    """The items of each row from left to right, bottom row first: the order with the fewest crossings that was seen."""
    order: list[list[int]] = [[] for _ in range(max(cut.rows, default=-1) + 1)]
    for i, row in enumerate(cut.rows):
        order[row].append(i)
    for row in order:
        row.sort(key=lambda i: not cut.items[i].first)
    up: list[list[tuple[int, float]]] = [[] for _ in cut.items]
    down: list[list[tuple[int, float]]] = [[] for _ in cut.items]
    for link in cut.links:
        up[link.below].append((link.above, link.leave or 0.0))
        down[link.above].append((link.below, link.enter or 0.0))
    best, least = [list(row) for row in order], _crossings(cut, order)
    for sweep in range(SWEEPS):
        for rows, neighbours in ((range(1, len(order)), down), (range(len(order) - 2, -1, -1), up)):
            _sweep(cut, order, rows, neighbours)
            found = _crossings(cut, order) if least else 0
            if found < least or (sweep == 0 and neighbours is down and found <= least):
                best, least = [list(row) for row in order], found
    return best


def _sweep(cut: _Cut, order: list[list[int]], rows: range, neighbours: list[list[tuple[int, float]]]) -> None:
    """Sorts each row by the mean position of the neighbours in the row before."""
    position = _positions(order)
    for row in rows:
        centre = dict[int, float]()
        for i in order[row]:
            ends = [position[j] + at / max(cut.items[j].left + cut.items[j].right, 1.0) for j, at in neighbours[i]]
            centre[i] = sum(ends) / len(ends) if ends else float(position[i])
        order[row].sort(key=lambda i: (not cut.items[i].first, centre[i], position[i]))
        position |= {i: at for at, i in enumerate(order[row])}


def _positions(order: list[list[int]]) -> dict[int, int]:
    return {i: at for row in order for at, i in enumerate(row)}


def _crossings(cut: _Cut, order: list[list[int]]) -> int:
    """How many pairs of links cross."""
    position = _positions(order)
    between: list[list[tuple[int, float, int, float]]] = [[] for _ in order]
    for link in cut.links:
        ends = (position[link.above], link.leave or 0.0, position[link.below], link.enter or 0.0)
        between[cut.rows[link.below]].append(ends)
    total = 0
    for links in between:
        seen = list[tuple[int, float]]()
        for _, _, below, enter in sorted(links):
            total += len(seen) - bisect_right(seen, (below, enter))
            insort(seen, (below, enter))
    return total


# Columns


def _columns(cut: _Cut, order: list[list[int]], gaps: Gaps) -> list[float]:
    """The axis of each item: as near as possible to its neighbours, in least squares, row by row, several rounds."""
    x = [0.0] * len(cut.items)
    for row in order:
        at = 0.0
        for i in row:
            x[i] = at + cut.items[i].left
            at = x[i] + cut.items[i].right + gaps.items
    down: list[list[tuple[int, float]]] = [[] for _ in cut.items]
    up: list[list[tuple[int, float]]] = [[] for _ in cut.items]
    for link in cut.links:
        shift = (link.enter or 0.0) - (link.leave or 0.0)
        down[link.above].append((link.below, shift))
        up[link.below].append((link.above, -shift))
    both = [d + u for d, u in zip(down, up, strict=True)]
    for turn in range(ROUNDS):
        _settle(cut, order, x, gaps, both if turn >= ROUNDS - 2 else down, False)
        _settle(cut, order, x, gaps, both if turn >= ROUNDS - 2 else up, True)
    _settle(cut, order, x, gaps, down, False)
    least = min((x[i] - item.left for i, item in enumerate(cut.items)), default=0.0)
    return [at - least for at in x]


def _settle(
    cut: _Cut, order: list[list[int]], x: list[float], gaps: Gaps, pulls: list[list[tuple[int, float]]], downwards: bool
) -> None:
    """Moves the items of each row to the mean of what pulls them, as far as the least distances allow."""
    for row in reversed(order) if downwards else order:
        wanted, weights = list[float](), list[float]()
        for i in row:
            pull = pulls[i]
            wanted.append(sum(x[j] + shift for j, shift in pull) / len(pull) if pull else x[i])
            straight = cut.is_cut(i) and all(cut.is_cut(j) for j, _ in pull)
            weights.append(0.01 if not pull else STIFF if straight else 1.0)
        apart = [cut.items[a].right + gaps.items + cut.items[b].left for a, b in pairwise(row)]
        for i, at in zip(row, _spread(wanted, weights, apart), strict=True):
            x[i] = at


def _spread(wanted: Sequence[float], weights: Sequence[float], apart: Sequence[float]) -> list[float]:
    """Least sum w_i (x_i - wanted_i)^2 with x_(i+1) - x_i >= apart_i: isotonic regression of the shifted values."""
    offsets = [0.0]
    for distance in apart:
        offsets.append(offsets[-1] + distance)
    blocks = list[tuple[float, float, int]]()  # mean, weight, members
    for want, weight, offset in zip(wanted, weights, offsets, strict=False):
        mean, total, members = want - offset, weight, 1
        while blocks and blocks[-1][0] > mean:
            other, heavy, more = blocks.pop()
            mean = (mean * total + other * heavy) / (total + heavy)
            total, members = total + heavy, members + more
        blocks.append((mean, total, members))
    flat = [mean for mean, _, members in blocks for _ in range(members)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=False)]


# Routes


def _drawn(cut: _Cut, order: list[list[int]], x: list[float], gaps: Gaps, whole: int, edges: Sequence[Edge]) -> Placed:
    tops, heights, height = _bands(cut, order, gaps)
    y = [tops[cut.rows[i]] + (heights[cut.rows[i]] - cut.items[i].height) / 2 for i in range(len(cut.items))]
    leaving, entering = _ends_apart(cut, x, gaps, edges)
    routes = list[tuple[Station, ...]]()
    for number, edge in enumerate(edges):
        above, below = edge.above, edge.below
        stop = y[above] + cut.items[above].height
        band = tops[cut.rows[above]] + heights[cut.rows[above]]
        stations = [Station(x[above] + leaving[number], stop, band)]
        chain, label = cut.chains[number], cut.labels[number]
        slack = [0.0 if i == label else gaps.items / 4 for i in chain]
        for i, at in zip(chain, straightened([x[i] for i in chain], slack), strict=True):
            row = cut.rows[i]
            stations += _passing(at, tops[row], heights[row], y[i], cut.items[i].height, i == label)
        stations.append(Station(x[below] + entering[number], tops[cut.rows[below]], y[below]))
        routes.append(tuple(stations))
    width = max((x[i] + item.right for i, item in enumerate(cut.items)), default=0.0)
    return Placed(tuple((x[i], y[i]) for i in range(whole)), tuple(routes), width, height)


def straightened(x: Sequence[float], slack: Sequence[float]) -> list[float]:
    """Columns that differ from the given ones by at most their slack, and change as late as possible."""
    found, start = list[float](), 0
    low, high = float("-inf"), float("inf")
    for i, (at, room) in enumerate(zip(x, slack, strict=True)):
        if at - room > high or at + room < low:
            found += [(low + high) / 2] * (i - start)
            start, low, high = i, at - room, at + room
        else:
            low, high = max(low, at - room), min(high, at + room)
    return found + [(low + high) / 2] * (len(x) - start)


def _passing(x: float, top: float, band: float, y: float, height: float, label: bool) -> list[Station]:
    if not label:
        return [Station(x, top, top + band)]
    return [Station(x, top, y), Station(x, y, y + height, True), Station(x, y + height, top + band)]


def _bands(cut: _Cut, order: list[list[int]], gaps: Gaps) -> tuple[list[float], list[float], float]:
    """Top and height of each row, and the height of all. A row of nothing but cuts takes half the distance."""
    heights = [max((cut.items[i].height for i in row), default=0.0) for row in order]
    tops, at = [0.0] * len(order), 0.0
    for row in range(len(order) - 1, -1, -1):
        tops[row] = at
        at += heights[row]
        if row:
            at += gaps.rows / (1 if heights[row] and heights[row - 1] else 2)
    return tops, heights, at


def _ends_apart(cut: _Cut, x: list[float], gaps: Gaps, edges: Sequence[Edge]) -> tuple[list[float], list[float]]:
    """Where each edge leaves and enters, as distances from the axes: side by side, straight on if there is room."""
    leaving, entering = [edge.leave or 0.0 for edge in edges], [edge.enter or 0.0 for edge in edges]
    out: dict[int, list[tuple[float, int]]] = {}
    for number, edge in enumerate(edges):
        if edge.leave is None:
            chain = cut.chains[number]
            goal = x[chain[0]] if chain else x[edge.below] + entering[number]
            out.setdefault(edge.above, []).append((goal, number))
    _side_by_side(cut, x, gaps, out, leaving)
    into: dict[int, list[tuple[float, int]]] = {}
    for number, edge in enumerate(edges):
        if edge.enter is None:
            chain = cut.chains[number]
            goal = x[chain[-1]] if chain else x[edge.above] + leaving[number]
            into.setdefault(edge.below, []).append((goal, number))
    _side_by_side(cut, x, gaps, into, entering)
    return leaving, entering


def _side_by_side(
    cut: _Cut, x: list[float], gaps: Gaps, goals: dict[int, list[tuple[float, int]]], found: list[float]
) -> None:
    """Ends at one side of an item: each as near to its goal as its neighbours and the corners allow."""
    for item, unordered in goals.items():
        ends = sorted(unordered)
        half = min(cut.items[item].left, cut.items[item].right)
        step = min(gaps.ends, 2 * half / (len(ends) - 1 + 2 * CORNER))
        low, high = CORNER * step - half, half - CORNER * step
        wanted = [min(max(goal - x[item], low), high) for goal, _ in ends]
        spread = _spread(wanted, [1.0] * len(ends), [step] * (len(ends) - 1))
        for at, (_, number) in enumerate(ends):
            found[number] = min(max(spread[at], low + at * step), high - (len(ends) - 1 - at) * step)


def moved(route: Sequence[Station], dx: float, dy: float) -> tuple[Station, ...]:
    """A route somewhere else."""
    return tuple(replace(s, x=s.x + dx, top=s.top + dy, bottom=s.bottom + dy) for s in route)
