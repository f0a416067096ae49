"""The builder writes the specs that the language would, and nothing but what its lines show."""

from collections.abc import Callable

import numpy as np
import pytest

import exnet
from exnet.source import ExnetError


def small(name: str = "t") -> exnet.Builder:
    b = exnet.Builder(name)
    b.input("x", 4, type="real[2]")
    b.output("y", "class[3]")
    return b


def test_every_statement() -> None:
    b = exnet.Builder("whole")
    b.const(a=2, deep=True)
    b.param(n=16, d="4 * a")
    x = b.input("x", "n", type="real[4]")
    b.input("z", type="index[5]")
    y = b.output("y", "class[10]")
    b.output("v", "real[2, 2]")
    b.space(primary="d", complementary=16)
    mix = b.net("mix", "mlp", hidden=["2*d", 64], norm="layer", residual=False, step=1.0)
    b.net("gate", exnet.call("gated", bias=-3))
    b.net("flat", "linear")
    b.tokenise(x, exnet.call("linear", scale=2.0), "position")
    b.tokenise("z", "embedding")
    b.default(primary=mix, trainer="flat")
    b.let("h[0, i: 0..n]", "x[i]")
    b.vertex("h[l: 1..=4, i: 0..n >> l]", "h[l-1, 2*i]", "h[l-1, 2*i+1]", share="by l")
    b.vertex("w", "(h[4, 0], z)", share=("primary all", "trainer none"), with_={"primary": "gate"})
    b.let("t[k: 0..3]", "tree(h[0, :])", share="over k", per="k")
    b.let("s[j: 0..2, k: 0..2]", "join(h[3, j], h[3, k])", per=["j", "k"])
    b.vertex("r", "w", "t[:]", "s[0, 0]", "s[0, 1]", "s[1, 0]", "s[1, 1]")
    b.root("r")
    b.mode("stochastic", draw="batch")
    b.learn(
        "xprop",
        optimiser={"adam": {"lr": 2e-5, "betas": [0.9, 0.99]}},
        schedule={"cosine": None},
        batch=32,
        weights=exnet.call("outputs", y=1.0, v=0.5),
        losses={"outputs": {y: {"cross_entropy": {"smoothing": 0.1}}, "v": "absolute"}},
    )
    with b.block("join", "a: vertex", "b: vertex") as join:
        join.vertex("v", "a", "b")
        join.let("u", "v")
        join.yields("u")
    assert b.text() == WHOLE
    assert b.spec() == exnet.parse(WHOLE)
    assert exnet.parse(b.text()) == b.spec()
    assert b.spec({"n": 32}) == exnet.parse(WHOLE, overrides={"n": 32})


WHOLE = """exnet whole

const a = 2, deep = true
param n = 16, d = 4 * a

input  x[n] : real[4]
input  z    : index[5]
output y    : class[10]
output v    : real[2, 2]

space primary = d, complementary = 16

net mix  = mlp(hidden: [2*d, 64], norm: layer, residual: false, step: 1.0)
net gate = gated(bias: -3)
net flat = linear
tokenise x with linear(scale: 2.0) + position
tokenise z with embedding
default vertex (primary: mix, trainer: flat)

let    h[0, i: 0..n] = x[i]
vertex h[l: 1..=4, i: 0..n >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])  share by l
vertex w = (h[4, 0], z)                                          share primary all, trainer none with (primary: gate)
let    t[k: 0..3] = tree(h[0, :])                                share over k per k
let    s[j: 0..2, k: 0..2] = join(h[3, j], h[3, k])              per (j, k)
vertex r = (w, t[:], s[0, 0], s[0, 1], s[1, 0], s[1, 1])
root   r

mode  stochastic(draw: batch)
learn xprop(optimiser: adam(lr: 2e-05, betas: [0.9, 0.99]),
            schedule: cosine,
            batch: 32,
            weights: outputs(y: 1.0, v: 0.5),
            losses: outputs(y: cross_entropy(smoothing: 0.1), v: absolute))

block join(a: vertex, b: vertex) {
  vertex v = (a, b)
  let    u = v
  yield  u
}
"""


def test_numbers_of_numpy() -> None:
    b = small()
    b.param(n=np.int64(3))
    b.root("tree(x)")
    b.net("m", "mlp", step=np.float32(0.5), residual=np.bool_(True).item(), hidden=(np.int32(8),))
    assert "net m = mlp(step: 0.5, residual: true, hidden: [8])" in b.text()
    assert b.spec().constants == {"n": 3}


def test_lines_of_a_text_may_be_broken() -> None:
    b = small()
    b.vertex(
        "h[i: 0..3]",
        """(
            x[i],
            x[i+1]
        )""",
    )
    b.root("tree(h)")
    assert exnet.build(b).plan.vertices == 5


def test_build_takes_a_builder() -> None:
    b = small()
    b.param(n=4)
    b.root("tree(x)")
    net = exnet.build(b, seed=3, overrides={"n": 5})
    assert net.spec.constants == {"n": 5}
    assert net.plan.vertices == 3


def test_the_same_builder_twice_and_longer() -> None:
    b = small()
    b.root("tree(x)")
    first = b.spec()
    assert b.spec() == first
    b.learn("backprop")
    assert b.spec().learn.kind == "backprop"


def test_imports_are_found_beside_the_program(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "parts.exn").write_text(
        "exnet parts\nblock pair(a: vertex, b: vertex) {\n  vertex v = (a, b)\n  yield v\n}\n"
    )
    program = folder / "program.py"
    program.write_text(
        'import exnet\nb = exnet.Builder("t")\nb.imports("parts.exn")\nb.input("x", 2, type="real[1]")\n'
        'b.output("y", "class[2]")\nb.root("pair(x[0], x[1])")\n'
    )
    names: dict[str, exnet.Builder] = {}
    exec(compile(program.read_text(), str(program), "exec"), names)
    monkeypatch.chdir("/")
    assert exnet.build(names["b"]).plan.vertices == 1


INJECTIONS: list[tuple[Callable[[exnet.Builder], object], str]] = [
    (lambda b: b.let("h", "x[0] root x[1]"), "`x[0] root x[1]` is not an expression"),
    (lambda b: b.let("h = x[1] let g", "x[0]"), "`h = x[1] let g` is not a head"),
    (lambda b: b.output("z", "class[2] mode deterministic"), "`class[2] mode deterministic` is not a type"),
    (lambda b: b.output("z : class[2] output v", "class[2]"), "`z : class[2] output v` is not a name"),
    (lambda b: b.input("u", "3] : real[1] input w[2", type="real[1]"), "`3] : real[1] input w[2` is not an expression"),
    (lambda b: b.input("u", "2, 2", type="real[1]"), "`2, 2` is not an expression"),
    (lambda b: b.net("m", "mlp", norm="layer, dropout: 0.5"), "`layer, dropout: 0.5` is not an expression"),
    (lambda b: b.net("m", "mlp(norm: layer) net k = mlp"), "`mlp(norm: layer) net k = mlp` is not an expression"),
    (lambda b: b.net("m", "mlp", **{"norm: layer, hidden": [3]}), "`norm: layer, hidden` is not a name"),
    (lambda b: b.vertex("h", "x[0]", "x[1]) share all with (trainer: mlp"), "is not an expression"),
    (lambda b: b.vertex("h", "(x[0], x[1])", share="all per k"), "`all per k` is not a sharing clause"),
    (lambda b: b.vertex("h", "(x[0], x[1])  # note"), "`(x[0], x[1])  # note` is not an expression"),
    (lambda b: b.param(**{"a = 1, b": 2}), "`a = 1, b` is not a name"),
    (lambda b: b.tokenise("x", "linear net m = mlp"), "`linear net m = mlp` is not an expression"),
    (lambda b: b.learn(exnet.call("xprop", batch="3) mode deterministic(combine: sum")), "is not an expression"),
    (lambda b: b.let("h", ""), ""),
]


@pytest.mark.parametrize(("statement", "message"), INJECTIONS)
def test_a_text_brings_in_nothing_that_its_place_does_not_show(
    statement: Callable[[exnet.Builder], object], message: str
) -> None:
    b = small()
    b.root("tree(x)")
    statement(b)
    for ask in (b.spec, b.text):
        with pytest.raises(ExnetError) as caught:
            ask()
        assert message in caught.value.diagnostics[0].message
        assert caught.value.span is not None
        assert caught.value.span.source.name == __file__


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (lambda b: b.output("z", None), "`output` wants a type as a text; `None` is not"),
        (lambda b: b.input("z", 2.5, type="real[1]"), "`input` wants an integer or a text; `2.5` is not"),
        (lambda b: b.input("z", 2, type=3), "`type` of `input` wants a type as a text; `3` is not"),
        (lambda b: b.net("m", None), "`net` wants a number, a truth value, a text, a list, or a call; `None` is not"),
        (lambda b: b.net("m", "mlp", hidden=object()), "`hidden` of `net` wants a number, a truth value"),
        (lambda b: b.net("m", "mlp", hidden=[float("nan")]), "`hidden` of `net` wants a number"),
        (lambda b: b.net("m", "mlp", step=float("inf")), "`step` of `net` wants a number"),
        (lambda b: b.param(n=10**70), "`n` of `param` wants a number"),
        (lambda b: b.param(), "`param` wants at least one `name=value`; `None` is not"),
        (lambda b: b.learn("xprop", optimiser={"adam": {}, "sgd": {}}), "wants one name with its options"),
        (lambda b: b.learn("xprop", optimiser={"adam": 3}), "wants one name with its options"),
        (lambda b: b.vertex("h"), "`vertex` wants the children after the head"),
        (lambda b: b.vertex("h", "x[0]", None), "`vertex` wants an integer or a text; `None` is not"),
        (
            lambda b: b.vertex("h", "(x[0], x[1])", share=3),
            "`share` of `vertex` wants a sharing clause as a text, or several",
        ),
        (lambda b: b.vertex("h", "(x[0], x[1])", with_="judge"), "`with_` of `vertex` wants networks by component"),
        (lambda b: b.imports('a"b'), "`import` wants a path as a text, without quotes in it"),
        (lambda b: b.block(None), "`block` wants a name as a text; `None` is not"),
    ],
)
def test_python_values_that_the_language_cannot_write(
    statement: Callable[[exnet.Builder], object], message: str
) -> None:
    b = small()
    b.root("tree(x)")
    statement(b)
    with pytest.raises(ExnetError) as caught:
        b.spec()
    (said,) = caught.value.diagnostics
    assert (said.code, said.name) == ("EXN470", "wrong-python-value")
    assert message in said.message


def test_the_name_of_the_net_is_a_name() -> None:
    for name in ("two words", "3d", None, "t root x"):
        b = exnet.Builder(name)  # type: ignore[arg-type]
        with pytest.raises(ExnetError):
            b.text()


def test_the_builder_needs_no_torch() -> None:
    import subprocess
    import sys

    code = 'import sys, exnet; b = exnet.Builder("t"); exnet.call("mlp"); print("torch" in sys.modules)'
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_train_takes_a_builder() -> None:
    b = exnet.Builder("t")
    b.input("x", 16, type="real[4]")
    b.output("y", "class[10]")
    b.root("tree(x)")
    trained = exnet.train(b, "digits", epochs=1)
    assert trained.result.test is not None
    assert trained.result.test.accuracy is not None
    assert trained.result.test.accuracy > 0.2
