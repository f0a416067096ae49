import math

import pytest
import torch
from torch.nn import functional

import exnet
from exnet.learn.heads import Heads

TEXT = "exnet t input x[2] : real[1] {} root h vertex h = (x[0], x[1])"


def heads(outputs: str) -> Heads:
    return Heads(exnet.parse(TEXT.format(outputs)).outputs)


def test_cross_entropy_of_every_vertex_and_instance() -> None:
    result, target = torch.randn(5, 7, 4, dtype=torch.float64), torch.arange(7) % 4
    loss = heads("output y : class[4]").loss(result, {"y": target})
    assert loss.shape == (5, 7)
    for row in range(5):
        torch.testing.assert_close(loss[row], functional.cross_entropy(result[row], target, reduction="none"))


def test_cross_entropy_of_certain_predictions_is_finite() -> None:
    result = torch.tensor([[1e4, -1e4], [-1e4, 1e4]])
    loss = heads("output y : class[2]").loss(result, {"y": torch.tensor([0, 0])})
    assert loss.tolist() == [0.0, 2e4]


def test_squares_are_averaged_over_the_numbers() -> None:
    result, target = torch.tensor([[[1.0, 2.0], [0.0, 0.0]]]), torch.tensor([[1.0, 0.0], [3.0, 1.0]])
    made = heads("output y : real[2]")
    assert made.loss(result, {"y": target}).tolist() == [[2.0, 5.0]]
    assert made.score(result, {"y": target}) is None


def test_labels_use_binary_cross_entropy() -> None:
    result, target = torch.tensor([[2.0, -1.0]]), torch.tensor([[1.0, 1.0]])
    made = heads("output y : labels[2]")
    wanted = (math.log1p(math.exp(-2.0)) + math.log1p(math.exp(1.0))) / 2
    assert made.loss(result, {"y": target}).item() == pytest.approx(wanted)
    assert made.score(result, {"y": target}).item() == 0.5  # type: ignore[union-attr]


def test_several_outputs_lie_side_by_side_by_name() -> None:
    both = heads("output z : class[3] output a : real[2]")
    result = torch.randn(4, 5, dtype=torch.float64)
    y = {"z": torch.tensor([0, 1, 2, 0]), "a": torch.randn(4, 2, dtype=torch.float64)}
    wanted = heads("output a : real[2]").loss(result[:, :2], y) + heads("output z : class[3]").loss(result[:, 2:], y)
    torch.testing.assert_close(both.loss(result, y), wanted)
    torch.testing.assert_close(both.score(result, y), heads("output z : class[3]").score(result[:, 2:], y))


def test_weights_multiply_losses() -> None:
    from dataclasses import replace

    outputs = exnet.parse(TEXT.format("output z : class[3] output a : real[2]")).outputs
    weighted = Heads([replace(o, weight=2.0 if o.name == "a" else 0.5) for o in outputs])
    result, y = torch.randn(4, 5), {"z": torch.tensor([0, 1, 2, 0]), "a": torch.randn(4, 2)}
    a, z = heads("output a : real[2]").loss(result[:, :2], y), heads("output z : class[3]").loss(result[:, 2:], y)
    torch.testing.assert_close(weighted.loss(result, y), 2.0 * a + 0.5 * z)
