import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from exnet.cli.app import run

SPEC = """exnet small
param d = 8
input x[16] : real[4]
output y : class[10]
space primary = d, complementary = d
root tree(x)
learn xprop(optimiser: adam(lr: 5e-3), epochs: 2)
"""
FILES = [
    "checkpoint.safetensors",
    "metrics.jsonl",
    "optimiser.safetensors",
    "plan.json",
    "plan.safetensors",
    "run.json",
    "spec.exn",
]


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.exn").write_text(SPEC)
    return "small.exn"


def train(*arguments: str) -> int:
    threads = [] if "--threads" in arguments else ["--threads", "1"]
    return run(["train", "small.exn", "--data", "digits", *threads, *arguments])


def test_a_run_leaves_its_folder(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert train() == 0
    folder = Path("runs/small-digits-xprop")
    assert sorted(path.name for path in folder.iterdir()) == FILES
    about = json.loads((folder / "run.json").read_text())
    assert (about["status"], about["seed"], about["data"], about["epoch"]) == ("finished", 0, "digits", 2)
    assert about["rule"]["optimiser"]["lr"] == 5e-3
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2]
    assert [level["level"] for level in lines[0]["levels"]] == [0, 1, 2, 3, 4]
    printed = capsys.readouterr()
    assert printed.out.startswith("small on digits: xprop, adam 0.005, cosine, batch 64, 2 epochs\n")
    assert "runs/small-digits-xprop" in printed.out
    assert "epoch 2/2  loss" in printed.err
    assert "\r" not in printed.err
    assert train() == 0
    assert Path("runs/small-digits-xprop-2/run.json").is_file()


def test_several_seeds_and_json(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert train("--seeds", "0,3", "--epochs", "1", "--out", "r", "--json", "--rule", "backprop") == 0
    summary = json.loads(capsys.readouterr().out)
    kept = json.loads(Path("r/run.json").read_text())
    assert summary == {name: kept[name] for name in summary}
    assert (kept["status"], kept["seeds"], kept["device"]) == ("finished", [0, 3], "cpu")
    assert [(r["seed"], r["folder"], r["finished"]) for r in summary["runs"]] == [
        (0, "r/seed-0", True),
        (3, "r/seed-3", True),
    ]
    accuracies = [r["test"]["accuracy"] for r in summary["runs"]]
    assert summary["test_accuracy"]["mean"] == pytest.approx(sum(accuracies) / 2)
    assert summary["test_accuracy"]["deviation"] == pytest.approx(abs(accuracies[0] - accuracies[1]) / 2**0.5)
    assert summary["rule"]["kind"] == "backprop"
    assert summary["vertices"] == 15
    for seed in (0, 3):
        assert sorted(path.name for path in Path(f"r/seed-{seed}").iterdir()) == FILES


def test_eval_agrees_with_the_end_of_training(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert train("--seeds", "1,2", "--epochs", "1", "--out", "r", "--json", "--dtype", "float64") == 0
    trained = json.loads(capsys.readouterr().out)["runs"]
    for arguments in (["--data", "digits"], []):
        assert run(["eval", "r", "--json", *arguments]) == 0
        found = json.loads(capsys.readouterr().out)["runs"]
        assert [f["accuracy"] for f in found] == [t["test"]["accuracy"] for t in trained]
        assert [f["loss"] for f in found] == [t["test"]["loss"] for t in trained]
    assert run(["eval", "r/seed-2"]) == 0
    assert capsys.readouterr().out.startswith("r/seed-2: loss ")


def test_same_seed_same_bytes(spec: str) -> None:
    assert train("--out", "a", "--seed", "5") == 0
    assert train("--out", "b", "--seed", "5") == 0
    assert train("--out", "c", "--seed", "6") == 0
    for name in ("checkpoint.safetensors", "optimiser.safetensors"):
        assert Path("a", name).read_bytes() == Path("b", name).read_bytes()
        assert Path("a", name).read_bytes() != Path("c", name).read_bytes()


def test_options_reach_the_run(spec: str) -> None:
    options = [
        "--epochs",
        "1",
        "--batch",
        "200",
        "--lr",
        "0.001",
        "--set",
        "d=6",
        "--dtype",
        "float64",
        "--threads",
        "1",
    ]
    assert train(*options, "--out", "r") == 0
    about = json.loads(Path("r/run.json").read_text())
    assert (about["rule"]["batch"], about["rule"]["epochs"], about["rule"]["optimiser"]["lr"]) == (200, 1, 0.001)
    assert (about["set"], about["dtype"], about["threads"], about["step"]) == ({"d": 6}, "float64", 1, 8)
    assert "d = 6" in Path("r/spec.exn").read_text()


def test_a_run_is_not_replaced_by_accident(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert train("--out", "r", "--epochs", "1") == 0
    before = Path("r/checkpoint.safetensors").read_bytes()
    assert train("--out", "r", "--seed", "1") == 2
    assert "EXN754" in capsys.readouterr().err
    assert Path("r/checkpoint.safetensors").read_bytes() == before
    assert train("--out", "r", "--seed", "1", "--epochs", "1", "--overwrite") == 0
    assert Path("r/checkpoint.safetensors").read_bytes() != before


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--data", "digit"], 2, "did you mean `digits`?"),
        (["--data", "mnist:none"], 2, "EXN602"),
        (["--data", "recall(length: 16)"], 1, "EXN604"),
        (["--rule", "backprob"], 2, "did you mean `backprop`?"),
        (["--epochs", "0"], 2, "--epochs 0"),
        (["--lr", "-1"], 2, "--lr -1"),
        (["--seeds", "1,x"], 2, "--seeds 1,x"),
        (["--seeds", "1,1"], 2, "twice"),
        (["--seeds", "1", "--seed", "2"], 2, "both"),
        (["--seed", "-4"], 2, "seed -4"),
        (["--set", "d"], 2, "NAME=VALUE"),
        (["--set", "e=3"], 1, "e"),
        (["--dtype", "int8"], 2, "float32"),
        (["--threads", "0"], 2, "threads"),
    ],
)
def test_mistakes_of_the_command_line(
    spec: str, arguments: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["train", spec, *([] if "--data" in arguments else ["--data", "digits"]), *arguments]) == code
    printed = capsys.readouterr()
    assert says in printed.err
    assert printed.out == ""
    assert not Path("runs").exists()


def test_mistakes_of_the_spec(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.exn").write_text(SPEC.replace("tree(x)", "tree(z)"))
    assert run(["train", "bad.exn", "--data", "digits"]) == 1
    assert "EXN104" in capsys.readouterr().err
    assert run(["train", "none.exn", "--data", "digits"]) == 2
    assert run(["eval", "none"]) == 2
    assert "EXN751" in capsys.readouterr().err


def test_divergence_ends_the_run_and_keeps_the_last_good_checkpoint(
    spec: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("wild.exn").write_text(SPEC.replace("adam(lr: 5e-3)", "sgd(lr: 1e38)"))
    assert run(["train", "wild.exn", "--data", "digits", "--out", "r"]) == 1
    assert "EXN640" in capsys.readouterr().err
    about = json.loads(Path("r/run.json").read_text())
    assert (about["status"], about["error"]) == ("failed", "EXN640")
    assert run(["eval", "r"]) == 0


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_leaves_a_usable_checkpoint(
    spec: str, number: int, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [
        sys.executable,
        "-m",
        "exnet",
        "train",
        spec,
        "--data",
        "digits",
        "--epochs",
        "100000",
        "--out",
        "r",
        "--threads",
        "1",
    ]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        assert process.stderr is not None
        while "epoch 1/" not in (line := process.stderr.readline()):
            assert line, "ended too early"
        process.send_signal(number)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == code
    assert "stopped after step" in errors
    assert "Traceback" not in errors
    about = json.loads(Path("r/run.json").read_text())
    assert about["status"] == "stopped"
    assert run(["eval", "r", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["runs"][0]
    assert found["step"] == about["step"] > 0
    assert json.loads(Path("r/metrics.jsonl").read_text().splitlines()[-1])["unfinished"]


def test_import_of_the_verbs_loads_no_torch() -> None:
    check = "import sys, exnet.cli.train, exnet.cli.eval; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_start_is_not_slow_for_help() -> None:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "exnet", "train", "--help"], capture_output=True, check=True)
    assert time.perf_counter() - start < 3.0
