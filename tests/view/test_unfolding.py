"""Unfolded pictures: every node and arc, a row for each level, a colour for each class, and a limit."""

from collections.abc import Callable

import pytest
from pictured import SPECS, SVG, TREE, overlap, tree_of

from exnet.graph import elaborate
from exnet.spec import parse
from exnet.view import Unfolded, dot_unfolded, mermaid_unfolded, unfold, unfolded_svg
from exnet.view.style import SERIES, ink, series_colour


def unfolded(text: str, most: int = 300) -> Unfolded:
    spec = parse(text)
    return unfold(spec.name, elaborate(spec).unwrap(), most).unwrap()


def test_drawings_of_every_vertex(golden: Callable[[str, str], None]) -> None:
    found = unfolded(TREE)
    golden("unfolded.mmd", mermaid_unfolded(found))
    golden("unfolded.dot", dot_unfolded(found))
    golden("unfolded.svg", unfolded_svg(found))


@pytest.mark.parametrize("name", sorted(SPECS))
def test_every_node_and_arc_is_drawn(name: str) -> None:
    spec = parse(SPECS[name])
    graph = elaborate(spec).unwrap()
    found = unfold(spec.name, graph).unwrap()
    assert len(found.nodes) == graph.leaf_count + graph.vertex_count
    assert sum(len(arc.slots) for arc in found.arcs) == graph.arc_count
    assert found.nodes[found.root].name == graph.vertex_name(graph.root)
    groups = [g for g in tree_of(unfolded_svg(found)).iter(f"{SVG}g") if g.find(f"{SVG}title") is not None]
    assert [(g.findtext(f"{SVG}title") or "").split("\n")[0] for g in groups] == [node.name for node in found.nodes]


@pytest.mark.parametrize("name", sorted(SPECS))
def test_a_row_for_each_level(name: str) -> None:
    found = unfolded(SPECS[name])
    boxes = []
    for group in tree_of(unfolded_svg(found)).iter(f"{SVG}g"):
        if group.find(f"{SVG}title") is not None:
            rect = group.find(f"{SVG}rect")
            assert rect is not None
            x, y, w, h = (float(rect.attrib[key]) for key in ("x", "y", "width", "height"))
            boxes.append((x, y, x + w, y + h))
    heights = {node.level: box[1] for node, box in zip(found.nodes, boxes, strict=True)}
    assert [box[1] for box in boxes] == [heights[node.level] for node in found.nodes]
    assert sorted(heights, key=lambda level: -heights[level]) == list(range(found.levels + 1))
    for i, box in enumerate(boxes):
        assert not any(overlap(box, other) for other in boxes[:i])


def test_vertices_of_a_class_have_one_colour() -> None:
    found = unfolded(TREE)
    assert [node.colour for node in found.nodes] == [None] * 4 + [0, 0, 1]
    assert found.classes == ("h/primary[l=1]", "h/primary[l=2]")
    svg = unfolded_svg(found)
    assert svg.count(f'fill="{SERIES[0]}"') == 2 + 1  # two vertices, and the legend
    assert "h/primary[l=2]" in svg


def test_a_child_that_occurs_twice_is_one_arrow() -> None:
    found = unfolded("exnet t\ninput x[2] : real[2]\noutput y : class[3]\nvertex r = (x[0], x[0], x[1])\nroot r\n")
    assert [(arc.child, arc.slots) for arc in found.arcs] == [(0, (0, 1)), (1, (2,))]
    assert "r reads x[0] in slot 0, 1" in unfolded_svg(found)


def test_wide_nets_have_circles() -> None:
    wide = "exnet w\ninput x[120] : real[2]\noutput y : class[3]\nvertex r = x\nroot r\n"
    svg = unfolded_svg(unfolded(wide))
    assert ">x[7]<" in svg  # in the tooltip
    assert not any(text.text == "x[7]" for text in tree_of(svg).iter(f"{SVG}text"))


def test_the_limit() -> None:
    spec = parse(TREE)
    graph = elaborate(spec).unwrap()
    assert unfold("small", graph, 7).diagnostics == ()
    (said,) = unfold("small", graph, 6).diagnostics
    assert (said.code, said.message) == ("EXN970", "`small` unfolds into 7 nodes, and the limit of a picture is 6")
    assert "--max-nodes 7" in said.help


def test_colours() -> None:
    many = [series_colour(i) for i in range(60)]
    assert len(set(many)) == 60
    assert all(len(colour) == 7 for colour in many)
    assert (ink("#0072b2"), ink("#e69f00"), ink("#000000"), ink("#ffffff")) == (
        "#ffffff",
        "#000000",
        "#ffffff",
        "#000000",
    )
