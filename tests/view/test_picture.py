"""`exnet.picture`: what a notebook shows."""

import subprocess
import sys
from pathlib import Path

import pytest
from pictured import CHAIN, TREE, tree_of

import exnet
from exnet.view.fonts import text_width

RECORDED = Path(__file__).parent / "recorded" / "tree"


def test_everything_that_can_be_drawn(tmp_path: Path) -> None:
    path = tmp_path / "small.exn"
    path.write_text(TREE)
    spec = exnet.parse(TREE)
    shown = exnet.picture(spec)
    assert exnet.picture(TREE) == exnet.picture(path) == exnet.picture(str(path)) == shown
    mapping = {"exnet": "m", "input": {"x": {"shape": [4], "type": "real[2]"}}, "output": {"y": "class[3]"}}
    assert "root.tree" in exnet.picture({**mapping, "root": "tree(x)"}).svg
    assert "seed 2 finished" in exnet.picture(RECORDED).svg


def test_what_a_notebook_asks_for() -> None:
    shown = exnet.picture(TREE)
    bundle = shown._repr_mimebundle_()
    assert bundle["image/svg+xml"] == shown._repr_svg_() == shown.svg
    assert len(repr(shown)) < 100
    assert tree_of(shown.svg).get("role") == "img"


def test_params_and_every_vertex() -> None:
    text = "exnet p\nparam n = 4\ninput x[n] : real[2]\noutput y : class[3]\nroot tree(x)\n"
    assert "7 vertices" in exnet.picture(text, overrides={"n": 8}).svg
    assert "7 vertices" in exnet.picture(exnet.parse(text), overrides={"n": 8}).svg
    assert "h[1, 0]" in exnet.picture(text, unfolded=True).svg
    with pytest.raises(exnet.ExnetError, match="unfolds into 11 nodes") as caught:
        exnet.picture(CHAIN, unfolded=True, most=10)
    assert caught.value.code == "EXN970"


def test_a_folder_that_is_neither(tmp_path: Path) -> None:
    with pytest.raises(exnet.ExnetError) as caught:
        exnet.picture(tmp_path)
    assert caught.value.code == "EXN770"


def test_saving(tmp_path: Path) -> None:
    shown = exnet.picture(TREE)
    shown.save(tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text() == shown.svg
    with pytest.raises(exnet.ExnetError, match="cannot be written: no such file") as caught:
        shown.save(tmp_path / "none" / "a.svg")
    assert caught.value.code == "EXN775"


def test_pictures_need_no_torch() -> None:
    check = (
        f"import sys, exnet; exnet.picture({TREE!r}); exnet.picture({str(RECORDED)!r}); print('torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("text", "plain", "bold"),
    [
        ("512 arcs, slots 0, 1", 9.51, 10.69),
        ("complementary", 7.89, 8.79),
        ("image : patch[2, 2]", 9.60, 10.76),
        ("15 vertices, levels 11 to 14", 13.60, 15.26),
        ("h (root)", 3.76, 4.32),
        ("mix = mlp 64-64-32", 10.06, 11.02),
    ],
)
def test_estimated_widths_are_those_of_a_wide_font_or_a_little_more(text: str, plain: float, bold: float) -> None:
    # The expectations are advance widths of DejaVu Sans and DejaVu Sans Bold, in ems.
    assert plain <= text_width(text, 1) <= 1.12 * plain
    assert bold <= text_width(text, 1, bold=True) <= 1.12 * bold
    assert text_width(text, 1, mono=True) == pytest.approx(0.605 * len(text))
