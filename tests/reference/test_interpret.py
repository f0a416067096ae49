"""What the equations mean, by hand on small specs; sizes of every accepted spec."""

import re
from pathlib import Path

import pytest

from exnet.reference import NotDefined, ReferenceGraph, interpret
from exnet.source import Source
from exnet.spec import analyse_source, parse
from exnet.testing import permuted, random_spec

ACCEPT = sorted((Path(__file__).parents[2] / "grammar" / "accept").glob("*.exn"))
INPUT = "exnet t  input x[4] : real[2]  output y : class[3]\n"


def graph(text: str) -> ReferenceGraph:
    return interpret(parse(INPUT + text))


@pytest.mark.parametrize("path", ACCEPT, ids=lambda p: p.stem)
def test_sizes_of_accepted_specs(path: Path) -> None:
    text = path.read_text()
    found = interpret(analyse_source(Source(str(path), text)).unwrap())
    vertices, classes = (int(re.search(rf"# {what}: (\d+)", text)[1]) for what in ("vertices", "classes"))  # type: ignore[index]
    assert len(found.vertices) == vertices
    assert len({v.primary for v in found.vertices.values()}) == classes


def test_tree() -> None:
    found = graph("root tree(x)")
    assert found.leaves == ("x[0]", "x[1]", "x[2]", "x[3]")
    assert found.root == "root.tree.h[2, 0]"
    children = {name: v.children for name, v in found.vertices.items()}
    assert children == {
        "root.tree.h[1, 0]": ("x[0]", "x[1]"),
        "root.tree.h[1, 1]": ("x[2]", "x[3]"),
        "root.tree.h[2, 0]": ("root.tree.h[1, 0]", "root.tree.h[1, 1]"),
    }
    top = found.vertices[found.root]
    assert top.primary == "root.tree.h/primary[l=2]"
    assert top.trainer == "root.tree.h/trainer[l=2]"
    assert top.complementary == ("root.tree.h/complementary[l=2, slot=0]", "root.tree.h/complementary[l=2, slot=1]")
    assert found.vertices["root.tree.h[1, 1]"].complementary == (None, None)
    assert found.incoming()["root.tree.h[1, 1]"] == [("root.tree.h[2, 0]", 1)]


def test_lifting_and_frame_keys() -> None:
    found = graph("""
        let h[0, i: 0..4] = x[i]
        let h[l: 1..=2, i: 0..4] = attention(h[l-1, :])[i]
        root tree(h[2, :])""")
    pair = found.vertices["h[2, _].attention.pair[3, 0]"]
    below = ("h[1, _].attention.out[3].tree.h[2, 0]", "h[1, _].attention.out[0].tree.h[2, 0]")
    assert pair.children == below
    assert pair.primary == "h.attention.pair/primary[l=2]"
    assert found.vertices[below[0]].primary == "h.attention.out.tree.h/primary[l=1, l=2]"
    assert len(found.vertices) == 2 * (16 + 4 * 3) + 3


def test_marks_follow_the_smallest_index() -> None:
    text = "let t[1] = tree(x[0..2])  let t[0] = tree(x)  vertex r = (t[0], t[1])  root r"
    for order in range(6):
        found = interpret(parse(permuted(INPUT + text, order)))
        assert found.vertices["r"].children == ("t[_].tree.h[2, 0]", "t[_].tree#2.h[1, 0]")


def test_aliases_replace_family_and_site_in_classes_alone() -> None:
    found = graph("""
        let a = tree(x[0..2]) share as enc
        let b = tree(x[2..4]) share as enc
        vertex r = (a, b) share all as top
        root r""")
    assert {v.primary for v in found.vertices.values()} == {"enc.h/primary[l=1]", "top/primary"}
    assert set(found.vertices) == {"a.tree.h[1, 0]", "b.tree.h[1, 0]", "r"}


def test_components_follow_the_primary_unless_named() -> None:
    found = graph("""
        vertex p[i: 0..2] = (x[2*i], x[2*i+1])
        vertex q[i: 0..2] = (p[i], p[1-i]) share primary all, trainer by i
        vertex r = q share complementary by slot % 1
        root r""")
    q, r = found.vertices["q[1]"], found.vertices["r"]
    assert (q.primary, q.trainer) == ("q/primary", "q/trainer[i=1]")
    assert q.complementary == ("q/complementary[slot=0]", "q/complementary[slot=1]")
    assert (r.primary, r.complementary) == ("r/primary", ("r/complementary[slot % 1=0]",) * 2)


def test_the_innermost_with_wins() -> None:
    found = graph("""
        net big = mlp(hidden: [9])  net small = linear
        vertex p[i: 0..3] = (x[i], x[i+1]) with (trainer: small)
        block f(xs[n]) { vertex v[i: 0..n-1] = (xs[i], xs[i+1])  vertex w = v with (trainer: small)  yield w }
        let t = f(p) with (trainer: big, primary: big)
        root t""")
    networks = {name: v.networks for name, v in found.vertices.items()}
    assert networks["p[0]"] == {"primary": "primary", "complementary": "complementary", "trainer": "small"}
    assert networks["t.f.v[0]"] == {"primary": "big", "complementary": "complementary", "trainer": "big"}
    assert networks["t.f.w"]["trainer"] == "small"


def test_deep_chains_need_no_deep_stack() -> None:
    found = interpret(parse("exnet t  input x[5000] : real[1]  output y : class[2]  root chain(x)[4999]"))
    assert len(found.vertices) == 4999


@pytest.mark.parametrize(
    "text",
    [
        "vertex h[i: 0..3] = (x[i], x[i+2])  root h[2]",
        "vertex h[i: 0..4] = (h[(i+1) % 4], x[i])  root h[0]",
        "let h[i: 0..4] = h[3-i]  root h[0]",
        "vertex h[i: 0..=2] = (x[i], x[i])  vertex h[i: 2..4] = (x[i], x[i])  root h[0]",
        "let h = x[4]  root h",
        "root x[0]",
        "root tree(x[0..0])",
    ],
)
def test_meaningless_specs_are_refused(text: str) -> None:
    with pytest.raises(NotDefined):
        graph(text)


@pytest.mark.parametrize("seed", range(20))
def test_order_of_statements_does_not_matter(seed: int) -> None:
    text = random_spec(seed)
    one, other = interpret(parse(text)), interpret(parse(permuted(text, seed)))
    assert one == other
