"""One step on a small graph, against the equations written out by hand, and gradients against differences."""

import pytest
import torch
from torch import Tensor

from exnet.reference import interpret
from exnet.reference.losses import loss
from exnet.reference.step import Draws, Parameters, Stepper
from exnet.spec import Spec, parse
from exnet.spec.network import Signature

BATCH = 3
TEXT = """
exnet diamond
input x[4] : real[3]
output y : class[3]
space primary = 3, complementary = 2
net flat = linear
default vertex (primary: flat, complementary: flat, trainer: flat)
vertex m = (x[0], x[1])
vertex a = (m, x[2])
vertex b = (x[3], m, m)
vertex r = (a, b)
root r
"""


def spec(extra: str = "mode deterministic", text: str = TEXT) -> Spec:
    return parse(text + extra)


def values(of: Spec) -> dict[str, dict[str, Tensor]]:
    """Parameters for every class of a graph whose networks are all `flat`."""
    generator, graph = torch.Generator().manual_seed(1), interpret(of)
    found: dict[str, dict[str, Tensor]] = {}
    for vertex in graph.vertices.values():
        k = len(vertex.children)
        shapes = {vertex.primary: ((3,) * k, 3), vertex.trainer: ((3, 2), 3)}
        shapes |= {name: ((2, *(3,) * (k - 1)), 2) for name in vertex.complementary if name is not None}
        for name, (operands, out) in shapes.items():
            parameters = of.networks["flat"].parameters(Signature(operands, out))
            made = {p.name: torch.randn(p.shape, generator=generator, dtype=torch.float64) for p in parameters}
            found.setdefault(name, made)
    return found


LEAVES = {f"x[{i}]": torch.randn(BATCH, 3, generator=torch.Generator().manual_seed(i)).double() for i in range(4)}
TARGET = {"y": torch.tensor([0, 2, 1])}
ARCS = [("a", 0), ("b", 1), ("b", 2)]


def stepper(of: Spec, parameters: Parameters, draws: Draws | None = None) -> Stepper:
    return Stepper(of, interpret(of), parameters, draws)


def affine(parameters: dict[str, Tensor], *operands: Tensor) -> Tensor:
    return torch.cat(operands, 1) @ parameters["w0"] + parameters["b0"]


def messages(v: dict[str, dict[str, Tensor]], e: dict[str, Tensor]) -> tuple[list[Tensor], dict[str, Tensor]]:
    """The three messages to m, and the extractions of its parents."""
    zero = torch.zeros(BATCH, 2, dtype=torch.float64)
    above = {
        "a": affine(v["r/complementary[slot=0]"], zero, e["b"]),
        "b": affine(v["r/complementary[slot=1]"], zero, e["a"]),
    }
    found = [
        affine(v["a/complementary[slot=0]"], above["a"], e["x[2]"]),
        affine(v["b/complementary[slot=1]"], above["b"], e["x[3]"], e["m"]),
        affine(v["b/complementary[slot=2]"], above["b"], e["x[3]"], e["m"]),
    ]
    return found, above


def test_up_pass() -> None:
    of = spec()
    v = values(of)
    e = stepper(of, v).up(LEAVES)
    assert torch.equal(e["m"], affine(v["m/primary"], LEAVES["x[0]"], LEAVES["x[1]"]))
    assert torch.equal(e["b"], affine(v["b/primary"], LEAVES["x[3]"], e["m"], e["m"]))
    assert torch.equal(e["r"], affine(v["r/primary"], e["a"], e["b"]))


@pytest.mark.parametrize("combine", ["mean", "sum", "max"])
def test_down_pass_combines_all_arcs(combine: str) -> None:
    of = spec(f"mode deterministic(combine: {combine})")
    v = values(of)
    walk = stepper(of, v)
    e = walk.up(LEAVES)
    below = walk.down(e)
    found, above = messages(v, e)
    together = torch.stack(found)
    expected = {"mean": together.mean(0), "sum": together.sum(0), "max": together.amax(0)}[combine]
    assert torch.equal(below["r"], torch.zeros(BATCH, 2))
    assert torch.allclose(below["a"], above["a"])
    assert torch.allclose(below["m"], expected)


def test_down_pass_takes_the_drawn_arc_of_each_instance() -> None:
    of = spec("mode stochastic")
    v = values(of)
    walk = stepper(of, v, {"m": [ARCS[2], ARCS[0], ARCS[1]]})
    e = walk.up(LEAVES)
    found, _ = messages(v, e)
    expected = torch.stack([found[2][0], found[0][1], found[1][2]])
    assert torch.allclose(walk.down(e)["m"], expected)


@pytest.mark.parametrize("mode", ["deterministic", "stochastic"])
def test_gradients_are_those_of_the_local_losses_alone(mode: str) -> None:
    """dL_v by differences, with the inputs of v held at the values of the unchanged parameters."""
    of = spec(f"mode {mode}")
    v = values(of)
    draws = {"m": [ARCS[2], ARCS[0], ARCS[2]]}
    step = stepper(of, v, draws).step(LEAVES, TARGET)
    below = {"m": ["m/primary", "m/trainer", "a/complementary[slot=0]", "b/complementary[slot=2]"], "a": ["a/primary"]}
    for vertex, classes in below.items():
        for name in classes:
            for key in ("w0", "b0"):
                index = (0,) * v[name][key].dim()
                change = _difference(of, v, draws, step, vertex, (name, key, index))
                assert float(step.gradients[name][key][index]) == pytest.approx(change, abs=1e-7)


def _difference(of: Spec, v: dict, draws: Draws, step: object, vertex: str, at: tuple) -> float:  # type: ignore[type-arg]
    name, key, index = at
    losses = []
    for sign in (1.0, -1.0):
        moved = {c: {n: t.clone() for n, t in p.items()} for c, p in v.items()}
        moved[name][key][index] += sign * 1e-5
        walk = stepper(of, moved, draws)
        here = walk._graph.vertices[vertex]
        own = walk._primary(here, step.primary, moved)  # type: ignore[attr-defined]
        below = walk._complementary(vertex, step.primary, step.complementary, moved, BATCH)  # type: ignore[attr-defined]
        prediction = walk._trainer(here, own, below, moved)
        losses.append(float(torch.nn.functional.cross_entropy(prediction, TARGET["y"])))
    return (losses[0] - losses[1]) / 2e-5


def test_undrawn_arcs_get_no_gradient() -> None:
    of = spec("mode stochastic")
    step = stepper(of, values(of), {"m": [ARCS[0]] * BATCH}).step(LEAVES, TARGET)
    assert not step.gradients["b/complementary[slot=1]"]["w0"].any()
    assert step.gradients["a/complementary[slot=0]"]["w0"].any()


def test_shared_gradients_are_divided_by_call_sites_or_not() -> None:
    text = TEXT.replace("vertex a = (m, x[2])", "vertex c[i: 0..2] = (m, x[i]) share all  vertex a = (c[0], c[1])")
    by_sites, by_batch = spec("learn xprop", text), spec("learn xprop(average: batch)", text)
    draws = {"m": [("c[0]", 0)] * BATCH}
    found = [stepper(of, values(of), draws).step(LEAVES, TARGET).gradients for of in (by_sites, by_batch)]
    for name, sites in {"c/primary": 2, "c/trainer": 2, "c/complementary[slot=0]": 2, "a/primary": 1}.items():
        assert torch.allclose(sites * found[0][name]["w0"], found[1][name]["w0"]), name
        assert found[0][name]["w0"].any()


def test_backprop_differentiates_the_roots_loss() -> None:
    of = spec()
    v = values(of)
    before, gradients = stepper(of, v).backprop(LEAVES, TARGET)
    moved = {c: {n: t.clone() for n, t in p.items()} for c, p in v.items()}
    moved["m/primary"]["w0"][0, 0] += 1e-6
    other, _ = stepper(of, moved).backprop(LEAVES, TARGET)
    assert float(gradients["m/primary"]["w0"][0, 0]) == pytest.approx(float(other - before) / 1e-6, rel=1e-4)
    assert not gradients["m/trainer"]["w0"].any()
    assert not gradients["r/complementary[slot=0]"]["w0"].any()


def test_losses_by_type_of_output() -> None:
    text = TEXT.replace("output y : class[3]", "output y : class[3]  output a_y : real[2]  output b_y : labels[2]")
    of = spec("", text)
    prediction = torch.randn(BATCH, 7, generator=torch.Generator().manual_seed(3)).double()
    targets = {"y": TARGET["y"], "a_y": torch.ones(BATCH, 2).double(), "b_y": torch.tensor([[0.0, 1.0]] * 3).double()}
    expected = (
        torch.nn.functional.mse_loss(prediction[:, :2], targets["a_y"])
        + torch.nn.functional.binary_cross_entropy_with_logits(prediction[:, 2:4], targets["b_y"])
        + torch.nn.functional.cross_entropy(prediction[:, 4:], targets["y"])
    )
    assert torch.allclose(loss(of, prediction, targets), expected)
