"""Levels (longest path to a leaf) and depths (longest path from the root) of a directed acyclic graph in CSR form.

One walk from the root, parents before children, gives the depths; walked backwards, the levels. Where that takes many
rounds, a closed form is guessed for each equation, level = integer-affine in its indices, and accepted only if
level(v) = 1 + max level(children) holds for every vertex. Such an assignment is unique, and its existence proves that
there is no cycle. Depths likewise, from the parents. Where no form is found and the rounds pass few vertices each,
plain lists go on (`exnet.graph.narrow`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from exnet.graph.integers import Array
from exnet.graph.narrow import NARROW, Lists, TooDeep, climb, walk_down

FIRST_GUESS = 64
"""Rounds of the walk before the first guess; the next come at eight times as many."""


@dataclass(slots=True, eq=False)
class Dag:
    """Children of vertices: node ids, `leaves` leaves first. `features`: (first vertex, index table) per equation."""

    ptr: Array
    child: Array
    leaves: int
    root: int
    features: Callable[[], Sequence[tuple[int, Array]]]
    width: int | None = field(init=False)
    _parents: Array | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        counts = np.diff(self.ptr)
        self.width = int(counts[0]) if len(counts) and (counts == counts[0]).all() else None

    @property
    def vertices(self) -> int:
        """V."""
        return len(self.ptr) - 1

    def arcs(self, rows: Array) -> Array:
        """The arcs of some vertices, in their order."""
        if self.width is not None:
            return (rows[:, None] * self.width + np.arange(self.width)).reshape(-1)
        counts = self.ptr[rows + 1] - self.ptr[rows]
        ends = np.cumsum(counts)
        return np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(self.ptr[rows] - ends + counts, counts)

    def kids(self, rows: Array) -> Array:
        """The children of some vertices, in the order of their arcs."""
        if self.width is not None:
            return self.child.reshape(-1, self.width).take(rows, axis=0).ravel()
        return self.child[self.arcs(rows)]

    def inner(self, rows: Array) -> Array:
        """The vertices that some vertices read, once for each arc."""
        kids = self.kids(rows)
        kids -= np.int32(self.leaves)
        inside = kids >= 0
        return kids if inside.all() else kids[inside]

    def most(self, values: Array, rows: Array | None = None) -> Array:
        """The largest of `values` (by node) over the children of each vertex."""
        return self._reduce(np.maximum, values, rows)

    def least(self, values: Array) -> Array:
        """The smallest of `values` (by node) over the children of each vertex."""
        return self._reduce(np.minimum, values, None)

    def _reduce(self, function: np.ufunc, values: Array, rows: Array | None) -> Array:
        gathered = values.take(self.child if rows is None else self.kids(rows))
        if self.width is not None and self.width <= 8:
            table = gathered.reshape(-1, self.width)
            result = table[:, 0]
            for column in range(1, self.width):
                result = function(result, table[:, column])
            return result
        counts = np.diff(self.ptr) if rows is None else self.ptr[rows + 1] - self.ptr[rows]
        return function.reduceat(gathered, np.cumsum(counts) - counts)

    def parents(self) -> Array:
        """Number of arcs into each vertex, int32 [V]; a copy each time, counted once."""
        if self._parents is None:
            self._parents = np.bincount(self.child, minlength=self.leaves + self.vertices)[self.leaves :].astype(
                np.int32
            )
        return self._parents.copy()


class Cyclic(Exception):  # noqa: N818
    """Some vertices read themselves. `left` are those that are never ready."""

    def __init__(self, left: Array) -> None:
        super().__init__()
        self.left = left


class Deep(Exception):  # noqa: N818
    """More levels than allowed without a closed form."""


def reachable(dag: Dag) -> Array | None:
    """Which vertices the root reaches, bool [V]; None if all of them.

    Searches from the root downwards and from the other sources downwards in turn, for ever more rounds: what is small
    or shallow on either side ends the search. The second search takes away what only unreachable vertices read.
    """
    parents = dag.parents()
    sources = np.flatnonzero(parents == 0)
    if len(sources) == 1 and sources[0] == dag.root:
        return None
    seen = np.zeros(dag.vertices, dtype=bool)
    seen[dag.root] = True
    front = np.array([dag.root])
    keep = np.ones(dag.vertices, dtype=bool)
    lost = sources[sources != dag.root]
    keep[lost] = False
    walk = Walk(dag, parents)
    rounds = 8
    while True:
        for _ in range(rounds):
            kids = dag.inner(front)
            front = walk.once(kids[~seen[kids]])
            seen[front] = True
            if not len(front):
                return seen
        for _ in range(rounds if len(lost) else 0):
            lost = walk.ready(lost)
            lost = lost[lost != dag.root]
            keep[lost] = False
            if not len(lost) and np.count_nonzero(walk.pending[keep] == 0) == 1 and walk.pending[dag.root] == 0:
                return keep
            if not len(lost):
                break
        rounds *= 2


class Walk:
    """A walk in which a vertex is ready once all its parents have been passed."""

    def __init__(self, dag: Dag, pending: Array) -> None:
        self.dag, self.pending = dag, pending
        self._mark = np.zeros(dag.vertices, dtype=np.int32)

    def once(self, vertices: Array) -> Array:
        """Each vertex once, without sorting."""
        if len(vertices) < 2:
            return vertices
        number = np.arange(len(vertices), dtype=np.int32)
        self._mark[vertices] = number
        return vertices[self._mark.take(vertices) == number]

    def ready(self, passed: Array) -> Array:
        """Passes some vertices; those whose last parent this was."""
        kids = self.dag.inner(passed)
        np.subtract.at(self.pending, kids, np.int32(1))
        return self.once(kids[self.pending.take(kids) == 0])


def levels_and_depths(dag: Dag, limit: int) -> tuple[Array, Array]:
    """Level and depth of every vertex, int32 [V] each. All vertices must be reachable from the root.

    Raises:
        Cyclic: there is a cycle.
        Deep: more than `limit` levels and no closed form.
    """
    walk, lists = Walk(dag, dag.parents()), None
    depth = np.full(dag.vertices, -1, dtype=np.int32)
    if walk.pending[dag.root]:
        raise Cyclic(np.flatnonzero(walk.pending > 0))
    front, fronts, guess_at, sweeps = np.array([dag.root]), list["Array | list[int]"](), FIRST_GUESS, 6
    level: Array | None = None
    rounds = 0
    while len(front):
        depth[front] = rounds
        fronts.append(front)
        rounds += 1
        if rounds == guess_at:
            level = level if level is not None else guess_levels(dag, sweeps)
            if level is not None and (guess := guess_depths(dag, depth)) is not None:
                return level, guess
            if lists is None and guess_at > FIRST_GUESS and np.count_nonzero(depth >= 0) < NARROW * guess_at:
                lists = Lists(dag)
                front = _walk_lists(walk, lists, fronts, depth, limit)
                rounds = int(depth.max()) + 1
                continue
            guess_at, sweeps = guess_at * 8, min(2 * sweeps, 48)
        if rounds > limit:
            raise Deep
        front = walk.ready(front)
    if (depth < 0).any():
        raise Cyclic(np.flatnonzero(depth < 0))
    return (level if level is not None else _levels(dag, fronts, lists)), depth


def _walk_lists(walk: "Walk", lists: Lists, fronts: "list[Array | list[int]]", depth: Array, limit: int) -> Array:
    """Goes on from the last of `fronts` by lists, all of which become one entry there; the front to go on from."""
    front = fronts.pop()
    passed = len(fronts)  # numpy's fronts, one entry each
    try:
        order, ends = walk_down(lists, walk.pending, np.asarray(front), passed, limit)
    except TooDeep:
        raise Deep from None
    rest, done = np.array(order[ends[-1] :], np.int64), order[: ends[-1]]
    steps = np.arange(passed, passed + len(ends) - 1, dtype=np.int32)
    depth[np.array(done)] = np.repeat(steps, np.diff(ends))
    fronts.append(done)
    return rest


def _levels(dag: Dag, fronts: "Sequence[Array | list[int]]", lists: Lists | None) -> Array:
    """The walk backwards: children before parents."""
    level = np.zeros(dag.leaves + dag.vertices, dtype=np.int32)
    for front in reversed(fronts):
        if isinstance(front, list):
            assert lists is not None
            climb(lists, front, level[dag.leaves :])
        else:
            level[front + dag.leaves] = dag.most(level, front) + 1
    return level[dag.leaves :]


def guess_levels(dag: Dag, sweeps: int) -> Array | None:
    """Levels by a closed form for each equation, proved; None if it does not hold."""
    level = np.full(dag.leaves + dag.vertices, -1, dtype=np.int32)
    level[: dag.leaves] = 0
    inner = level[dag.leaves :]
    for _ in range(sweeps):
        low = dag.least(level)
        inner[:] = np.where(low >= 0, dag.most(level) + 1, -1)
    if (inner >= 0).all():
        return inner
    guess = _fit(dag, inner)
    if guess is None:
        return None
    level[dag.leaves :] = guess
    return guess if (dag.most(level) + 1 == guess).all() else None


def guess_depths(dag: Dag, known: Array) -> Array | None:
    """Depths by a closed form for each equation, proved; the graph must be known to have no cycle."""
    guess = _fit(dag, known)
    if guess is None or guess[dag.root] != 0:
        return None
    inner = np.flatnonzero(dag.child >= dag.leaves)
    kids = dag.child[inner] - dag.leaves
    if dag.width is not None:
        parents = inner // dag.width
    else:
        parents = np.repeat(np.arange(dag.vertices), np.diff(dag.ptr))[inner]
    found = np.zeros(dag.vertices, dtype=np.int32)
    np.maximum.at(found, kids, guess[parents] + np.int32(1))
    return guess if (found == guess).all() else None


def _fit(dag: Dag, known: Array) -> Array | None:
    """Known values as integer-affine functions of the indices, equation by equation, for all vertices."""
    guess = np.empty(dag.vertices, dtype=np.int32)
    for first, table in dag.features():
        values = known[first : first + len(table)]
        rows = np.flatnonzero(values >= 0)
        if not len(rows):
            return None
        sample = rows[np.linspace(0, len(rows) - 1, min(len(rows), 64)).astype(np.int64)]
        design = np.column_stack([np.ones(len(sample)), table[sample]]).astype(np.float64)
        exact = np.rint(np.linalg.lstsq(design, values[sample].astype(np.float64), rcond=None)[0]).astype(np.int64)
        fitted = table @ exact[1:] + exact[0]
        if not (fitted[rows] == values[rows]).all() or fitted.min() < 0 or fitted.max() >= 2**31:
            return None
        guess[first : first + len(table)] = fitted
    return guess


def find_cycle(dag: Dag, left: Array) -> list[int]:
    """A cycle among vertices that are never ready, reader before read, from its smallest vertex on."""
    inside = np.zeros(dag.vertices, dtype=bool)
    inside[left] = True
    arcs = dag.arcs(left)
    owners = np.repeat(left, dag.ptr[left + 1] - dag.ptr[left])
    kids = dag.child[arcs] - dag.leaves
    both = (kids >= 0) & inside[np.maximum(kids, 0)]
    parent = np.full(dag.vertices, -1)
    parent[kids[both][::-1]] = owners[both][::-1]
    path, place, at = list[int](), dict[int, int](), int(left[0])
    while at not in place:
        place[at] = len(path)
        path.append(at)
        at = int(parent[at])
    circle = path[place[at] :][::-1]
    least = circle.index(min(circle))
    return circle[least:] + circle[:least]
