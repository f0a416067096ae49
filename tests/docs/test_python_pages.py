"""Programs in the documentation run, and quotations of the example package are what its files say."""

import linecache
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "plugin"
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def quotations() -> list[tuple[str, str]]:
    """(file, text) of every quoted block of the page about extending."""
    page = (ROOT / "docs" / "extending.md").read_text()
    found = [(re.search(r"file=(\S+)", m[1]), m[2]) for m in FENCE.finditer(page)]
    return [(file[1], text) for file, text in found if file]


def test_the_page_about_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page = ROOT / "docs" / "python.md"
    names: dict[str, object] = {}
    blocks = [m for m in FENCE.finditer(page.read_text()) if m[1] == "python"]
    assert len(blocks) == 6
    linecache.checkcache(str(page))
    for match in blocks:
        line = page.read_text().count("\n", 0, match.start()) + 1
        exec(compile("\n" * line + match[2], str(page), "exec"), names)
    assert getattr(names["first"], "code", None) == "EXN203"  # the mistakes were made, and caught
    assert str(names["message"]).startswith("`h[3]` reads `x[4]`")


@pytest.mark.parametrize(("file", "text"), quotations(), ids=lambda value: value.split("\n")[0][:40])
def test_the_example_package_is_quoted_as_it_is(file: str, text: str) -> None:
    assert text in (EXAMPLE / file).read_text()


def test_every_kind_of_thing_is_quoted() -> None:
    assert {file for file, _ in quotations()} == {
        "pyproject.toml",
        "rings.exn",
        "exnet_example/declared.py",
        "exnet_example/computed.py",
        "exnet_example/plain.py",
        "exnet_example/data.py",
    }
