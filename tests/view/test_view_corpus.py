"""Every accepted spec and every spec worth reading can be drawn, well-formed, in every form."""

from pathlib import Path

import pytest
from pictured import SVG, points, rectangles, tree_of

from exnet.graph import elaborate
from exnet.source.reading import read_file
from exnet.spec import analyse_source
from exnet.view import dot, dot_unfolded, mermaid, mermaid_unfolded, quotient, quotient_svg, unfold, unfolded_svg

ROOT = Path(__file__).parents[2]
SPECS = [*sorted((ROOT / "grammar" / "accept").glob("*.exn")), *sorted((ROOT / "specs").glob("*.exn"))]
BOXES = {"xn-box", "xn-input", "xn-output"}


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_accepted_specs_are_drawn(path: Path) -> None:
    spec = analyse_source(read_file(path).unwrap()).value
    if spec is None or (elaborated := elaborate(spec)).value is None:
        pytest.fail(f"{path} is not accepted")
    graph = elaborated.unwrap()
    picture = quotient(spec, graph)
    root = tree_of(quotient_svg(picture))
    boxes = rectangles(root, BOXES)
    assert len(boxes) == len(picture.leaves) + len(picture.families) + len(picture.outputs)
    for arrow in root.iter(f"{SVG}path"):
        if arrow.get("class") in ("xn-arrow", "xn-back") and "c" not in arrow.attrib["d"]:
            for x, y in points(arrow.attrib["d"], steps=6):
                assert not any(b[0] + 1 < x < b[2] - 1 and b[1] + 1 < y < b[3] - 1 for b in boxes)
    assert mermaid(picture).count("-->") == len(picture.arcs)
    assert dot(picture).count(" -> ") == len(picture.arcs) + len(picture.outputs)
    unfolded = unfold(spec.name, graph).value
    if unfolded is not None:
        assert len(tree_of(unfolded_svg(unfolded)).findall(f".//{SVG}rect")) > len(unfolded.nodes)
        assert mermaid_unfolded(unfolded).count("-->") == dot_unfolded(unfolded).count(" -> ") == len(unfolded.arcs)
