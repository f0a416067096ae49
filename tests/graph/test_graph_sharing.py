"""Sharing classes: keys, components, `over`, `as`, slots, networks, stable names and identities."""

import numpy as np
import pytest
from graph_specs import graph, messages, outcome

from exnet.graph.model import Classes, Graph, StackShape


def names(classes: Classes) -> list[str]:
    return [classes.name(c) for c in range(len(classes))]


def class_of(g: Graph, classes: Classes, vertex: str) -> str:
    number = next(v for v in range(g.vertex_count) if g.vertex_name(v) == vertex)
    return classes.name(int(classes.of[number]))


PAIRS = "vertex h[i: 0..4] = (x[2*i], x[2*i+1])"
TAIL = "\nvertex r = (h)\nroot r"


@pytest.mark.parametrize(
    ("clause", "primary", "trainer"),
    [
        ("", 4, 4),
        ("share none", 4, 4),
        ("share all", 1, 1),
        ("share by i % 2", 2, 2),
        ("share by (i % 2, i // 2)", 4, 4),
        ("share primary by i % 2, trainer all", 2, 1),
        ("share trainer all", 4, 1),
        ("share primary all", 1, 1),
        ("share all, trainer none", 1, 4),
        ("share by i == 0", 2, 2),
    ],
)
def test_keys(clause: str, primary: int, trainer: int) -> None:
    g = graph(f"{PAIRS} {clause}{TAIL}")
    assert len(g.primary) == primary + 1
    assert len(g.trainer) == trainer + 1


@pytest.mark.parametrize(
    ("clause", "count"),
    [
        ("", 4),
        ("share all", 4),
        ("share complementary all", 1),
        ("share all, complementary by slot // 2", 2),
        ("share complementary by slot", 4),
        ("share complementary none", 4),
    ],
)
def test_complementary_keys(clause: str, count: int) -> None:
    g = graph(f"{PAIRS}\nvertex r = (h) {clause}\nroot r")
    assert len(g.complementary) == count
    assert (g.complementary.of >= 0).sum() == 4


def test_complementary_key_may_use_the_indices_of_the_parent() -> None:
    body = """
    vertex a[i: 0..8] = (x[i])
    vertex h[i: 0..4] = (a[2*i], a[2*i+1])  share all, complementary by (i % 2, slot)
    vertex r = (h)
    root r
    """
    g = graph(body)
    assert [n for n in names(g.complementary) if n.startswith("h/")] == [
        f"h/complementary[i % 2={a}, slot={b}]" for a in (0, 1) for b in (0, 1)
    ]


def test_lifted_indices_are_part_of_the_key_unless_shared_over() -> None:
    body = "let t[i: 0..4] = tree(x[2*i..2*i+2]) {}\nvertex r = t[:]\nroot r"
    assert len(graph(body.format("")).primary) == 5
    assert len(graph(body.format("share over i")).primary) == 2
    g = graph(body.format("share primary over i"))
    assert (len(g.primary), len(g.trainer)) == (2, 5)


def test_recurrent_layers() -> None:
    body = """
    let x_[0, i: 0..8] = x[i]
    let x_[l: 1..=3, i: 0..8] = attention(x_[l-1, :])[i] {}
    root tree(x_[3, :])
    """
    assert len(graph(body.format("")).primary) == 3 * 4 + 3
    assert len(graph(body.format("share over l")).primary) == 4 + 3


def test_one_class_for_two_equations() -> None:
    body = "vertex a[i: 0..4] = (x[i], x[i+1]) share all as edge\nvertex b[i: 0..3] = (a[i], a[i+1]) share all as edge"
    g = graph(body + "\nvertex r = (b, a[0])\nroot r", "x[5] : real[2]")
    assert names(g.primary) == ["edge/primary", "r/primary"]


def test_one_encoder_for_two_sites() -> None:
    body = "let a = tree(x) share as enc\nlet b = tree(z) share as enc\nvertex r = (a, b)\nroot r"
    g = graph(body, "x[8] : real[2]\ninput z[4] : real[2]")
    assert names(g.primary) == [*(f"enc.h/primary[l={level}]" for level in (1, 2, 3)), "r/primary"]


def test_keys_of_unequal_length_are_unequal() -> None:
    body = "vertex a[i: 1..3] = (x[i], x[0]) share by i as e\nvertex b = (x[3], x[4]) share all as e\n"
    g = graph(body + "vertex r = (a, b)\nroot r", "x[5] : real[2]")
    assert names(g.primary) == ["e/primary", "e/primary[i=1]", "e/primary[i=2]", "r/primary"]
    assert len(set(g.primary.hash.tolist())) == 4


def test_identity_depends_on_pool_and_key_alone() -> None:
    small = graph("root tree(x)", "x[8] : real[2]")
    large = graph("vertex z_ = (tree(x), x[0])\nroot z_", "x[64] : real[2]")
    assert class_of(small, small.primary, "root.tree.h[1, 0]") == "root.tree.h/primary[l=1]"
    again = graph("root tree(x)", "x[64] : real[2]")
    assert np.array_equal(small.primary.hash, again.primary.hash[:3])
    assert not set(small.primary.hash.tolist()) & set(large.primary.hash.tolist())
    assert not set(small.primary.hash.tolist()) & set(small.trainer.hash.tolist())


def test_networks_are_resolved_where_they_are_written() -> None:
    body = """
    net    judge = mlp
    let    a = tree(x) with (primary: gated, trainer: judge)
    let    b = chain(x) with (primary: linear, trainer: judge)
    vertex r = (a, b[7]) with (complementary: linear)
    root   r
    """
    by_family = {".".join((*e.sites, e.family)): e.networks for e in graph(body).equations}
    assert by_family["a.tree.h"] == ("gated", "complementary", "judge")
    assert by_family["b.chain.h"] == ("gated", "gated", "judge")
    assert by_family["r"] == ("primary", "linear", "trainer")


def test_stacks_are_shapes() -> None:
    g = graph("vertex h[i: 0..4] = (x[0..=i], x[7-i])\nvertex r = (h, x[4..8])\nroot r")
    assert g.primary.stacks == tuple(StackShape("primary", k, "primary") for k in (2, 3, 4, 5, 8))
    assert [g.primary.stacks[s].children for s in g.primary.stack] == [2, 3, 4, 5, 8]


def test_unequal_shapes_show_one_member_of_each() -> None:
    body = "vertex h[i: 0..8] = (x[0..=i]) share all\nvertex r = (h)\nroot r"
    assert messages(body) == [
        "sharing-unequal-shapes: `h[0]` has 1 child, `h[1]` has 2, and both have the key `()`",
    ]
    assert outcome(body).diagnostics[0].help == "`share by i`, or `share none`"


def test_unequal_networks_do_not_share() -> None:
    body = "vertex a = (x[0..4]) share all as e with (primary: gated)\nvertex b = (x[4..8]) share all as e\n"
    (message,) = messages(body + "vertex r = (a, b)\nroot r")
    assert "`a` uses `gated`, `b` uses `primary`" in message
