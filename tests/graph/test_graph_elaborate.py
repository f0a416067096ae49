"""Small graphs, vertex by vertex."""

import numpy as np
import pytest
from graph_specs import ATTENTION, TREE, graph, messages, node_names, shape

from exnet.graph.interchange import to_networkx


def children(g, name: str) -> list[str]:
    return shape(g)[name][0]


def test_tree() -> None:
    g = graph(TREE, "x[16] : real[4]")
    assert (g.leaf_count, g.vertex_count, g.arc_count, g.levels) == (16, 15, 30, 4)
    assert node_names(g)[16:19] == ["h[1, 0]", "h[1, 1]", "h[1, 2]"]
    assert children(g, "h[1, 3]") == ["x[6]", "x[7]"]
    assert children(g, "h[4, 0]") == ["h[3, 0]", "h[3, 1]"]
    assert g.vertex_name(g.root) == "h[4, 0]"
    assert [g.primary.name(c) for c in range(4)] == [f"h/primary[l={level}]" for level in (1, 2, 3, 4)]
    assert g.complementary.name(0) == "h/complementary[l=2, slot=0]"
    assert g.level.tolist() == [1] * 8 + [2] * 4 + [3] * 2 + [4]
    assert g.depth.tolist() == [3] * 8 + [2] * 4 + [1] * 2 + [0]


def test_attention_has_the_classes_of_the_design() -> None:
    g = graph(ATTENTION, "image[4, 4] : real[4]")
    assert g.vertex_count == 1007
    assert g.primary.pools == ("root.tree.h", "x.attention.out.tree.h", "x.attention.pair")
    assert [len(key) for key in g.primary.key] == [4, 8, 2]
    assert "x[1, _].attention.out[3].tree.h[2, 0]" in node_names(g)
    assert g.primary.name(12) == "x.attention.pair/primary[l=1]"
    assert children(g, "x[1, _].attention.pair[2, 3]") == ["image[0, 2]", "image[0, 3]"]
    assert children(g, "x[2, _].attention.pair[0, 1]") == [
        "x[1, _].attention.out[0].tree.h[4, 0]",
        "x[1, _].attention.out[1].tree.h[4, 0]",
    ]


@pytest.mark.parametrize(("n", "vertices", "levels"), [(2, 1, 1), (3, 2, 2), (5, 4, 3), (8, 7, 3), (13, 12, 4)])
def test_tree_of_any_size(n: int, vertices: int, levels: int) -> None:
    g = graph("root tree(x)", f"x[{n}] : real[2]")
    assert (g.vertex_count, g.levels) == (vertices, levels)


def test_carried_element_is_no_vertex() -> None:
    g = graph("root tree(x)", "x[5] : real[2]")
    assert children(g, "root.tree.h[3, 0]") == ["root.tree.h[2, 0]", "x[4]"]


def test_sizes_depend_on_outer_indices() -> None:
    body = """
    let    h[0, i: 0..16] = x[i]
    vertex h[l: 1..=2, i: 0..16 >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])  share by l
    let    t[l: 0..3] = tree(h[l, :])
    vertex r = t[:]
    root   r
    """
    g = graph(body, "x[16] : real[2]")
    assert sum(name.startswith("t[0]") for name in node_names(g)) == 15
    assert sum(name.startswith("t[2]") for name in node_names(g)) == 3
    assert g.primary.name(int(g.primary.of[g.root])) == "r/primary"


def test_subscripts_after_an_application_do_not_lift() -> None:
    g = graph("let h[i: 0..8] = attention(x)[i]\nroot tree(h)")
    assert sum(".pair[" in name for name in node_names(g)) == 64


def test_per_makes_copies() -> None:
    one = graph("let t[k: 0..4] = tree(x)\nvertex r = t[:]\nroot r")
    four = graph("let t[k: 0..4] = tree(x) per k\nvertex r = t[:]\nroot r")
    assert (one.vertex_count, four.vertex_count) == (8, 29)
    assert children(one, "r") == ["t[_].tree.h[3, 0]"] * 4


def test_arrays_start_at_zero() -> None:
    body = "let t = tree(x[2..5])\nvertex r = (t, x[0..2], x[5..8])\nroot r"
    assert children(graph(body), "t.tree.h[1, 0]") == ["x[2]", "x[3]"]


def test_splicing_and_repeated_children() -> None:
    g = graph("vertex g = (x[0], x[0])\nvertex r = (g, x[1..8], g)\nroot r")
    assert children(g, "r") == ["g", *(f"x[{i}]" for i in range(1, 8)), "g"]
    assert children(g, "g") == ["x[0]", "x[0]"]


def test_ragged_children() -> None:
    g = graph("vertex h[i: 0..4] = (x[0..=i], x[7-i])\nvertex r = (h, x[4..8])\nroot r")
    assert children(g, "h[0]") == ["x[0]", "x[7]"]
    assert children(g, "h[3]") == ["x[0]", "x[1]", "x[2]", "x[3]", "x[4]"]
    assert [e.children if isinstance(e.children, int) else e.children.tolist() for e in g.equations] == [
        [2, 3, 4, 5],
        8,
    ]


def test_array_functions() -> None:
    body = "vertex a = (reverse(x))\nvertex b = (flatten(transpose(z)))\nvertex r = (a, b)\nroot r"
    g = graph(body, "x[3] : real[2]\ninput z[2, 3] : real[2]")
    assert children(g, "a") == ["x[2]", "x[1]", "x[0]"]
    assert children(g, "b") == ["z[0, 0]", "z[1, 0]", "z[0, 1]", "z[1, 1]", "z[0, 2]", "z[1, 2]"]


def test_columns_of_a_grid() -> None:
    body = "let t[j: 0..3] = tree(z[:, j])\nvertex r = t[:]\nroot r"
    assert children(graph(body, "z[2, 3] : real[2]"), "t[1].tree.h[1, 0]") == ["z[0, 1]", "z[1, 1]"]


def test_windows_and_causality() -> None:
    full = graph("root tree(attention(x))")
    causal = graph("root tree(attention(x, causal: true))")
    near = graph("root tree(attention(x, window: 1))")
    pairs = [sum(".pair[" in name for name in node_names(g)) for g in (full, causal, near)]
    assert pairs == [64, 36, 22]


def test_unreachable_vertices_are_dropped_with_a_doubt() -> None:
    body = "vertex h[i: 0..4] = (x[i], x[i+4])\nvertex r = (h[0], h[1], x[2..4], x[6..8])\nroot r"
    assert graph(body).vertex_count == 3
    text = "unreachable-vertices: 2 of 4 vertices of `h` never reach the root and are dropped, first `h[2]`"
    assert messages(body) == [text]


def test_names_of_several_sites() -> None:
    body = "vertex r[i: 0..2] = (tree(x[0..4]), tree(x[4*i..4*i+4]))\nroot tree(r)"
    names = node_names(graph(body))
    assert "r[_].tree.h[2, 0]" in names
    assert "r[1].tree#2.h[2, 0]" in names


def test_numbering_is_that_of_rows() -> None:
    g = graph(TREE, "x[16] : real[4]")
    (equation,) = g.equations
    assert equation.index[:3].tolist() == [[1, 0], [1, 1], [1, 2]]
    assert g.child.dtype == np.int32
    assert g.child_ptr.dtype == np.int64


def test_networkx_export() -> None:
    g = graph("vertex g = (x[0], x[0])\nvertex r = (g, x[1..8])\nroot r")
    exported = to_networkx(g)
    assert exported.number_of_edges() == g.arc_count
    assert exported.nodes[exported.graph["root"]]["name"] == "r"
    assert exported.get_edge_data(9, 8)[0]["complementary"] == "r/complementary[slot=0]"
