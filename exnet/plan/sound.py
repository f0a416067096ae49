"""Whether a plan that was read from a file can be run: every pointer rises, every row exists."""

from collections.abc import Iterator

import numpy as np

from exnet.plan.arrays import GROUPS
from exnet.plan.grouping import Integers
from exnet.plan.model import Groups, Plan


def flaw(plan: Plan) -> str | None:
    """What is wrong with a plan, or None."""
    return next(_flaws(plan), None)


def _flaws(plan: Plan) -> Iterator[str]:
    count, arcs = plan.vertices, plan.arcs
    number = len(arcs.child)
    for name, values, length in (
        ("leaf", plan.leaf, plan.leaves),
        ("vertex", plan.vertex, count),
        ("hash", plan.hash, count),
        ("level", plan.level, count),
        ("arcs.parent", arcs.parent, number),
        ("arcs.slot", arcs.slot, number),
        ("arcs.stack", arcs.stack, number),
        ("arcs.row", arcs.row, number),
        ("arcs.incoming", arcs.incoming, number),
    ):
        if len(values) != length:
            yield f"`{name}` has {len(values)} entries instead of {length}"
            return
    for name, ptr, length, end in (
        ("child_ptr", plan.child_ptr, count, len(plan.child)),
        ("arcs.incoming_ptr", arcs.incoming_ptr, count, number),
        ("arcs.sibling_ptr", arcs.sibling_ptr, number, len(arcs.sibling)),
    ):
        if not _rises(ptr, length, end):
            yield f"`{name}` does not rise from 0 to its end"
    nodes = plan.leaves + count
    for name, values, limit in (
        ("leaf", plan.leaf, plan.leaves),
        ("vertex", plan.vertex, count),
        ("child", plan.child, nodes),
        ("arcs.parent", arcs.parent, count),
        ("arcs.child", arcs.child, count),
        ("arcs.incoming", arcs.incoming, number),
        ("arcs.sibling", arcs.sibling, nodes),
        ("arcs.stack", arcs.stack, len(plan.stacks)),
    ):
        if not _below(values, limit):
            yield f"`{name}` has an entry outside 0..{limit}"
    for part in GROUPS:
        yield from _group_flaws(plan, part, number if part in ("down", "local_arcs") else count)


def _group_flaws(plan: Plan, part: str, sites: int) -> Iterator[str]:
    groups: Groups = getattr(plan, part)
    count = len(groups)
    if any(len(column) != count for column in (groups.stack, groups.classes, groups.members, groups.drawn)):
        yield f"the columns of `{part}` have unequal lengths"
        return
    products = groups.classes.astype(np.int64) * groups.members
    fits = (
        _rises(groups.row_ptr, count, len(groups.rows))
        and _rises(groups.site_ptr, count, sites)
        and _rises(groups.operand_ptr, count, len(groups.operands))
        and len(groups.sites) == len(groups.targets) == sites
        and _below(groups.stack, len(plan.stacks))
    )
    if not fits:
        yield f"the sizes of `{part}` do not add up"
        return
    operands = np.array([len(stack.signature.operands) for stack in plan.stacks])[groups.stack]
    rows = np.array([len(stack.classes) for stack in plan.stacks])[np.repeat(groups.stack, groups.classes)]
    if (np.diff(groups.row_ptr) != groups.classes).any() or (np.diff(groups.site_ptr) != products).any():
        yield f"the rectangles of `{part}` do not add up"
    elif (np.diff(groups.operand_ptr) != operands * products).any():
        yield f"the operands of `{part}` do not fit their stacks"
    elif (groups.rows < 0).any() or (groups.rows >= rows).any():
        yield f"`{part}` uses a row that its stack does not have"
    elif not (_below(groups.sites, sites) and _below(groups.targets, plan.vertices)):
        yield f"`{part}` has a site that does not exist"
    elif not _below(groups.operands, plan.leaves + plan.vertices):
        yield f"`{part}` reads a row that does not exist"


def _rises(ptr: Integers, length: int, end: int) -> bool:
    return len(ptr) == length + 1 and ptr[0] == 0 and ptr[-1] == end and bool((np.diff(ptr) >= 0).all())


def _below(values: Integers, limit: int) -> bool:
    return not len(values) or bool(values.min() >= 0 and values.max() < limit)
