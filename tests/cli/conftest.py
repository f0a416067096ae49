"""Running the command as users do."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

GOOD = "exnet t\n\ninput  x[4] : real[2]\noutput y    : class[2]\n\nroot tree(x)\n"
BAD = GOOD.replace("tree(x)", "tree(z)")


@pytest.fixture
def exnet(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`exnet("lint", "a.exn", stdin=...)` in an empty folder that holds `good.exn` and `bad.exn`."""
    (tmp_path / "good.exn").write_text(GOOD)
    (tmp_path / "bad.exn").write_text(BAD)

    def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "exnet", *arguments]
        return subprocess.run(command, cwd=tmp_path, input=stdin, capture_output=True, text=True, timeout=120)

    return run
