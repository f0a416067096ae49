"""The Python on the page about training runs."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_page_about_training_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", (ROOT / "docs/training.md").read_text(), re.MULTILINE | re.DOTALL)
    assert blocks
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    monkeypatch.chdir(tmp_path)
    for block in blocks:
        exec(block, {})
    accuracy, best = capsys.readouterr().out.splitlines()[0].split()
    assert 0.2 < float(accuracy) <= 1.0
    assert best in ("1", "2", "3")
