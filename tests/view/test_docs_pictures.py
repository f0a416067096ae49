"""The pictures in docs/pictures are those that this version draws; `make goldens` draws them anew."""

from pathlib import Path

import pytest

import exnet

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
DRAWN = {
    "attention.svg": lambda: exnet.picture(ROOT / "specs" / "attention.exn"),
    "tree_unfolded.svg": lambda: exnet.picture(ROOT / "specs" / "tree_digits.exn", unfolded=True),
    "curves.svg": lambda: exnet.picture(Path(__file__).parent / "recorded" / "tree"),
}


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_the_picture_is_up_to_date(name: str, request: pytest.FixtureRequest) -> None:
    svg = DRAWN[name]().svg
    if request.config.getoption("--update-golden"):
        (PICTURES / name).write_text(svg, encoding="utf-8")
    assert (PICTURES / name).read_text(encoding="utf-8") == svg


def test_there_is_no_other_picture_and_all_are_shown() -> None:
    assert sorted(path.name for path in PICTURES.iterdir()) == sorted(DRAWN)
    page = (ROOT / "docs" / "pictures.md").read_text()
    assert all(f"(pictures/{name})" in page for name in DRAWN)
