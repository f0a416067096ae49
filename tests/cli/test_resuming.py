"""`exnet train --resume`, one writer for a folder, and what several seeds become."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from exnet.cli import training
from exnet.cli.app import run
from exnet.export import resume
from exnet.export.rules import CANNOT_WRITE
from exnet.source import ExnetError

SPEC = """exnet small
param d = 4
input x[16] : real[4]
output y : class[10]
space primary = d, complementary = d
root tree(x)
learn xprop(optimiser: adam(lr: 5e-3), batch: 480, epochs: 4)
"""
COMMAND = ["train", "small.exn", "--data", "digits", "--threads", "1", "--out"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("small.exn").write_text(SPEC)


def stopped(after: int, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit code of a command that is interrupted after so many steps; there are three in an epoch."""

    class Impatient(training.Stopper):
        left = after

        def __call__(self) -> bool:
            Impatient.left -= 1
            if Impatient.left == 0:
                self.caught = 2
            return self.caught is not None

    with monkeypatch.context() as patch:
        patch.setattr(training, "Stopper", Impatient)
        return run(arguments)


def same(a: str, b: str) -> bool:
    names = ("checkpoint.safetensors", "optimiser.safetensors")
    return all(Path(a, name).read_bytes() == Path(b, name).read_bytes() for name in names)


def test_a_run_goes_on_from_its_folder(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run([*COMMAND, "whole", "--set", "d=3", "--lr", "0.01"]) == 0
    assert stopped(5, [*COMMAND, "cut", "--set", "d=3", "--lr", "0.01"], monkeypatch) == 130
    assert "`exnet train cut --resume` goes on" in capsys.readouterr().err
    assert json.loads(Path("cut/run.json").read_text())["status"] == "stopped"
    assert run(["train", "cut", "--resume"]) == 0
    assert same("whole", "cut")
    assert json.loads(Path("cut/run.json").read_text())["status"] == "finished"
    assert sorted(p.name for p in Path("cut").iterdir()) == sorted(p.name for p in Path("whole").iterdir())


def test_the_command_may_be_given_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run([*COMMAND, "whole", "--rule", "xprop_star"]) == 0
    assert stopped(4, [*COMMAND, "cut", "--rule", "xprop_star"], monkeypatch) == 130
    assert run([*COMMAND, "cut", "--rule", "xprop_star", "--resume"]) == 0
    assert same("whole", "cut")


def test_several_seeds_go_on(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run([*COMMAND, "whole", "--seeds", "0,7,2", "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    assert stopped(14, [*COMMAND, "cut", "--seeds", "0,7,2"], monkeypatch) == 130  # in the second of twelve steps
    assert sorted(path.name for path in Path("cut").iterdir()) == ["run.json", "seed-0", "seed-7"]
    assert json.loads(Path("cut/run.json").read_text())["status"] == "stopped"
    capsys.readouterr()
    assert run(["train", "cut", "--resume", "--json"]) == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert "cut/seed-0: finished already" in printed.err
    for seed in (0, 7, 2):
        assert same(f"whole/seed-{seed}", f"cut/seed-{seed}")
    assert [r["test"] for r in found["runs"]] == [r["test"] for r in whole["runs"]]
    assert (found["test_loss"], found["test_accuracy"]) == (whole["test_loss"], whole["test_accuracy"])
    assert json.loads(Path("cut/run.json").read_text())["status"] == "finished"


def test_a_finished_run_is_left_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*COMMAND, "r", "--epochs", "1"]) == 0
    before = {path.name: path.read_bytes() for path in Path("r").iterdir()}
    first = capsys.readouterr().out
    assert run(["train", "r", "--resume"]) == 0
    printed = capsys.readouterr()
    assert "nothing is left to do" in printed.err
    assert printed.out == first
    assert {path.name: path.read_bytes() for path in Path("r").iterdir()} == before


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--epochs", "9"], "`--epochs 9` differs from the run, which was begun with 4"),
        (["--lr", "0.5"], "`--lr 0.5` differs from the run, which was begun with 0.005"),
        (["--batch", "7"], "`--batch 7`"),
        (["--rule", "backprop"], "`--rule backprop`"),
        (["--seed", "3"], "`--seeds 3`"),
        (["--seeds", "0,1"], "`--seeds 0,1`"),
        (["--data", "digits(pad: 1)"], "`--data digits(pad: 1)`"),
        (["--dtype", "float64"], "`--dtype float64`"),
        (["--validation", "0.1"], "`--validation 0.1`"),
        (["--patience", "3"], "`--patience 3`"),
        (["--balance"], "`--balance True`"),
        (["--compile"], "`--compile True`"),
        (["--no-capture"], "`--capture False`"),
        (["--threads", "2"], "`--threads 2`"),
        (["--set", "d=5"], "`--set d=5`"),
    ],
)
def test_other_options_are_refused(
    options: list[str], says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stopped(2, [*COMMAND, "r"], monkeypatch) == 130
    before = {path.name: path.read_bytes() for path in Path("r").iterdir()}
    capsys.readouterr()
    assert run(["train", "r", "--resume", *options]) == 2
    printed = capsys.readouterr()
    assert "EXN757" in printed.err
    assert says in printed.err
    assert {path.name: path.read_bytes() for path in Path("r").iterdir()} == before


def test_a_run_of_a_version_that_captured_nothing_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert stopped(2, [*COMMAND, "r"], monkeypatch) == 130
    record = json.loads(Path("r/run.json").read_text())
    assert record.pop("capture") is True
    Path("r/run.json").write_text(json.dumps(record))
    assert run(["train", "r", "--resume", "--capture"]) == 2
    assert run(["train", "r", "--resume"]) == 0
    assert json.loads(Path("r/run.json").read_text())["capture"] is False


def test_another_spec_is_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert stopped(2, [*COMMAND, "r"], monkeypatch) == 130
    Path("other.exn").write_text(SPEC.replace("tree(x)", "tree(x[0..8])"))
    assert run(["train", "other.exn", "--out", "r", "--resume"]) == 2
    assert "`other.exn` is not the spec that the run was begun with" in capsys.readouterr().err
    Path("same.exn").write_text("# a word\n" + SPEC.replace("\ninput", "\n\n\ninput"))
    assert run(["train", "same.exn", "--out", "r", "--resume"]) == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["train", "none", "--resume"], "there is no folder `none`"),
        (["train", "small.exn", "--resume"], "name it with `--out`"),
        (["train", ".", "--resume"], "EXN756"),
        (["train", "small.exn", "--out", "none", "--resume"], "EXN756"),
        (["train", "none", "--resume", "--overwrite"], "`--overwrite` and `--resume`"),
        (["train", "small.exn"], "there is no `--data`"),
    ],
)
def test_nothing_to_go_on_with(arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert says in capsys.readouterr().err
    assert sorted(path.name for path in Path().iterdir()) == ["small.exn"]


def test_records_that_do_not_say_how(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert stopped(2, [*COMMAND, "r"], monkeypatch) == 130
    whole = json.loads(Path("r/run.json").read_text())
    for spoilt in (
        {**whole, "rule": {"kind": "magic"}},
        {**whole, "rule": {**whole["rule"], "epochs": 0}},
        {**whole, "dtype": "int8"},
        {name: value for name, value in whole.items() if name != "threads"},
        {},
    ):
        Path("r/run.json").write_text(json.dumps(spoilt))
        assert run(["train", "r", "--resume"]) in (1, 2)
        assert "EXN758" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("exnet", None),
        ("data", 5),
        ("threads", "x"),
        ("threads", 0),
        ("threads", 10**30),
        ("set", [1, "b"]),
        ("seed", -1),
        ("seed", 1e400),
        ("seeds", [0, "x"]),
    ],
)
def test_records_of_other_types(
    name: str, value: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stopped(1, [*COMMAND, "r"], monkeypatch) == 130
    spoilt = {**json.loads(Path("r/run.json").read_text()), name: value}
    Path("r/run.json").write_text(json.dumps(spoilt))
    capsys.readouterr()
    assert run(["train", "r", "--resume"]) in (1, 2)
    assert "EXN758" in capsys.readouterr().err


def test_damaged_figures_of_a_finished_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*COMMAND, "r", "--epochs", "1"]) == 0
    whole = json.loads(Path("r/run.json").read_text())
    for name, value in (
        ("train", None),
        ("test", {"loss": 1}),
        ("test", {"loss": 1, "accuracy": "x"}),
        ("seconds", ""),
    ):
        Path("r/run.json").write_text(json.dumps({**whole, name: value}))
        capsys.readouterr()
        assert run(["train", "r", "--resume"]) in (1, 2)
        assert "EXN758" in capsys.readouterr().err
    Path("r/run.json").write_text("[" * 100_000)
    assert run(["train", "r", "--resume"]) == 2
    assert "EXN751" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b'{"epoch": 1, "step": "a", "seconds": 1}\n', "no epoch's"),
        (b'{"epoch": 1, "step": 3, "seconds": "x"}\n', "without its seconds"),
        (b'{"epoch": 1, "step": 3, "seconds": 1e999}\n', "without its seconds"),
        (bytes(range(128, 256)), "has 0 whole epochs, the checkpoint is of epoch 1"),
        (b"[" * 100_000, "has 0 whole epochs, the checkpoint is of epoch 1"),
    ],
)
def test_damaged_lines_of_metrics(
    line: bytes, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stopped(4, [*COMMAND, "r"], monkeypatch) == 130
    Path("r/metrics.jsonl").write_bytes(line)
    capsys.readouterr()
    assert run(["train", "r", "--resume"]) in (1, 2)
    printed = capsys.readouterr().err
    assert "EXN758" in printed
    assert said in printed


def test_a_run_that_was_killed_before_it_began_can_be_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*COMMAND, "r", "--epochs", "1"]) == 0
    for name in ("run.json", "metrics.jsonl", "checkpoint.safetensors", "optimiser.safetensors"):
        Path("r", name).unlink()
    Path("r/.plan.json.part").write_text("{")
    assert run([*COMMAND, "r", "--epochs", "1"]) == 2
    assert run([*COMMAND, "r", "--epochs", "1", "--overwrite"]) == 0
    Path("r/run.json").unlink()
    Path("r/notes.txt").write_text("mine")
    assert run([*COMMAND, "r", "--epochs", "1", "--overwrite"]) == 2
    assert "holds no run" in capsys.readouterr().err
    assert Path("r/notes.txt").read_text() == "mine"


def test_a_file_is_no_folder(capsys: pytest.CaptureFixture[str]) -> None:
    for more in ([], ["--overwrite"]):
        assert run([*COMMAND, "small.exn", *more]) == 2
        assert "`small.exn` is a file" in capsys.readouterr().err
    assert Path("small.exn").read_text() == SPEC


def test_a_run_on_a_full_disk_goes_on_when_there_is_room(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run([*COMMAND, "whole"]) == 0
    real = resume.write_tensors

    def full(path: Path, tensors: dict[str, object], about: dict[str, object]) -> None:
        if about["step"] == 6:
            raise ExnetError(CANNOT_WRITE.at(None, f"cannot write `{path}`: no space left on device"))
        real(path, tensors, about)  # type: ignore[arg-type]

    monkeypatch.setattr(resume, "write_tensors", full)
    assert run([*COMMAND, "cut"]) == 2
    assert "EXN750" in capsys.readouterr().err
    monkeypatch.setattr(resume, "write_tensors", real)
    assert run(["train", "cut", "--resume"]) == 0
    assert same("whole", "cut")


# One writer


def test_two_writers_are_refused(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert stopped(2, [*COMMAND, "r"], monkeypatch) == 130
    hold = (
        "import sys, pathlib; from exnet.export.lock import locked\n"
        "with locked(pathlib.Path('r')): print('held', flush=True); sys.stdin.read()"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        capsys.readouterr()
        for arguments in (["train", "r", "--resume"], [*COMMAND, "r", "--overwrite"], [*COMMAND, "r"]):
            assert run(arguments) == 2
            printed = capsys.readouterr().err
            assert "EXN755" in printed
            assert f"process {process.pid} on " in printed
        assert run(["eval", "r"]) == 0  # reading is free
        assert run(["predict", "r"]) == 0
        process.kill()
        process.wait()
    assert Path("r/.lock").is_file()
    assert run(["train", "r", "--resume"]) == 0  # what a killed process leaves holds nothing
    assert not Path("r/.lock").exists()


def test_a_lock_that_says_nothing_still_holds(capsys: pytest.CaptureFixture[str]) -> None:
    Path("r").mkdir()
    with Path("r/.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert run([*COMMAND, "r"]) == 2
        assert "another process" in capsys.readouterr().err
    assert run([*COMMAND, "r", "--epochs", "1"]) == 0


# Numbers that are not finite


WILD = SPEC.replace("xprop(optimiser: adam(lr: 5e-3), batch: 480, epochs: 4)", "xprop(optimiser: sgd(lr: 1e38))")


def test_a_seed_that_diverges_does_not_end_the_others(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = training.run_seed

    def wild(task, seed, **options):  # type: ignore[no-untyped-def]
        if seed == 1:
            optimiser = task.rule.optimiser.model_copy(update={"kind": "sgd", "lr": 1e38})
            object.__setattr__(task := _copy(task), "rule", task.rule.model_copy(update={"optimiser": optimiser}))
        return real(task, seed, **options)

    monkeypatch.setattr(training, "run_seed", wild)
    assert run([*COMMAND, "r", "--seeds", "0,1,2", "--json"]) == 1
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert "EXN640" in printed.err
    assert [r.get("error") for r in found["runs"]] == [None, "EXN640", None]
    assert found["runs"][2]["test"]["loss"] > 0
    assert found["test_loss"]["deviation"] is not None
    assert json.loads(Path("r/seed-1/run.json").read_text())["status"] == "failed"
    assert run(["train", "r", "--resume"]) == 1
    assert "failed: EXN640" in capsys.readouterr().out


def _copy(task):  # type: ignore[no-untyped-def]
    from dataclasses import replace

    return replace(task)


def test_a_failed_run_is_not_resumed(capsys: pytest.CaptureFixture[str]) -> None:
    Path("wild.exn").write_text(WILD)
    assert run(["train", "wild.exn", "--data", "digits", "--out", "r"]) == 1
    printed = capsys.readouterr()
    assert "wild.exn:6" in printed.err  # the root's line, with its text
    assert "root tree(x)" in printed.err
    assert "^" in printed.err
    assert "at step" in printed.err
    assert printed.out == ""
    assert run(["train", "r", "--resume"]) == 2
    assert "EXN759" in capsys.readouterr().err


def test_the_line_of_a_stored_plan_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from exnet.learn import loop

    assert stopped(2, [*COMMAND, "r"], monkeypatch) == 130
    real = loop.check_step

    def spoilt(net, x, report, step):  # type: ignore[no-untyped-def]
        report.primary[20] = float("nan")
        report.loss[:] = float("nan")
        real(net, x, report, step)

    monkeypatch.setattr(loop, "check_step", spoilt)
    capsys.readouterr()
    assert run(["train", "r", "--resume"]) == 1
    printed = capsys.readouterr().err
    assert "small.exn:6:6" in printed
    assert "tree(x)" in printed
    assert "at step 2" in printed
