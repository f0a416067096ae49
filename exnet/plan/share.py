"""The part of a plan that one rank runs: a plan of its own vertices, and the messages that it sends and receives.

Own vertices keep their components, their order and their groups. Vertices of other ranks whose extractions are read
here are *ghosts*: vertex rows before all own ones, without call sites, filled by what is received. Leaves are those
that are read here, and on rank 0 also those that nobody reads.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from exnet.plan.cost import parameter_count
from exnet.plan.crossing import Crossing
from exnet.plan.cut import Cut, class_sites
from exnet.plan.grouping import Bools, pointers, spread
from exnet.plan.model import Arcs, Groups, Ints, Ints32, Plan, Stack

UP, DOWN = "up", "down"


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """Extractions of some vertices, between two ranks.

    Attributes:
        number: the same at both ends, and no other message's.
        peer: the rank at the other end.
        kind: `primary` or `complementary`.
        rows: int64 [k], local vertex rows.
        phase, step: sent after the level (`up`) or depth (`down`) `step`; received before it.
    """

    number: int
    peer: int
    kind: str
    rows: Ints
    phase: str
    step: int


@dataclass(frozen=True, slots=True, eq=False)
class Share:
    """What one rank runs.

    Attributes:
        rank, ranks: which of how many.
        plan: of its vertices. Its root is -1 where another rank owns the root.
        ghosts: int64 [G], rows in the whole plan of the vertex rows 0..G.
        own: int64 [V - G], rows in the whole plan of the vertex rows G..V.
        leaves: int64 [L], leaf rows in the whole plan.
        classes: for each stack of `plan`, by name: int64, the rows of the whole plan's stack that it holds.
        arcs: int64, the arc rows of the whole plan that `plan` has.
        sends, receives: in the order of `number`.
    """

    rank: int
    ranks: int
    plan: Plan
    ghosts: Ints
    own: Ints
    leaves: Ints
    classes: dict[str, Ints]
    arcs: Ints
    sends: tuple[Message, ...]
    receives: tuple[Message, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Maps:
    """From numbers of the whole plan to local ones; -1 for what is not here.

    Attributes:
        own: bool, by vertex row of the whole plan, ghosts not among them.
        vertex, node, arc: rows. stack: numbers of stacks. row: for each stack rows in it.
    """

    own: Bools
    vertex: Ints
    node: Ints
    arc: Ints
    stack: Ints
    row: tuple[Ints, ...]


def share(plan: Plan, cut: Cut, rank: int) -> Share:
    """The part of `rank`. No class has call sites on several ranks (`parted_classes`)."""
    mine = cut.owner == rank
    own, arcs = np.flatnonzero(mine), np.flatnonzero(mine[plan.arcs.child])
    leaves, vertices = _read(plan, own, arcs)
    ghosts, leaves = vertices[~mine[vertices]], np.union1d(leaves, _unread(plan)) if rank == 0 else leaves
    held = tuple(np.flatnonzero(owners == rank) for owners in class_owners(plan, cut))
    maps = _maps(plan, mine, leaves, np.concatenate([ghosts, own]), arcs, held)
    local = replace(_plan(plan, maps, len(ghosts), own, arcs, held), leaves=len(leaves), leaf=plan.leaf[leaves])
    sends, receives = _messages(cut, rank, local, maps)
    kept = [i for i, rows in enumerate(held) if len(rows)]
    classes = {plan.stacks[i].name: held[i] for i in kept}
    return Share(rank, cut.ranks, local, ghosts, own, leaves, classes, arcs, sends, receives)


def class_owners(plan: Plan, cut: Cut) -> list[Ints32]:
    """For each stack int32 [classes], the rank that holds each row."""
    made = [np.zeros(len(stack.classes), np.int32) for stack in plan.stacks]
    for groups in (plan.local_primary, plan.local_arcs, plan.trainers):
        stack, row, rank = class_sites(groups, cut.owner)
        for number in np.unique(stack):
            chosen = stack == number
            made[number][row[chosen]] = rank[chosen]
    return made


def parameters_of(plan: Plan, cut: Cut) -> list[int]:
    """The parameters that each rank holds; those of a class count on every rank that uses it."""
    made = np.zeros(cut.ranks, np.int64)
    each = np.array([parameter_count(stack.network, stack.signature) for stack in plan.stacks])
    for groups in (plan.local_primary, plan.local_arcs, plan.trainers):
        used = np.unique(np.stack(class_sites(groups, cut.owner)), axis=1)
        made += np.bincount(used[2], each[used[0]], cut.ranks).astype(np.int64)
    return made.tolist()


def held_leaves(plan: Plan, cut: Cut, rank: int) -> Ints:
    """The leaf rows of a rank's share."""
    mine = cut.owner == rank
    leaves, _ = _read(plan, np.flatnonzero(mine), np.flatnonzero(mine[plan.arcs.child]))
    return np.union1d(leaves, _unread(plan)) if rank == 0 else leaves


def _unread(plan: Plan) -> Ints:
    """The leaf rows that are no vertex's child."""
    return np.setdiff1d(np.arange(plan.leaves), plan.child)


def _read(plan: Plan, own: Ints, arcs: Ints) -> tuple[Ints, Ints]:
    """The leaf rows and the vertex rows that the call sites of some vertices and arcs read."""
    children = plan.child[spread(plan.child_ptr[own], np.diff(plan.child_ptr)[own])]
    siblings = plan.arcs.sibling[spread(plan.arcs.sibling_ptr[arcs], np.diff(plan.arcs.sibling_ptr)[arcs])]
    nodes = np.unique(np.concatenate([children, siblings]).astype(np.int64))
    leaves, inner = nodes[nodes < plan.leaves], nodes[nodes >= plan.leaves] - plan.leaves
    return leaves, np.union1d(inner, plan.arcs.parent[arcs].astype(np.int64))


def _maps(plan: Plan, own: Bools, leaves: Ints, rows: Ints, arcs: Ints, held: tuple[Ints, ...]) -> _Maps:
    vertex = _inverse(rows, plan.vertices)
    node = np.concatenate([_inverse(leaves, plan.leaves), np.where(vertex < 0, -1, vertex + len(leaves))])
    kept = np.flatnonzero([len(one) for one in held])
    row = tuple(_inverse(one, len(stack.classes)) for one, stack in zip(held, plan.stacks, strict=True))
    return _Maps(own, vertex, node, _inverse(arcs, len(plan.arcs.child)), _inverse(kept, len(held)), row)


def _inverse(kept: Ints, count: int) -> Ints:
    made = np.full(count, -1, np.int64)
    made[kept] = np.arange(len(kept))
    return made


def _plan(plan: Plan, maps: _Maps, ghosts: int, own: Ints, arcs: Ints, held: tuple[Ints, ...]) -> Plan:
    children, rows = np.diff(plan.child_ptr)[own], np.flatnonzero(maps.vertex >= 0)
    rows = rows[np.argsort(maps.vertex[rows])]
    level = plan.level[rows].copy()
    level[:ghosts] = 0
    root = int(maps.vertex[plan.root])
    return replace(
        plan,
        vertices=len(rows),
        stacks=tuple(_stack(stack, kept) for stack, kept in zip(plan.stacks, held, strict=True) if len(kept)),
        vertex=plan.vertex[rows],
        hash=plan.hash[rows],
        level=level,
        root=root if root >= ghosts else -1,
        up=_groups(plan.up, maps, "primary"),
        down=_groups(plan.down, maps, "complementary"),
        local_primary=_groups(plan.local_primary, maps, "primary"),
        local_arcs=_groups(plan.local_arcs, maps, "complementary"),
        trainers=_groups(plan.trainers, maps, "trainer"),
        arcs=_arcs(plan.arcs, maps, ghosts, own, arcs),
        child_ptr=pointers(np.concatenate([np.zeros(ghosts, np.int64), children])),
        child=maps.node[plan.child[spread(plan.child_ptr[own], children)]].astype(np.int32),
    )


def _stack(stack: Stack, kept: Ints) -> Stack:
    return replace(stack, classes=stack.classes[kept], sites=stack.sites[kept], hash=stack.hash[kept])


def _arcs(arcs: Arcs, maps: _Maps, ghosts: int, own: Ints, kept: Ints) -> Arcs:
    count, others = np.diff(arcs.incoming_ptr)[own], np.diff(arcs.sibling_ptr)[kept]
    incoming = arcs.incoming[spread(arcs.incoming_ptr[own], count)]
    return Arcs(
        parent=maps.vertex[arcs.parent[kept]].astype(np.int32),
        child=maps.vertex[arcs.child[kept]].astype(np.int32),
        slot=arcs.slot[kept],
        stack=maps.stack[arcs.stack[kept]].astype(np.int32),
        row=_rows(maps, arcs.stack[kept], arcs.row[kept]),
        incoming_ptr=pointers(np.concatenate([np.zeros(ghosts, np.int64), count])),
        incoming=maps.arc[incoming].astype(np.int32),
        sibling_ptr=pointers(others),
        sibling=maps.node[arcs.sibling[spread(arcs.sibling_ptr[kept], others)]].astype(np.int32),
    )


def _groups(groups: Groups, maps: _Maps, component: str) -> Groups:
    """The own call sites of a sequence. Its order stays, and so do its rectangles, for classes are whole or absent."""
    sizes, operands = np.diff(groups.site_ptr), np.diff(groups.operand_ptr)
    kept = maps.own[groups.targets]
    left = _sums(kept, groups.site_ptr)
    heads = spread(groups.site_ptr[:-1], groups.classes) + _offsets(groups)
    rows_kept = kept[heads]
    group_of_row = np.repeat(np.arange(len(groups)), groups.classes)
    classes = np.bincount(group_of_row[rows_kept], minlength=len(groups))
    of = np.repeat(np.arange(len(groups)), operands)
    inside = np.arange(len(of)) - groups.operand_ptr[of]
    slot, site = inside // np.maximum(sizes[of], 1), groups.site_ptr[of] + inside % np.maximum(sizes[of], 1)
    chosen = kept[site]
    per_site = operands // np.maximum(sizes, 1)
    some = left > 0
    sites = maps.arc if component == "complementary" else maps.vertex
    return Groups(
        step=groups.step[some],
        stack=maps.stack[groups.stack[some]].astype(np.int32),
        classes=classes[some].astype(np.int32),
        members=groups.members[some],
        drawn=groups.drawn[some],
        rows=_rows(maps, groups.stack[group_of_row[rows_kept]], groups.rows[rows_kept]),
        sites=sites[groups.sites[kept]].astype(np.int32),
        targets=maps.vertex[groups.targets[kept]].astype(np.int32),
        operands=_operands(maps, component, groups.operands[chosen], slot[chosen]),
        row_ptr=pointers(classes[some]),
        site_ptr=pointers(left[some]),
        operand_ptr=pointers((left * per_site)[some]),
    )


def _sums(kept: Bools, ptr: Ints) -> Ints:
    return np.diff(np.concatenate([[0], np.cumsum(kept)])[ptr])


def _offsets(groups: Groups) -> Ints:
    """Within each group, from the number of a class to that of its first site."""
    number = spread(np.zeros(len(groups), np.int64), groups.classes)
    return number * (np.repeat(groups.members, groups.classes).astype(np.int64) - 1)


def _rows(maps: _Maps, stack: Ints32, row: Ints32) -> Ints32:
    """Local rows of classes, given their stacks and rows in the whole plan."""
    made = np.empty(len(row), np.int32)
    for number in np.unique(stack):
        chosen = stack == number
        made[chosen] = maps.row[number][row[chosen]]
    return made


def _operands(maps: _Maps, component: str, values: Ints32, slot: Ints) -> Ints32:
    """Vertex rows: the first operand of an arc, the second of a trainer; all others are node rows."""
    at = {"primary": -1, "complementary": 0, "trainer": 1}[component]
    vertex = slot == at
    made = np.empty(len(values), np.int32)
    made[vertex] = maps.vertex[values[vertex]]
    made[~vertex] = maps.node[values[~vertex]]
    return made


# Messages


def _messages(cut: Cut, rank: int, local: Plan, maps: _Maps) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    first = len(cut.crossings.primary.messages)
    sends = [
        *_sends(cut.crossings.primary, rank, maps, "primary", UP, 0),
        *_sends(cut.crossings.complementary, rank, maps, "complementary", DOWN, first),
    ]
    uses = _first_uses(local)
    receives = [
        *_receives(cut.crossings.primary, rank, maps, "primary", uses, 0),
        *_receives(cut.crossings.complementary, rank, maps, "complementary", uses, first),
    ]
    return tuple(sends), tuple(receives)


def _cut_up(crossing: Crossing) -> list[tuple[int, NDArray[np.int64]]]:
    """Number and entries of each message."""
    starts = crossing.messages
    ends = np.append(starts[1:], len(crossing)) if len(starts) else starts
    return [(i, np.arange(a, b)) for i, (a, b) in enumerate(zip(starts, ends, strict=True))]


def _sends(crossing: Crossing, rank: int, maps: _Maps, kind: str, phase: str, first: int) -> list[Message]:
    return [
        Message(
            first + i, int(crossing.to[at[0]]), kind, maps.vertex[crossing.row[at]], phase, int(crossing.step[at[0]])
        )
        for i, at in _cut_up(crossing)
        if crossing.source[at[0]] == rank
    ]


def _receives(
    crossing: Crossing, rank: int, maps: _Maps, kind: str, uses: dict[str, Ints], first: int
) -> list[Message]:
    made = list[Message]()
    for i, at in _cut_up(crossing):
        if crossing.to[at[0]] == rank:
            rows = maps.vertex[crossing.row[at]]
            phase, step = _place(int(uses[kind][rows].min()))
            made.append(Message(first + i, int(crossing.source[at[0]]), kind, rows, phase, step))
    return made


_DOWN = 2**40
"""Added to depths, so that the down pass comes after every level."""


def _place(use: int) -> tuple[str, int]:
    return (DOWN, use - _DOWN) if use >= _DOWN else (UP, use)


def _first_uses(plan: Plan) -> dict[str, Ints]:
    """When the extractions of each vertex row are first read here, by kind."""
    found = {kind: np.full(plan.vertices, 2 * _DOWN, np.int64) for kind in ("primary", "complementary")}
    for i in range(len(plan.up)):
        group = plan.up[i]
        _lower(found["primary"], group.operands.ravel().astype(np.int64) - plan.leaves, group.step)
    for i in range(len(plan.down)):
        group = plan.down[i]
        _lower(found["complementary"], group.operands[0].astype(np.int64), group.step + _DOWN)
        _lower(found["primary"], group.operands[1:].ravel().astype(np.int64) - plan.leaves, group.step + _DOWN)
    return found


def _lower(uses: Ints, rows: Ints, step: int) -> None:
    np.minimum.at(uses, rows[rows >= 0], step)
