"""What a plan refuses: impossible widths, too many parameters, too many siblings."""

import plan_graphs as hand
import pytest

from exnet.graph.limits import Limits
from exnet.plan import make_plan, plan_spec
from exnet.plan.cost import cost, operand_flops, training_flops
from exnet.source import ExnetError
from exnet.spec.network import Signature
from exnet.spec.networks import Gated, Linear, Mlp


@pytest.mark.parametrize(
    ("component", "network"),
    [("trainer", "trainer"), ("complementary", "complementary"), ("primary", "primary")],
)
def test_network_that_cannot_have_its_widths(component: str, network: str) -> None:
    """A toy network that carries its first operand fits propagators, whose widths agree, but no trainer."""
    outcome = plan_spec(hand.spec(residual=network), hand.tree(4))
    if component != "trainer":
        assert outcome.value is not None
        return
    (diagnostic,) = outcome.diagnostics
    assert (diagnostic.code, diagnostic.name) == ("EXN480", "network-shape")
    assert diagnostic.span is hand.SPAN
    assert "trainer of `h[0]`" in diagnostic.message
    with pytest.raises(ExnetError) as caught:
        make_plan(hand.spec(residual=network), hand.tree(4))
    assert caught.value.code == "EXN480"


def test_all_unfit_networks_are_reported() -> None:
    graph = hand.graph(2, [(0, 1), (0, 2, 2)])
    outcome = plan_spec(hand.spec(residual="trainer"), graph)
    assert [d.code for d in outcome.diagnostics] == ["EXN480", "EXN480"]


def test_parameters_beyond_the_limit_are_refused_before_anything_is_built() -> None:
    graph = hand.tree(4)
    count = cost(make_plan(hand.spec(), graph)).parameters
    assert plan_spec(hand.spec(), graph, Limits(parameters=count)).value is not None
    outcome = plan_spec(hand.spec(), graph, Limits(parameters=count - 1))
    (diagnostic,) = outcome.diagnostics
    assert (diagnostic.code, diagnostic.is_limit) == ("EXN960", True)
    assert f"{count:,}" in diagnostic.message
    wide = plan_spec(hand.spec(p=10**6), graph)
    assert [d.name for d in wide.diagnostics] == ["too-many-parameters"]


def test_wide_vertices_are_refused_by_their_siblings() -> None:
    """A vertex of 60,000 internal children would read 3.6 * 10^9 siblings."""
    children = [*((0,) for _ in range(300)), tuple(range(1, 301))]
    graph = hand.graph(1, children, key=lambda v: v == 300, arc_key=lambda v, j: v)
    assert plan_spec(hand.spec(), graph).value is not None
    outcome = plan_spec(hand.spec(), graph, Limits(arcs=300 * 299 - 1))
    assert [d.name for d in outcome.diagnostics] == ["too-many-siblings"]
    assert "89,700" in outcome.diagnostics[0].message


@pytest.mark.parametrize(
    ("network", "first", "rest"),
    [
        (Mlp(hidden=(7,)), 2 * 12 * 7, 2 * 7 * 3),
        (Mlp(), 2 * 12 * 16, 2 * 16 * 3),
        (Mlp(hidden=(12, 12)), 2 * 12 * 12, 2 * 12 * 12 + 2 * 12 * 3),
        (Mlp(hidden=()), 2 * 12 * 3, 0),
        (Linear(), 2 * 12 * 3, 0),
        (Gated(hidden=(7,)), 2 * 12 * 7 + 2 * 12 * 3, 2 * 7 * 3),
    ],
)
def test_operations_that_read_operands(network: Mlp | Linear | Gated, first: int, rest: int) -> None:
    signature = Signature((8, 4), 3)
    assert operand_flops(network, signature) == first
    assert network.flops(signature) - operand_flops(network, signature) == rest


def test_operations_of_a_training_step() -> None:
    """2 F1 + 3 F2 for propagators, 3 F1 + 3 F2 for trainers; a linear network has F2 = 0."""
    plan = make_plan(hand.spec(), hand.tree(4))
    phi, dag, psi = plan.stacks
    assert training_flops(phi) == 2 * (2 * 16 * 8)
    assert training_flops(dag) == 2 * (2 * 12 * 4)
    assert training_flops(psi) == 3 * (2 * 12 * 3)
    price = cost(plan)
    assert price.step == 3 * training_flops(phi) + 2 * training_flops(dag) + 3 * training_flops(psi)
    assert price.parameters == 3 * 128 + 2 * 48 + 3 * 36
    assert price.extractions == 4 * ((4 + 3) * 8 + 3 * 4)
