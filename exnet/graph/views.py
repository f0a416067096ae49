"""Arrays of nodes as views: nothing is copied; reading through any number of them ends in one look-up.

A view has rows (those of the table in which its expression stands), and for each row an array whose indices start at 0.
`fetch(rows, index, count)` gives the slots of `count` reads: read t is of row `rows[t]` at `index[..][t]`.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from exnet.graph.integers import Array, Column, add
from exnet.graph.tables import FamilyTable

Rows = Column | None
"""Row numbers of a view; None: every row once, in order."""


def taken(column: Column, rows: Rows) -> Column:
    """The values of a column in some rows."""
    return column if rows is None else column.take(rows)


class View(ABC):
    """One array of nodes for each row."""

    @property
    @abstractmethod
    def extents(self) -> tuple[Column, ...]:
        """The size of each axis, for each row."""

    @abstractmethod
    def fetch(self, rows: Rows, index: Sequence[Column], count: int) -> Array:
        """Slots of reads that are known to be inside. int64 [count]."""


@dataclass(frozen=True, eq=False)
class FamilyBase:
    """A family as it is, with its own indices, for the instance of each row."""

    table: FamilyTable
    instance: Column

    def fetch(self, rows: Rows, index: Sequence[Column], count: int) -> Array:
        """The slot of each read, or -1."""
        return self.table.lookup(taken(self.instance, rows), index, count)


@dataclass(frozen=True, eq=False)
class Slice(View):
    """`base[fixed, .., lo..]`: some axes fixed, the others kept from `lo` on. `axes`: (kept, fixed index or lo)."""

    base: View | FamilyBase
    axes: tuple[tuple[bool, Column], ...]
    sizes: tuple[Column, ...]

    @property
    def extents(self) -> tuple[Column, ...]:
        """The sizes of the kept axes."""
        return self.sizes

    def fetch(self, rows: Rows, index: Sequence[Column], count: int) -> Array:
        """Reads of the base at the fixed indices and `lo + index`."""
        kept = iter(index)
        full = [add(taken(at, rows), next(kept)) if keep else taken(at, rows) for keep, at in self.axes]
        return self.base.fetch(rows, full, count)


@dataclass(frozen=True, eq=False)
class Restricted(View):
    """Row r is row `rows[r]` of the base."""

    base: View
    rows: Column

    @property
    def extents(self) -> tuple[Column, ...]:
        """Those of the base, in its rows."""
        return tuple(e.take(self.rows) for e in self.base.extents)

    def fetch(self, rows: Rows, index: Sequence[Column], count: int) -> Array:
        """Reads of the base in its rows."""
        return self.base.fetch(taken(self.rows, rows), index, count)


@dataclass(frozen=True, eq=False)
class Flattened(View):
    """All axes as one, row-major."""

    base: View

    @property
    def extents(self) -> tuple[Column, ...]:
        """The product of the sizes."""
        size = self.base.extents[0]
        for e in self.base.extents[1:]:
            size = Column(size.data * e.data, size.lo * e.lo, size.hi * e.hi)
        return (size,)

    def fetch(self, rows: Rows, index: Sequence[Column], count: int) -> Array:
        """Reads at the quotients and remainders."""
        return self.base.fetch(rows, unravelled(index[0], [taken(e, rows) for e in self.base.extents]), count)


def unravelled(position: Column, extents: Sequence[Column]) -> list[Column]:
    """The indices of a row-major position."""
    columns: list[Column] = []
    for extent in reversed(extents[1:]):
        size = np.maximum(extent.data, 1) if isinstance(extent.data, np.ndarray) else max(extent.data, 1)
        columns.append(_column(position.data % size))
        position = _column(position.data // size)
    return [position, *reversed(columns)]


def _column(data: "Array | int") -> Column:
    return Column.of(data) if isinstance(data, np.ndarray) else Column.constant(data)


@dataclass(frozen=True, eq=False)
class Reversed(View):
    """Rank 1, from the last to the first."""

    base: View

    @property
    def extents(self) -> tuple[Column, ...]:
        """Those of the base."""
        return self.base.extents

    def fetch(self, rows: Rows, index: Sequence[Column], count: int) -> Array:
        """Reads at `size - 1 - index`."""
        size, at = taken(self.base.extents[0], rows), index[0]
        return self.base.fetch(rows, [_column(size.data - 1 - at.data)], count)


@dataclass(frozen=True, eq=False)
class Transposed(View):
    """Rank 2, rows and columns exchanged."""

    base: View

    @property
    def extents(self) -> tuple[Column, ...]:
        """Those of the base, exchanged."""
        a, b = self.base.extents
        return (b, a)

    def fetch(self, rows: Rows, index: Sequence[Column], count: int) -> Array:
        """Reads at the exchanged indices."""
        return self.base.fetch(rows, (index[1], index[0]), count)


def elements(extents: Sequence[Column], count: int) -> tuple[Column, list[Column], int, Array]:
    """Every element of the arrays of `count` rows: its row, its index, how many there are, and how many in each row."""
    sizes = np.ones(count, np.int64)
    for extent in extents:
        sizes = sizes * extent.array(count)
    total = int(sizes.sum())
    rows = np.repeat(np.arange(count), sizes)
    local = np.arange(total) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    at = Column.of(rows)
    return at, unravelled(Column.of(local), [e.take(at) for e in extents]), total, sizes
