"""Which incoming arc each vertex draws, for each instance: int64 [V, B], positions in the order of `Arcs.incoming`.

A draw is a function of (seed, vertex, step, instance); with `draw: batch` the instance is left out. numpy only.
"""

import numpy as np
from numpy.typing import NDArray

from exnet.graph.randomness import uniform
from exnet.plan.model import Plan
from exnet.spec.model import Mode

Ints = NDArray[np.int64]


def draws(plan: Plan, mode: Mode, seed: int, step: int, instances: Ints) -> Ints:
    """Uniform, or with `weights` in proportion to the weight of each arc's slot. Vertices with one arc (or none) get 0.

    Args:
        plan: with the arcs.
        mode: `draw` and `weights` are read.
        seed: of the run.
        step: of training.
        instances: int64 [B], the number of each instance in its data set.

    Shapes:
        returns int64 [V, B]; a read-only view of one zero if no vertex has several incoming arcs.
    """
    rows = several(plan)
    if not len(rows):
        return np.broadcast_to(np.int64(0), (plan.vertices, len(instances)))
    drawn = np.zeros((plan.vertices, len(instances)), np.int64)
    if mode.draw == "batch":
        numbers = uniform(seed, "draw", plan.hash[rows], step)[:, None]
    else:
        numbers = uniform(seed, "draw", plan.hash[rows][:, None], step, instances[None, :])
    drawn[rows] = _positions(plan, mode, rows, numbers)
    return drawn


def several(plan: Plan) -> Ints:
    """The vertex rows with more than one incoming arc."""
    return np.flatnonzero(np.diff(plan.arcs.incoming_ptr) > 1)


def _positions(plan: Plan, mode: Mode, rows: Ints, numbers: NDArray[np.float64]) -> Ints:
    first, count = plan.arcs.incoming_ptr[rows], np.diff(plan.arcs.incoming_ptr)[rows]
    if mode.weights is None:
        return np.minimum((numbers * count[:, None]).astype(np.int64), count[:, None] - 1)
    weight = np.asarray(mode.weights)[plan.arcs.slot[plan.arcs.incoming]]
    total = np.concatenate([[0.0], np.cumsum(weight)])
    below = total[first][:, None]
    wanted = below + numbers * (total[first + count][:, None] - below)
    found = np.searchsorted(total, wanted, side="right") - 1
    likely = np.maximum.accumulate(np.where(weight > 0, np.arange(len(weight)), 0))
    last = likely[first + count - 1][:, None]  # rounding must not lead beyond the last arc with a weight
    return np.clip(found, first[:, None], last) - first[:, None]
