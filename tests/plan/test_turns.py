"""Groups of vertices, the order of their turns, what a list may say, and the part of a plan that a group needs."""

import numpy as np
import pytest

from exnet import ExnetError
from exnet.compiler import Compiled, compile_source
from exnet.plan.model import Groups, Plan
from exnet.plan.part import part, site_counts
from exnet.plan.turns import groups, make_turns
from exnet.source import Source
from exnet.spec.rule import XpropStar

TEXT = """exnet t
input x[4] : real[2]
output y : class[3]
let    h[0, i: 0..4] = x[i]
vertex h[l: 1..4, i: 0..4-l] = (h[l-1, i], h[l-1, i+1])  share primary by l % 2, trainer by l
vertex top = (h[3, 0], h[1, 0])  share none
root top
learn {learn}
"""


def compiled(learn: str = "xprop_star") -> Compiled:
    return compile_source(Source("t.exn", TEXT.format(learn=learn))).unwrap()


def refused(learn: str) -> list[tuple[str, str, str]]:
    """Code, marked text and help of each message."""
    said = compile_source(Source("t.exn", TEXT.format(learn=learn))).diagnostics
    return [(d.code, d.span.text if d.span else "", d.help) for d in said]


def by_group(plan: Plan, kind: str) -> list[list[str]]:
    of = groups(plan, kind)
    return [sorted(plan.vertex_name(int(row)) for row in np.flatnonzero(of == g)) for g in range(int(of.max()) + 1)]


def test_groups_go_upwards() -> None:
    plan = compiled().plan
    low, middle = ["h[1, 0]", "h[1, 1]", "h[1, 2]"], ["h[2, 0]", "h[2, 1]"]
    assert by_group(plan, "level") == [low, middle, ["h[3, 0]"], ["top"]]
    assert by_group(plan, "class") == [[*low, "h[3, 0]"], middle, ["top"]]
    assert by_group(plan, "single") == [[name] for name in (*low, *middle, "h[3, 0]", "top")]
    assert by_group(plan, "whole") == [[*low, *middle, "h[3, 0]", "top"]]


@pytest.mark.parametrize(
    ("learn", "wanted"),
    [
        ("xprop_star", [0, 1, 2, 3, 0, 1]),
        ("xprop_star(order: down)", [3, 2, 1, 0, 3, 2]),
        ("xprop_star(order: listed, list: [4, 1, 2, 3, 2])", [3, 0, 1, 2, 1, 3]),
        ('xprop_star(group: class, order: listed, list: ["top/primary", "h/primary[l % 2=0]", "h/primary[l % 2=1]"])',
         [2, 1, 0, 2, 1, 0]),
        ("xprop_star(group: whole)", [0, 0, 0, 0, 0, 0]),
    ],
)  # fmt: skip
def test_order_of_turns(learn: str, wanted: list[int]) -> None:
    made = compiled(learn)
    assert isinstance(made.spec.learn, XpropStar)
    turns = make_turns(made.plan, made.spec.learn)
    assert [turns.at(turn, 0) for turn in range(6)] == wanted


def test_random_order_is_a_permutation_of_its_own_for_every_sweep_and_seed() -> None:
    turns = make_turns(compiled().plan, XpropStar(order="random", group="single"))
    sweeps = [[turns.at(7 * sweep + i, seed) for i in range(7)] for seed in (0, 1) for sweep in range(4)]
    assert all(sorted(sweep) == list(range(7)) for sweep in sweeps)
    assert len({tuple(sweep) for sweep in sweeps}) == 8
    assert sweeps[0] == [turns.at(i, 0) for i in range(7)]


@pytest.mark.parametrize(
    ("learn", "wanted"),
    [
        ("xprop_star(order: listed, list: [1, 2, 3, 4, 5])",
         [("EXN622", "5", "its levels are 1 to 4, written as numbers")]),
        ('xprop_star(order: listed, list: ["h", 0, 1])',
         [("EXN622", '"h"', "its levels are 1 to 4, written as numbers"),
          ("EXN622", "0", "its levels are 1 to 4, written as numbers")]),
        ('xprop_star(group: class, order: listed, list: ["h/primary[l % 2=0]", "h/primary[l % 2=7]"])',
         [("EXN622", '"h/primary[l % 2=7]"', "did you mean `h/primary[l % 2=0]`?")]),
        ('xprop_star(group: single, order: listed, list: ["h[1,1]"])',
         [("EXN622", '"h[1,1]"', "did you mean `h[1, 1]`?")]),
        ("xprop_star(group: single, order: listed, list: [3])",
         [("EXN622", "3", 'names stand in quotes, such as `"h[1, 0]"`; `exnet info` and messages show them')]),
        ("xprop_star(order: listed, list: [1, 3, 4])", [("EXN623", "1", "name every group at least once")]),
    ],
)  # fmt: skip
def test_mistakes_in_a_list(learn: str, wanted: list[tuple[str, str, str]]) -> None:
    assert refused(learn) == wanted


def test_a_message_says_what_is_left_out() -> None:
    said = compile_source(
        Source("t.exn", TEXT.format(learn='xprop_star(group: single, order: listed, list: ["top"])'))
    ).diagnostics
    assert [d.message for d in said] == [
        "`list` leaves out the vertex `h[1, 0]`, `h[1, 1]`, `h[1, 2]` and 3 more, which would never learn"
    ]


def test_a_rule_from_python_is_checked_too() -> None:
    with pytest.raises(ExnetError, match="EXN622"):
        make_turns(compiled().plan, XpropStar(order="listed", list=(1, 2, 3, 9)))
    with pytest.raises(ExnetError, match="EXN623"):
        make_turns(compiled().plan, XpropStar(order="listed", list=(1,)))


def calls(plan: Plan, local: Groups, wanted: set[int]) -> set[tuple[object, ...]]:
    """Stack, class row, site, target and operands of every call site whose target is wanted."""
    found = set[tuple[object, ...]]()
    for i in range(len(local)):
        group = local[i]
        rows = np.repeat(group.rows, group.members)
        found |= {
            (group.stack, int(rows[j]), int(group.sites[j]), int(group.targets[j]), *map(int, group.operands[:, j]))
            for j in range(len(group.sites))
            if int(group.targets[j]) in wanted
        }
    return found


@pytest.mark.parametrize("kind", ["level", "class", "single"])
def test_a_part_has_the_call_sites_of_its_rows_and_no_others(kind: str) -> None:
    plan = compiled().plan
    everything = set(range(plan.vertices))
    of = groups(plan, kind)
    for number in range(int(of.max()) + 1):
        rows = np.flatnonzero(of == number)
        made = part(plan, rows)
        for whole, cut in (
            (plan.local_primary, made.local_primary),
            (plan.local_arcs, made.local_arcs),
            (plan.trainers, made.trainers),
        ):
            assert calls(plan, cut, everything) == calls(plan, whole, set(rows.tolist()))
            assert all(len(cut[i].sites) == len(cut[i].rows) * cut[i].members for i in range(len(cut)))


def test_call_sites_of_a_part_add_up() -> None:
    plan = compiled().plan
    for number, stack in enumerate(plan.stacks):
        total = np.zeros(len(stack.classes), np.int64)
        for rows in (np.arange(3), np.arange(3, plan.vertices)):
            made = part(plan, rows)
            local = {"primary": made.local_primary, "complementary": made.local_arcs, "trainer": made.trainers}
            total += site_counts(local[stack.component], number, len(stack.classes))
        assert total.tolist() == stack.sites.tolist()
