"""Chains among the groups of a pass: consecutive groups of which each reads what the one before it has made.

They run as one scan (`exnet.passing.scan`).
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass

import numpy as np

from exnet.plan.model import Groups, Ints32, Plan
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


def chains(plan: Plan, *, down: bool, breaks: Container[int] = ()) -> Iterator[Chain]:
    """The longest scans of a pass, in order.

    Args:
        plan: of the net.
        down: of the down pass, else of the up pass.
        breaks: groups that may begin a scan and not go on with one: before them other ranks are sent to or waited for.
    """
    groups, first = plan.down if down else plan.up, 0
    while first < len(groups):
        end, carry = first + 1, -1
        while (
            end < len(groups)
            and end not in breaks
            and (found := _carries(plan, groups, end, down)) >= 0
            and carry in (-1, found)
        ):
            carry, end = found, end + 1
        if end - first >= SHORTEST and _independent(plan, groups, Chain(first, end, carry), down):
            yield Chain(first, end, carry)
        first = end


def _filled(groups: Groups, number: int, down: bool) -> Ints32:
    """The operands of a group that lie in the buffer which its pass fills: going down, the parent's alone."""
    operands = groups[number].operands
    return operands[:1] if down else operands


def _made(plan: Plan, groups: Groups, number: int, down: bool) -> Ints32:
    """What a group has made, as the rows that operands give."""
    return groups[number].targets + (0 if down else plan.leaves)


def _carries(plan: Plan, groups: Groups, number: int, down: bool) -> int:
    """The operand in which a group reads just what the group before it has made; -1 if there is none, or several."""
    alike = (groups.stack, groups.classes, groups.members)
    if any(column[number] != column[number - 1] for column in alike) or groups.classes[number] != 1:
        return -1
    if groups.drawn[number] or groups.drawn[number - 1] or not _scannable(plan, int(groups.stack[number])):
        return -1
    made = _made(plan, groups, number - 1, down)
    found = [j for j, rows in enumerate(_filled(groups, number, down)) if np.array_equal(rows, made)]
    return found[0] if len(found) == 1 else -1


def _scannable(plan: Plan, stack: int) -> bool:
    own = plan.stacks[stack]
    network, operands = own.network, own.signature.operands
    if not isinstance(network, Mlp | Gated) or network.dropout > 0 or len(operands) > MOST_OPERANDS:
        return False
    return network.start == "random" and network.hidden != ()


def _independent(plan: Plan, groups: Groups, chain: Chain, down: bool) -> bool:
    """Whether nothing but the carry is made within the scan, and its classes are one, or follow one another."""
    numbers = range(chain.first, chain.end)
    step = np.diff([int(groups[i].rows[0]) for i in numbers])
    if not (bool((step == 0).all()) or bool((step == 1).all())):
        return False
    made = np.concatenate([_made(plan, groups, i, down) for i in numbers])
    others = [
        rows for i in numbers for j, rows in enumerate(_filled(groups, i, down)) if j != chain.carry or i == chain.first
    ]
    return not bool(np.isin(np.concatenate(others), made).any())
