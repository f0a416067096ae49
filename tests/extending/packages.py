"""Packages as pip installs them: modules, and a dist-info with entry points, in a folder of their own."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from exnet.nets import registry
from exnet.spec import plugins

EXAMPLE = Path(__file__).parents[2] / "examples" / "plugin"
Points = Mapping[str, Mapping[str, str]]
Site = Callable[[str, Points, Mapping[str, str]], Path]


class Answer(NamedTuple):
    """What a command line gave."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Answer]


def entry_points_of_the_example() -> dict[str, dict[str, str]]:
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    return project["entry-points"]


def install(folder: Path, name: str, version: str, points: Points) -> None:
    """What pip leaves behind of a package's metadata."""
    info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    groups = (f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in entries.items()) for group, entries in points.items())
    (info / "entry_points.txt").write_text("\n".join(groups))


def forget() -> None:
    """Looks for installed packages again."""
    plugins.forget()
    registry.forget()
