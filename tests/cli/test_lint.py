"""`exnet lint`: what it reports, in which form, with which exit code."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import BAD, GOOD

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def test_good_and_bad(exnet: Run) -> None:
    done = exnet("lint", "good.exn")
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 file checked: nothing to say" in done.stderr
    done = exnet("lint", "bad.exn")
    assert done.returncode == 1
    assert "error[EXN104] unknown-name" in done.stdout
    assert "--> bad.exn:6:11" in done.stdout
    assert "1 error" in done.stderr


def test_folders_and_several_paths(exnet: Run, tmp_path: Path) -> None:
    (tmp_path / "sub/deep").mkdir(parents=True)
    (tmp_path / "sub/deep/b.exn").write_text(BAD)
    (tmp_path / "sub/a.exn").write_text(BAD)
    (tmp_path / "sub/.venv").mkdir()
    (tmp_path / "sub/.venv/c.exn").write_text(BAD)
    done = exnet("lint", "good.exn", "sub", "sub/a.exn", "--format", "concise")
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["sub/a.exn", "sub/deep/b.exn"]


def test_standard_input(exnet: Run) -> None:
    done = exnet("lint", "-", "--format", "concise", stdin=BAD)
    assert done.returncode == 1
    assert done.stdout.startswith("<stdin>:6:11: error[EXN104] unknown-name")
    assert exnet("lint", "-", stdin=GOOD).returncode == 0


def test_doubts_are_findings(exnet: Run) -> None:
    text = GOOD.replace("root", "vertex h[i: 0..4] = (x[i])\nroot").replace("tree(x)", "tree(h[0..2])")
    done = exnet("lint", "-", "--format", "concise", stdin=text)
    assert done.returncode == 1
    assert "warning[EXN5" in done.stdout


def test_set(exnet: Run) -> None:
    text = GOOD.replace("input", "param n = 4\ninput").replace("x[4]", "x[n]")
    assert exnet("lint", "-", "--set", "n=8", stdin=text).returncode == 0
    assert exnet("lint", "-", "--set", "n=0", stdin=text).returncode == 1
    done = exnet("lint", "-", "--set", "m=8", "--format", "concise", stdin=text)
    assert (done.returncode, "unknown-parameter" in done.stdout) == (1, True)
    done = exnet("lint", "-", "--set", "n=eight", stdin=text)
    assert (done.returncode, "NAME=VALUE" in done.stderr) == (2, True)


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_forms_for_programs(exnet: Run, form: str) -> None:
    for name, count in (("good.exn", 0), ("bad.exn", 1)):
        done = exnet("lint", name, "--format", form)
        document = json.loads(done.stdout)
        found = document["diagnostics"] if form == "json" else document["runs"][0]["results"]
        assert len(found) == count
        assert done.returncode == count
        assert done.stderr == ""


def test_github(exnet: Run) -> None:
    assert exnet("lint", "bad.exn", "--format", "github").stdout.startswith("::error file=bad.exn,line=6,col=11,")


def test_syntax_errors_have_a_rule_in_sarif(exnet: Run) -> None:
    run = json.loads(exnet("lint", "-", "--format", "sarif", stdin="exnet t\nroot (").stdout)["runs"][0]
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "EXN005"


def test_limits_exit_with_3(exnet: Run) -> None:
    assert exnet("lint", "-", stdin=GOOD.replace("x[4]", "x[10**12]")).returncode in (1, 3)
    assert exnet("lint", "-", stdin=GOOD + "(" * 100).returncode == 3
    huge = GOOD.replace("root tree(x)", "vertex h[i: 0..10**6, j: 0..10**6] = (x[0], x[1])\nroot h[0, 0]")
    assert exnet("lint", "-", stdin=huge).returncode == 3


def test_what_cannot_be_read_exits_with_2(exnet: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for arguments in (["lint", "none.exn"], ["lint", "empty"], ["lint"], ["lint", "good.exn", "--format", "xml"]):
        done = exnet(*arguments)
        assert done.returncode == 2, arguments
        assert "Traceback" not in done.stderr
