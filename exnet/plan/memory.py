"""What a training step holds in memory: predicted without building anything.

The tensors that live at the fullest moment of a step of Xprop, in bytes:

    parameters, gradients, state of the optimiser
    E and E', and dL/de and dL/de' of what learns at a time
    what the passes keep for the way back: all of it (`keep`), or that of one part of the vertices (`parts`)
    what one product works with

Kept is what `Network.kept` says for each row, and copies of operands that could not be read as views.
"""

from dataclasses import dataclass

import numpy as np

from exnet.plan.chains import BLOCK, Chain, chains
from exnet.plan.cost import cost, parameter_count
from exnet.plan.model import Group, Groups, Ints, Plan, Stack
from exnet.plan.rules import NO_MEMORY
from exnet.plan.segments import MOST, Segment, segments
from exnet.source import ExnetError
from exnet.spec.model import Mode, Spec
from exnet.spec.rule import LearningRule, Xprop, XpropStar

MOMENTS = {"adam": 2, "adamw": 2, "sgd": 0}
"""Numbers that an optimiser remembers for each parameter, beside momentum of `sgd`."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of live tensors.

    Attributes:
        parameters: with gradients, the state of the optimiser, and the frozen copies of Xprop*.
        extractions: E and E', and the raw values of the batch.
        kept: what waits for the way back, with dL/de and dL/de'.
        working: what one product works with.
        parts: in how many parts the local update goes through the vertices; 1 keeps everything.
    """

    parameters: int
    extractions: int
    kept: int
    working: int
    parts: int = 1

    @property
    def peak(self) -> int:
        """All of it."""
        return self.parameters + self.extractions + self.kept + self.working


def memory(plan: Plan, mode: Mode, rule: LearningRule, batch: int, size: int = 4, parts: int = 1) -> Memory:
    """What a step on `batch` instances holds, in numbers of `size` bytes; the local update goes in `parts`."""
    numbers = cost(plan).parameters
    moments = MOMENTS[rule.optimiser.kind] + (rule.optimiser.kind == "sgd" and rule.optimiser.momentum > 0)
    extracted = (plan.leaves + plan.vertices) * plan.primary + plan.vertices * plan.complementary
    local = plan.vertices * (plan.primary + plan.complementary)
    kept, working = local + _all_kept(plan, mode), _working(plan) if plan.vertices < LARGE else 0
    copies = 0
    if isinstance(rule, XpropStar):
        kept += local
        copies = sum(s.rows * parameter_count(s.network, s.signature) for s in plan.stacks if _passes(s))
    if parts > 1:
        kept, working = _in_parts(plan, mode, parts), 0
    return Memory(
        parameters=((2 + moments) * numbers + copies) * size,
        extractions=extracted * batch * size,
        kept=kept * batch * size,
        working=working * batch * size,
        parts=parts,
    )


def parts_within(plan: Plan, mode: Mode, rule: LearningRule, batch: int, budget: int, size: int = 4) -> Memory | None:
    """The fewest parts whose step fits into `budget` bytes, or None if none does."""
    most = max(1, min(MOST_PARTS, plan.vertices))
    parts = 1
    while parts <= most:
        found = memory(plan, mode, rule, batch, size, parts)
        if found.peak <= budget:
            return found
        if parts == most:
            return None
        parts = min(most, max(parts + 1, parts * 5 // 4))
    return None


def within(spec: Spec, plan: Plan, rule: Xprop, size: int = 4) -> Memory:
    """How a step of `rule` keeps within its `memory`.

    Raises:
        ExnetError: EXN965, it cannot.
    """
    assert rule.memory is not None
    budget = rule.memory * MIB
    found = parts_within(plan, spec.mode, rule, rule.batch, budget, size)
    if found is not None:
        return found
    least = memory(plan, spec.mode, rule, rule.batch, size, min(MOST_PARTS, plan.vertices))
    wanted = -(-least.peak // MIB)
    message = f"a step of `{spec.name}` takes {wanted:,} MiB at least, and `memory` allows {rule.memory:,}"
    parts = {"parameters and optimiser": least.parameters, f"extractions of {rule.batch} instances": least.extractions}
    largest = max(parts, key=lambda name: parts[name])
    way_out = f"raise `memory`, or lower the batch: the {largest} alone take {-(-parts[largest] // MIB):,} MiB"
    raise ExnetError(NO_MEMORY.at(None, message, help=way_out))


MIB = 2**20
MOST_PARTS = 256
"""Parts into which vertices are cut; more cost time and save little beside the extractions."""


def _all_kept(plan: Plan, mode: Mode) -> int:
    """Numbers for one instance that both passes keep; of a large net without a look at its groups."""
    if plan.vertices < LARGE:
        return _kept(plan, mode, down=False) + _kept(plan, mode, down=True)
    return sum(stack.calls * stack.network.kept(stack.signature) for stack in plan.stacks if _passes(stack))


def _passes(stack: Stack) -> bool:
    return stack.component != "trainer"


LARGE = 20_000
"""Vertices from which pieces are small beside what is kept, and groups may be a formula that is better left one."""


def part_rows(plan: Plan, mode: Mode, parts: int) -> list[Ints]:
    """Consecutive vertex rows, cut into at most `parts` parts that keep about as much as one another."""
    total = np.cumsum(row_costs(plan, mode))
    cuts = np.searchsorted(total, total[-1] * np.arange(1, parts) / parts, side="left") + 1
    return [rows for rows in np.split(np.arange(plan.vertices), np.unique(cuts)) if len(rows)]


def row_costs(plan: Plan, mode: Mode) -> Ints:
    """Numbers for one instance that each vertex row keeps while it is computed again, int64 [V]."""
    own = np.full(plan.vertices, 2 * (plan.primary + plan.complementary), np.int64)
    for groups in (plan.local_primary, plan.local_arcs):
        for number, stack in enumerate(plan.stacks):
            each = stack.network.kept(stack.signature) + sum(stack.signature.operands)
            for i in np.flatnonzero(groups.stack == number):
                group = groups[int(i)]
                share = group.drawn and mode.kind == "stochastic"
                count = np.diff(plan.arcs.incoming_ptr)[group.targets] if share else 1
                np.add.at(own, group.targets, -(-each // count))
    return own


def _in_parts(plan: Plan, mode: Mode, parts: int) -> int:
    """Numbers for one instance beyond E and E' at the fullest moment: a piece of a pass, or a part on its way back."""
    costs = row_costs(plan, mode)
    part = max(int(costs[rows].sum()) for rows in part_rows(plan, mode, parts)) + _back(plan, parts)
    behind = plan.leaves * plan.primary - plan.vertices * plan.complementary  # the raw leaves, before there is an E'
    return max(behind + _largest_piece(plan, down=False), _largest_piece(plan, down=True), part)


def _back(plan: Plan, parts: int) -> int:
    """Numbers for one instance of slopes on their way back through one piece of a part."""
    sites = min(MOST, -(-plan.vertices // parts))
    return sites * max(3 * max(s.network.kept(s.signature), 1) // 2 for s in plan.stacks)


def _largest_piece(plan: Plan, *, down: bool) -> int:
    """Numbers for one instance of the largest piece of a pass while it runs, or of a block of a scan."""
    groups, most = plan.down if down else plan.up, 0
    for chain in chains(plan, down=down):
        steps = min(BLOCK, chain.end - chain.first) * int(groups.members[chain.first])
        stack = plan.stacks[int(groups.stack[chain.first])]
        each = stack.network.kept(stack.signature) + 2 * stack.signature.out + sum(stack.signature.operands)
        most = max(most, steps * each)
    for group in (groups[i] for i in range(len(groups))):
        most = max(most, *(_running(plan.stacks[group.stack], segment) for segment in segments(group)))
    return most


def _running(stack: Stack, segment: Segment) -> int:
    """Numbers of a piece while it runs: what it keeps, its result, and operands that are no views."""
    reads = zip(segment.reads, segment.repeats, strict=True)
    copied = any(r is not None or not bool((np.diff(rows) == 1).all()) for rows, r in reads)
    each = stack.network.kept(stack.signature) + 2 * stack.signature.out
    return (segment.sites.stop - segment.sites.start) * (each + (sum(stack.signature.operands) if copied else 0))


def _kept(plan: Plan, mode: Mode, *, down: bool) -> int:
    """Numbers for one instance that the groups of a pass keep."""
    groups, total = plan.down if down else plan.up, 0
    for number, stack in enumerate(plan.stacks):
        mine = np.flatnonzero(groups.stack == number)
        sites = int((groups.classes[mine].astype(np.int64) * groups.members[mine]).sum())
        total += sites * stack.network.kept(stack.signature)
    carried = sum(_carried(plan, groups, chain) for chain in chains(plan, down=down))
    return total + carried + sum(_gathered(plan, groups[i], mode) for i in range(len(groups)))


def _carried(plan: Plan, groups: Groups, chain: Chain) -> int:
    """Numbers for one instance of what a scan carries from step to step."""
    width = plan.stacks[int(groups.stack[chain.first])].signature.out
    return (chain.end - chain.first + 1) * int(groups.members[chain.first]) * width


def _gathered(plan: Plan, group: Group, mode: Mode) -> int:
    """Numbers for one instance that a group copies, because they do not follow one another; less what it never runs."""
    signature, network = plan.stacks[group.stack].signature, plan.stacks[group.stack].network
    sites = len(group.sites)
    if group.drawn and mode.kind == "stochastic":
        drawn = _drawn(plan, group)
        each = network.kept(signature)
        return round(drawn * (each + sum(signature.operands))) - sites * each
    return sum(
        len(rows) * width
        for segment in segments(group)
        for rows, width in zip(segment.reads, signature.operands, strict=True)
        if len(rows) > 1 and not bool((np.diff(rows) == 1).all())
    )


def _drawn(plan: Plan, group: Group) -> float:
    """How many of a group's arcs are drawn for an instance, in the mean."""
    count = np.diff(plan.arcs.incoming_ptr)[group.targets]
    return float((1.0 / np.maximum(count, 1)).sum())


def _working(plan: Plan) -> int:
    """Numbers for one instance of the largest piece: what it makes and keeps, and the slopes going back through it."""
    return max(
        (segment.sites.stop - segment.sites.start) * _slopes(plan.stacks[group.stack])
        for groups in (plan.up, plan.down, plan.trainers)
        for group in (groups[i] for i in range(len(groups)))
        for segment in segments(group)
    )


def _slopes(stack: Stack) -> int:
    """Numbers of one row at work: of a trainer forward and back, of a propagator back (what it keeps is counted)."""
    signature, kept = stack.signature, stack.network.kept(stack.signature)
    if stack.component != "trainer":
        return kept
    return kept + 4 * signature.out + 2 * sum(signature.operands)
