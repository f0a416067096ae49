"""Pictures: one box for each family, frames for applications, numbers that add up."""

from collections.abc import Callable

import pytest

from exnet.graph import elaborate
from exnet.spec import parse
from exnet.view import Quotient, dot, mermaid, quotient

TREE = """exnet small
input  x[4] : real[2]
output y : class[3]
let    h[0, i: 0..4] = x[i]
vertex h[l: 1..=2, i: 0..4 >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])  share by l
root   h[2, 0]
"""
ATTENTION = """exnet attend
param  n = 4
input  z[n] : index[9]
output y : labels[3]
let    x[0, i: 0..n] = z[i]
let    x[l: 1..=2, i: 0..n] = attention(x[l-1, :])[i]
root   tree(x[2, :])
"""


def picture(text: str) -> Quotient:
    spec = parse(text)
    return quotient(spec, elaborate(spec).unwrap())


def test_boxes_and_arcs_of_a_tree() -> None:
    found = picture(TREE)
    (leaves,), (family,) = found.leaves, found.families
    assert (leaves.name, leaves.leaves, leaves.type) == ("x", 4, "real[2]")
    assert (family.vertices, family.levels, family.classes, family.root) == (3, (1, 2), (2, 2, 2), True)
    assert [(arcs.parents, arcs.children, arcs.count) for arcs in found.arcs] == [(1, 0, 4), (1, 1, 2)]


def test_numbers_of_attention_add_up() -> None:
    spec = parse(ATTENTION)
    graph = elaborate(spec).unwrap()
    found = quotient(spec, graph)
    assert sum(family.vertices for family in found.families) == graph.vertex_count
    assert sum(arcs.count for arcs in found.arcs) == graph.arc_count
    assert [family.sites for family in found.families if family.root] == [("root.tree",)]
    assert len(found.families) == 3


@pytest.mark.parametrize(("name", "text"), [("tree", TREE), ("attention", ATTENTION)])
def test_drawings(name: str, text: str, golden: Callable[[str, str], None]) -> None:
    found = picture(text)
    golden(f"{name}.mmd", mermaid(found))
    golden(f"{name}.dot", dot(found))


def test_picture_does_not_grow_with_the_graph() -> None:
    large = picture(ATTENTION.replace("n = 4", "n = 64"))
    assert abs(len(mermaid(large)) - len(mermaid(picture(ATTENTION)))) < 100
