"""Pictures by families: recorded texts, boxes that hold their words, arrows that cross no box."""

from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from pictured import (
    ATTENTION,
    SPECS,
    SVG,
    TREE,
    contains,
    ends,
    overlap,
    picture,
    points,
    rectangles,
    steps_down,
    tree_of,
)

from exnet.view import dot, mermaid, quotient_svg
from exnet.view.dot import escaped as dot_escaped
from exnet.view.fonts import text_width
from exnet.view.mermaid import escaped as mermaid_escaped
from exnet.view.svg import element, plain

BOXES = {"xn-box", "xn-input", "xn-output"}
NAMES = sorted(SPECS)


@pytest.mark.parametrize(("name", "text"), [("tree", TREE), ("attention", ATTENTION)])
def test_drawings(name: str, text: str, golden: Callable[[str, str], None]) -> None:
    found = picture(text)
    golden(f"{name}.mmd", mermaid(found))
    golden(f"{name}.dot", dot(found))
    golden(f"{name}.svg", quotient_svg(found))


def test_picture_does_not_grow_with_the_graph() -> None:
    small, large = picture(ATTENTION), picture(ATTENTION.replace("n = 4", "n = 64"))
    for draw in (mermaid, dot, quotient_svg):
        assert abs(len(draw(large)) - len(draw(small))) < 400


@pytest.mark.parametrize("name", NAMES)
def test_svg_says_what_it_is(name: str) -> None:
    root = tree_of(quotient_svg(picture(SPECS[name])))
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title"
    assert "extraction network" in (root[0].text or "")
    assert "Arrows run from parents to children" in (root[1].text or "")
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert root.get("viewBox") == f"0 0 {root.get('width')} {root.get('height')}"
    for box in rectangles(root, {*BOXES, "xn-frame"}):
        assert contains((0, 0, width - 40, height - 40), box)


@pytest.mark.parametrize("name", NAMES)
def test_every_family_input_and_output_has_a_box(name: str) -> None:
    found = picture(SPECS[name])
    root = tree_of(quotient_svg(found))
    assert len(rectangles(root, {"xn-box"})) == len(found.families)
    assert len(rectangles(root, {"xn-root"})) == 1
    assert len(rectangles(root, {"xn-input"})) == len(found.leaves)
    assert len(rectangles(root, {"xn-output"})) == len(found.outputs)
    assert len(rectangles(root, {"xn-frame"})) == len(found.frames)


@pytest.mark.parametrize("name", NAMES)
def test_boxes_stand_apart_and_inside_their_frames(name: str) -> None:
    root = tree_of(quotient_svg(picture(SPECS[name])))
    boxes, frames = rectangles(root, BOXES), rectangles(root, {"xn-frame"})
    for i, box in enumerate(boxes):
        assert not any(overlap(box, other) for other in boxes[:i])
        assert all(contains(frame, box) or not overlap(frame, box) for frame in frames)


@pytest.mark.parametrize("name", NAMES)
def test_words_fit_their_boxes(name: str) -> None:
    root = tree_of(quotient_svg(picture(SPECS[name])))
    looked_at = 0
    for group in root.iter(f"{SVG}g"):
        boxes = rectangles(group, BOXES) if group.find(f"{SVG}rect") is not None else []
        for text in group.findall(f"{SVG}text") if len(boxes) == 1 else []:
            left, right = extent(text)
            assert boxes[0][0] + 6 <= left
            assert right <= boxes[0][2] - 6
            assert boxes[0][1] + 10 <= float(text.attrib["y"]) <= boxes[0][3] - 4
            looked_at += 1
    assert looked_at >= 6


def extent(text: ElementTree.Element) -> tuple[float, float]:
    """Left and right end of a line of text."""
    kinds = text.attrib["class"].split()
    size = 14 if "xn-name" in kinds else 11 if {"xn-code", "xn-small"} & set(kinds) else 12
    width = text_width(text.text or "", size, bold="xn-name" in kinds, mono="xn-code" in kinds)
    x = float(text.attrib["x"])
    before = {"middle": 0.5, "end": 1.0}.get(text.get("text-anchor", ""), 0.0)
    return x - before * width, x + (1 - before) * width


@pytest.mark.parametrize("name", NAMES)
def test_arrows_cross_no_box(name: str) -> None:
    found = picture(SPECS[name])
    root = tree_of(quotient_svg(found))
    boxes = rectangles(root, BOXES)
    paths = [p.attrib["d"] for p in root.iter(f"{SVG}path") if p.get("class") in ("xn-arrow", "xn-back")]
    courses = [path for path in paths if "c" not in path]
    loops = sum(arcs.parents == arcs.children for arcs in found.arcs)
    assert len(courses) == len(found.arcs) + len(found.outputs) - loops
    for path in courses:
        assert steps_down(path)
        for x, y in points(path):
            assert not any(b[0] + 1 < x < b[2] - 1 and b[1] + 1 < y < b[3] - 1 for b in boxes)
        for x, y in ends(path):
            assert any(b[0] <= x <= b[2] and min(abs(y - b[1]), abs(y - b[3])) < 0.3 for b in boxes)


def test_a_layer_that_reads_the_one_below_is_drawn_upwards() -> None:
    root = tree_of(quotient_svg(picture(ATTENTION)))
    upwards = [p for p in root.iter(f"{SVG}path") if p.get("class") == "xn-back" and "c" not in p.attrib["d"]]
    assert len(upwards) == 1  # a pair of the second layer reads trees of the first


def test_drawing_twice_gives_the_same_text() -> None:
    for text in SPECS.values():
        assert quotient_svg(picture(text)) == quotient_svg(picture(text))


def test_names_are_escaped() -> None:
    nasty = 'a<b & "c"\x00\\'
    assert ElementTree.fromstring(element("text", plain(nasty), title=nasty)).text == 'a<b & "c"\ufffd\\'
    assert dot_escaped('a"b\\') == 'a\\"b\\\\'
    assert mermaid_escaped('a<b "c" #') == "a&lt;b &quot;c&quot; &#35;"
