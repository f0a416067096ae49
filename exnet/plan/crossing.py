"""What crosses when the vertices of a plan belong to several ranks: extractions, and nothing else.

On the way up, e_v goes to the owners of v's parents, whose phi read it, and of v's siblings, whose phi' read it. On the
way down, e'_u goes to the owners of u's children. Leaves are tokenised where they are read, and e' of the root is 0.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exnet.plan.grouping import order_by, starts_of_runs
from exnet.plan.model import Ints, Ints32, Plan


@dataclass(frozen=True, slots=True, eq=False)
class Crossing:
    """Extractions of one kind that are read on another rank; entries sorted by (step, source, to, row).

    Attributes:
        step: int64 [n], the level of the vertex (primary) or its depth (complementary): when its extraction is there.
        source: int64 [n], the rank that makes it. to: int64 [n], one that reads it.
        row: int64 [n], the vertex row.
    """

    step: Ints
    source: Ints
    to: Ints
    row: Ints

    def __len__(self) -> int:
        return len(self.row)

    @property
    def messages(self) -> Ints:
        """Where each message begins: what goes between two ranks at one step goes together."""
        return starts_of_runs(self.step, self.source, self.to)


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """What each rank sends in a step, int64 [N]: extractions of one instance, and messages."""

    primary: Ints
    complementary: Ints
    messages: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Crossings:
    """Both kinds."""

    primary: Crossing
    complementary: Crossing

    def sent(self, ranks: int) -> Sent:
        """What each of the ranks sends."""
        both = (self.primary, self.complementary)
        each = [np.bincount(kind.source, minlength=ranks) for kind in both]
        messages = [np.bincount(kind.source[kind.messages], minlength=ranks) for kind in both]
        return Sent(each[0], each[1], messages[0] + messages[1])


def crossings(plan: Plan, owner: Ints32) -> Crossings:
    """What crosses, if `owner` [V] are the ranks of the vertex rows."""
    arcs = plan.arcs
    depth = depths(plan)
    count = np.diff(arcs.sibling_ptr)
    inner = arcs.sibling >= plan.leaves
    siblings = arcs.sibling[inner].astype(np.int64) - plan.leaves
    readers = np.concatenate([owner[arcs.parent], np.repeat(owner[arcs.child], count)[inner]])
    primary = _crossing(owner, plan.level, np.concatenate([arcs.child, siblings]), readers)
    below = np.flatnonzero(arcs.parent != plan.root)
    return Crossings(primary, _crossing(owner, depth, arcs.parent[below], owner[arcs.child[below]]))


def depths(plan: Plan) -> Ints:
    """The longest path from the root, by vertex row."""
    depth = np.zeros(plan.vertices, np.int64)
    depth[plan.down.targets] = np.repeat(plan.down.step, np.diff(plan.down.site_ptr))
    return depth


def _crossing(
    owner: Ints32, step: NDArray[np.integer], rows: NDArray[np.integer], readers: NDArray[np.integer]
) -> Crossing:
    """Each pair of a row and a rank that reads it from elsewhere, once."""
    away = owner[rows] != readers
    row, to = rows[away].astype(np.int64), readers[away].astype(np.int64)
    order = order_by(step[row], owner[row], to, row)
    row, to = row[order], to[order]
    first = starts_of_runs(row, to)
    row, to = row[first], to[first]
    return Crossing(step[row].astype(np.int64), owner[row].astype(np.int64), to, row)
