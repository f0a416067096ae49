"""Families as tables: which slot stands for each (instance, index), and which indices a slice has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from exnet.graph.domain import Domain, encode, ranges_of
from exnet.graph.integers import Array, Column
from exnet.graph.scope import Family, Statement

FEW = 8
"""Up to so many equations are tried one after the other; more get one sorted table."""


@dataclass(slots=True, eq=False)
class EquationTable:
    """The rows of one equation of one frame; row r has slot `first + r`. Leaves have no statement."""

    statement: Statement | None
    domain: Domain
    first: int


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """The rows of a family, grouped by instance and the fixed axes of a slice; one entry for each group.

    Attributes:
        codes: sorted codes of (instance, fixed indices).
        lo, hi: for each kept axis the smallest index and the largest.
        counts: number of rows.
        ranges: of the columns behind the codes.
    """

    codes: Array
    lo: tuple[Array, ...]
    hi: tuple[Array, ...]
    counts: Array
    ranges: list[tuple[int, int]]

    def find(self, columns: Sequence[Column], count: int) -> Array:
        """The group of each row of (instance, fixed indices); -1 where there is none."""
        codes = encode(columns, count, self.ranges)
        at = np.searchsorted(self.codes, codes)
        at[at == len(self.codes)] = 0
        return np.where(self.codes[at] == codes, at, -1) if len(self.codes) else np.full(count, -1)


@dataclass(slots=True, eq=False)
class FamilyTable:
    """One family in one frame."""

    name: str
    rank: int
    family: Family | None
    equations: list[EquationTable] = field(default_factory=list)
    failed: bool = False
    _groups: dict[tuple[int, ...], Groups | None] = field(default_factory=dict)
    _sorted: "tuple[list[tuple[int, int]], Array, Array] | None" = None

    def index_name(self, axis: int) -> str:
        """What people call an axis."""
        return self.family.index_name(axis) if self.family else "ijklmn"[axis % 6]

    def lookup(self, instance: Column, index: Sequence[Column], count: int) -> Array:
        """The slot of each (instance, index), or -1. int64 [count]."""
        if len(self.equations) > FEW and (slots := self._search(instance, index, count)) is not None:
            return slots
        found: Array | None = None
        for table in self.equations:
            if table.domain.count == 0:
                continue
            if found is None:
                rows = table.domain.lookup(instance, index, count)
                found = _slots(rows, table.first)
                continue
            missing = np.flatnonzero(found < 0)
            if len(missing) == 0:
                break
            rows = table.domain.lookup(instance.take(missing), [c.take(missing) for c in index], len(missing))
            found[missing] = _slots(rows, table.first)
        return found if found is not None else np.full(count, -1)

    def _search(self, instance: Column, index: Sequence[Column], count: int) -> Array | None:
        if self._sorted is None:
            ranges = ranges_of([_columns(t) for t in self.equations if t.domain.count])
            if ranges is None:
                return None
            codes, slots = sorted_codes(self.equations, ranges)
            self._sorted = (ranges, codes, slots)
        ranges, codes, slots = self._sorted
        wanted = encode([instance, *index], count, ranges)
        at = np.searchsorted(codes, wanted)
        at[at == len(codes)] = 0
        return np.where(codes[at] == wanted, slots[at], -1)

    def groups(self, kept: tuple[int, ...]) -> Groups | None:
        """The groups of a slice that keeps some axes; None if the indices span more than 62 bits."""
        if kept not in self._groups:
            self._groups[kept] = self._grouped(kept)
        return self._groups[kept]

    def _grouped(self, kept: tuple[int, ...]) -> Groups | None:
        tables = [t.domain for t in self.equations if t.domain.count]
        if not tables:
            empty = np.zeros(0, np.int64)
            return Groups(
                empty, (empty,) * len(kept), (empty,) * len(kept), empty, [(0, 0)] * (self.rank - len(kept) + 1)
            )
        fixed = [axis for axis in range(self.rank) if axis not in kept]
        keys = [[d.instance, *(d.index[axis] for axis in fixed)] for d in tables]
        ranges = ranges_of(keys)
        if ranges is None:
            return None
        parts: list[list[Array]] = []
        for domain, key in zip(tables, keys, strict=True):
            values = [domain.index[axis].array(domain.count) for axis in kept]
            codes = encode(key, domain.count, ranges)
            parts.append(_grouped(codes, values, values, np.ones(domain.count, np.int64)))
        columns = [np.concatenate(arrays) for arrays in zip(*parts, strict=True)]
        half = (len(columns) - 2) // 2
        if len(parts) > 1:
            columns = _grouped(columns[0], columns[2 : 2 + half], columns[2 + half :], columns[1])
        return Groups(columns[0], tuple(columns[2 : 2 + half]), tuple(columns[2 + half :]), columns[1], ranges)


def _slots(rows: Array, first: int) -> Array:
    return rows + first if (rows >= 0).all() else np.where(rows < 0, -1, rows + first)


def _columns(table: EquationTable) -> list[Column]:
    return [table.domain.instance, *table.domain.index]


def sorted_codes(tables: Sequence[EquationTable], ranges: list[tuple[int, int]]) -> tuple[Array, Array]:
    """The codes of all rows of some equations in ascending order, and their slots."""
    parts = [encode(_columns(t), t.domain.count, ranges) for t in tables if t.domain.count]
    slots = np.concatenate([np.arange(t.first, t.first + t.domain.count) for t in tables if t.domain.count])
    codes = np.concatenate(parts)
    order = np.argsort(codes, kind="stable")
    return codes[order], slots[order]


def _grouped(codes: Array, lows: Sequence[Array], highs: Sequence[Array], counts: Array) -> list[Array]:
    """Rows of equal code as one: codes, counts, smallest and largest values."""
    if len(codes) > 1 and not (codes[1:] >= codes[:-1]).all():
        order = np.argsort(codes, kind="stable")
        codes, counts = codes[order], counts[order]
        lows, highs = [v[order] for v in lows], [v[order] for v in highs]
    starts = first_of_runs(codes)
    return [
        codes[starts],
        np.add.reduceat(counts, starts),
        *(np.minimum.reduceat(v, starts) for v in lows),
        *(np.maximum.reduceat(v, starts) for v in highs),
    ]


def first_of_runs(codes: Array) -> Array:
    """Where a new value begins in a sorted array."""
    new = np.empty(len(codes), dtype=bool)
    new[:1] = True
    np.not_equal(codes[1:], codes[:-1], out=new[1:])
    return np.flatnonzero(new)


def overlaps(tables: Sequence[EquationTable]) -> Iterator[tuple[EquationTable, EquationTable, Array]]:
    """Pairs of equations with common rows: both, and the common rows of the first."""
    filled = [t for t in tables if t.domain.count]
    if len(filled) > FEW and not _any_overlap(filled):
        return
    for at, table in enumerate(filled):
        for other in filled[:at]:
            if _boxes_meet(table.domain, other.domain):
                small, large = sorted((table, other), key=lambda t: t.domain.count)
                domain = small.domain
                rows = np.flatnonzero(large.domain.lookup(domain.instance, domain.index, domain.count) >= 0)
                if len(rows):
                    yield small, large, rows


def _any_overlap(tables: Sequence[EquationTable]) -> bool:
    ranges = ranges_of([_columns(t) for t in tables])
    if ranges is None:
        return True
    codes, _ = sorted_codes(tables, ranges)
    return bool((codes[1:] == codes[:-1]).any())


def _boxes_meet(a: Domain, b: Domain) -> bool:
    pairs = zip((a.instance, *a.index), (b.instance, *b.index), strict=True)
    return all(x.lo <= y.hi and y.lo <= x.hi for x, y in pairs)
