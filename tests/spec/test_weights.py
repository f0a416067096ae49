"""Weights that would overflow are refused."""

import pytest

import exnet

HEAD = "exnet t\ninput x[4] : real[2]\noutput y : class[2]\noutput z : labels[2]\nroot multilayer(x)\n"


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("mode stochastic(weights: [1e308, 1e308])", "weights of slots are in 0..=1e+09, and one of them is positive"),
        ("learn xprop(weights: outputs(y: 1e308))", "the weight of `y` must be at most 1e+09; `1e308` is not"),
        (
            "learn xprop(losses: outputs(y: cross_entropy(weights: [1e308, 1])))",
            "`weights` must be at most 1000000000.0; `1e308` is not",
        ),
    ],
)
def test_refused(statement: str, message: str) -> None:
    with pytest.raises(exnet.ExnetError) as found:
        exnet.parse(HEAD + statement)
    assert [(d.code, d.message) for d in found.value.diagnostics] == [("EXN403", message)]


def test_one_output_may_be_left_out() -> None:
    spec = exnet.parse(HEAD + "learn xprop(weights: outputs(y: 0))")
    assert {o.name: o.weight for o in spec.outputs} == {"y": 0.0, "z": 1.0}
