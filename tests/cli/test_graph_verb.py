"""`exnet graph` as users call it: forms, folders, and what it refuses."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from threading import Thread
from xml.etree import ElementTree

import pytest

from exnet.cli.app import run

GOOD = "exnet t\n\ninput  x[4] : real[2]\noutput y    : class[2]\n\nroot tree(x)\n"
RECORDED = Path(__file__).parents[1] / "view" / "recorded" / "tree"
Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """As the fixture `exnet`, without a process of its own."""
    (tmp_path / "good.exn").write_text(GOOD)
    (tmp_path / "bad.exn").write_text(GOOD.replace("tree(x)", "tree(z)"))
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> CompletedProcess[str]:
        capsys.readouterr()
        code = run(list(arguments))
        said = capsys.readouterr()
        return CompletedProcess(arguments, code, said.out, said.err)

    return call


@pytest.mark.parametrize(
    ("options", "start"),
    [
        ((), "flowchart TD\n"),
        (("--format", "dot"), 'digraph "t" {\n'),
        (("--format", "svg"), "<svg "),
        (("--unfold",), "flowchart TD\n  n0"),
        (("--unfold", "--format", "dot"), 'digraph "t" {\n'),
        (("--unfold", "--format", "svg", "--max-nodes", "7"), "<svg "),
        (("--json",), '{\n "name": "t"'),
        (("--json", "--unfold"), '{\n "name": "t"'),
    ],
)
def test_forms(here: Run, options: tuple[str, ...], start: str) -> None:
    done = here("graph", "good.exn", *options)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(start)


@pytest.mark.parametrize(
    ("name", "start"),
    [("a.svg", "<svg "), ("a.dot", "digraph"), ("a.gv", "digraph"), ("a.MMD", "flowchart"), ("a", "flowchart")],
)
def test_the_ending_decides(here: Run, tmp_path: Path, name: str, start: str) -> None:
    done = here("graph", "good.exn", "-o", name)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / name).read_text().startswith(start)


def test_an_option_beats_the_ending(here: Run, tmp_path: Path) -> None:
    assert here("graph", "good.exn", "--format", "dot", "-o", "a.svg").returncode == 0
    assert (tmp_path / "a.svg").read_text().startswith("digraph")


def test_standard_input(exnet: Run) -> None:
    text = "exnet piped\ninput x[4] : real[2]\noutput y : class[2]\nroot tree(x)\n"
    assert 'digraph "piped"' in exnet("graph", "-", "--format", "dot", stdin=text).stdout


def test_a_compiled_net_is_drawn_as_its_spec(here: Run) -> None:
    assert here("compile", "good.exn", "-o", "net").returncode == 0
    assert here("graph", "net").stdout == here("graph", "good.exn").stdout


def test_curves_of_seeds_and_of_one_seed(here: Run, tmp_path: Path) -> None:
    shutil.copytree(RECORDED, tmp_path / "tree")
    done = here("graph", "tree", "-o", "curves.svg")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    root = ElementTree.parse(tmp_path / "curves.svg").getroot()
    assert root[0].text == "tree_digits: tree: curves"
    one = here("graph", "tree/seed-1")
    assert one.stdout.startswith("<svg ")
    assert "seed 1 finished" in one.stdout
    assert "seed 2" not in one.stdout


def test_numbers_behind_the_curves(here: Run, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "metrics.jsonl").write_text('{"epoch": 1, "loss": NaN, "rate": 0.5}\n{"epoch": 2, "loss": 1}\n')
    found = json.loads(here("graph", "run", "--json").stdout)
    assert [panel["title"] for panel in found["panels"]] == ["Loss at the root", "Learning rate"]
    assert found["panels"][0]["series"][0]["y"] == [None, 1.0]


def test_numbers_may_be_written_to_any_file(here: Run, tmp_path: Path) -> None:
    assert here("graph", "good.exn", "--json", "-o", "net.json").returncode == 0
    assert json.loads((tmp_path / "net.json").read_text())["name"] == "t"
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "metrics.jsonl").write_text('{"epoch": 1, "loss": 2}\n')
    assert here("graph", "run", "--json", "-o", "run.json").returncode == 0
    assert json.loads((tmp_path / "run.json").read_text())["seeds"] == 1


def test_a_full_disk_is_a_message(exnet: Run) -> None:
    text = "exnet piped\ninput x[4] : real[2]\noutput y : class[2]\nroot tree(x)\n"
    done = exnet("graph", "-", "-o", "/dev/full", stdin=text)
    assert (done.returncode, "`/dev/full` cannot be written: no space left on device" in done.stderr) == (2, True)


def test_a_damaged_line_is_a_warning(here: Run, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "metrics.jsonl").write_text('{"epoch": 1, "loss": 2}\n{"epoch": 2, "lo\n')
    done = here("graph", "run")
    assert done.returncode == 0
    assert done.stdout.startswith("<svg ")
    assert "warning[EXN772] damaged-metrics" in done.stderr
    assert "metrics.jsonl:2:1" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("good.exn", "-o", "a.png"), 2, "`.png` is no form of a picture"),
        (("good.exn", "-o", "none/a.svg"), 2, "EXN775"),
        (("good.exn", "--unfold", "--max-nodes", "6"), 3, "EXN970"),
        (("good.exn", "--max-nodes", "6"), 2, "say `--unfold` too"),
        (("chain.exn", "--unfold", "--max-nodes", "2000", "--format", "svg"), 3, "EXN971"),
        (("", "-o", "a.svg"), 2, "EXN090"),
        (("bad.exn",), 1, "EXN1"),
        (("missing.exn",), 2, "does not exist"),
        (("empty",), 2, "EXN770"),
        (("begun",), 1, "EXN771"),
        (("begun", "--format", "dot"), 2, "its curves are drawn as SVG"),
        (("begun", "-o", "a.dot"), 2, "its curves are drawn as SVG"),
        (("begun", "-o", "a.png"), 2, "`.png` is no form of a picture"),
        (("begun", "--unfold"), 2, "its curves are drawn as SVG"),
        (("begun", "--set", "n=3"), 2, "its curves are drawn as SVG"),
    ],
)
def test_refusals(here: Run, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "begun").mkdir()
    (tmp_path / "begun" / "run.json").write_text("{}")
    (tmp_path / "chain.exn").write_text(GOOD.replace("tree(x)", "chain(x)[899]").replace("x[4]", "x[900]"))
    done = here("graph", *arguments)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_pipe_is_written_to_and_not_replaced(here: Run, tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", list[str]()
    os.mkfifo(pipe)
    reader = Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    assert here("graph", "good.exn", "-o", "pipe").returncode == 0
    reader.join(10)
    assert read[0].startswith("flowchart TD")
    assert pipe.is_fifo()
