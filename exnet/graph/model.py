"""The elaborated graph: integer arrays, no Python object per vertex. Free of torch and networkx.

Numbering. *Nodes* are leaves first (0..L, grids in the order of their names, each row-major), then internal vertices
(L..L+V). *Vertex ids* are 0..V. *Arc ids* are 0..A: the children of vertex 0 in slot order, then those of vertex 1, and
so on. All numbering is canonical: it depends on what the spec means, never on the order of its statements.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from exnet.graph.deferred import Deferrable
from exnet.source import Span
from exnet.spec.learned import LeafGrid

Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class LeafBlock:
    """One grid of leaves of an input: nodes `first <= node < first + leaves`.

    Their grid is `x` of an input `x`, or, with a learned tokeniser, `x.raw` or `x.position`.
    """

    name: str
    shape: tuple[int, ...]
    first: int
    leaves: int

    def leaf_name(self, position: int) -> str:
        """The name of one of them, `image[1, 2]`, by its row-major position."""
        return LeafGrid(self.name, self.shape).leaf_name(position)


@dataclass(frozen=True, eq=False)
class Equation(Deferrable):
    """One `vertex` equation in one frame (the file, or one application path), and the vertices that it made.

    Attributes:
        family: the family's name.
        sites: the application path from the file inwards, such as `("x.attention", "out.tree")`; empty in the file.
        hosts: for each site the host's index pattern for paths: one tuple for each site, each entry the position of
            the index among the columns of `outer` or None for an index that does not lift (printed as `_`).
        first: the first vertex id; its vertices are `first <= v < first + rows`.
        rows: how many vertices.
        index: own indices of each row, int64 [rows, rank].
        outer: lifted indices of the enclosing applications, outermost first, int64 [rows, lifted].
        children: int32 [rows] number of children, or one int if all rows have the same.
        networks: names of the networks (primary, complementary, trainer).
        span: of the whole equation in its file.
        applied: spans of the applications, outermost first.
    """

    family: str
    sites: tuple[str, ...]
    hosts: tuple[tuple[int | None, ...], ...]
    first: int
    rows: int
    index: Ints
    outer: Ints
    children: int | Ints32
    networks: tuple[str, str, str]
    span: Span
    applied: tuple[Span, ...]

    @property
    def path(self) -> str:
        """The path of all its vertices, without indices."""
        return ".".join([*self.sites, self.family])

    def vertex_name(self, vertex: int) -> str:
        """The path of one of its vertices, such as `x[1, _].attention.out[3].tree.h[2, 0]`."""
        row, parts = vertex - self.first, list[str]()
        outer = self.outer[row]
        for site, pattern in zip(self.sites, self.hosts, strict=True):
            host, _, block = site.partition(".")
            inside = ", ".join("_" if at is None else str(int(outer[at])) for at in pattern)
            parts.append(f"{host}[{inside}].{block}" if pattern else f"{host}.{block}")
        own = ", ".join(str(int(i)) for i in self.index[row])
        parts.append(f"{self.family}[{own}]" if own else self.family)
        return ".".join(parts)


@dataclass(frozen=True, slots=True)
class StackShape:
    """What the members of a stack agree on: component, number of children, and the name of the network."""

    component: str
    children: int
    network: str


@dataclass(frozen=True, eq=False)
class Classes(Deferrable):
    """The sharing classes of one component: a partition of its call sites.

    Attributes:
        component: `primary`, `complementary` or `trainer`.
        of: int32 [sites], the class of each call site. Sites are vertices; for `complementary` they are arcs, and an
            arc into a leaf has class -1.
        stack: int32 [classes], index into `stacks`.
        stacks: the distinct shapes, sorted.
        pool: int32 [classes], index into `pools`.
        pools: names such as `x.attention.pair`, sorted.
        key: for each pool int64 [classes of the pool, columns], sorted rows: frame key, then own key.
        labels: for each pool the text of each key column, such as `l` or `i % 2` or `slot`.
        hash: uint64 [classes], identity for random numbers: depends on component, pool name and key alone.

    Classes are numbered by (pool, key), so `key[pool[c]][c - first class of that pool]` is the key of class c.
    """

    component: str
    of: Ints32
    stack: Ints32
    stacks: tuple[StackShape, ...]
    pool: Ints32
    pools: tuple[str, ...]
    key: tuple[Ints, ...]
    labels: tuple[tuple[str, ...], ...]
    hash: Hashes

    def __len__(self) -> int:
        return len(self.stack)

    @cached_property
    def sites(self) -> Ints:
        """Call sites of each class, int64 [classes]."""
        return np.bincount(self.of + 1, minlength=len(self) + 1)[1:]

    def name(self, number: int) -> str:
        """The stable name of a class, such as `x.attention.pair/primary[l=1]`."""
        pool = int(self.pool[number])
        row = self.key[pool][number - int(np.searchsorted(self.pool, pool))]
        inside = ", ".join(f"{label}={int(value)}" for label, value in zip(self.labels[pool], row, strict=True))
        return f"{self.pools[pool]}/{self.component}" + (f"[{inside}]" if inside else "")


@dataclass(frozen=True, eq=False)
class Graph(Deferrable):
    """A verified directed acyclic graph with its sharing.

    Arrays may be made when they are first read: the hashes always, all of them where the counts have a closed form
    (`exnet.graph.strips`). The counts never need them then.

    Attributes:
        leaves: the grids of leaves of the inputs, in the order of their names.
        equations: in canonical order; their vertex ranges follow one another and cover 0..V.
        child_ptr: int64 [V + 1]; the arcs of vertex v are `child_ptr[v] <= a < child_ptr[v + 1]`, in slot order.
        child: int32 [A], node ids.
        level: int32 [V], longest path to a leaf; leaves have level 0, so every entry is at least 1.
        depth: int32 [V], longest path from the root; the root has 0.
        root: vertex id of the root.
        primary, complementary, trainer: sharing classes.
        hash: uint64 [V], identity of each vertex for random numbers (its path and index; not its number).
    """

    leaves: tuple[LeafBlock, ...]
    equations: tuple[Equation, ...]
    child_ptr: Ints
    child: Ints32
    level: Ints32
    depth: Ints32
    root: int
    primary: Classes
    complementary: Classes
    trainer: Classes
    hash: Hashes

    @property
    def leaf_count(self) -> int:
        """L, the number of leaves."""
        return sum(block.leaves for block in self.leaves)

    @property
    def vertex_count(self) -> int:
        """V, the number of internal vertices."""
        return len(self.level)

    @property
    def arc_count(self) -> int:
        """A, the number of arcs, those into leaves included."""
        return len(self.child)

    @property
    def levels(self) -> int:
        """The number of levels of internal vertices: the level of the highest."""
        return int(self.level.max(initial=0))

    @property
    def deepest(self) -> int:
        """The largest depth."""
        return int(self.depth.max(initial=0))

    @property
    def class_counts(self) -> dict[str, int]:
        """Sharing classes of each component."""
        return {classes.component: len(classes) for classes in (self.primary, self.complementary, self.trainer)}

    def equation_of(self, vertex: int) -> Equation:
        """The equation that made a vertex."""
        starts = [equation.first for equation in self.equations]
        return self.equations[int(np.searchsorted(starts, vertex, side="right")) - 1]

    def vertex_name(self, vertex: int) -> str:
        """The path of a vertex, such as `x[1, _].attention.out[3].tree.h[2, 0]`."""
        return self.equation_of(vertex).vertex_name(vertex)
