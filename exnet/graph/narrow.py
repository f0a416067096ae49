"""Levels and depths where few vertices are ready at a time: plain lists, one vertex after the other.

A sweep of numpy costs about 30 us however few vertices it passes; a list costs about 1 us for each arc.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from exnet.graph.integers import Array

if TYPE_CHECKING:
    from exnet.graph.levels import Dag

NARROW = 32
"""Vertices ready at a time, on average, up to which lists are faster."""
WIDE = 4096
"""A front of so many vertices is left to numpy."""


class TooDeep(Exception):  # noqa: N818
    """More fronts than allowed."""


class Lists:
    """The arcs between vertices as lists; vertex numbers, leaves left out."""

    def __init__(self, dag: "Dag") -> None:
        inner = dag.child >= dag.leaves
        below = np.concatenate([np.zeros(1, np.int64), np.cumsum(inner)])
        self.ptr: list[int] = below[dag.ptr].tolist()
        self.child: list[int] = (dag.child[inner] - dag.leaves).tolist()


def walk_down(lists: Lists, pending: Array, front: Array, passed: int, limit: int) -> tuple[list[int], list[int]]:
    """Passes `front` and what becomes ready, parents before children, until nothing is left or a front is wide.

    Gives the vertices passed and then those of the wide front, in one list, and where each front begins and ends in it.
    `pending` is what it was, less the arcs passed. (One list, because a million short ones cost the garbage collector
    more than the walk.)

    Raises:
        TooDeep: more than `limit` fronts with the `passed` ones before.
    """
    ptr, child, waiting = lists.ptr, lists.child, pending.tolist()
    order, ends = front.tolist(), [0]
    while ends[-1] < len(order) and (len(order) - ends[-1] < WIDE or len(ends) == 1):
        start = ends[-1]
        ends.append(len(order))
        if passed + len(ends) - 1 > limit:
            raise TooDeep
        for vertex in order[start:]:
            for kid in child[ptr[vertex] : ptr[vertex + 1]]:
                waiting[kid] -= 1
                if not waiting[kid]:
                    order.append(kid)
    pending[:] = waiting
    return order, ends


def climb(lists: Lists, order: Sequence[int], level: Array) -> None:
    """level(v) = 1 + max level(children) for some vertices, children last. `level`: int32 [V]."""
    ptr, child, known = lists.ptr, lists.child, level.tolist()
    for vertex in reversed(order):
        most = 0
        for kid in child[ptr[vertex] : ptr[vertex + 1]]:
            if known[kid] > most:
                most = known[kid]
        known[vertex] = most + 1
    level[:] = known
