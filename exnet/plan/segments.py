"""A group of call sites, cut so that what it reads are views: contiguous rows, one class or a stack of classes at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exnet.plan.model import Group, Ints

BROAD = 16
"""Sites of a class from which a product of its own beats a place in a stack of products."""
MOST = 128
"""Sites of a product; larger ones are cut, so that what one layer leaves is still in the cache when the next reads it."""
SHREDS = 4
"""A stack is cut into at most as many pieces, or into an eighth of its classes; beyond that its rows are gathered."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Few rows that many sites read: site i * inner + j reads row i (`by_outer`) or row j."""

    outer: int
    inner: int
    by_outer: bool


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Some sites of a group that run as one product.

    Attributes:
        rows: int64 [G], rows of the stack. single: whether it is a product of one class, without the leading G.
        sites: the positions `start <= i < stop` among the sites of the group.
        reads: for each operand the rows that are read.
        repeats: for each operand how they are spread over the sites, or None if there is one for each.
    """

    rows: Ints
    single: bool
    sites: slice
    reads: tuple[Ints, ...]
    repeats: tuple[Repeat | None, ...]


def segments(group: Group) -> Iterator[Segment]:
    """The pieces of a group, in the order of its sites."""
    classes, members = len(group.rows), group.members
    if classes == 1 or members >= BROAD or (classes == 2 and members > 1):
        for g in range(classes):
            yield from _parts(_single(group, g))
        return
    most = max(1, MOST // members)
    for first, end in ((a, min(a + most, e)) for s, e in _runs(group) for a in range(s, e, most)):
        sites = slice(first * members, end * members)
        reads = tuple(operand[sites].astype(np.int64) for operand in group.operands)
        yield Segment(group.rows[first:end].astype(np.int64), False, sites, reads, (None,) * len(reads))


def _single(group: Group, g: int) -> Segment:
    sites = slice(g * group.members, (g + 1) * group.members)
    found = [_repeated(operand[sites].astype(np.int64)) for operand in group.operands]
    reads, repeats = tuple(rows for rows, _ in found), tuple(repeat for _, repeat in found)
    return Segment(group.rows[g : g + 1].astype(np.int64), True, sites, reads, repeats)


def _parts(whole: Segment) -> Iterator[Segment]:
    """A product of one class in parts of `MOST` sites, unless rows are read more than once."""
    first, end = whole.sites.start, whole.sites.stop
    if end - first <= MOST or any(whole.repeats):
        yield whole
        return
    for at in range(0, end - first, MOST):
        reads = tuple(rows[at : at + MOST] for rows in whole.reads)
        sites = slice(first + at, min(first + at + MOST, end))
        yield Segment(whole.rows, True, sites, reads, whole.repeats)


def _repeated(rows: Ints) -> tuple[Ints, Repeat | None]:
    """The distinct rows and how they are repeated, where that is a pattern and saves half of them at least."""
    if len(rows) < 2 or bool((np.diff(rows) == 1).all()):
        return rows, None
    distinct, first, of = np.unique(rows, return_index=True, return_inverse=True)
    count, sites = len(distinct), np.arange(len(rows))
    if 2 * count > len(rows) or len(rows) % count:
        return rows, None
    order = np.argsort(first)
    place = np.empty(count, np.int64)
    place[order] = np.arange(count)
    times = len(rows) // count
    if bool((place[of] == sites // times).all()):
        return distinct[order], Repeat(count, times, True)
    if bool((place[of] == sites % count).all()):
        return distinct[order], Repeat(times, count, False)
    return rows, None


def _runs(group: Group) -> Sequence[tuple[int, int]]:
    """Pieces of the classes within which every operand is evenly spaced; all of them, if there were too many pieces."""
    classes, members = len(group.rows), group.members
    breaks = np.zeros(classes - 1, np.bool_)
    for operand in group.operands:
        table = operand.reshape(classes, members).astype(np.int64)
        if members > 1 and not bool((np.diff(table, axis=1) == 1).all()):
            return [(0, classes)]
        step = np.diff(table[:, 0])
        breaks |= step != (members if members > 1 else _usual(step))
    cuts: NDArray[np.int64] = np.flatnonzero(breaks) + 1
    if len(cuts) + 1 > max(SHREDS, classes // 8):
        return [(0, classes)]
    ends = [0, *cuts.tolist(), classes]
    return list(zip(ends[:-1], ends[1:], strict=True))


def _usual(step: Ints) -> int:
    """The most frequent positive step."""
    positive = step[step > 0]
    return int(np.bincount(positive).argmax()) if len(positive) else 1
