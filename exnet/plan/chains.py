"""Chains among the groups of a pass: consecutive groups of which each reads what the one before it has made.

They run as one scan (`exnet.passing.scan`).
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass

import numpy as np

from exnet.plan.model import Groups, Plan
from exnet.spec.networks import Gated, Mlp

SHORTEST = 8
"""Groups that make a scan."""
BLOCK = 64
"""Steps of a scan that are one result, and one product on the way back."""
MOST_OPERANDS = 4
"""Operands that a scan reads one by one."""


@dataclass(frozen=True, slots=True, eq=False)
class Chain:
    """Groups that make a scan: numbers `first <= i < end` of a sequence, and the operand that carries."""

    first: int
    end: int
    carry: int


def chains(plan: Plan, groups: Groups, offset: int, breaks: Container[int] = ()) -> Iterator[Chain]:
    """The longest scans of a sequence, in order.

    Args:
        plan: of the net.
        groups: `up` or `down`.
        offset: what is added to a target to find it among the operands: L for `up`, 0 for `down`.
        breaks: groups that may begin a scan and not go on with one: before them other ranks are sent to or waited for.
    """
    first = 0
    while first < len(groups):
        end, carry = first + 1, -1
        while (
            end < len(groups)
            and end not in breaks
            and (found := _carries(plan, groups, end, offset)) >= 0
            and carry in (-1, found)
        ):
            carry, end = found, end + 1
        if end - first >= SHORTEST and _independent(groups, first, end, carry, offset):
            yield Chain(first, end, carry)
        first = end


def _carries(plan: Plan, groups: Groups, number: int, offset: int) -> int:
    """The operand in which a group reads just what the group before it has made; -1 if there is none."""
    alike = (groups.stack, groups.classes, groups.members)
    if any(column[number] != column[number - 1] for column in alike) or groups.classes[number] != 1:
        return -1
    if groups.drawn[number] or groups.drawn[number - 1] or not _scannable(plan, int(groups.stack[number])):
        return -1
    targets = groups[number - 1].targets + offset
    found = [j for j, rows in enumerate(groups[number].operands) if np.array_equal(rows, targets)]
    return found[0] if len(found) == 1 else -1


def _scannable(plan: Plan, stack: int) -> bool:
    own = plan.stacks[stack]
    network, operands = own.network, own.signature.operands
    if not isinstance(network, Mlp | Gated) or network.dropout > 0 or len(operands) > MOST_OPERANDS:
        return False
    return network.start == "random" and network.hidden != ()


def _independent(groups: Groups, first: int, end: int, carry: int, offset: int) -> bool:
    """Whether nothing but the carry is made within the scan, and its classes are one, or follow one another."""
    made = np.concatenate([groups[i].targets for i in range(first, end)]) + offset
    rows = np.array([int(groups[i].rows[0]) for i in range(first, end)])
    step = np.diff(rows)
    if not (bool((step == 0).all()) or bool((step == 1).all())):
        return False
    others = [
        operand for i in range(first, end) for j, operand in enumerate(groups[i].operands) if j != carry or i == first
    ]
    shared = offset == 0  # the down pass reads primary extractions from its second operand on
    if shared:
        others = [groups[first].operands[0]]
        if carry != 0:
            return False
    return not bool(np.isin(np.concatenate(others), made).any())
