"""Declared networks: the shapes, starts and costs that the runtime relies on."""

from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from exnet.spec.network import Initial, Network, Signature
from exnet.spec.networks import Gated, Linear, Mlp

WIDE = Signature((4, 6), 5)
SAME = Signature((4, 6), 4)


def shapes(network: Network, signature: Signature) -> dict[str, tuple[int, ...]]:
    return {p.name: p.shape for p in network.parameters(signature)}


def test_shapes() -> None:
    assert shapes(Linear(), WIDE) == {"w0": (10, 5), "b0": (5,)}
    assert shapes(Linear(bias=False), WIDE) == {"w0": (10, 5)}
    assert shapes(Mlp(), WIDE) == {"w0": (10, 8), "b0": (8,), "w1": (8, 5), "b1": (5,)}
    assert shapes(Mlp(hidden=()), WIDE) == {"w0": (10, 5), "b0": (5,)}
    assert list(shapes(Mlp(hidden=(3, 7)), WIDE).values()) == [(10, 3), (3,), (3, 7), (7,), (7, 5), (5,)]
    gated = {"w0": (10, 8), "b0": (8,), "w1": (8, 4), "b1": (4,), "wg": (10, 4), "bg": (4,)}
    assert shapes(Gated(), SAME) == gated


def test_layers_keep_the_size_of_a_signal_at_the_start() -> None:
    starts = {p.name: p.initial for p in Gated(hidden=(16,), bias=-1.0).parameters(SAME)}
    zero = Initial("constant", 0.0)
    assert starts == {
        "w0": Initial("uniform", 0.3**0.5),  # variance 1 / 10
        "b0": zero,
        "w1": Initial("uniform", (3 / 16) ** 0.5),
        "b1": zero,
        "wg": Initial("uniform", 10**-0.5),
        "bg": Initial("constant", -1.0),
    }


@pytest.mark.parametrize("network", [Mlp(residual=True, start="identity"), Gated(start="identity")])
def test_identity_start_changes_nothing_but_the_start_of_the_last_layer(network: Network) -> None:
    plain = network.model_copy(update={"start": "random"})
    changed = [p.name for p, q in zip(network.parameters(SAME), plain.parameters(SAME), strict=True) if p != q]
    assert changed == ["w1"]
    assert {p.name: p.initial for p in network.parameters(SAME)}["w1"] == Initial("constant", 0.0)


def test_only_networks_that_carry_their_first_operand_restrict_widths() -> None:
    assert Mlp().problem(WIDE) is None
    assert Linear().problem(WIDE) is None
    for network in (Gated(), Mlp(residual=True)):
        assert network.problem(SAME) is None
        problem = network.problem(WIDE)
        assert problem is not None
        assert "width 4" in problem


networks = st.one_of(
    st.builds(Linear, bias=st.booleans()),
    st.builds(Mlp, hidden=st.none() | st.lists(st.integers(1, 9), max_size=4).map(tuple)),
    st.builds(Gated, hidden=st.none() | st.lists(st.integers(1, 9), max_size=4).map(tuple)),
)
signatures = st.builds(Signature, st.lists(st.integers(1, 9), min_size=1, max_size=4).map(tuple), st.integers(1, 9))


@given(networks, signatures)
def test_cost_is_that_of_the_matrices(network: Network, signature: Signature) -> None:
    parameters = network.parameters(signature)
    assert network.flops(signature) == 2 * sum(prod(p.shape) for p in parameters if p.name.startswith("w"))
    assert len({p.name for p in parameters}) == len(parameters)


@given(networks)
def test_options_survive_a_round_trip(network: Network) -> None:
    assert type(network).model_validate(network.model_dump()) == network


@pytest.mark.parametrize(
    "options",
    [
        {"hiden": ()},
        {"hidden": (0,)},
        {"dropout": 1.0},
        {"norm": "none"},
        {"residual": 1},
        {"step": 0.5},
        {"step": 2},
        {"start": "identity"},
    ],
)
def test_models_are_strict(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Mlp.model_validate(options)
