"""What every verb does alike: help, misspelt words, exit codes, streams, and what is not loaded."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from exnet.cli.app import VERBS, make_app
from exnet.cli.app import run as run_here
from exnet.cli.codes import all_rules
from exnet.cli.common import COMMAND_LINE, Exit, code_of, settings
from exnet.source import Rule

Run = Callable[..., "subprocess.CompletedProcess[str]"]
HEAVY = ("torch", "torch_geometric", "networkx", "sklearn", "rich")


def test_version(exnet: Run) -> None:
    assert exnet("--version").stdout.startswith("exnet ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lnt"], ["error: `exnet` has no verb `lnt`", "help: did you mean `lint`?"]),
        (["qqqq"], ["error: `exnet` has no verb `qqqq`", "help: `exnet --help` shows what there is"]),
        (
            ["lint", "--formt", "json"],
            ["error: `exnet lint` has no option `--formt`", "help: did you mean `--format`?"],
        ),
        (["fmt", "--che", "a"], ["error: `exnet fmt` has no option `--che`", "help: did you mean `--check`?"]),
        (["fmt"], ["error: `exnet fmt` needs `PATH`", "help: `exnet fmt --help` shows what there is"]),
        (
            ["explain", "a", "b"],
            ["error: `exnet explain` takes no such argument: `b`", "help: `exnet explain --help` "],
        ),
        (
            ["convert", "a", "--to", "yml"],
            ["error: `--to` is one of `exn`, `yaml`, not `yml`", "help: did you mean `yaml`?"],
        ),
        (["info", "a", "--batch", "x"], ["error: `--batch` wants a whole number", "help: `exnet info --help` "]),
        (["info", "a", "--batch", "0"], ["error: `--batch` wants at least 1", "help: `exnet info --help` "]),
        (["info", "a", "--set"], ["error: `--set` needs a value", "help: "]),
        (["info", "a", "--json=3"], ["error: option `--json` does not take a value", "help: "]),
    ],
    ids=lambda value: " ".join(value),
)
def test_misspelt_words(capsys: pytest.CaptureFixture[str], arguments: list[str], said: list[str]) -> None:
    assert run_here(arguments) == Exit.USAGE
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 2
    assert all(line.startswith(start) for line, start in zip(err.splitlines(), said, strict=True)), err


def test_without_a_verb_there_is_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here([]) == Exit.USAGE
    out, err = capsys.readouterr()
    assert (out, "\n  lint " in err) == ("", True)


def test_helps_are_of_one_kind(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run_here(["--help"]) == 0
    lines = capsys.readouterr().out.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in lines] == list(VERBS)
    for line in lines:
        verb, about = line.split(maxsplit=1)
        assert re.fullmatch(r"[A-Z][a-z]+ .*[^.]\.", about), f"{verb}: {about}"
        assert "`" not in about
        assert run_here([verb, "--help"]) == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert about in shown
        assert f" Example: exnet {verb}" in shown


def test_json_wherever_data_come_out() -> None:
    commands = vars(typer.main.get_command(make_app()))["commands"]
    with_json = {verb for verb in VERBS if any("--json" in parameter.opts for parameter in commands[verb].params)}
    assert set(VERBS) - with_json == {"fmt", "convert", "schema"}  # what these write is a text of its own


@pytest.mark.parametrize("verb", ["lint", "fmt", "convert", "info", "graph"])
def test_an_empty_path_is_no_folder(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here([verb, ""]) == Exit.USAGE
    assert "an empty text is no path" in "".join(capsys.readouterr())


@pytest.mark.parametrize("arguments", [["lint", "good.exn"], ["fmt", "--check", "good.exn"], ["explain", "EXN104"]])
def test_front_end_loads_nothing_heavy(exnet: Run, arguments: list[str], tmp_path: Path) -> None:
    exnet()
    check = (
        "import sys\nfrom exnet.cli.app import run\n"
        f"code = run({arguments!r})\n"
        f"print('loaded', [m for m in {HEAVY!r} if m in sys.modules], code, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", check], cwd=tmp_path, capture_output=True, text=True)
    assert done.stderr.endswith("loaded [] 0\n"), done.stderr


def test_internal_errors_are_one_line_to_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("so it goes")

    monkeypatch.setattr("exnet.cli.explain.all_rules", broken)
    monkeypatch.delenv("EXNET_DEBUG", raising=False)
    assert run_here(["explain"]) == Exit.INTERNAL
    text = capsys.readouterr().err
    assert "internal error: ZeroDivisionError at test_app.py:" in text
    assert "Traceback" not in text
    monkeypatch.setenv("EXNET_DEBUG", "1")
    assert run_here(["explain"]) == Exit.INTERNAL
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["graph", "eval"])
def test_a_name_that_no_file_can_have_is_a_message(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here([verb, "x" * 300]) == Exit.USAGE
    assert capsys.readouterr().err == f"error: `{'x' * 80}..` cannot be used: file name too long\n"


def test_a_full_disk_behind_standard_output_is_a_message(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "exnet", "explain", "EXN104"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.stderr == "error: standard output cannot be written: no space left on device\n"
    assert done.returncode == Exit.USAGE


def test_a_closed_pipe_is_silent(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(1); from exnet.cli.app import main; main()", "explain"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == Exit.PIPE
    process.stderr.close()


def test_ctrl_c_ends_with_130(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "exnet", "lint", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a job in the background ignores it
    ) as process:
        waits_for_input(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == Exit.INTERRUPT
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


def waits_for_input(pid: int) -> None:
    """Until a process has read all its modules and sleeps in a read of standard input."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if "pipe" in Path(f"/proc/{pid}/wchan").read_text():
            return
        time.sleep(0.05)
    time.sleep(5)  # the kernel does not say; then wait long enough


def test_output_survives_a_terminal_without_unicode(tmp_path: Path) -> None:
    (tmp_path / "a.exn").write_text("exnet t\nroot größe\n")
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "exnet", "lint", "a.exn"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True)
    assert done.returncode == 1
    assert b"U+00F6" in done.stdout


def test_settings() -> None:
    assert settings(["n=16", "causal=true", "k=-1_000", "n=8"]) == {"n": 8, "causal": True, "k": -1000}
    assert settings(None) == {}


def test_errors_of_the_command_line_have_rules() -> None:
    assert {rule.name for rule in all_rules()} >= COMMAND_LINE


def test_codes_of_diagnostics() -> None:
    def rule(code: str, name: str = "some-name") -> Rule:
        return Rule(code, name, "s")

    assert code_of([]) == Exit.OK
    assert code_of([rule("EXN104").at(None, "m")]) == Exit.FINDINGS
    assert code_of([rule("EXN104").at(None, "m"), rule("EXN940").at(None, "m")]) == Exit.LIMIT
    assert code_of([rule("EXN090", "unreadable-file").at(None, "m")]) == Exit.USAGE
