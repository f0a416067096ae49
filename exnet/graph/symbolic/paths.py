"""Levels and depths of strips in closed form, and the proof that every vertex but the root has exactly one parent.

One parent each and no cycle make a tree of vertices: the root reaches all of them, no arc is drawn, the depth of a
vertex is the length of the one path to it, and the levels below the root are as many as the depths.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import gcd
from typing import NamedTuple

from exnet.graph.symbolic.lines import Line, Unproved, shared
from exnet.graph.symbolic.strips import MOST, Piece, Strip, Strips


class Span(NamedTuple):
    """A value for each index of a range: a constant (slope 0), or one that steps by one."""

    over: range
    line: Line


def cut(spans: Iterable[Span], over: range) -> list[Span]:
    """The parts of some spans in a range."""
    return [Span(part, span.line) for span in spans if (part := shared(span.over, over))]


class Levels:
    """Levels of strips, on demand."""

    def __init__(self, strips: Strips) -> None:
        self._strips = strips
        self._known: dict[int, list[Span]] = {}
        self._open = set[int]()

    def of(self, strip: Strip) -> list[Span]:
        """The level at each index, in pieces.

        Raises:
            Unproved: there may be a cycle, or no closed form.
        """
        if strip.statement is None:
            return [Span(strip.over, Line(0, 0))]
        if id(strip) not in self._known:
            if id(strip) in self._open:
                raise Unproved
            self._open.add(id(strip))
            self._known[id(strip)] = self._made(strip)
        return self._known[id(strip)]

    def _made(self, strip: Strip) -> list[Span]:
        slots = self._strips.read(strip)
        own = [p for pieces in slots for p in pieces if p.strip is strip]
        others = [span for pieces in slots for p in pieces if p.strip is not strip for span in self._below(p)]
        if not own:
            return _highest(strip.over, others)
        return [_recurrence(strip, own, others)]

    def _below(self, piece: Piece) -> list[Span]:
        """Constant levels of what a piece reads."""
        found = list[Span]()
        for span in self.of(piece.strip):
            part = piece.line.within(piece.over, span.over.start, span.over.stop)
            if part:
                line = span.line.after(piece.line)
                found.append(Span(part, Line(line.at(part.start), 0) if len(part) == 1 else line))
        if any(span.line.slope for span in found):
            raise Unproved
        return found


def _highest(over: range, below: Sequence[Span]) -> list[Span]:
    """One more than the highest at each index."""
    cuts = sorted({over.start, over.stop, *(x for s in below for x in (s.over.start, s.over.stop))})
    if len(cuts) > MOST:
        raise Unproved
    found = list[Span]()
    for start, stop in pairwise(cuts):
        top = Line(1 + max(s.line.base for s in below if s.over.start <= start < s.over.stop), 0)
        if found and found[-1].line == top:
            found[-1] = Span(range(found[-1].over.start, stop), top)
        else:
            found.append(Span(range(start, stop), top))
    return found


def _recurrence(strip: Strip, own: Sequence[Piece], others: Sequence[Span]) -> Span:
    """level(i) = level(i - 1) + 1, where everything else that is read lies no higher than the first level."""
    over = strip.over
    for p in own:
        ahead = p.line.at(p.over.start) - p.over.start
        if ahead != -1 or (len(p.over) > 1 and p.line != Line(-1, 1)):
            raise Unproved
    if _union(p.over for p in own) != range(over.start + 1, over.stop):
        raise Unproved
    first = 1 + max(s.line.base for s in others if s.over.start <= over.start < s.over.stop)
    if any(s.line.base > first for s in others):
        raise Unproved
    return Span(over, Line(first - over.start, 1))


def _union(parts: Iterable[range]) -> range:
    """The one range that some ranges make."""
    ordered = sorted(parts, key=lambda part: part.start)
    start, stop = ordered[0].start, ordered[0].stop
    for part in ordered[1:]:
        if part.start > stop:
            raise Unproved
        stop = max(stop, part.stop)
    return range(start, stop)


# Who reads what


class Reads(NamedTuple):
    """What a piece of a slot reads: `strip`'s elements `targets`, for the indices of the piece."""

    reader: Strip
    slot: int
    piece: Piece
    targets: range


def all_reads(strips: Strips) -> dict[int, list[Reads]]:
    """By strip that is read.

    Raises:
        Unproved: a vertex is read twice by one piece.
    """
    found: dict[int, list[Reads]] = {}
    for reader in strips.vertex_strips():
        for slot, pieces in enumerate(strips.read(reader)):
            for p in pieces:
                found.setdefault(id(p.strip), []).append(Reads(reader, slot, p, _targets(p)))
    return found


def _targets(p: Piece) -> range:
    """The elements that a piece reads, ascending."""
    if p.line.slope == 0:
        return range(p.line.base, p.line.base + 1)
    low, high = p.line.ends(p.over)
    return range(low, high + 1, abs(p.line.slope))


def prove_one_parent(strips: Strips, reads: dict[int, list[Reads]]) -> None:
    """Every vertex but the root is read exactly once, and the root never.

    Raises:
        Unproved: it cannot be told, or it is not so.
    """
    root = strips.root
    if root.strip.statement is None:
        raise Unproved
    for strip in strips.vertex_strips():
        of = reads.get(id(strip), [])
        if any(len(r.piece.over) > 1 and r.piece.line.slope == 0 for r in of):
            raise Unproved
        targets = [r.targets for r in of]
        if strip is root.strip:
            targets.append(range(root.line.base, root.line.base + 1))
        if not _partition(targets, strip.over):
            raise Unproved


def prove_leaves_read(strips: Strips, reads: dict[int, list[Reads]]) -> None:
    """Every leaf is read.

    Raises:
        Unproved: it cannot be told, or it is not so.
    """
    for strip in (strip for grid in strips.leaves.values() for strip in grid):
        targets = [r.targets for r in reads.get(id(strip), [])]
        whole = [t for t in targets if t.step == 1 or len(t) == 1]
        try:
            covered = bool(whole) and _union(range(t.start, t.stop) for t in whole) == strip.over
        except Unproved:
            covered = False
        if not covered and not _partition(targets, strip.over):
            raise Unproved


def _partition(parts: Sequence[range], over: range) -> bool:
    """Whether progressions inside a range hold each of its numbers exactly once."""
    if len(parts) > 64 or sum(map(len, parts)) != len(over):
        return False
    return not any(_meet(a, b) for at, a in enumerate(parts) for b in parts[:at])


def _meet(a: range, b: range) -> bool:
    """Whether two progressions have a number in common; may say yes where they only nearly do."""
    if max(a[0], b[0]) > min(a[-1], b[-1]):
        return False
    step = gcd(a.step if len(a) > 1 else 0, b.step if len(b) > 1 else 0)
    return a[0] == b[0] if step == 0 else (a[0] - b[0]) % step == 0


# Depths


def depths(strips: Strips, reads: dict[int, list[Reads]]) -> dict[int, list[Span]]:
    """The depth at each index of each strip of vertices, parents first.

    Raises:
        Unproved: there is no closed form.
    """
    found: dict[int, list[Span]] = {}
    left = strips.vertex_strips()
    while left:
        ready = [s for s in left if all(r.reader is s or id(r.reader) in found for r in reads.get(id(s), []))]
        if not ready:
            raise Unproved
        for strip in ready:
            found[id(strip)] = _depth(strips, strip, reads.get(id(strip), []), found)
        left = [s for s in left if id(s) not in found]
    return found


def _depth(strips: Strips, strip: Strip, reads: Sequence[Reads], found: dict[int, list[Span]]) -> list[Span]:
    given: dict[int, list[range]] = {}
    sloping = list[Span]()
    if strip is strips.root.strip:
        given[0] = [range(strips.root.line.base, strips.root.line.base + 1)]
    for r in reads:
        if r.reader is strip:
            continue
        for span in cut(found[id(r.reader)], r.piece.over):
            if span.line.slope and len(span.over) > 1:
                sloping.append(_carried(span, r.piece.line))
                continue
            targets = _targets(Piece(span.over, strip, r.piece.line))
            given.setdefault(span.line.at(span.over.start) + 1, []).append(targets)
    if any(r.reader is strip for r in reads):
        if sloping:
            raise Unproved
        ((depth, (last,)),) = _single(given)
        if last != range(strip.over.stop - 1, strip.over.stop):
            raise Unproved
        return [Span(strip.over, Line(depth + strip.over.stop - 1, -1))]
    return [*(Span(_contiguous(parts), Line(depth, 0)) for depth, parts in sorted(given.items())), *sloping]


def _carried(span: Span, line: Line) -> Span:
    """One more than a sloping depth of the readers, by the index that they read: j = base + s * i, s = 1 or -1."""
    base, s = line
    if abs(s) != 1:
        raise Unproved
    low, high = line.ends(span.over)
    slope = span.line.slope * s
    return Span(range(low, high + 1), Line(span.line.base - slope * base + 1, slope))


def _single(given: dict[int, list[range]]) -> "tuple[tuple[int, tuple[range]]]":
    """The only entry, with its only range."""
    pairs = [(depth, part) for depth, parts in given.items() for part in parts]
    if len(pairs) != 1:
        raise Unproved
    return ((pairs[0][0], (pairs[0][1],)),)


def _contiguous(parts: Sequence[range]) -> range:
    """The range that disjoint progressions fill."""
    low, high = min(part[0] for part in parts), max(part[-1] for part in parts)
    if high - low + 1 != sum(map(len, parts)):
        raise Unproved
    return range(low, high + 1)
