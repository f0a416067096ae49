"""Index domains as tables: counted before they are enumerated, enumerated axis by axis, looked up by arithmetic.

A domain is a ragged table over the instances of a frame. Axis by axis, a row of the prefix has `extent` indices from
`lo` on. Where these are the same for all rows the position is `p * extent + i - lo`, else `start[p] + i - lo`. A guard
keeps some rows of the box; `rowmap` leads from positions in the box to rows.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exnet.graph.integers import Array, Column

Ints32 = NDArray[np.int32]
PIECE = 65_536
"""Rows that are looked at in one piece while counting."""


class TooMany(Exception):  # noqa: N818
    """A box of more rows than allowed. `axis` is the axis with the largest extent among those counted."""

    def __init__(self, count: int, extents: Sequence[int]) -> None:
        super().__init__(count)
        self.count = count
        self.axis = max(range(len(extents)), key=extents.__getitem__)


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """The indices of one axis: the same for every row of the prefix (`start` is None), or one range for each."""

    lo: Column
    extent: Column
    start: Array | None


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """The rows of a prefix or of a whole head before its guard.

    Attributes:
        count: number of rows.
        instance: the instance of each row.
        index: the index on each axis of each row.
        axes: how to find a row.
    """

    count: int
    instance: Column
    index: tuple[Column, ...]
    axes: tuple[Axis, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Domain:
    """The rows that an equation defines, in lexicographic order of (instance, index)."""

    box: Box
    count: int
    instance: Column
    index: tuple[Column, ...]
    rowmap: Ints32 | None

    def lookup(self, instance: Column, index: Sequence[Column], count: int) -> Array:
        """The row of each (instance, index), or -1 where there is none. int64 [count]."""
        if self.count == 0:
            return np.full(count, -1)
        position, inside = instance.data, True
        for axis, column in zip(self.box.axes, index, strict=True):
            position, inside = _step(axis, column, position, inside)
            if inside is False:
                return np.full(count, -1)
        if self.rowmap is not None:
            position = self.rowmap[_safe(position, inside)]
        if inside is not True:
            position = np.where(inside, position, -1)
        rows = np.asarray(position, dtype=np.int64)
        return rows if rows.ndim else np.full(count, int(rows))


def _safe(position: "Array | int", inside: "Array | bool") -> "Array | int":
    return position if inside is True else np.where(inside, position, 0)


def _step(
    axis: Axis, column: Column, position: "Array | int", inside: "Array | bool"
) -> "tuple[Array | int, Array | bool]":
    """One axis further: positions and whether they exist."""
    at = position if isinstance(position, int) else _safe(position, inside)
    lo, extent = axis.lo, axis.extent
    if axis.start is not None:
        lo, extent = _at(lo, at), _at(extent, at)
    if column.hi < lo.lo or (lo.is_constant and extent.is_constant and column.lo >= lo.hi + extent.hi):
        return position, False
    fits = lo.is_constant and extent.is_constant and lo.hi <= column.lo and column.hi < lo.lo + extent.lo
    local = column.data if lo.is_constant and lo.data == 0 else column.data - lo.data
    if not fits:
        ok = local < extent.data
        if column.lo < lo.hi:
            ok = ok & (local >= 0)
        if not isinstance(ok, np.ndarray):
            if not ok:
                return position, False
        elif not ok.all():
            if not ok.any():
                return position, False
            inside = ok if inside is True else inside & ok
    base = at * extent.data if axis.start is None else axis.start.take(at)
    if isinstance(base, np.ndarray):
        base += local
        return base, inside
    moved = local if base == 0 else base + local
    return (moved if isinstance(moved, np.ndarray) else int(moved)), inside


def _at(column: Column, rows: "Array | int") -> Column:
    if isinstance(rows, np.ndarray):
        return column.take(rows)
    return Column.constant(column.at(rows))


Bounds = Callable[[Box], tuple[Column, Column]]
"""lo and extent of the next axis, for the rows of a prefix."""


class BoxBuilder:
    """Builds a box axis by axis. Constant axes wait until a later bound needs their columns, or until the end."""

    def __init__(self, instances: int, limit: int) -> None:
        instance = Column.of(np.arange(instances)) if instances != 1 else Column.constant(0)
        self._box = Box(instances, instance, (), ())
        self._waiting: list[tuple[int, int]] = []
        self._extents: list[int] = [instances]
        self._limit = limit

    @property
    def _pending(self) -> int:
        product = 1
        for _, extent in self._waiting:
            product *= extent
        return product

    def _allow(self, count: int) -> None:
        if count > self._limit:
            raise TooMany(count, self._extents)

    def add_constant(self, lo: int, extent: int) -> None:
        """An axis that is the same in every row."""
        self._waiting.append((lo, extent))
        self._extents.append(extent)

    def check(self) -> None:
        """Refuses the box if the product of its constant axes alone is too large."""
        self._allow(self._box.count * self._pending)

    def prefix(self) -> Box:
        """The rows so far, for evaluating the bounds of the next axis."""
        self._expand()
        return self._box

    def probe(self, bounds: Bounds) -> None:
        """Counts the next axis piece by piece before the prefix is enumerated, where it is long and regular."""
        total = self._box.count * self._pending
        if self._box.count != 1 or total <= PIECE or any(not c.is_constant for c in self._box.index):
            return
        counted = 0
        for first in range(0, total, PIECE):
            piece = _rectangle(self._box, self._waiting, np.arange(first, min(first + PIECE, total)))
            extent = bounds(piece)[1]
            counted += int(extent.array(piece.count).sum())
            if counted > self._limit:
                self._extents.append(extent.hi)
                raise TooMany(max(counted, total * max(extent.lo, 0)), self._extents)

    def add_ragged(self, lo: Column, extent: Column) -> None:
        """An axis with a range of its own for every row of the prefix."""
        box = self._box
        extents = extent.array(box.count)
        total = int(extents.sum())
        self._extents.append(int(extents.max(initial=0)))
        self._allow(total)
        start = np.cumsum(extents) - extents
        index = np.arange(total) - np.repeat(start - lo.array(box.count), extents)
        columns = tuple(_repeat(column, extents) for column in box.index)
        axis = Axis(lo, extent, start)
        self._box = Box(total, _repeat(box.instance, extents), (*columns, Column.of(index)), (*box.axes, axis))

    def finish(self) -> Box:
        """The whole box."""
        return self.prefix()

    def _expand(self) -> None:
        if not self._waiting:
            return
        self._allow(self._box.count * self._pending)
        box, sizes = self._box, [extent for _, extent in self._waiting]
        total = box.count * self._pending
        grid = (box.count, *sizes)
        columns = tuple(_spread(column, grid, 0) for column in box.index)
        axes = box.axes
        for at, (lo, extent) in enumerate(self._waiting, 1):
            values = Column.of(np.arange(lo, lo + extent)) if extent != 1 else Column.constant(lo)
            columns += (_spread(values, grid, at),)
            axes += (Axis(Column.constant(lo), Column.constant(extent), None),)
        self._box = Box(total, _spread(box.instance, grid, 0), columns, axes)
        self._waiting.clear()


def _repeat(column: Column, times: Array) -> Column:
    if not isinstance(column.data, np.ndarray):
        return column
    return Column(np.repeat(column.data, times), column.lo, column.hi)


def _spread(column: Column, grid: tuple[int, ...], axis: int) -> Column:
    """A column along one axis of a grid, repeated over the others."""
    if not isinstance(column.data, np.ndarray):
        return column
    shape = [1] * len(grid)
    shape[axis] = grid[axis]
    return Column(np.broadcast_to(column.data.reshape(shape), grid).reshape(-1), column.lo, column.hi)


def _rectangle(box: Box, waiting: Sequence[tuple[int, int]], rows: Array) -> Box:
    """Some rows of the box that the waiting axes will make of a prefix of one row."""
    columns, count = list[Column](), len(rows)
    for lo, extent in reversed(waiting):
        columns.append(Column.of(rows % extent + lo))
        rows = rows // extent
    return Box(count, box.instance, (*box.index, *reversed(columns)), ())


def guarded(box: Box, keep: "Array | bool") -> Domain:
    """The rows of a box at which `keep` holds."""
    if isinstance(keep, np.ndarray):
        if not keep.all():
            count = int(np.count_nonzero(keep))
            rowmap = np.where(keep, np.cumsum(keep) - 1, -1).astype(np.int32)
            rows = np.flatnonzero(keep)
            index = tuple(_tight(column.take(rows)) for column in box.index)
            return Domain(box, count, box.instance.take(rows), index, rowmap)
    elif not keep:
        return Domain(box, 0, Column.constant(0), tuple(Column.constant(0) for _ in box.index), None)
    return Domain(box, box.count, box.instance, box.index, None)


def _tight(column: Column) -> Column:
    return column if column.is_constant else Column.of(np.asarray(column.data))


def encode(columns: Sequence[Column], count: int, ranges: Sequence[tuple[int, int]]) -> Array:
    """One number for each row that orders rows as their columns do; -1 where a column leaves its range."""
    code: Array | int = 0
    inside: Array | bool = True
    for column, (lo, hi) in zip(columns, ranges, strict=True):
        if column.lo < lo or column.hi > hi:
            inside = inside & np.asarray((column.data >= lo) & (column.data <= hi))
        if hi > lo:
            code = _appended(code, hi - lo + 1, column.data, lo)
    if inside is not True:
        code = np.where(inside, code, -1)
    codes = np.asarray(code, dtype=np.int64)
    return codes if codes.ndim else np.full(count, int(codes))


def _appended(code: "Array | int", extent: int, data: "Array | int", lo: int) -> "Array | int":
    """The code times the extent, plus `data - lo`. An array is written over."""
    if not isinstance(code, np.ndarray):
        return data + (code * extent - lo)
    code *= extent
    code += data
    if lo:
        code -= lo
    return code


def ranges_of(tables: Sequence[Sequence[Column]]) -> list[tuple[int, int]] | None:
    """The range of each column over several tables; None if the code of a row would not fit into 62 bits."""
    ranges: list[tuple[int, int]] = []
    size = 1
    for columns in zip(*tables, strict=True):
        lo, hi = min(c.lo for c in columns), max(c.hi for c in columns)
        ranges.append((lo, hi))
        size *= hi - lo + 1
    return ranges if size < 2**62 else None
