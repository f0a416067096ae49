"""The example programs run and do what they say."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


def load_example(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_example_is_tested() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {"ask_every_vertex", "own_csv", "own_loop"}


def test_ask_every_vertex(capsys: pytest.CaptureFixture[str]) -> None:
    assert load_example("ask_every_vertex").main(epochs=2) > 0.5
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 15
    assert printed[-1].startswith("h[4, 0]")


def test_own_loop(capsys: pytest.CaptureFixture[str]) -> None:
    assert load_example("own_loop").main(steps=150) > 0.75
    assert "150 steps" in capsys.readouterr().out


def test_own_csv(capsys: pytest.CaptureFixture[str]) -> None:
    assert load_example("own_csv").main() > 0.8
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("best epoch ")
    assert [line.split(",")[0] for line in printed[1:]] == ["setosa", "virginica"]
