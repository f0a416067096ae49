"""Draws: a function of (seed, vertex, step, instance), with the distribution that the mode says."""

import dataclasses

import numpy as np
import pytest
import torch
from passing_nets import SPECS, inputs, net

import exnet
from exnet.passing.draws import draws, several
from exnet.source import ExnetError
from exnet.spec.model import Mode


def test_positions_are_in_range_and_zero_where_there_is_no_choice() -> None:
    plan = net("mixed").plan
    drawn = draws(plan, Mode(), 0, 1, np.arange(500))
    count = np.diff(plan.arcs.incoming_ptr)
    assert (drawn >= 0).all()
    assert (drawn < np.maximum(count, 1)[:, None]).all()
    assert (drawn[count <= 1] == 0).all()
    assert len(several(plan)) >= 4


def test_uniform() -> None:
    plan = net("attention").plan
    drawn = draws(plan, Mode(), 0, 1, np.arange(4000))
    for row in several(plan):
        count = int(np.diff(plan.arcs.incoming_ptr)[row])
        share = np.bincount(drawn[row], minlength=count) / 4000
        np.testing.assert_allclose(share, 1 / count, atol=0.04)


def test_weights_of_slots() -> None:
    plan = net("attention").plan
    drawn = draws(plan, Mode(weights=(1.0, 3.0)), 0, 1, np.arange(4000))
    for row in several(plan):
        first, last = plan.arcs.incoming_ptr[row : row + 2]
        weight = np.array([1.0, 3.0])[plan.arcs.slot[plan.arcs.incoming[first:last]]]
        share = np.bincount(drawn[row], minlength=last - first) / 4000
        np.testing.assert_allclose(share, weight / weight.sum(), atol=0.04)


def test_slots_of_weight_zero_are_never_drawn() -> None:
    plan = net("attention").plan
    drawn = draws(plan, Mode(weights=(0.0, 1.0)), 0, 1, np.arange(1000))
    for row in several(plan):
        arcs = plan.arcs.incoming[plan.arcs.incoming_ptr[row] + drawn[row]]
        assert (plan.arcs.slot[arcs] == 1).all()


def test_rounding_does_not_lead_to_a_slot_of_weight_zero_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even for the largest number below one."""
    plan = net("attention").plan
    largest = np.nextafter(1.0, 0.0)
    monkeypatch.setattr(
        "exnet.passing.draws.uniform", lambda seed, purpose, key, step, i: np.full((len(key), 3), largest)
    )
    drawn = draws(plan, Mode(weights=(1e-300, 0.0)), 0, 1, np.arange(3))
    for row in several(plan):
        arcs = plan.arcs.incoming[plan.arcs.incoming_ptr[row] + drawn[row]]
        assert (plan.arcs.slot[arcs] == 0).all()


def test_per_batch_all_instances_draw_the_same() -> None:
    plan = net("attention").plan
    drawn = draws(plan, Mode(draw="batch"), 0, 1, np.arange(50))
    assert (drawn == drawn[:, :1]).all()
    assert (drawn != draws(plan, Mode(draw="batch"), 0, 2, np.arange(50))).any()


def test_seed_step_and_instance_matter_and_nothing_else() -> None:
    plan = net("attention").plan
    base = draws(plan, Mode(), 0, 1, np.arange(100))
    assert np.array_equal(draws(plan, Mode(), 0, 1, np.arange(100)), base)
    assert np.array_equal(draws(plan, Mode(), 0, 1, np.array([7, 3])), base[:, [7, 3]])
    rows = several(plan)
    for other in (draws(plan, Mode(), 1, 1, np.arange(100)), draws(plan, Mode(), 0, 2, np.arange(100))):
        assert (other[rows] != base[rows]).mean() > 0.3


def test_a_vertex_draws_the_same_in_whatever_row_it_stands() -> None:
    plan = net("attention").plan
    order = np.random.default_rng(0).permutation(plan.vertices)
    moved = dataclasses.replace(plan, hash=plan.hash[order])
    rows = several(plan)
    alike = rows[np.diff(plan.arcs.incoming_ptr)[order[rows]] == np.diff(plan.arcs.incoming_ptr)[rows]]
    base = draws(plan, Mode(), 0, 1, np.arange(20))
    assert np.array_equal(draws(moved, Mode(), 0, 1, np.arange(20))[alike], base[order[alike]])


def test_a_tree_has_nothing_to_draw() -> None:
    made = net("tree")
    drawn = made.draws(0, torch.arange(5))
    assert drawn is not None
    assert drawn.shape == (made.plan.vertices, 5)
    assert not drawn.any()


def test_deterministic_nets_draw_nothing() -> None:
    assert net("attention", "mean").draws(0, torch.arange(3)) is None


def test_both_modes_are_the_same_on_a_tree() -> None:
    a, b = net("tree"), net("tree", "mean")
    x = inputs(a, 3)
    torch.testing.assert_close(a.local_predictions(x), b.local_predictions(x), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "spoil",
    [lambda d: d[:, :1], lambda d: d.int(), lambda d: d + 100, lambda d: d - 1, lambda d: d[1:]],
)
def test_draws_that_do_not_fit_are_refused(spoil: object) -> None:
    made = net("attention")
    x = inputs(made, 3)
    primary = made.up(x)
    drawn = made.draws(0, torch.arange(3))
    assert callable(spoil)
    with pytest.raises(ExnetError) as caught:
        made.down(primary, spoil(drawn))
    assert caught.value.code == "EXN614"


def test_weights_in_a_spec() -> None:
    text = f"{SPECS['attention'].strip()}\nmode stochastic(weights: [0.0, 1.0])\n"
    made = exnet.build(text)
    drawn = made.draws(3, torch.arange(100))
    rows = several(made.plan)
    arcs = made.plan.arcs.incoming[made.plan.arcs.incoming_ptr[rows][:, None] + drawn[rows].numpy()]
    assert (made.plan.arcs.slot[arcs] == 1).all()
