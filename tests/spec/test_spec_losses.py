"""Mistakes in the losses of a learning rule, with their places."""

import pytest
from spec_checks import Place, places, say


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("losses: outputs(y: squared)", [("loss-misfit", 2, 32)]),
        ("losses: outputs(y: binary(weights: [1.0]))", [("loss-misfit", 2, 32)]),
        ("losses: outputs(y: cross_entropy(weights: [1.0, 2.0]))", [("loss-misfit", 2, 32)]),
        ("losses: outputs(y: cross_entropy(weights: [0.0, 0.0, 0.0]))", [("loss-misfit", 2, 32)]),
        ("losses: outputs(y: cross_entropy(weights: [1.0, -1.0, 1.0]))", [("option-out-of-range", 2, 61)]),
        ("losses: outputs(y: cross_entropy(smoothing: 1.0))", [("option-out-of-range", 2, 57)]),
        ("losses: outputs(y: huber(delta: 0))", [("option-out-of-range", 2, 45)]),
        ("losses: outputs(y: crossentropy)", [("unknown-kind", 2, 32)]),
        ("losses: outputs(y: 3)", [("wrong-option-value", 2, 32)]),
        ("losses: outputs(z: squared)", [("unknown-input-or-output", 2, 29)]),
        ("losses: outputs(squared)", [("positional-option", 2, 29)]),
        ("losses: squared", [("wrong-option-value", 2, 21)]),
        ("losses: outputs(y: squared, y: squared)", [("duplicate-option", 2, 41), ("loss-misfit", 2, 32)]),
    ],
)
def test_mistakes_in_losses(written: str, wanted: list[Place]) -> None:
    assert sorted(places(f"learn xprop({written})")) == sorted(wanted)


def test_the_way_out_of_a_misfit() -> None:
    (found,) = say("learn xprop(losses: outputs(y: absolute))")
    assert found.message == "`absolute` judges `real` outputs, but `y` is `class`"
    assert found.help == "write `cross_entropy`"
    assert found.labels[0].span.text == "class[3]"
    (found,) = say("learn xprop(losses: outputs(y: cross_entropy(weights: [1.0])))")
    assert found.message == "there is one weight for each class, 3 in all, and 1 are given"
