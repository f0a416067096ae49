"""A file that holds nothing but blocks is linted for what it is."""

from pathlib import Path

import pytest

from exnet.lint import lint_source
from exnet.source import Source

BLOCKS = sorted((Path(__file__).parents[2] / "exnet" / "spec" / "blocks").glob("*.exn"))


@pytest.mark.parametrize("path", BLOCKS, ids=lambda path: path.stem)
def test_standard_blocks_are_clean(path: Path) -> None:
    assert lint_source(Source(str(path), path.read_text())) == ()


def test_mistakes_in_blocks_that_nobody_applies() -> None:
    text = "exnet parts\nblock f(xs[n]) {\n  vertex v = (xs[0], ys)\n  yield  v\n}\n"
    assert [d.concise for d in lint_source(Source("parts.exn", text))] == [
        "parts.exn:3:22: error[EXN104] unknown-name: `ys` is not defined here"
    ]


def test_a_file_with_more_than_blocks_needs_a_root() -> None:
    text = "exnet parts\nparam  n = 3\nblock f(xs[n]) {\n  yield xs\n}\n"
    names = [d.name for d in lint_source(Source("parts.exn", text))]
    assert names == ["missing-root", "missing-input", "missing-output"]
