"""What is shipped works: grammar and blocks are in the wheel, and lint runs from it without torch."""

import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPEC = "exnet t\ninput x[4] : real[2]\noutput y : class[2]\nroot tree(x)\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))  # built from the sdist, so both are tried


def test_wheel_carries_grammar_and_blocks(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        assert archive.read("exnet/language/exnet.lark") == (ROOT / "grammar/exnet.lark").read_bytes()
        for block in (ROOT / "exnet/spec/blocks").glob("*.exn"):
            assert archive.read(f"exnet/spec/blocks/{block.name}") == block.read_bytes()
        assert "exnet/py.typed" in names
        assert not [name for name in names if name.startswith(("tests/", "specs/"))]


def test_lint_from_the_wheel_without_torch(wheel: Path, tmp_path: Path) -> None:
    """The wheel is unpacked beside the light dependencies only, in an environment of its own."""
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    site = next(home.glob("lib/python*/site-packages"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    here = next(Path(p) for p in sys.path if (Path(p) / "numpy").is_dir() and (Path(p) / "lark").is_dir())
    blocked = ("torch", "torch_geometric", "networkx", "sklearn", "scipy", "exnet")
    for entry in here.iterdir():
        if entry.suffix != ".pth" and not entry.name.split("-")[0].lower().startswith(blocked):
            (site / entry.name).exists() or (site / entry.name).symlink_to(entry)
    (tmp_path / "good.exn").write_text(SPEC)
    (tmp_path / "bad.exn").write_text(SPEC.replace("tree(x)", "tree(z)"))
    run = [str(home / "bin/python"), "-m", "exnet"]
    environment = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    for name, code in (("good.exn", 0), ("bad.exn", 1)):
        done = subprocess.run([*run, "lint", name], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
    done = subprocess.run(
        [*run, "train", "good.exn", "--data", "digits"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "exnet[torch]" in done.stderr
    assert "Traceback" not in done.stderr
