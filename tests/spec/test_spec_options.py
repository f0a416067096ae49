"""The option reader: values, and the exact place of every mistake."""

from importlib.metadata import EntryPoint

import pytest
from spec_checks import Place, places, say, spec_of

from exnet.spec import plugins
from exnet.spec.network import Network, Parameter, Signature
from exnet.spec.networks import Gated, Linear, Mlp
from exnet.spec.rule import Backprop, Optimiser, Schedule, Xprop


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("mlp", Mlp()),
        ("mlp()", Mlp()),
        ("mlp(hidden: [])", Mlp(hidden=())),
        ("mlp(hidden: [2*d, d // 3], activation: relu)", Mlp(hidden=(16, 2), activation="relu")),
        ("mlp(norm: off, dropout: 0)", Mlp(norm="off", dropout=0.0)),
        ("mlp(residual: wide, step: 1e-1)", Mlp(residual=True, step=0.1)),
        ("mlp(residual: d > 3, step: -(2))", Mlp(residual=True, step=-2.0)),
        ("linear(bias: not wide)", Linear(bias=False)),
        ("gated(bias: -2.5, norm: rms,)", Gated(bias=-2.5, norm="rms")),
    ],
)
def test_networks(written: str, wanted: Network) -> None:
    assert spec_of(f"param d = 8, wide = true\nnet mine = {written}").networks["mine"] == wanted


def test_learning_rules() -> None:
    text = (
        "learn xprop(optimiser: sgd(momentum: 0.9), schedule: linear(warmup: n), batch: 8 * n, clip: 1, average: batch)"
    )
    rule = spec_of(f"param n = 4\n{text}").learn
    sgd, linear = Optimiser(kind="sgd", lr=0.1, momentum=0.9), Schedule(kind="linear", warmup=4)
    assert rule == Xprop(optimiser=sgd, schedule=linear, batch=32, clip=1.0, average="batch")
    assert spec_of("learn backprop(optimiser: adamw)").learn == Backprop(optimiser=Optimiser(kind="adamw", decay=0.01))
    assert spec_of("").learn == Xprop(optimiser=Optimiser(kind="adam", lr=2e-3), schedule=Schedule(kind="cosine"))


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("mpl", [("unknown-kind", 2, 9)]),
        ("mlp(hiden: [3])", [("unknown-option", 2, 13)]),
        ("mlp([64])", [("positional-option", 2, 13)]),
        ("mlp(norm: rms, norm: layer)", [("duplicate-option", 2, 24)]),
        ("mlp(norm: layr)", [("wrong-option-value", 2, 19)]),
        ("mlp(norm: 3)", [("wrong-option-value", 2, 19)]),
        ("mlp(hidden: 64)", [("wrong-option-value", 2, 21)]),
        ("mlp(hidden: [64, 0.5])", [("wrong-option-value", 2, 26)]),
        ("mlp(hidden: [64, true])", [("wrong-option-value", 2, 26)]),
        ("mlp(hidden: [64, 0])", [("option-out-of-range", 2, 26)]),
        ("mlp(hidden: [64, dd])", [("unknown-constant", 2, 26)]),
        ("mlp(hidden: [2**70])", [("constant-arithmetic", 2, 22)]),
        ("mlp(hidden: [10**9])", [("option-out-of-range", 2, 22)]),
        ("mlp(dropout: 1)", [("option-out-of-range", 2, 22)]),
        ("mlp(dropout: -0.1)", [("option-out-of-range", 2, 22)]),
        ("mlp(residual: 1)", [("wrong-option-value", 2, 23)]),
        ('mlp(residual: "yes")', [("wrong-option-value", 2, 23)]),
        ("mlp(step: 0.1)", [("option-out-of-range", 2, 9)]),
        ("mlp(residual: true, step: 1e999)", [("number-too-large", 2, 35)]),
        ("mlp(activation: gelu(3))", [("wrong-option-value", 2, 25)]),
        ("gated(bias: true)", [("wrong-option-value", 2, 21)]),
        ("gated(step: 1)", [("unknown-option", 2, 15)]),
        ("3", [("wrong-option-value", 2, 9)]),
        ("[mlp]", [("wrong-option-value", 2, 9)]),
        (
            "mlp(hiden: [3], norm: layr, dropout: x)",
            [("unknown-option", 2, 13), ("wrong-option-value", 2, 31), ("unknown-constant", 2, 46)],
        ),
    ],
)
def test_mistakes_in_networks(written: str, wanted: list[Place]) -> None:
    assert places(f"net m = {written}") == wanted


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("learn xprob", [("unknown-kind", 2, 7)]),
        ("learn xprop(optimiser: adm)", [("unknown-kind", 2, 24)]),
        ("learn xprop(optimiser: 3)", [("wrong-option-value", 2, 24)]),
        ("learn xprop(optimiser: adam(momentum: 0.9))", [("unknown-option", 2, 29)]),
        ("learn xprop(optimiser: adam(betas: [0.9]))", [("wrong-option-value", 2, 36)]),
        ("learn xprop(optimiser: adam(betas: [0.9, 1.0]))", [("option-out-of-range", 2, 42)]),
        ("learn xprop(schedule: cosine(warmup: 1.5))", [("wrong-option-value", 2, 38)]),
        ("learn xprop(batch: 0)", [("option-out-of-range", 2, 20)]),
        ("learn xprop(optimiser: adam(lr: 0.0), batch: 0)", [("option-out-of-range", 2, 33)]),
        ("learn backprop(average: batch)", [("unknown-option", 2, 16)]),
        ("learn xprop\nlearn backprop", [("repeated-statement", 3, 1)]),
        ("mode stochastic(combine: sum)", [("unknown-option", 2, 17)]),
        ("mode stochastic(weights: [0, 0])", [("option-out-of-range", 2, 6)]),
        ("mode stochastic(weights: [])", [("option-out-of-range", 2, 6)]),
        ("mode deterministic(combine: min)", [("wrong-option-value", 2, 29)]),
    ],
)
def test_mistakes_in_rules_and_modes(written: str, wanted: list[Place]) -> None:
    assert places(written) == wanted


@pytest.mark.parametrize(
    ("written", "help_"),
    [
        ("net m = gatd", "did you mean `gated`?"),
        ("net m = transformer", "there are `mlp`, `linear`, `gated`"),
        ("net m = mlp(activaton: relu)", "did you mean `activation`?"),
        ("net m = mlp(activation: rellu)", "did you mean `relu`?"),
        ("net m = linear(hidden: [3])", "its options are `bias`"),
        ("net m = mlp(hidden: 64)", "write `[64]`"),
        ("mode stochastc", "did you mean `stochastic`?"),
    ],
)
def test_the_way_out(written: str, help_: str) -> None:
    (diagnostic,) = say(written)
    assert diagnostic.help == help_


class Twice(Network):
    """A network of another package."""

    kind = "twice"
    power: int = 2
    label: str = ""

    def parameters(self, signature: Signature) -> tuple[Parameter, ...]:
        return ()

    def flops(self, signature: Signature) -> int:
        return self.power


def test_networks_of_installed_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        EntryPoint("twice", f"{__name__}:Twice", "exnet.networks"),
        EntryPoint("broken", "no_such_module:Net", "exnet.networks"),
        EntryPoint("strange", "math:pi", "exnet.networks"),
        EntryPoint("mlp", "math:pi", "exnet.networks"),  # a built-in name cannot be taken
    ]
    plugins.forget()
    monkeypatch.setattr(plugins, "entry_points", lambda group: entries)
    try:
        spec = spec_of('net t = twice(power: 3, label: "a")\nnet m = mlp')
        assert spec.networks["t"] == Twice(power=3, label="a")
        assert spec.networks["m"] == Mlp()
        assert places("net t = twice(label: 3)") == [("wrong-option-value", 2, 22)]
        assert places("net b = broken") == [("broken-plugin", 2, 9)]
        (broken,) = say("net b = broken")
        assert broken.notes == (
            "`no_such_module:Net` cannot be loaded: ModuleNotFoundError: No module named 'no_such_module'",
        )
        (strange,) = say("net b = strange")
        assert strange.notes == ("`math:pi` is no subclass of `exnet.spec.network.Network`",)
        assert places("net t = twce") == [("unknown-kind", 2, 9)]
    finally:
        plugins.forget()
