"""Plans of graphs made by hand: what runs, when, on which rows."""

import gc
from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import plan_graphs as hand
import pytest

from exnet.plan import Groups, Plan, make_plan
from exnet.plan.grouping import order_by, rectangles, spread


def lists(groups: Groups) -> list[tuple[int, list[int], int, list[list[int]], list[int]]]:
    every = [groups[i] for i in range(len(groups))]
    return [(g.step, g.rows.tolist(), g.members, g.operands.tolist(), g.targets.tolist()) for g in every]


def test_tree_of_four_by_hand() -> None:
    plan = make_plan(hand.spec(), hand.tree(4, key=lambda v: v < 2))
    assert [s.name for s in plan.stacks] == ["primary/2/primary", "complementary/2/complementary", "trainer/2/trainer"]
    assert lists(plan.up) == [
        (1, [0], 2, [[0, 1], [2, 3]], [0, 1]),
        (2, [1], 1, [[4], [5]], [2]),
    ]
    assert plan.leaf.tolist() == [0, 2, 1, 3]
    assert lists(plan.down) == [(1, [0, 1], 1, [[2, 2], [5, 4]], [0, 1])]
    assert lists(plan.trainers) == [
        (0, [0], 1, [[6], [2]], [2]),
        (0, [1], 2, [[4, 5], [0, 1]], [0, 1]),
    ]
    assert not plan.down.drawn.any()
    assert plan.stacks[0].sites.tolist() == [2, 1]
    assert plan.arcs.sibling.tolist() == [5, 4]


def test_diamond_draws_among_its_parents() -> None:
    """A vertex read twice by one parent and once by the root has three incoming arcs, in canonical order."""
    graph = hand.graph(1, [(0,), (1, 1), (2, 1)])
    plan = make_plan(hand.spec(), graph)
    incoming = plan.arcs.incoming[plan.arcs.incoming_ptr[0] : plan.arcs.incoming_ptr[1]]
    assert [(plan.arcs.parent[a], plan.arcs.slot[a]) for a in incoming] == [(1, 0), (1, 1), (2, 1)]
    assert plan.down.drawn.tolist() == [False, True]
    assert plan.down.step.tolist() == [1, 2]


def test_classes_of_unequal_counts_part() -> None:
    graph = hand.graph(2, [(0, 1), (0, 1), (0, 1), (2, 3, 4)], key=lambda v: [0, 0, 1, 2][v])
    plan = make_plan(hand.spec(), graph)
    assert [(row, m) for _, row, m, _, _ in lists(plan.up)] == [([0], 1), ([1], 2), ([0], 1)]


def test_chain_is_one_product_in_the_local_update() -> None:
    plan = make_plan(hand.spec(), hand.chain(100))
    assert len(plan.up) == 99
    assert len(plan.local_primary) == len(plan.trainers) == 1
    assert plan.local_primary.members.tolist() == [99]


def test_rows_of_a_group_are_slices_where_sharing_allows() -> None:
    plan = make_plan(hand.spec(), hand.tree(64))
    for groups in (plan.up, plan.down, plan.local_primary, plan.local_arcs, plan.trainers):
        for i in range(len(groups)):
            assert (np.diff(groups[i].rows) == 1).all()


def plan_columns(plan: Plan) -> dict[str, object]:
    found = dict[str, object]()
    for part in ("up", "down", "local_primary", "local_arcs", "trainers", "arcs"):
        value = getattr(plan, part)
        found |= {f"{part}.{f.name}": getattr(value, f.name).tolist() for f in fields(value)}
    return found


@pytest.mark.parametrize("seed", range(60))
def test_random_graphs_pass_the_verifier_twice_alike(seed: int) -> None:
    graph = hand.random_graph(seed)
    first, second = make_plan(hand.spec(), graph), make_plan(hand.spec(), graph)
    assert plan_columns(first) == plan_columns(second)
    assert first.up.targets.tolist() == list(range(first.vertices))
    assert len(first.arcs.child) == int((graph.child >= graph.leaf_count).sum())


@pytest.mark.parametrize("seed", range(20))
def test_groups_are_as_few_as_possible(seed: int) -> None:
    """No two groups could be one: they differ in step, draw, stack or sites of each class."""
    plan = make_plan(hand.spec(), hand.random_graph(seed))
    for groups in (plan.up, plan.down, plan.local_primary, plan.local_arcs, plan.trainers):
        every = list(zip(groups.step, groups.drawn, groups.stack, groups.members, strict=True))
        assert len(set(every)) == len(every)
        assert all(a < b for a, b in pairwise(every))


def test_object_count_does_not_grow() -> None:
    """Python objects of a plan: the same for 1,023 and for 65,535 vertices."""

    def objects(leaves: int) -> int:
        graph = hand.tree(leaves, key=lambda v: 0)
        gc.collect()
        before = len(gc.get_objects())
        plan = make_plan(hand.spec(), graph)
        gc.collect()
        return len(gc.get_objects()) - before + 0 * plan.root

    objects(4)
    assert objects(2**14) - objects(2**8) <= 5


def test_order_by_falls_back_when_keys_do_not_fit() -> None:
    rng = np.random.default_rng(0)
    small = [rng.integers(0, 9, 500) for _ in range(3)]
    big = [key * 2**40 for key in small]
    assert (order_by(*small) == order_by(*big)).all()


def test_spread_and_rectangles_of_nothing() -> None:
    none = np.zeros(0, np.int32)
    assert len(spread(none, none)) == 0
    assert len(rectangles(none, none, none, none).step) == 0


def test_single_vertex_has_no_arcs() -> None:
    plan = make_plan(hand.spec(), hand.graph(1, [(0,)]))
    assert (plan.vertices, len(plan.up), len(plan.down), len(plan.local_arcs), len(plan.trainers)) == (1, 1, 0, 0, 1)


def test_stored_widths_follow_the_components() -> None:
    plan = make_plan(replace(hand.spec(p=8, q=4)), hand.graph(2, [(0, 1), (0, 2, 2)]))
    widths = {stack.name: (stack.signature.operands, stack.signature.out) for stack in plan.stacks}
    assert widths["primary/3/primary"] == ((8, 8, 8), 8)
    assert widths["complementary/3/complementary"] == ((4, 8, 8), 4)
    assert widths["trainer/3/trainer"] == ((8, 4), 3)
