"""Specs as mappings."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exnet.spec import from_mapping, parse

ATTENTION: dict[str, Any] = {
    "exnet": "attention",
    "param": {"n": 16, "d": 32, "layers": 2},
    "input": {"image": {"shape": [4, 4], "type": "patch[2, 2]"}},
    "output": {"digit": "class[10]"},
    "space": {"primary": "d", "complementary": "d"},
    "net": {
        "mix": {"mlp": {"hidden": ["2*d"], "activation": "gelu", "norm": "layer"}},
        "judge": {"mlp": {"hidden": ["2*d"], "activation": "gelu"}},
    },
    "tokenise": {"image": "linear + position"},
    "default": {"primary": "mix", "complementary": "mix", "trainer": "judge"},
    "equations": [
        {"let": "x[0, i: 0..n]", "is": "flatten(image)[i]"},
        {"let": "x[l: 1..=layers, i: 0..n]", "is": "attention(x[l-1, :])[i]"},
    ],
    "root": "tree(x[layers, :])",
    "mode": {"stochastic": {"draw": "instance"}},
    "learn": {"xprop": {"optimiser": {"adam": {"lr": 2e-3}}, "batch": 64}},
    "block": {
        "attention": {
            "formals": ["xs[n]"],
            "equations": [
                {"vertex": "pair[i: 0..n, j: 0..n]", "is": "(xs[i], xs[j])", "share": "all"},
                {"let": "out[i: 0..n]", "is": "tree(pair[i, :])", "share": {"over": "i"}},
            ],
            "yield": "out",
        }
    },
}
TEXT = """
exnet attention
param  n = 16, d = 32, layers = 2
input  image[4, 4] : patch[2, 2]
output digit       : class[10]
space primary = d, complementary = d
net   mix   = mlp(hidden: [2*d], activation: gelu, norm: layer)
net   judge = mlp(hidden: [2*d], activation: gelu)
tokenise image with linear + position
default vertex (primary: mix, complementary: mix, trainer: judge)
let x[0, i: 0..n] = flatten(image)[i]
let x[l: 1..=layers, i: 0..n] = attention(x[l-1, :])[i]
root tree(x[layers, :])
mode  stochastic(draw: instance)
learn xprop(optimiser: adam(lr: 0.002), batch: 64)
block attention(xs[n]) {
  vertex pair[i: 0..n, j: 0..n] = (xs[i], xs[j])          share all
  let    out[i: 0..n] = tree(pair[i, :])                  share over i
  yield  out
}
"""


def test_a_mapping_says_what_the_text_says() -> None:
    outcome = from_mapping(ATTENTION)
    assert outcome.diagnostics == ()
    assert outcome.unwrap() == parse(TEXT)
    assert outcome.unwrap().text == parse(TEXT).text


def minimal(**more: Any) -> dict[str, Any]:
    base = {
        "exnet": "t",
        "input": {"x": {"shape": 4, "type": "real[2]"}},
        "output": {"y": "class[3]"},
        "root": "tree(x)",
    }
    return {**base, **more}


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"edition": 1}, "exnet t edition 1"),
        ({"const": {"a": True, "b": "2 * 3"}}, "const a = true, b = 2 * 3"),
        (
            {"input": {"x": {"shape": ["2 * 2"], "type": "real[2]"}, "z": "real"}},
            "input x[2 * 2] : real[2] input z : real",
        ),
        ({"net": {"m": "mlp", "g": {"gated": None}, "l": {"linear": {}}}}, "net m = mlp net g = gated net l = linear"),
        ({"net": {"m": {"mlp": {"hidden": [], "dropout": 0.5}}}}, "net m = mlp(hidden: [], dropout: 0.5)"),
        ({"net": {"m": {"mlp": {"residual": True, "step": 1e-05}}}}, "net m = mlp(residual: true, step: 1e-05)"),
        ({"learn": {"xprop": {"weights": {"outputs": {"y": 0.5}}}}}, "learn xprop(weights: outputs(y: 0.5))"),
        ({"mode": "deterministic"}, "mode deterministic"),
        ({"tokenise": {"x": "linear"}}, "tokenise x with linear"),
        ({"equations": [{"vertex": "v", "is": "(x)", "share": {"by": ["1", 2]}}]}, "vertex v = (x) share by (1, 2)"),
        (
            {
                "equations": [
                    {"vertex": "v", "is": "(x)", "share": {"primary": {"by": "3"}, "trainer": "all", "as": "enc"}}
                ]
            },
            "vertex v = (x) share primary by 3, trainer all as enc",
        ),
        ({"equations": [{"vertex": "v", "is": "(x)", "share": "all as enc"}]}, "vertex v = (x) share all as enc"),
        (
            {"equations": [{"let": "v[k: 0..3]", "is": "tree(x)", "per": "k", "with": {"trainer": "mlp"}}]},
            "let v[k: 0..3] = tree(x) per k with (trainer: mlp)",
        ),
        (
            {
                "equations": [
                    {"let": "v[k: 0..3, j: 0..2]", "is": "tree(x)", "per": ["k", "j"], "share": {"over": ["k", "j"]}}
                ]
            },
            "let v[k: 0..3, j: 0..2] = tree(x) share over (k, j) per (k, j)",
        ),
    ],
)
def test_forms(more: dict[str, Any], line: str) -> None:
    spec = from_mapping(minimal(**more)).unwrap()
    edition = line if line.startswith("exnet") else "exnet t"
    x = "" if "input x" in line else "input x[4] : real[2]"
    rest = "" if line == edition else line
    assert spec == parse(f"{edition} {x} output y : class[3] {rest} root tree(x)")


def test_root_with_clauses() -> None:
    spec = from_mapping(minimal(root={"is": "tree(x)", "with": {"trainer": "mlp"}})).unwrap()
    assert spec == parse("exnet t input x[4] : real[2] output y : class[3] root tree(x) with (trainer: mlp)")


def test_params_can_be_set() -> None:
    assert from_mapping(minimal(param={"n": 3}), overrides={"n": 5}).unwrap().constants == {"n": 5}


@pytest.mark.parametrize(
    ("mapping", "name", "part"),
    [
        (3, "wrong-value", "the spec"),
        ({}, "missing-key", "`exnet`"),
        (minimal(inputs={}), "unknown-key", "`inputs`"),
        (minimal(exnet="two words"), "wrong-value", "`exnet`"),
        (minimal(param=[1]), "wrong-value", "`param`"),
        (minimal(param={"n": None}), "wrong-value", "`param.n`"),
        (minimal(param={"a b": 1}), "wrong-value", "`param.a b`"),
        (minimal(input={"x": {"shape": [4]}}), "missing-key", "`input.x.type`"),
        (minimal(input={"x": {"type": "real", "shap": 3}}), "unknown-key", "`input.x.shap`"),
        (minimal(net={"m": {"mlp": {}, "linear": {}}}), "wrong-value", "`net.m`"),
        (minimal(net={"m": {}}), "wrong-value", "`net.m`"),
        (minimal(net={"m": {"mlp": {"dropout": float("nan")}}}), "wrong-value", "`net.m.mlp.dropout`"),
        (minimal(net={"m": {"mlp": {"hidden": [10**70]}}}), "wrong-value", "`net.m.mlp.hidden[0]`"),
        (minimal(net={"m": {"mlp": {"hidden": [10**20]}}}), "number-too-large", "2^62"),
        (minimal(net={"m": {"mlp": {"hidden": {3}}}}), "wrong-value", "`net.m.mlp.hidden`"),
        (minimal(equations={"let": "a"}), "wrong-value", "`equations`"),
        (minimal(equations=[{"is": "x"}]), "missing-key", "`equations[0]`"),
        (minimal(equations=[{"let": "a", "vertex": "b", "is": "x"}]), "missing-key", "`equations[0]`"),
        (minimal(equations=[{"let": "a"}]), "missing-key", "`equations[0].is`"),
        (minimal(equations=[{"let": "a", "is": "x", "shared": "all"}]), "unknown-key", "`equations[0].shared`"),
        (minimal(equations=[{"let": "a", "is": "x", "share": 3}]), "wrong-value", "`equations[0].share`"),
        (minimal(equations=[{"let": "a", "is": "x", "share": {"by": "1", "over": "i"}}]), "wrong-value", "share"),
        (minimal(equations=[{"let": "a", "is": "x", "share": {}}]), "wrong-value", "share"),
        (minimal(equations=[{"let": "a", "is": "x\nmode stochastic"}]), "escaped-text", "`equations[0].is`"),
        (minimal(equations=[{"let": "a", "is": "x # "}]), "escaped-text", "comment"),
        (minimal(block={"b": {"formals": ["xs[n]"]}}), "missing-key", "`block.b.yield`"),
        (minimal(root="tree(x) mode stochastic"), "text-goes-on", "before `mode`"),
        (minimal(block={"b": {"yield": "x } mode stochastic block c() { yield x"}}), "unexpected-token", "`}`"),
        (minimal(**{"import": 'a"b.exn'}), "wrong-value", "`import[0]`"),
    ],
)
def test_mistakes_of_structure_name_the_key(mapping: Any, name: str, part: str) -> None:
    diagnostics = from_mapping(mapping).diagnostics
    assert (diagnostics[0].name, part in diagnostics[0].message) == (name, True), diagnostics[0].concise


def test_other_mistakes_show_the_line() -> None:
    (diagnostic,) = from_mapping(minimal(net={"m": "mpl"}), name="<config>").diagnostics
    assert (diagnostic.name, diagnostic.help) == ("unknown-kind", "did you mean `mlp`?")
    assert diagnostic.span is not None
    assert diagnostic.span.source.name == "<config>"
    assert diagnostic.span.source.line(diagnostic.span.first.line) == "net: {m: mpl}"


def test_all_mistakes_of_structure_at_once() -> None:
    diagnostics = from_mapping({"exnet": 3, "outputs": {}, "net": 4, "equations": [5]}).diagnostics
    assert len(diagnostics) >= 4


def test_values_that_never_end() -> None:
    """Lists of lists of one list, and a list that holds itself."""
    laughs: list[Any] = ["x"]
    for _ in range(20):
        laughs = [laughs] * 10
    assert [d.name for d in from_mapping(minimal(equations=laughs)).diagnostics] == ["text-too-long"]
    itself: list[Any] = []
    itself.append(itself)
    assert [d.name for d in from_mapping(minimal(equations=itself)).diagnostics] == ["nesting-too-deep"]


def test_numbers_of_numpy_are_numbers() -> None:
    learn = {"xprop": {"batch": np.int32(8), "optimiser": {"adam": {"lr": np.float32(0.5)}}}}
    given = minimal(param={"n": np.int64(4)}, learn=learn)
    plain = {"xprop": {"batch": 8, "optimiser": {"adam": {"lr": 0.5}}}}
    assert from_mapping(given).unwrap() == from_mapping(minimal(param={"n": 4}, learn=plain)).unwrap()
    (said,) = from_mapping(minimal(param={"n": np.float64("nan")})).diagnostics
    assert "a finite number" in said.message


KEYS = ["exnet", "input", "output", "net", "equations", "root", "let", "is", "share", "by", "mlp", "x", "type", "block"]
TEXTS = st.sampled_from(["tree(x)", "h[i: 0..3]", "x", "2*d", "a: b", "'", '"', "\\", "\n", "#", "", "\ud800", "all"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.text(max_size=5)
VALUES = st.recursive(
    LEAVES,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), v, max_size=4),
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6))
def test_any_mapping_gets_an_answer(mapping: dict[str, Any]) -> None:
    outcome = from_mapping({"exnet": "t", **mapping})
    assert (outcome.value is None) == any(d.is_error for d in outcome.diagnostics)
    assert all(d.help and "\n" not in d.message for d in outcome.diagnostics), [d.concise for d in outcome.diagnostics]
