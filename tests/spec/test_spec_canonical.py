"""Canonical text and equality by meaning."""

from pathlib import Path

import pytest
from spec_checks import TAIL, spec_of

from exnet.source import Source
from exnet.spec import Spec, analyse_source, parse
from exnet.testing import permuted, random_spec

ACCEPT = sorted((Path(__file__).parents[2] / "grammar/accept").glob("*.exn"))


def read(path: Path) -> Spec:
    return analyse_source(Source(str(path), path.read_text())).unwrap()


@pytest.mark.parametrize("path", ACCEPT, ids=lambda path: path.stem)
def test_canonical_text_means_the_same_and_is_its_own(path: Path) -> None:
    spec = read(path)
    again = parse(spec.text)
    assert again.text == spec.text
    assert again == spec
    assert "#" not in spec.text
    assert 'import "' not in spec.text


@pytest.mark.parametrize("seed", range(20))
def test_order_and_layout_do_not_count(seed: int) -> None:
    text = random_spec(seed, 60)
    spec, other = parse(text), parse(permuted(text, seed))
    assert spec == other
    assert hash(spec) == hash(other)
    assert parse("# a comment\n\n\n" + text.replace("\n", "\n\n")).text == spec.text


def test_spelling_of_numbers_does_not_count() -> None:
    assert spec_of("learn xprop(clip: 2e-3)") == spec_of("learn xprop(clip: 0.002)")


def test_named_options_have_no_order() -> None:
    assert spec_of("net m = mlp(norm: rms, hidden: [3])") == spec_of("net m = mlp(hidden: [3], norm: rms)")


@pytest.mark.parametrize(
    "body", ["param n = 5", "param n = 4, d = 2", "const n = 4", "param n = 4\nmode deterministic", "param m = 4"]
)
def test_what_differs_is_unequal(body: str) -> None:
    spec, other = spec_of("param n = 4"), spec_of(body)
    assert spec != other
    assert spec.spec_hash != other.spec_hash
    assert spec != spec.text


def test_set_params_show_their_values() -> None:
    spec = spec_of("param n = 4, d = 2 * n, b = true  # sizes", {"n": -2, "b": False})
    assert "param n = -2, d = 2*n, b = false" in " ".join(spec.text.replace(" * ", "*").split())
    assert spec == spec_of("param n = -2, d = 2 * n, b = false")
    assert parse(spec.text).constants == spec.constants == {"n": -2, "d": -4, "b": False}


def test_repr_is_source_text() -> None:
    spec = spec_of("param n = 4")
    assert eval(repr(spec)) == spec


def test_hidden_blocks_are_inlined_under_another_name(tmp_path: Path) -> None:
    (tmp_path / "lib.exn").write_text(
        "exnet lib\nblock outer(xs[n]) { yield inner(tree(xs)) }\nblock inner(a: vertex) { vertex v = (a) yield v }"
    )
    main = tmp_path / "main.exn"
    main.write_text(
        'exnet main\nimport "lib.exn"\nblock inner(a: vertex) { yield a }\nblock tree(xs[n]) { yield xs[0] }\n'
        "let own = inner(tree(x))\nlet other = outer(x)\nvertex top = (own, other)\n" + TAIL.replace("tree(x)", "top")
    )
    spec = read(main)
    again = parse(spec.text)
    assert again.text == spec.text
    blocks = {name: again.blocks[i] for name, i in again.visible.items()}
    assert set(blocks) == {"inner", "tree", "outer", "inner_2", "tree_2"}
    outer, tree = blocks["outer"].block, blocks["tree_2"].block
    assert "inner_2(tree_2(xs))" in outer.body[0].span.text
    assert len(tree.body) == 4
    assert "inner(tree(x))" in spec.text
