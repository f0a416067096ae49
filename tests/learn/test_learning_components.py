"""Every kind of output, of combining parents and of drawing them learns: losses fall, and what counts nothing stays."""

import pytest
import torch
from torch import Tensor

import exnet
from exnet.learn.xprop import XpropRule
from exnet.passing.net import ExtractionNet
from exnet.spec.rule import Xprop

DAG = """exnet dag
input  x[4] : real[2]
{outputs}
space  primary = 12, complementary = 12
vertex a[i: 0..3] = (x[i], x[i+1])
vertex b[i: 0..2] = (a[i], a[i+1])
vertex r = (b[0], b[1], a[1])
root   r
{rest}
"""
ROWS = 48


def net(outputs: str, rest: str = "") -> ExtractionNet:
    return exnet.build(DAG.replace("{outputs}", outputs).replace("{rest}", rest), dtype=torch.float64)


def task(made: ExtractionNet) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Targets that all leaves together decide: sums of numbers, their signs, the largest of three."""
    x = torch.randn(ROWS, 4, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    sums = torch.stack([x[:, :, 0].sum(1), x[:, :2].sum((1, 2)), x[:, 2:, 1].sum(1)], 1) / 2.0
    targets = dict[str, Tensor]()
    for output in made.outputs:
        kind = output.type.kind
        targets[output.name] = sums.argmax(1) if kind == "class" else (sums if kind == "real" else (sums > 0).double())
    return {"x": x}, targets


def losses(made: ExtractionNet, steps: int = 50) -> list[float]:
    """The mean of all local losses, step by step."""
    rule = made.spec.learn
    assert isinstance(rule, Xprop)
    (inputs, targets), step_of = task(made), XpropRule(made, rule)
    optimiser, found = torch.optim.Adam(made.parameters(), lr=1e-2), list[float]()
    for step in range(steps):
        found.append(float(step_of.step(made, inputs, targets, step, torch.arange(ROWS)).loss.mean()))
        optimiser.step()
    return found


@pytest.mark.parametrize(
    "outputs",
    [
        "output y : class[3]",
        "output y : real[3]",
        "output y : labels[3]",
        "output y : class[3]\noutput z : real[3]\noutput t : labels[3]",
    ],
)
@pytest.mark.parametrize("mode", ["stochastic", "deterministic"])
def test_outputs_of_every_kind_are_learnt(outputs: str, mode: str) -> None:
    found = losses(net(outputs, f"mode {mode}"))
    assert found[-1] < 0.6 * found[0]


@pytest.mark.parametrize(
    ("mode", "network"),
    [
        ("deterministic(combine: sum)", "mlp(norm: layer)"),
        ("deterministic(combine: max)", "gated(start: identity)"),
        ("stochastic(draw: batch)", "mlp(residual: true, norm: layer, start: identity)"),
        ("stochastic(weights: [1.0, 0.5, 3.0])", "gated"),
    ],
)
def test_ways_to_combine_and_to_draw_parents_learn(mode: str, network: str) -> None:
    cell = f"net cell = {network}\ndefault vertex (primary: cell, complementary: cell)\nmode {mode}"
    found = losses(net("output y : class[3]", cell))
    assert found[-1] < 0.6 * found[0]


def test_weights_of_outputs_decide_what_is_learnt() -> None:
    """The output of weight zero stays as wrong as it was, the other one is learnt."""
    made = net("output y : class[3]\noutput z : real[3]", "learn xprop(weights: outputs(y: 0))")
    inputs, targets = task(made)
    wrong = list[float]()
    with torch.no_grad():
        wrong.append(float((made(inputs)["z"] - targets["z"]).square().mean()))
    losses(made)
    with torch.no_grad():
        heads = made(inputs)
        wrong.append(float((heads["z"] - targets["z"]).square().mean()))
        right = float((heads["y"].argmax(1) == targets["y"]).double().mean())
    assert wrong[1] < 0.3 * wrong[0]
    assert right < 0.7
