"""Batches: one instance alone is the same row of a batch; all sizes and types run."""

import pytest
import torch
from passing_nets import EVERYTHING, SPECS, inputs, net, passes, rows


@pytest.mark.parametrize(("name", "mode"), EVERYTHING)
def test_an_instance_alone_is_the_same_row_of_a_batch(name: str, mode: str) -> None:
    made = net(name, mode)
    x = inputs(made, 5)
    primary, complementary, draws = passes(made, x)
    local = made.local(primary, complementary, draws)
    one = rows(x, slice(2, 3))
    alone = made.draws(1, torch.tensor([2]))
    if draws is not None and alone is not None:
        assert torch.equal(alone, draws[:, 2:3])
    with torch.no_grad():
        up = made.up(one)
        down = made.down(up, alone)
    for a, b in (
        (up, primary[:, 2:3]),
        (down, complementary[:, 2:3]),
        (made.local(up, down, alone), local[:, 2:3]),
        (made.predict(one), made.predict(x)[2:3]),
    ):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-10)


@pytest.mark.parametrize("mode", ["stochastic", "mean", "max"])
@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("batch", [0, 1])
def test_small_batches(name: str, mode: str, batch: int) -> None:
    made = net(name, mode)
    x = inputs(made, batch)
    primary, complementary, draws = passes(made, x)
    local = made.local(primary, complementary, draws)
    assert primary.shape == (made.plan.leaves + made.plan.vertices, batch, made.plan.primary)
    assert complementary.shape == (made.plan.vertices, batch, made.plan.complementary)
    assert local.shape == (made.plan.vertices, batch, made.spec.output_width)
    local.sum().backward()
    assert made.predict(x).shape == (batch, made.spec.output_width)
    made.predict(x).sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in made.parameters() if p.grad is not None)


@pytest.mark.parametrize(("name", "mode"), EVERYTHING)
def test_float32_is_near_float64(name: str, mode: str) -> None:
    exact, near = net(name, mode), net(name, mode, torch.float32)
    x = inputs(exact, 4)
    primary, complementary, draws = passes(exact, x)
    lower, below, _ = passes(near, {k: v.float() if v.is_floating_point() else v for k, v in x.items()})
    assert lower.dtype == below.dtype == torch.float32
    torch.testing.assert_close(lower.double(), primary, rtol=0, atol=1e-4)
    torch.testing.assert_close(below.double(), complementary, rtol=0, atol=1e-4)
    local = near.local(lower, below, draws)
    assert local.dtype == torch.float32
    torch.testing.assert_close(local.double(), exact.local(primary, complementary, draws), rtol=0, atol=1e-4)


def test_default_dtype_is_that_of_torch() -> None:
    made = net("tree", dtype=torch.get_default_dtype())
    assert made.dtype == torch.float32


def test_the_net_moves_as_a_module() -> None:
    made = net("mixed").float()
    primary, complementary, draws = passes(made, inputs(made, 2))
    assert made.local(primary, complementary, draws).dtype == torch.float32


def test_several_outputs_come_by_name() -> None:
    made = net("mixed")
    x = inputs(made, 3)
    whole, parts = made.predict(x), made(x)
    assert {name: tuple(value.shape) for name, value in parts.items()} == {"a": (3, 2), "y": (3, 3)}
    assert torch.equal(torch.cat((parts["a"], parts["y"]), -1), whole)


def test_evaluation_and_autograd_compute_the_same() -> None:
    made = net("mixed")
    x = inputs(made, 3)
    with torch.no_grad():
        plain = made.up(x)
    taped = made.up(x)
    assert taped.requires_grad
    torch.testing.assert_close(taped, plain, rtol=0, atol=1e-12)
