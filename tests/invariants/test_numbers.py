"""Over random specs: the compiled module computes what the reference computes; rows and vertices stay apart."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from exnet.graph import elaborate
from exnet.learn.verify import TOLERANCE, Comparison, deviation, verify
from exnet.learn.xprop import XpropRule
from exnet.plan import make_plan
from exnet.reference import interpret
from exnet.spec import Mode, Spec, parse
from exnet.spec.rule import Xprop
from exnet.testing import permuted, random_spec

MODES = {
    "stochastic": Mode(),
    "one draw for the batch": Mode(draw="batch"),
    "mean": Mode(kind="deterministic"),
    "sum": Mode(kind="deterministic", combine="sum"),
    "max": Mode(kind="deterministic", combine="max"),
}


def random_mode(seed: int, text: str | None = None) -> Spec:
    """A random spec; every third seed is deterministic, every other one stochastic in one of two ways."""
    mode = list(MODES.values())[seed % 5]
    return replace(parse(text or random_spec(seed)), mode=mode)


def comparison(spec: Spec, batch: int = 3) -> Comparison:
    graph = elaborate(spec).unwrap()
    return Comparison(spec, make_plan(spec, graph), graph, interpret(spec), batch)


@pytest.mark.parametrize("kind", ["stochastic", "deterministic"])
def test_compiled_is_reference(seed: int, kind: str) -> None:
    spec = parse(random_spec(seed))
    if spec.mode.kind != kind:
        spec = replace(spec, mode=Mode.model_validate({"kind": kind}))
    graph = elaborate(spec).unwrap()
    report = verify(spec, make_plan(spec, graph), graph, seed=seed)
    assert report.equal, f"{report.problems[:3]} {report.deviations}"
    assert len(report.deviations) == 9


def test_the_loss_of_a_vertex_reaches_its_own_components_alone(seed: int) -> None:
    made = comparison(random_mode(seed))
    rule = XpropRule(made.net, Xprop())
    report = rule.step(made.net, made.inputs, made.targets, 0, made.instances)
    assert report.primary is not None
    assert report.complementary is not None
    incoming = made.reference.incoming()
    for row in {0, len(made.vertices) // 2, len(made.vertices) - 1}:
        made.net.zero_grad(set_to_none=True)
        made.net.local(report.primary, report.complementary, report.draws)[row].square().sum().backward()
        vertex = made.reference.vertices[made.vertices[row]]
        arcs = {made.reference.vertices[u].complementary[slot] for u, slot in incoming[vertex.name]}
        own = {vertex.primary, vertex.trainer, *arcs}
        reached = {name for name, values in made.gradients().items() if any(v.any() for v in values.values())}
        assert reached <= own, vertex.name
        assert vertex.trainer in reached


def test_a_row_of_a_batch_is_the_instance_alone(seed: int) -> None:
    made = comparison(random_mode(seed))
    net = made.net
    with torch.no_grad():
        primary, draws = net.up(made.inputs), net.draws(5, made.instances)
        complementary = net.down(primary, draws)
        predictions = net.local(primary, complementary, draws)
        for b in range(3):
            row = {name: value[b : b + 1] for name, value in made.inputs.items()}
            one, drawn = net.up(row), None if draws is None else draws[:, b : b + 1]
            below = net.down(one, drawn)
            assert deviation(one, primary[:, b : b + 1]) <= TOLERANCE
            assert deviation(below, complementary[:, b : b + 1]) <= TOLERANCE
            assert deviation(net.local(one, below, drawn), predictions[:, b : b + 1]) <= TOLERANCE
            assert deviation(net.predict(row), net.predict(made.inputs)[b : b + 1]) <= TOLERANCE


def step(spec: Spec) -> list[Tensor]:
    """Losses and gradients of one step, bit for bit."""
    made = comparison(spec)
    report = XpropRule(made.net, Xprop()).step(made.net, made.inputs, made.targets, 3, made.instances)
    return [report.loss, *(v for _, values in sorted(made.gradients().items()) for v in values.values())]


@pytest.mark.parametrize("number", range(10))
def test_same_seed_same_bits(number: int) -> None:
    one, other = step(random_mode(number)), step(random_mode(number))
    assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_permuting_statements_changes_no_number(seed: int) -> None:
    one = step(random_mode(seed))
    other = step(random_mode(seed, permuted(random_spec(seed), seed)))
    assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
