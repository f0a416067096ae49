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


def walk_down(lists: Lists, pending: Array, front: Array, passed: int, limit: int) -> list[list[int]]:
    """Passes vertices, parents before children, from `front` on until none is ready or a front is wide.

    Gives the fronts; `pending` is what it was, less the arcs passed. The last front, if it is wide, has not been passed.

    Raises:
        TooDeep: more than `limit` fronts with the `passed` ones before.
    """
    ptr, child, waiting = lists.ptr, lists.child, pending.tolist()
    fronts, ready = list[list[int]](), front.tolist()
    while ready and len(ready) < WIDE:
        fronts.append(ready)
        if passed + len(fronts) > limit:
            raise TooDeep
        after = list[int]()
        for vertex in ready:
            for kid in child[ptr[vertex] : ptr[vertex + 1]]:
                waiting[kid] -= 1
                if not waiting[kid]:
                    after.append(kid)
        ready = after
    pending[:] = waiting
    if ready:
        fronts.append(ready)
    return fronts


def climb(lists: Lists, fronts: Sequence[list[int]], level: Array) -> None:
    """level(v) = 1 + max level(children) for the vertices of some fronts, the last ones first. `level`: int32 [V]."""
    ptr, child, known = lists.ptr, lists.child, level.tolist()
    for front in reversed(fronts):
        for vertex in front:
            known[vertex] = 1 + max([known[kid] for kid in child[ptr[vertex] : ptr[vertex + 1]]], default=0)
    level[:] = known
