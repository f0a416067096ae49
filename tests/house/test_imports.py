"""The house stands: rooms import only backwards, and the front end is free of torch."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "exnet"
FRONT = ("source", "language", "spec", "graph", "lint", "plan")
ROOMS = (*FRONT, "nets", "ranks", "passing", "learn", "data", "monitor", "export", "view", "cli")
HEAVY = ("torch", "torch_geometric", "networkx", "sklearn")
# Rooms that stand beside the line, and all that they may read.
BESIDE = {
    "reference": {"source", "language", "spec", "graph.randomness"},
    "testing": {"source", "language", "spec"},
}
# A later room that an earlier one may read inside a function, each with its reason.
ALLOWED = {
    ("lint", "plan"),  # the last thing to be said of a spec is whether it can be planned
    ("learn", "data"),  # the loop reads batches
    ("learn", "monitor"),  # the loop reports
    ("learn", "export"),  # the loop writes checkpoints
    ("monitor", "learn"),
}


def imports(path: Path) -> list[tuple[str, bool]]:
    """Modules of exnet that a file imports, as dotted names below `exnet`, and whether at module level."""
    module = ast.parse(path.read_text())
    top = set(map(id, module.body))
    found = list[tuple[str, bool]]()
    for node in ast.walk(module):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        found += [(name.removeprefix("exnet."), id(node) in top) for name in names if name.startswith("exnet.")]
    return found


def files(room: str) -> list[Path]:
    return sorted((PACKAGE / room).rglob("*.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_backwards(room: str) -> None:
    order = {name: i for i, name in enumerate(ROOMS)}
    for path in files(room):
        for module, _ in imports(path):
            other = module.split(".")[0]
            if other not in order or (room, other) in ALLOWED:
                continue
            assert order[other] <= order[room], f"{path.relative_to(PACKAGE)} imports exnet.{module}"


@pytest.mark.parametrize("room", sorted(BESIDE))
def test_rooms_beside_the_line_stay_apart(room: str) -> None:
    for path in files(room):
        for module, _ in imports(path):
            allowed = module.split(".")[0] == room or any(
                module == name or module.startswith(name + ".") for name in BESIDE[room]
            )
            assert allowed, f"{path.relative_to(PACKAGE)} imports exnet.{module}"


@pytest.mark.parametrize("room", FRONT)
def test_front_end_names_no_heavy_library_at_module_level(room: str) -> None:
    for path in files(room):
        for node in ast.parse(path.read_text()).body:
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {n.split(".")[0] for n in names} & set(HEAVY), path


@pytest.mark.parametrize("module", ["exnet", "exnet.compiler", "exnet.cli.app", "exnet.lint", "exnet.plan"])
def test_import_loads_nothing_heavy(module: str) -> None:
    check = f"import sys, {module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
