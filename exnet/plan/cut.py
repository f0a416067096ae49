"""The cut: which rank owns which vertex, so that several processes share the work and few extractions cross.

A vertex is trained where it is owned: phi_v, psi_v and the phi'_a of its incoming arcs live there. Two manners of
cutting are tried, and the one with the shorter predicted step is taken:

    across   every level is divided among all ranks, in the order of the parents: subtrees of a tree, positions of
             attention, stripes of a multilayer net. All ranks work at every level.
    along    consecutive vertex rows, lowest levels first: for chains and other narrow graphs. The passes go through
             one rank after the other; only the local update, which has no levels, is done by all at once.

Both depend on the plan alone, so that every process finds the same cut by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exnet.plan.cost import training_flops
from exnet.plan.crossing import Crossings, crossings, depths
from exnet.plan.grouping import order_by
from exnet.plan.model import Groups, Ints, Ints32, Plan
from exnet.plan.rules import TOO_MANY_RANKS
from exnet.source import ExnetError

Floats = NDArray[np.float64]

RATE, BANDWIDTH, LATENCY = 4e10, 1e9, 1e-4
"""What the choice between cuts assumes of a process: operations and bytes in a second, seconds for a message."""


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """Operations for one instance of a training step, by vertex row, float64 [V].

    Attributes:
        up: of phi_v in the up pass. down: of the phi'_a of the incoming arcs in the down pass.
        local: of the local update: the trainer, and all gradients.
    """

    up: Floats
    down: Floats
    local: Floats

    @property
    def whole(self) -> Floats:
        """All three."""
        return self.up + self.down + self.local


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """An assignment of vertices to ranks.

    Attributes:
        ranks: N. manner: `across` or `along`.
        owner: int32 [V], the rank of each vertex row; every rank has at least one.
        crossings: what is read on another rank than the one that makes it.
        flops: float64 [N], operations of each rank for one instance of a training step.
        busy: operations on the longest way through a step for one instance: at each level and depth those of the rank
            with the most, then those of the rank with the longest local update.
    """

    ranks: int
    manner: str
    owner: Ints32
    crossings: Crossings
    flops: Floats
    busy: float

    @property
    def balance(self) -> float:
        """Mean operations of a rank over those of the busiest one."""
        return float(self.flops.mean() / self.flops.max())

    @property
    def efficiency(self) -> float:
        """Operations of one process over (N x `busy`): the share of N times the speed that the cut allows.

        Communication costs nothing in it.
        """
        return float(self.flops.sum() / (self.ranks * self.busy))

    def seconds(self, plan: Plan, batch: int) -> float:
        """A rough time of a step, by which cuts are compared."""
        sent = self.crossings.sent(self.ranks)
        size = 4 * batch * (plan.primary * sent.primary + plan.complementary * sent.complementary)
        return self.busy * batch / RATE + float(size.max()) / BANDWIDTH + float(sent.messages.max()) * LATENCY


def cut(plan: Plan, ranks: int, batch: int = 64) -> Cut:
    """The cut of a plan for `ranks` processes and batches of `batch` instances; a function of nothing else.

    Raises:
        ExnetError: EXN660, if a rank would have no vertex.
    """
    load = loads(plan)
    found = [_judged(plan, load, ranks, manner, assign(plan, load, ranks)) for manner, assign in MANNERS.items()]
    whole = [made for made in found if made is not None]
    if not whole:
        message = f"`{plan.name}` has {plan.vertices:,} vertices, too few of like cost for {ranks:,} ranks"
        raise ExnetError(
            TOO_MANY_RANKS.at(None, message, help="start fewer processes, or train with `--parallel data`")
        )
    return min(whole, key=lambda made: made.seconds(plan, batch))


def loads(plan: Plan) -> Load:
    """The operations of each vertex row. Forward work belongs to the passes, all else to the local update."""
    up = _at_sites(plan, plan.local_primary, plan.vertices, forward=True)
    arcs = _at_sites(plan, plan.local_arcs, len(plan.arcs.child), forward=True)
    primary = _at_sites(plan, plan.local_primary, plan.vertices, forward=False)
    trainers = _at_sites(plan, plan.trainers, plan.vertices, forward=False)
    every = _at_sites(plan, plan.local_arcs, len(plan.arcs.child), forward=False)
    down, both = (_sums(plan.arcs.child, values, plan.vertices) for values in (arcs, every))
    return Load(up, down, primary + trainers + both - up - down)


def _sums(of: NDArray[np.integer], values: Floats, count: int) -> Floats:
    return np.bincount(of, values, count).astype(np.float64)


def _at_sites(plan: Plan, groups: Groups, count: int, *, forward: bool) -> Floats:
    each = np.array([s.network.flops(s.signature) if forward else training_flops(s) for s in plan.stacks], np.float64)
    made = np.zeros(count)
    made[groups.sites] = np.repeat(each[groups.stack], np.diff(groups.site_ptr))
    return made


def _judged(plan: Plan, load: Load, ranks: int, manner: str, owner: Ints32 | None) -> Cut | None:
    """The cut of an assignment; None if a rank has nothing."""
    if owner is None or len(np.unique(owner)) < ranks:
        return None
    flops = _sums(owner, load.whole, ranks)
    busy = (
        _longest(plan.level, owner, load.up, ranks)
        + _longest(depths(plan), owner, load.down, ranks)
        + float(np.bincount(owner, load.local, ranks).max())
    )
    return Cut(ranks, manner, owner, crossings(plan, owner), flops, busy)


def _longest(step: NDArray[np.integer], owner: Ints32, load: Floats, ranks: int) -> float:
    """Sum over the steps of the largest load of a rank."""
    size = int(step.max(initial=0)) + 1
    each = np.bincount(step.astype(np.int64) * ranks + owner, load, size * ranks)
    return float(each.reshape(size, ranks).max(1).sum())


# The two manners


def _along(_: Plan, load: Load, ranks: int) -> Ints32:
    return _ranks_at(_middles(load.whole), ranks)


def _across(plan: Plan, load: Load, ranks: int) -> Ints32 | None:
    """Each level from the root downwards, its vertices by the mean place of their parents, then by slot.

    None for graphs whose levels have fewer vertices than there are ranks, as chains: a loop over levels is too slow
    there, and nothing could be won.
    """
    if plan.vertices < ranks * plan.levels:
        return None
    place, bounds = np.full(plan.vertices, 0.5), np.searchsorted(plan.level, np.arange(1, plan.levels + 2))
    whole = load.whole
    for low, high in zip(bounds[-2::-1], bounds[:0:-1], strict=True):
        rows = np.arange(low, high)
        order = rows if high == plan.vertices else rows[_by_parents(plan, place, int(low), int(high))]
        place[order] = _middles(whole[order])
    return _ranks_at(place, ranks)


def _by_parents(plan: Plan, place: Floats, low: int, high: int) -> Ints:
    """The order of the vertex rows low..high."""
    arcs, starts = plan.arcs, plan.arcs.incoming_ptr[low:high]
    incoming = arcs.incoming[starts[0] : arcs.incoming_ptr[high]]
    counts = np.diff(arcs.incoming_ptr[low : high + 1])
    means = np.add.reduceat(place[arcs.parent[incoming]], starts - starts[0]) / counts
    slots = np.add.reduceat(arcs.slot[incoming].astype(np.float64), starts - starts[0]) / counts
    return np.lexsort((plan.vertex[low:high], slots, means))


def _middles(load: Floats) -> Floats:
    """The middle of each share of the load, in 0..1."""
    ends = np.cumsum(load)
    return (ends - load / 2) / ends[-1]


def _ranks_at(place: Floats, ranks: int) -> Ints32:
    return np.minimum(place * ranks, ranks - 1).astype(np.int32)


MANNERS: Mapping[str, Callable[[Plan, Load, int], Ints32 | None]] = {"across": _across, "along": _along}


# Sharing classes


def parted_classes(plan: Plan, owner: Ints32) -> list[tuple[int, int]]:
    """The classes that are used on several ranks, as (stack, row); their components could not be trained apart."""
    found = list[tuple[int, int]]()
    for groups in (plan.local_primary, plan.local_arcs, plan.trainers):
        stack, row, rank = class_sites(groups, owner)
        order = order_by(stack, row, rank)
        stack, row, rank = stack[order], row[order], rank[order]
        same = (stack[1:] == stack[:-1]) & (row[1:] == row[:-1]) & (rank[1:] != rank[:-1])
        at = np.flatnonzero(same)
        found += sorted(set(zip(stack[at].tolist(), row[at].tolist(), strict=True)))
    return found


def class_sites(groups: Groups, owner: Ints32) -> tuple[Ints, Ints, Ints]:
    """Stack, row in it, and rank of every call site of a sequence."""
    sizes = np.diff(groups.site_ptr)
    members = np.repeat(groups.members, groups.classes)
    row = np.repeat(groups.rows, members).astype(np.int64)
    return np.repeat(groups.stack, sizes).astype(np.int64), row, owner[groups.targets].astype(np.int64)
