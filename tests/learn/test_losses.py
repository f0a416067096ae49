"""Losses: against torch's own, against the plain versions, and in whole steps against the reference interpreter."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

import exnet
from exnet.compiler import compile_source
from exnet.learn.heads import Heads
from exnet.learn.verify import verify
from exnet.reference.losses import loss as plain_loss
from exnet.source import Source
from exnet.spec import Spec

TEXT = """exnet t
input  x[3] : real[2]
output y    : {}
root   tree(x)
learn  xprop(losses: outputs(y: {}))
"""
CASES = [
    ("class[4]", "cross_entropy"),
    ("class[4]", "cross_entropy(smoothing: 0.2)"),
    ("class[4]", "cross_entropy(weights: [1.0, 2.0, 0.0, 0.5])"),
    ("class[4]", "cross_entropy(smoothing: 0.2, weights: [1, 2, 0, 0.5])"),
    ("real[4]", "squared"),
    ("real[2, 2]", "absolute"),
    ("real[4]", "huber"),
    ("real[4]", "huber(delta: 0.3)"),
    ("labels[4]", "binary"),
    ("labels[4]", "binary(weights: [1.0, 2.0, 0.0, 0.5])"),
]
W = torch.tensor([1.0, 2.0, 0.0, 0.5], dtype=torch.float64)


def spec_of(kind: str, loss: str) -> Spec:
    return exnet.parse(TEXT.format(kind, loss))


def values(kind: str) -> tuple[Tensor, Tensor]:
    """Predictions [3, 7, 4] of three vertices, and targets."""
    generator = torch.Generator().manual_seed(1)
    predicted = torch.randn(3, 7, 4, generator=generator, dtype=torch.float64)
    if kind == "class":
        return predicted, torch.arange(7) % 4
    numbers = torch.randn(7, 4, generator=generator, dtype=torch.float64)
    return predicted, (numbers > 0).double() if kind == "labels" else numbers


def with_torch(kind: str, loss: str, predicted: Tensor, target: Tensor) -> Tensor:
    """The losses [7] of one vertex, as torch computes them."""
    weights = W if "weights" in loss else None
    match loss.split("(")[0]:
        case "cross_entropy":
            smoothing = 0.2 if "smoothing" in loss else 0.0
            return functional.cross_entropy(predicted, target, weights, reduction="none", label_smoothing=smoothing)
        case "squared":
            return functional.mse_loss(predicted, target, reduction="none").mean(-1)
        case "absolute":
            return functional.l1_loss(predicted, target, reduction="none").mean(-1)
        case "huber":
            delta = 0.3 if "delta" in loss else 1.0
            return functional.huber_loss(predicted, target, reduction="none", delta=delta).mean(-1)
        case _:
            logits = functional.binary_cross_entropy_with_logits
            return logits(predicted, target, reduction="none", pos_weight=weights).mean(-1)


@pytest.mark.parametrize(("kind", "loss"), CASES)
def test_losses_are_torchs(kind: str, loss: str) -> None:
    spec = spec_of(kind, loss)
    predicted, target = values(spec.outputs[0].type.kind)
    found = Heads(spec.outputs).loss(predicted, {"y": target})
    assert found.shape == (3, 7)
    for vertex in range(3):
        torch.testing.assert_close(
            found[vertex], with_torch(kind, loss, predicted[vertex], target), rtol=1e-12, atol=1e-12
        )


@pytest.mark.parametrize(("kind", "loss"), CASES)
def test_the_plain_versions_say_the_same(kind: str, loss: str) -> None:
    spec = spec_of(kind, loss)
    predicted, target = values(spec.outputs[0].type.kind)
    found = Heads(spec.outputs).loss(predicted, {"y": target})
    for vertex in range(3):
        plain = plain_loss(spec, predicted[vertex], {"y": target})
        torch.testing.assert_close(found[vertex].mean(), plain, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("kind", "loss"), [CASES[3], CASES[5], CASES[7], CASES[9]])
def test_whole_steps_are_the_reference_interpreters(kind: str, loss: str) -> None:
    compiled = compile_source(Source("t.exn", TEXT.format(kind, loss))).unwrap()
    report = verify(compiled.spec, compiled.plan, compiled.graph)
    assert report.problems == ()
    assert report.worst < 1e-12


def test_what_is_not_said_follows_from_the_type() -> None:
    text = "exnet t input x[2] : real[1] output a : class[2] output b : real[3] output c : labels[2] root tree(x)"
    losses = {output.name: output.loss.kind for output in exnet.parse(text).outputs}
    assert losses == {"a": "cross_entropy", "b": "squared", "c": "binary"}


def test_weights_of_classes_at_run_time() -> None:
    predicted, target = values("class")
    declared = spec_of("class[4]", "cross_entropy(weights: [1.0, 2.0, 0.0, 0.5])").outputs
    plain = spec_of("class[4]", "cross_entropy").outputs
    given = {"y": torch.tensor([3.0, 1.0, 1.0, 0.25])}
    one = Heads(plain, given).loss(predicted, {"y": target})
    torch.testing.assert_close(one, Heads(plain).loss(predicted, {"y": target}) * given["y"].double()[target])
    both = Heads(declared, given).loss(predicted, {"y": target})
    torch.testing.assert_close(both, Heads(plain).loss(predicted, {"y": target}) * (W * given["y"])[target])


def test_losses_are_part_of_what_a_spec_says() -> None:
    one, other = spec_of("class[4]", "cross_entropy"), spec_of("class[4]", "cross_entropy(smoothing: 0.1)")
    assert one.spec_hash != other.spec_hash
    assert exnet.parse(other.text).outputs[0].loss == other.outputs[0].loss
    ordered = spec_of("class[4]", "cross_entropy(smoothing: 0.1, weights: [1, 1, 1, 2])")
    turned = spec_of("class[4]", "cross_entropy(weights: [1, 1, 1, 2], smoothing: 0.1)")
    assert ordered.spec_hash == turned.spec_hash


@pytest.mark.parametrize("rule", ["xprop", "backprop", "xprop_star"])
def test_every_rule_takes_losses(rule: str) -> None:
    spec = exnet.parse(TEXT.format("real[1]", "huber(delta: 2)").replace("xprop", rule))
    assert spec.outputs[0].loss.model_dump() == {"delta": 2.0}
