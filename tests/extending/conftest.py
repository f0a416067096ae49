"""The example package, installed for a test."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from packages import EXAMPLE, Answer, Points, Run, Site, entry_points_of_the_example, forget, install

from exnet.cli.app import run


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
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """`command("lint", ..)` is the command line of exnet, in an empty folder, with what is installed for this test."""
    monkeypatch.chdir(tmp_path)

    def execute(*arguments: str) -> Answer:
        forget()
        code = run(list(arguments))
        said = capsys.readouterr()
        return Answer(code, said.out, said.err)

    return execute
