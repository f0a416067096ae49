"""Inputs, outputs, spaces, tokenisers, defaults: what they mean, and what is wrong with them."""

import pytest
from spec_checks import Place, places, say, spec_of

from exnet.source import ExnetError
from exnet.spec import Components, Mode, parse
from exnet.spec.declarations import signature
from exnet.spec.learned import LeafGrid
from exnet.spec.network import Signature
from exnet.spec.networks import Gated, Linear, Mlp
from exnet.spec.tokeniser import Embedding, Identity, Learned, Orthogonal, Position
from exnet.spec.tokeniser import Linear as LinearTokeniser


def test_what_holds_when_nothing_is_said() -> None:
    spec = spec_of("")
    assert (spec.primary, spec.complementary) == (32, 32)
    assert spec.defaults == Components("primary", "complementary", "trainer")
    assert spec.networks == {
        "primary": Mlp(norm="layer"),
        "complementary": Mlp(norm="layer"),
        "trainer": Mlp(),
        "mlp": Mlp(),
        "linear": Linear(),
        "gated": Gated(),
    }
    assert spec.mode == Mode(kind="stochastic", draw="instance")
    assert spec.inputs[0].tokeniser == (Orthogonal(), Position(scale=0.5))
    assert spec.outputs[0].weight == 1.0


def test_inputs_and_outputs() -> None:
    spec = spec_of(
        "param n = 3\ninput words[n, 2*n] : index[10**4]\ninput image : patch[n, 2]\ninput bare[1] : real\n"
        "output tags : labels[n]\noutput field : real[2, n]\nlearn xprop(weights: outputs(tags: 0.5, field: 0))"
    )
    words, image, bare, _ = spec.inputs
    assert (words.shape, words.leaves, words.type.sizes, words.type.width) == ((3, 6), 18, (10_000,), 1)
    assert (image.shape, image.leaves, image.type.width) == ((), 1, 6)
    assert (bare.type.sizes, bare.type.width) == ((), 1)
    assert words.tokeniser == (Embedding(), Position())
    assert image.tokeniser == (Orthogonal(), Position())
    assert [(o.name, o.type.width, o.weight) for o in spec.outputs] == [
        ("tags", 3, 0.5),
        ("field", 6, 0.0),
        ("y", 3, 1.0),
    ]
    assert spec.output_width == 12


def test_patches_every_few_pixels() -> None:
    spec = spec_of("param s = 2\ninput a[2, 2] : patch[4, 3, s, 3]\ninput b[2, 2] : patch[4, 3, 4, 3]")
    assert [(i.type.sizes, i.type.stride, i.type.width) for i in spec.inputs[:2]] == [
        ((4, 3), (2, 3), 12),
        ((4, 3), None, 12),
    ]


def test_tokenisers() -> None:
    spec = spec_of("tokenise x with (linear(scale: 2)) + position(scale: 0.1)")
    assert spec.inputs[0].tokeniser == (LinearTokeniser(scale=2.0), Position(scale=0.1))
    assert spec_of("tokenise x with identity").inputs[0].tokeniser == (Identity(),)


def test_learned_tokenisers_are_vertices_above_raw_leaves() -> None:
    spec = spec_of(
        "space primary = 3\ninput w[2, 3] : index[7]\ntokenise x with learned(network: linear, shared: false)\n"
        "tokenise w with learned + position(scale: 2)"
    )
    w, x = spec.inputs
    assert w.tokeniser == (Learned(), Position(scale=2.0))
    assert w.grids == (LeafGrid("w.position", (2, 3)), LeafGrid("w.raw", (2, 3, 3)))
    assert x.tokeniser == (Learned(network="linear", shared=False),)
    assert x.grids == (LeafGrid("x.raw", (4, 1)),)
    assert spec.equations == (w.equation, x.equation)
    assert w.grids[1].leaf_name(17) == "w[1, 2].raw[2]"
    assert w.grids[0].leaf_name(5) == "w[1, 2].position"
    assert spec_of("").inputs[0].grids == (LeafGrid("x", (4,)),)


def test_saying_the_same_of_a_learned_tokeniser_is_the_same_spec() -> None:
    one = spec_of("tokenise x with learned(shared: true, network: mlp) + position")
    assert one == spec_of("tokenise x with learned(network: mlp, shared: true) + position")
    assert one != spec_of("tokenise x with learned(network: linear, shared: true) + position")
    assert parse(one.text) == one


def test_defaults_and_spaces() -> None:
    spec = spec_of(
        "net mix = mlp(hidden: [4])\nspace primary = 8\nspace complementary = 2*3\ndefault vertex (primary: mix)"
    )
    assert (spec.primary, spec.complementary) == (8, 6)
    assert spec.defaults == Components("mix", "complementary", "trainer")


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("input z[0] : real", [("wrong-size", 2, 9)]),
        ("param n = 2\ninput z[2, n - 3] : real", [("wrong-size", 3, 12)]),
        ("input z[10**6, 10**6] : real", [("too-many-leaves", 2, 9)]),
        ("input z : real[2**16, 2**16]", [("wrong-size", 2, 16)]),
        ("input z[2, d] : patch[3]", [("unknown-constant", 2, 12), ("wrong-type", 2, 17)]),
        ("input z : relu[3]", [("unknown-kind", 2, 11)]),
        ("input z : class[3]", [("unknown-kind", 2, 11)]),
        ("output z : index[3]", [("unknown-kind", 2, 12)]),
        ("output z : class[1]", [("wrong-size", 2, 18)]),
        ("output z : labels", [("wrong-type", 2, 12)]),
        ("input x : real", [("duplicate-name", 3, 7)]),
        ("output y : real", [("duplicate-name", 4, 8)]),
        ("space primry = 3", [("unknown-component", 2, 7)]),
        ("space primary = 0", [("wrong-size", 2, 17)]),
        ("space primary = true", [("not-a-constant", 2, 17)]),
        ("space primary = 3, primary = 4", [("duplicate-option", 2, 20)]),
        ("tokenise z with linear", [("unknown-input-or-output", 2, 10)]),
        ("tokenise x with linear\ntokenise x with linear", [("repeated-statement", 3, 1)]),
        ("tokenise x with embedding", [("tokeniser-misfit", 2, 17)]),
        ("tokenise x with position", [("tokeniser-misfit", 2, 17)]),
        ("tokenise x with linear + linear", [("duplicate-option", 2, 26)]),
        ("tokenise x with linear + 3", [("wrong-option-value", 2, 26)]),
        ("tokenise x with linear - position", [("wrong-option-value", 2, 17)]),
        ("tokenise x with linear + positon", [("unknown-kind", 2, 26)]),
        ("tokenise x with linear(scale: 0)", [("option-out-of-range", 2, 31)]),
        ("space primary = 1\ntokenise x with identity", [("tokeniser-misfit", 3, 17)]),
        ("input z : index[5]\ntokenise z with linear", [("tokeniser-misfit", 3, 17)]),
        ("default vertex (primry: mlp)", [("unknown-component", 2, 17)]),
        ("default vertex (primary: mxi)\nnet mix = mlp", [("unknown-kind", 2, 26)]),
        ("default vertex (primary: mlp(hidden: []))", [("wrong-option-value", 2, 26)]),
        ("default vertex (mlp)", [("positional-option", 2, 17)]),
        ("default vertex (primary: mlp, primary: linear)", [("duplicate-option", 2, 31)]),
        ("default vertex (primary: mlp)\ndefault vertex (primary: mlp)", [("repeated-statement", 3, 1)]),
        ("default vertex (trainer: gated)", [("network-misfit", 2, 26)]),
        ("vertex v = (x) with (trainer: gated)", [("network-misfit", 2, 31)]),
        ("vertex v = (x) with (trainer: juge)\nnet judge = mlp", [("unknown-kind", 2, 31)]),
        ("net mlp = linear", [("duplicate-name", 2, 5)]),
        ("net trainer = linear", [("duplicate-name", 2, 5)]),
        ("net x = linear", [("duplicate-name", 3, 7)]),
        ("param x = 3", [("duplicate-name", 3, 7)]),
        ("let x[i: 0..4] = x[i]", [("duplicate-name", 3, 7)]),
        ("block b(xs[n]) { yield xs }\nblock b(xs[n]) { yield xs }", [("duplicate-name", 3, 7)]),
        ("root x[0]", [("repeated-statement", 5, 1)]),
        ("learn xprop(weights: outputs(z: 1.0))", [("unknown-input-or-output", 2, 30)]),
        ("learn xprop(weights: outputs(y: -1))", [("option-out-of-range", 2, 33)]),
        ("learn xprop(weights: outputs(y: mlp))", [("unknown-constant", 2, 33)]),
        ("learn xprop(weights: [1.0])", [("wrong-option-value", 2, 22)]),
    ],
)
def test_mistakes(body: str, wanted: list[Place]) -> None:
    assert places(body) == wanted
    assert all(d.help for d in say(body))


def test_a_failed_declaration_makes_no_further_noise() -> None:
    assert places("net mix = mlp(hiden: [3])\ndefault vertex (primary: mix)") == [("unknown-option", 2, 15)]
    assert places("net mix = mlp(hiden: [3])\nvertex v = (x) with (primary: mix)") == [("unknown-option", 2, 15)]
    assert places("space primary = 1 // 0\ntokenise x with identity") == [("constant-arithmetic", 2, 17)]


def test_duplicates_show_both_places() -> None:
    (diagnostic,) = say("param x = 3")
    assert diagnostic.labels[0].span.first == (2, 7)
    assert diagnostic.message == "`x` is already a param of line 2"


def test_everything_is_missing_at_once() -> None:
    with pytest.raises(ExnetError) as caught:
        parse("exnet t edition 7")
    names = [d.name for d in caught.value.diagnostics]
    assert names == ["missing-root", "missing-input", "missing-output", "unknown-edition"]


def test_independent_mistakes_are_reported_together_in_the_order_of_the_text() -> None:
    body = "const c = 1 // 0\nnet m = mpl\nspace p = 3\ntokenise z with linear\nmode odd"
    lines = [line for _, line, _ in places(body)]
    assert lines == [2, 3, 4, 5, 6]


def test_signatures() -> None:
    assert signature("primary", 3, 8, 5, 10) == Signature((8, 8, 8), 8)
    assert signature("complementary", 3, 8, 5, 10) == Signature((5, 8, 8), 5)
    assert signature("trainer", 3, 8, 5, 10) == Signature((8, 5), 10)
