"""The example package, installed for a test."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from packages import EXAMPLE, Points, Run, Site, entry_points_of_the_example, forget, install


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """`site(package, entry points, modules)` installs a package for this test."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)

    def add(name: str, points: Points, modules: Mapping[str, str]) -> Path:
        install(folder, name, "1.0.0", points)
        for module, text in modules.items():
            path = folder / module
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        forget()
        return folder

    yield add
    forget()
    installed = {path.stem for path in folder.iterdir()}
    for module in [name for name in sys.modules if name.split(".")[0] in installed]:
        del sys.modules[module]


@pytest.fixture
def example(site: Site) -> Path:
    """The example package is installed; gives its folder of modules."""
    modules = {f"exnet_example/{p.name}": p.read_text() for p in (EXAMPLE / "exnet_example").glob("*.py")}
    return site("exnet-example", entry_points_of_the_example(), modules)


@pytest.fixture
def command(tmp_path: Path) -> Run:
    """`command("lint", ..)` runs exnet as users do, with what is installed for this test."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        path = os.pathsep.join([str(tmp_path / "site"), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
        line = [sys.executable, "-m", "exnet", *arguments]
        return subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)

    return run
