"""The local update of some vertices: the groups of a plan, cut down to their call sites and sorted anew."""

from dataclasses import replace

import numpy as np

from exnet.plan.grouping import Bools, pointers, rectangles, spread
from exnet.plan.model import Groups, Ints, Plan


def part(plan: Plan, rows: Ints) -> Plan:
    """The plan with the call sites of the vertex rows `rows` alone in its local groups; the passes stay whole."""
    wanted = np.zeros(plan.vertices, np.bool_)
    wanted[rows] = True
    return replace(
        plan,
        local_primary=_kept(plan.local_primary, wanted),
        local_arcs=_kept(plan.local_arcs, wanted),
        trainers=_kept(plan.trainers, wanted),
    )


def site_counts(groups: Groups, stack: int, classes: int) -> Ints:
    """How many call sites of a sequence each row of a stack has, int64 [classes]."""
    counts = np.zeros(classes, np.int64)
    for i in np.flatnonzero(groups.stack == stack):
        counts[groups.rows[groups.row_ptr[i] : groups.row_ptr[i + 1]]] += groups.members[i]
    return counts


def _kept(groups: Groups, wanted: Bools) -> Groups:
    """The sites whose targets are wanted."""
    chosen = np.flatnonzero(wanted[groups.targets])
    sizes = np.diff(groups.site_ptr)
    of = np.repeat(np.arange(len(groups)), sizes)[chosen]
    cell = np.repeat(np.arange(len(groups.rows)), np.repeat(groups.members, groups.classes))[chosen]
    use = 2 * groups.step[of] + groups.drawn[of]
    shape = rectangles(use, cell, np.repeat(groups.stack, groups.classes), groups.rows)
    chosen, of = chosen[shape.order], of[shape.order]
    counts = (np.diff(groups.operand_ptr) // np.maximum(sizes, 1))[of]
    first = groups.operand_ptr[of] + chosen - groups.site_ptr[of]
    slot = spread(np.zeros(len(of), np.int64), counts)
    operands = groups.operands[np.repeat(first, counts) + slot * np.repeat(sizes[of], counts)]
    return shape.groups(groups.sites[chosen], groups.targets[chosen], pointers(counts), operands)
