"""The cut of a plan: whole, balanced, of few bytes, the same every time; what crosses; what each rank runs."""

import numpy as np
import pytest

from exnet.compiler import Compiled, compile_source
from exnet.plan.cost import cost
from exnet.plan.crossing import crossings
from exnet.plan.cut import Cut, class_sites, cut, loads, parted_classes
from exnet.plan.model import Groups, Plan
from exnet.plan.parallel import choose, largest_bytes
from exnet.plan.share import Share, parameters_of, share
from exnet.source import ExnetError, Source
from exnet.spec.rule import Backprop, Xprop
from exnet.testing import random_spec

HEAD = """exnet t
param n = 16
input x[n] : real[4]
output y : class[3]
space primary = 6, complementary = 5
"""
TREE = """let h[0, i: 0..n] = x[i]
vertex h[l: 1..=ceil_log2(n), i: 0..n >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])
root h[ceil_log2(n), 0]
"""
CHAIN = "let h[0] = x[0]\nvertex h[t: 1..n] = (h[t-1], x[t])\nroot h[n-1]\n"
MULTILAYER = """let h[0, i: 0..n] = x[i]
vertex h[l: 1..n, i: 0..n-l] = (h[l-1, i], h[l-1, i+1])
root h[n-1, 0]
"""
ATTENTION = """let z[0, i: 0..n] = x[i]
vertex p[l: 1..=2, i: 0..n, j: 0..n] = (z[l-1, i], z[l-1, j])
let    t[l: 1..=2, i: 0..n, 0, j: 0..n] = p[l, i, j]
vertex t[l: 1..=2, i: 0..n, k: 1..=ceil_log2(n), j: 0..n >> k] = (t[l, i, k-1, 2*j], t[l, i, k-1, 2*j+1])
let    z[l: 1..=2, i: 0..n] = t[l, i, ceil_log2(n), 0]
let    h[0, i: 0..n] = z[2, i]
vertex h[l: 1..=ceil_log2(n), i: 0..n >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])
root h[ceil_log2(n), 0]
"""
GRAPHS = {"tree": TREE, "chain": CHAIN, "multilayer": MULTILAYER, "attention": ATTENTION}


def compiled(name: str, **sizes: int) -> Compiled:
    return compile_source(Source("test.exn", HEAD + GRAPHS.get(name, name)), sizes).unwrap()


def by_name(plan: Plan, made: Cut) -> dict[str, int]:
    return {plan.vertex_name(row): int(made.owner[row]) for row in range(plan.vertices)}


def test_a_tree_is_cut_into_its_subtrees() -> None:
    plan = compiled("tree").plan
    made = cut(plan, 2)
    owner = by_name(plan, made)
    for level, size in ((1, 8), (2, 4), (3, 2)):
        assert [owner[f"h[{level}, {i}]"] for i in range(size)] == [0] * (size // 2) + [1] * (size // 2)
    sent = made.crossings.sent(2)
    assert (sent.primary.tolist(), sent.complementary.tolist(), sent.messages.tolist()) == ([1, 1], [0, 0], [1, 1])
    assert made.efficiency > 0.95


def test_positions_of_attention_stay_together() -> None:
    plan = compiled("attention").plan
    made = cut(plan, 4)
    owner = by_name(plan, made)
    for layer in (1, 2):
        for i in range(16):
            mine = {rank for name, rank in owner.items() if name.startswith((f"p[{layer}, {i},", f"t[{layer}, {i},"))}
            assert mine == {i // 4}
    assert made.balance > 0.98


def test_a_chain_is_cut_along_and_its_waiting_is_told() -> None:
    made = cut(compiled("chain", n=64).plan, 2)
    assert made.manner == "along"
    assert made.balance > 0.97
    assert made.efficiency < 0.85
    assert made.crossings.sent(2).messages.tolist() == [1, 1]


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("ranks", [1, 2, 3, 4])
def test_every_rank_has_a_like_share_of_the_work(name: str, ranks: int) -> None:
    plan = compiled(name).plan
    made = cut(plan, ranks)
    assert np.bincount(made.owner, minlength=ranks).min() > 0
    assert made.flops.sum() == pytest.approx(cost(plan).step)
    assert made.balance > 0.7
    assert 0 < made.efficiency <= made.balance + 1e-12
    assert np.array_equal(made.owner, cut(compiled(name).plan, ranks).owner)
    assert (ranks == 1) == (len(made.crossings.primary) == 0)


def test_efficiency_is_that_of_the_longest_way() -> None:
    """Three vertices: the two lower ones at once, then the root; its down pass has two arcs of depth 1."""
    plan = compiled("tree", n=4).plan
    made, load = cut(plan, 2), loads(plan)
    root = plan.root
    lower = int(np.flatnonzero(made.owner != made.owner[root])[0])
    ways = [load.up[lower] + load.up[root] + load.down[lower]]
    local = np.bincount(made.owner, load.local)
    assert made.busy == pytest.approx(ways[0] + local.max())


def test_too_many_ranks_are_refused() -> None:
    with pytest.raises(ExnetError, match="EXN660"):
        cut(compiled("tree", n=4).plan, 4)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("ranks", [2, 3])
def test_crossings_are_all_reads_of_others(seed: int, ranks: int) -> None:
    """Against a walk over vertices and arcs, one at a time."""
    plan = compile_source(Source("random.exn", random_spec(seed))).unwrap().plan
    owner = np.random.default_rng(seed).integers(0, ranks, plan.vertices).astype(np.int32)
    found = crossings(plan, owner)
    assert pairs(found.primary.row, found.primary.to) == up_reads(plan, owner)
    assert pairs(found.complementary.row, found.complementary.to) == down_reads(plan, owner)
    assert np.array_equal(found.primary.source, owner[found.primary.row])


def pairs(row: np.ndarray, to: np.ndarray) -> list[tuple[int, int]]:
    return sorted(zip(row.tolist(), to.tolist(), strict=True))


def up_reads(plan: Plan, owner: np.ndarray) -> list[tuple[int, int]]:
    read = set[tuple[int, int]]()
    for u in range(plan.vertices):
        children = [c - plan.leaves for c in plan.child[plan.child_ptr[u] : plan.child_ptr[u + 1]]]
        for j, c in enumerate(children):
            readers = {owner[u], *(owner[s] for i, s in enumerate(children) if i != j and s >= 0)}
            read |= {(int(c), int(rank)) for rank in readers if c >= 0 and rank != owner[c]}
    return sorted(read)


def down_reads(plan: Plan, owner: np.ndarray) -> list[tuple[int, int]]:
    arcs = zip(plan.arcs.parent.tolist(), plan.arcs.child.tolist(), strict=True)
    return sorted({(u, int(owner[v])) for u, v in arcs if owner[u] != owner[v] and u != plan.root})


# Shares


def shares(name: str, ranks: int) -> tuple[Plan, Cut, list[Share]]:
    plan = compiled(name).plan
    made = cut(plan, ranks)
    return plan, made, [share(plan, made, rank) for rank in range(ranks)]


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("ranks", [2, 3])
def test_shares_hold_each_call_site_once_with_its_operands(name: str, ranks: int) -> None:
    plan, made, parts = shares(name, ranks)
    for which in ("up", "down", "local_primary", "local_arcs", "trainers"):
        whole = sites(plan, getattr(plan, which), np.arange(plan.vertices))
        found = [
            site
            for part in parts
            for site in sites(part.plan, getattr(part.plan, which), np.concatenate([part.ghosts, part.own]))
        ]
        assert sorted(found) == sorted(whole)
    assert sorted(np.concatenate([part.own for part in parts]).tolist()) == list(range(plan.vertices))
    counted = [len(stack.classes) for part in parts for stack in part.plan.stacks]
    assert sum(counted) == sum(len(stack.classes) for stack in plan.stacks)
    assert sum(parameters_of(plan, made)) == cost(plan).parameters


def sites(plan: Plan, groups: Groups, names: np.ndarray) -> list[tuple[object, ...]]:
    """Each call site in terms of the whole plan: step, class, target, operands."""
    made = list[tuple[object, ...]]()
    for i in range(len(groups)):
        group = groups[i]
        stack = plan.stacks[group.stack]
        rows = np.repeat(group.rows, group.members)
        for at, row in enumerate(rows):
            operands = operand_names(plan, stack.component, group.operands[:, at].tolist(), names)
            target = int(names[group.targets[at]])
            made.append((group.step, stack.name, int(stack.classes[row]), target, group.drawn, *operands))
    return made


def operand_names(plan: Plan, component: str, operands: list[int], names: np.ndarray) -> list[str]:
    vertex = {"primary": -1, "complementary": 0, "trainer": 1}[component]
    return [
        f"e' {names[value]}"
        if slot == vertex
        else f"leaf {plan.leaf[value]}"
        if value < plan.leaves
        else f"e {names[value - plan.leaves]}"
        for slot, value in enumerate(operands)
    ]


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("ranks", [2, 3])
def test_messages_have_two_ends_and_come_in_time(name: str, ranks: int) -> None:
    _, _, parts = shares(name, ranks)
    ends = {(part.rank, m.number): (part, m) for part in parts for m in part.receives}
    sent = [(part, m) for part in parts for m in part.sends]
    assert len(sent) == len(ends)
    for part, message in sent:
        other, received = ends[message.peer, message.number]
        assert (received.peer, received.kind) == (part.rank, message.kind)
        here, there = (np.concatenate([p.ghosts, p.own]) for p in (part, other))
        assert here[message.rows].tolist() == there[received.rows].tolist()
        assert (message.rows >= len(part.ghosts)).all()
        assert (received.rows < len(other.ghosts)).all()
        after = (message.phase == "down", message.step)
        assert after < (received.phase == "down", received.step)


def test_local_plans_are_in_the_order_of_the_whole_one() -> None:
    plan, _, parts = shares("attention", 2)
    for part in parts:
        assert part.plan.hash[len(part.ghosts) :].tolist() == plan.hash[part.own].tolist()
        for i in range(len(part.plan.up)):
            targets = part.plan.up[i].targets
            assert targets.tolist() == list(range(targets[0], targets[0] + len(targets)))
    assert [part.plan.root >= 0 for part in parts].count(True) == 1


# The choice


def test_shared_classes_are_named_and_data_is_chosen() -> None:
    made = compiled("vertex u = (x[0], x[1]) share all as leaf\nvertex v = (x[2], x[3]) share all as leaf\n"
                    "vertex r = (u, v)\nroot r\n", n=4)  # fmt: skip
    owner = np.array([0, 1, 0], np.int32)
    assert {made.plan.class_name(*one).split("/")[1] for one in parted_classes(made.plan, owner)} == {
        "primary",
        "trainer",
    }
    assert choose(made.plan, Xprop(), 2, 64).kind == "data"


def test_unshared_nets_are_cut_where_gradients_are_many() -> None:
    plan = compiled("tree", n=256).plan
    assert choose(plan, Xprop(), 2, 4).kind == "vertex"
    assert choose(plan, Backprop(), 2, 4).kind == "data"
    assert choose(plan, Xprop(), 2, 2**15).kind == "data"  # the work of a step outweighs its gradients
    assert largest_bytes(plan, cut(plan, 2).crossings.sent(2), 64) == 64 * 6 * 4


def test_class_sites_are_those_of_the_groups() -> None:
    plan = compiled("multilayer").plan
    stack, row, rank = class_sites(plan.trainers, np.arange(plan.vertices, dtype=np.int32))
    named = {(int(s), int(r)): int(v) for s, r, v in zip(stack, row, rank, strict=True)}
    assert len(named) == plan.vertices
