import math

import pytest
import torch
from torch.nn import Parameter
from torch.optim import SGD, Adam, AdamW

from exnet.learn.optimiser import clip_rows, factor, make_optimiser, make_schedule
from exnet.spec.rule import Optimiser, Schedule, Xprop


@pytest.mark.parametrize(("kind", "made"), [("adam", Adam), ("adamw", AdamW), ("sgd", SGD)])
def test_optimisers_of_torch_with_their_options(kind: str, made: type) -> None:
    parameter = Parameter(torch.ones(3))
    options = Optimiser(kind=kind, lr=0.5, betas=(0.8, 0.9), momentum=0.3, decay=0.1)
    found = make_optimiser([parameter], options)
    assert type(found) is made
    group = found.param_groups[0]
    assert (group["lr"], group["weight_decay"]) == (0.5, 0.1)
    assert group["momentum"] == 0.3 if kind == "sgd" else group["betas"] == (0.8, 0.9)
    assert group["fused"]


def test_fused_adam_agrees_with_plain_adam() -> None:
    torch.manual_seed(0)
    start, gradients = torch.randn(4, 3), torch.randn(5, 4, 3)
    mine, plain = Parameter(start.clone()), Parameter(start.clone())
    ours, theirs = make_optimiser([mine], Optimiser(lr=0.1)), Adam([plain], 0.1)
    for gradient in gradients:
        mine.grad, plain.grad = gradient.clone(), gradient.clone()
        ours.step()
        theirs.step()
    torch.testing.assert_close(mine, plain)


def test_schedules_by_step() -> None:
    cosine = [factor(Schedule(), 4, i) for i in range(5)]
    assert cosine == pytest.approx([1.0, 0.5 + math.sqrt(0.125), 0.5, 0.5 - math.sqrt(0.125), 0.0])
    assert [factor(Schedule(kind="linear"), 4, i) for i in range(5)] == [1.0, 0.75, 0.5, 0.25, 0.0]
    assert {factor(Schedule(kind="constant"), 4, i) for i in range(5)} == {1.0}
    warm = [factor(Schedule(kind="linear", warmup=3), 7, i) for i in range(8)]
    assert warm == [0.25, 0.5, 0.75, 1.0, 0.75, 0.5, 0.25, 0.0]


def test_schedule_moves_the_rate_once_a_step() -> None:
    rule = Xprop(optimiser=Optimiser(lr=0.2), schedule=Schedule(kind="linear"))
    parameter = Parameter(torch.ones(1))
    optimiser = make_optimiser([parameter], rule.optimiser)
    schedule = make_schedule(optimiser, rule, 4)
    rates = []
    for _ in range(4):
        rates.append(optimiser.param_groups[0]["lr"])
        parameter.grad = torch.ones(1)
        optimiser.step()
        schedule.step()
    assert rates == pytest.approx([0.2, 0.15, 0.1, 0.05])


def test_a_schedule_can_start_in_the_middle() -> None:
    rule = Xprop(optimiser=Optimiser(lr=0.2), schedule=Schedule(kind="linear"))
    optimiser = make_optimiser([Parameter(torch.ones(1))], rule.optimiser)
    make_schedule(optimiser, rule, 4, done=3)
    assert optimiser.param_groups[0]["lr"] == pytest.approx(0.05)


def test_rows_are_clipped_apart() -> None:
    weight, bias = Parameter(torch.zeros(3, 2, 2)), Parameter(torch.zeros(3, 2))
    weight.grad, bias.grad = torch.zeros(3, 2, 2), torch.zeros(3, 2)
    weight.grad[0], bias.grad[0] = 3.0, torch.tensor([8.0, 0.0])  # norm 10
    weight.grad[1] = 0.1
    clip_rows([weight, bias], 5.0)
    torch.testing.assert_close(weight.grad[0], torch.full((2, 2), 1.5))
    torch.testing.assert_close(bias.grad[0], torch.tensor([4.0, 0.0]))
    torch.testing.assert_close(weight.grad[1], torch.full((2, 2), 0.1))
    assert not weight.grad[2].any()
