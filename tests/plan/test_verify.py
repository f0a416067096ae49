"""The verifier bites: every kind of damage to a draft is found by the check that is meant to find it."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import numpy as np
import plan_graphs as hand
import pytest

from exnet.plan.draft import Draft
from exnet.plan.make import run_passes
from exnet.plan.passes import PASSES
from exnet.plan.verify import PlanViolationError

GRAPH = hand.graph(3, [(0, 1), (1, 2), (3, 4), (3, 4, 4), (5, 6)], key=lambda v: [0, 0, 1, 2, 1][v])


def whole() -> Draft:
    return run_passes(hand.spec(), GRAPH)


def check(draft: Draft) -> None:
    for step in PASSES:
        for holds in step.holds:
            holds(draft)


def swapped(values: np.ndarray) -> np.ndarray:
    """The first value changes places with the next that differs."""
    copy = values.copy()
    other = next(i for i in range(len(copy)) if copy[i] != copy[0])
    copy[0], copy[other] = copy[other], copy[0]
    return copy


def bumped(values: np.ndarray) -> np.ndarray:
    copy = values.copy()
    copy[-1] += 1
    return copy


COLUMNS = [
    (part, field.name)
    for part in ("up", "down", "local_primary", "local_arcs", "trainers", "arcs")
    for field in fields(getattr(whole(), part))
]


@pytest.mark.parametrize(("part", "column"), COLUMNS)
def test_every_column_of_the_plan_is_verified(part: str, column: str) -> None:
    draft = whole()
    check(draft)
    values = getattr(getattr(draft, part), column)
    damaged = ~values if values.dtype == np.bool_ else bumped(values)
    changed: Any = replace(draft, **{part: replace(getattr(draft, part), **{column: damaged})})
    with pytest.raises((PlanViolationError, IndexError, ValueError)):
        check(changed)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda d: replace(d, vertex=swapped(d.vertex)), "inverse"),
        (lambda d: replace(d, vertex=np.zeros_like(d.vertex)), "permutation"),
        (lambda d: replace(d, child=d.child[::-1].copy()), "too late"),
        (lambda d: replace(d, child=swapped(d.child)), "other children"),
        (lambda d: replace(d, arc=swapped(d.arc)), "another parent or slot|wrongly"),
        (lambda d: replace(d, arc_drawn=~d.arc_drawn), "wrongly certain"),
        (lambda d: replace(d, shapes=d.shapes[::-1]), "not sorted"),
        (lambda d: replace(d, primary=replace(d.primary, stack=bumped(d.primary.stack))), "another shape"),
        (lambda d: replace(d, primary=replace(d.primary, row=bumped(d.primary.row))), "another row"),
        (lambda d: replace(d, up=replace(d.up, operands=swapped(d.up.operands))), "operand of up is wrong"),
        (lambda d: replace(d, stacks=d.stacks[:-1]), "stack is missing"),
        (lambda d: replace(d, stacks=(replace(d.stacks[0], sites=d.stacks[0].sites + 1), *d.stacks[1:])), "miscounts"),
        (lambda d: replace(d, stacks=(replace(d.stacks[0], hash=d.stacks[0].hash + 1), *d.stacks[1:])), "foreign hash"),
    ],
)
def test_damage_is_named(damage: Callable[[Draft], Draft], words: str) -> None:
    with pytest.raises(PlanViolationError, match=words):
        check(damage(whole()))


def test_every_pass_has_something_to_hold() -> None:
    names = [step.name for step in PASSES]
    assert len(set(names)) == len(names)
    assert all(step.holds for step in PASSES)
