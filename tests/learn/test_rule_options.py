"""Which rule a run uses: the declared one, another one by name, one with options; and what is said against it."""

import pytest

from exnet import ExnetError, parse
from exnet.data import Dataset, Generator, Part, fit
from exnet.learn.doubts import run_doubts
from exnet.learn.options import choose_rule, describe
from exnet.passing.building import build
from exnet.spec.rule import Backprop, Optimiser, Xprop, XpropStar

TEXT = "exnet t\ninput x[4] : real[2]\noutput y : class[3]\nroot tree(x)\nlearn {learn}\n"


def declared(learn: str) -> object:
    return parse(TEXT.format(learn=learn)).learn


def test_every_option_of_xprop_star() -> None:
    learn = "xprop_star(average: batch, group: class, order: random, passes: 3, refresh: average, rate: 0.5, batch: 8)"
    wanted = XpropStar(
        average="batch", group="class", order="random", passes=3, refresh="average", rate=0.5, batch=8
    )  # fmt: skip
    assert declared(learn) == wanted
    assert declared("xprop_star(order: listed, list: [2, 1 + 0], steps: 7)") == XpropStar(
        order="listed", list=(2, 1), steps=7
    )


def test_a_spec_with_names_in_its_list_keeps_its_meaning_as_text() -> None:
    spec = parse(TEXT.format(learn='xprop_star(group: class, order: listed, list: ["b/primary", "a"])'))
    assert parse(spec.text) == spec
    assert parse(spec.text).learn == spec.learn == XpropStar(group="class", order="listed", list=("b/primary", "a"))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ("passes: 1, steps: 2", "both say how long a turn is"),
        ("rate: 0.1", "there is none without `refresh: average`"),
        ("group: whole, order: down", "`group: whole` is one group"),
        ("order: listed", "needs a `list`"),
        ("list: [1]", "and so is `order: up`"),
        ("refresh: average, rate: 1.5", "`rate` must be at most 1.0"),
        ("steps: 0", "`steps` must be at least 1"),
        ("group: levels", "`group` wants one of `level`, `class`, `single`, `whole`"),
        ("list: [0.5], order: listed", "`list` wants an integer"),
        ("list: 3, order: listed", "`list` wants a list of integers or names in quotes"),
    ],
)
def test_options_that_contradict(options: str, reason: str) -> None:
    with pytest.raises(ExnetError) as caught:
        declared(f"xprop_star({options})")
    assert reason in caught.value.diagnostics[0].message
    assert caught.value.span is not None
    assert caught.value.span.first.line == 5


def test_lengths_of_turns() -> None:
    assert XpropStar().turn_steps(23) == 23
    assert XpropStar(passes=3).turn_steps(23) == 69
    assert XpropStar(steps=5).turn_steps(23) == 5
    assert XpropStar().follow == 0.0
    assert XpropStar(refresh="average").follow == 0.01


@pytest.mark.parametrize("name", ["xprop_star", "xprop*"])
def test_another_rule_keeps_what_both_have(name: str) -> None:
    rule = choose_rule(Xprop(average="batch", batch=7, clip=1.0), name, epochs=3)
    assert rule == XpropStar(average="batch", batch=7, clip=1.0, epochs=3)
    assert choose_rule(rule, "backprop") == Backprop(batch=7, clip=1.0, epochs=3)


def test_a_rule_with_options() -> None:
    rule = choose_rule(Xprop(batch=7), "xprop*(steps: 3, group: class, batch: 9, optimiser: sgd(lr: 0.5))", lr=0.25)
    assert rule == XpropStar(batch=9, steps=3, group="class", optimiser=Optimiser(kind="sgd", lr=0.25))
    assert describe(rule) == "xprop_star (class, up, turns of 3 steps), sgd 0.25, cosine, batch 9, 20 epochs"
    assert choose_rule(XpropStar(group="class"), "xprop_star(passes: 2)") == XpropStar(group="class", passes=2)


@pytest.mark.parametrize(
    ("kind", "code", "message"),
    [
        ("xpropstar", "EXN620", "there is no learning rule `xpropstar`"),
        ("xprop_star(grup: level)", "EXN401", "`xprop_star` has no option `grup`"),
        ("xprop_star(steps: 0)", "EXN403", "`steps` must be at least 1"),
        ("xprop_star(", "EXN005", "is not closed"),
        ("xprop_star(order: down)", "EXN621", "`list` is the order of the groups, and so is `order: down`"),
    ],
)
def test_rules_that_cannot_be_read(kind: str, code: str, message: str) -> None:
    with pytest.raises(ExnetError) as caught:
        choose_rule(XpropStar(order="listed", list=(1, 2)), kind)
    assert caught.value.code == code
    assert message in caught.value.diagnostics[0].message


def test_a_run_too_short_for_all_groups_is_told() -> None:
    import numpy as np

    net = build(TEXT.format(learn="xprop"))
    part = Part({"x": np.zeros((10, 8))}, {"y": np.arange(10) % 3})
    fitted = fit(net.spec, Dataset("toy", part, part, {"y": 3}), dtype="float64")
    said = run_doubts(net.plan, XpropStar(batch=4, epochs=1), fitted)
    assert [(d.code, d.message, d.help) for d in said] == [
        (
            "EXN624",
            "the run has 3 steps, 1 turn, and there are 2 groups to have one",
            "turns of 1 step, `steps: 1`, or more epochs",
        )
    ]
    assert run_doubts(net.plan, XpropStar(batch=4, epochs=2), fitted) == ()
    assert run_doubts(net.plan, XpropStar(batch=4, epochs=1, steps=1), fitted) == ()
    assert run_doubts(net.plan, Xprop(batch=4, epochs=1), fitted) == ()
    assert not isinstance(fitted.train, Generator)


def test_memory_is_an_option_of_xprop_alone() -> None:
    assert getattr(choose_rule(Xprop(), memory=64), "memory", None) == 64
    assert getattr(choose_rule(Xprop(memory=8), "xprop_star"), "memory", None) == 8
    with pytest.raises(ExnetError) as caught:
        choose_rule(Xprop(), "backprop", memory=64)
    assert caught.value.code == "EXN621"
    assert "says nothing to `backprop`" in str(caught.value)
