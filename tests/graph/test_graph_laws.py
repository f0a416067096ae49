"""None of these changes what a spec means: order, splitting an equation, renaming an index, inlining a `let`."""

import numpy as np
import pytest
from graph_specs import ATTENTION, TREE, graph, shape

from exnet.graph import elaborate
from exnet.spec import parse
from exnet.testing import permuted, random_spec

IMAGE = "image[4, 4] : real[4]"


def without_classes(g) -> dict[str, object]:
    return {name: (value[0], *value[4:]) for name, value in shape(g).items()}


@pytest.mark.parametrize("seed", range(12))
def test_permuting_statements(seed: int) -> None:
    text = random_spec(seed)
    one, other = elaborate(parse(text)).unwrap(), elaborate(parse(permuted(text, seed + 1))).unwrap()
    assert shape(one) == shape(other)
    assert np.array_equal(one.child, other.child)
    assert np.array_equal(one.hash, other.hash)
    assert np.array_equal(one.complementary.of, other.complementary.of)


def test_splitting_an_equation_by_a_guard() -> None:
    children = "(h[l-1, 2*i], h[l-1, 2*i+1])  share by l"
    split = f"""
    let    h[0, i: 0..16] = x[i]
    vertex h[l: 1..=4, i: 0..16 >> l when i % 2 == 0] = {children}
    vertex h[l: 1..=4, i: 0..16 >> l otherwise] = {children}
    root   h[4, 0]
    """
    inputs = "x[16] : real[4]"
    assert shape(graph(split, inputs)) == shape(graph(TREE, inputs))


def test_otherwise_is_free_of_order() -> None:
    lines = [
        "vertex h[i: 0..7 when i % 3 == 0] = (x[i], x[i+1])",
        "vertex h[5] = (x[5], x[0])",
        "vertex h[i: 0..7 otherwise] = (x[i+1], x[i])",
        "root tree(h)",
    ]
    assert shape(graph("\n".join(lines))) == shape(graph("\n".join(reversed(lines))))


def test_renaming_an_index() -> None:
    renamed = TREE.replace("i:", "position:").replace("[i]", "[position]").replace("2*i", "2*position")
    assert shape(graph(renamed, "x[16] : real[4]")) == shape(graph(TREE, "x[16] : real[4]"))


def test_introducing_a_let() -> None:
    named = ATTENTION.replace("flatten(image)[i]", "flat[i]") + "let flat = flatten(image)\n"
    assert shape(graph(named, IMAGE)) == shape(graph(ATTENTION, IMAGE))


def test_naming_single_nodes() -> None:
    plain = "vertex h[i: 0..4] = (x[2*i], x[2*i+1])\nroot tree(h)"
    named = "let e[i: 0..4] = x[2*i]\nlet o[i: 0..4] = x[2*i+1]\nvertex h[i: 0..4] = (e[i], o[i])\nroot tree(h)"
    assert shape(graph(named)) == shape(graph(plain))


def test_an_own_copy_of_a_standard_block() -> None:
    own = """
    block mine(xs[n]) {
      vertex v[t: 1..n] = (v[t-1], xs[t])  share all with (primary: gated, complementary: gated)
      let    v[0] = xs[0]
      yield  v
    }
    """
    one = graph("root chain(x)[7]")
    other = graph(own + "root mine(x)[7]")
    assert without_classes(one).keys() != without_classes(other).keys()
    assert np.array_equal(one.child, other.child)
    assert np.array_equal(one.primary.of, other.primary.of)
    assert one.equations[0].networks == other.equations[0].networks == ("gated", "gated", "trainer")
