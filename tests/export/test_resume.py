"""A run that was stopped anywhere and resumed equals one that never stopped, bit for bit."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import exnet
from exnet import data
from exnet.cli.app import run
from exnet.compiler import compile_spec
from exnet.data import Dataset, Part
from exnet.export.folder import METRICS
from exnet.learn.observer import Observer, Progress
from exnet.learn.options import choose_rule
from exnet.learn.settings import Settings
from exnet.source import ExnetError
from exnet.spec.rule import XpropStar
from exnet.training import Task, make_task, run_seed

torch.set_num_threads(1)

TEXT = """exnet dag
input x[4] : real[2]
output y : class[3]
space primary = 6, complementary = 5
net mix = mlp(hidden: [7], dropout: 0.2, norm: layer)
default vertex (primary: mix, complementary: mix)
let    h[0, i: 0..4] = x[i]
vertex h[l: 1..4, i: 0..4-l] = (h[l-1, i], h[l-1, i+1])
root h[3, 0]
mode MODE
learn xprop(optimiser: adam(lr: 1e-2), batch: 7, epochs: 4)
"""
RULES: dict[str, dict[str, Any]] = {
    "xprop": {},
    "backprop": {},
    "xprop_star": {},
}
FILES = ("checkpoint.safetensors", "optimiser.safetensors")


def toy(rows: int = 24) -> Dataset:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 8))
    part = Part({"x": x}, {"y": (x[:, 0] > 0).astype(np.int64) + (x[:, 5] > 0)})
    return Dataset("toy", part, part, {"y": 3})


def task(rule: str = "xprop", mode: str = "stochastic()", source: Dataset | None = None, **settings: Any) -> Task:
    compiled = compile_spec(exnet.parse(TEXT.replace("MODE", mode))).unwrap()
    options = choose_rule(compiled.spec.learn, rule)
    return make_task(compiled.spec, compiled.plan, source or toy(), options, Settings(**settings))


class After:
    """Stops after a step of the run, counted from its very beginning."""

    def __init__(self, step: int) -> None:
        self.left = step

    def __call__(self) -> bool:
        self.left -= 1
        return self.left == 0


def stopped_at(job: Task, folder: Path, *steps: int) -> None:
    """Runs until each of the steps in turn, and then to the end."""
    done = 0
    for number, step in enumerate(steps):
        result = run_seed(job, 3, folder=folder, stop=After(step - done), resume=number > 0).result
        assert not result.finished
        assert result.step == step
        done = step
    assert run_seed(job, 3, folder=folder, resume=bool(steps)).result.finished


def lines(folder: Path) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in (folder / METRICS).read_text().splitlines()]
    return [{name: value for name, value in line.items() if name != "seconds"} for line in found]


def ended(folder: Path) -> dict[str, Any]:
    about = json.loads((folder / "run.json").read_text())
    assert about.pop("seconds") >= 0
    assert about.pop("folder") == str(folder)
    return about


def assert_same(a: Path, b: Path, *more: str) -> None:
    for name in (*FILES, *more):
        assert (a / name).read_bytes() == (b / name).read_bytes(), name
    assert lines(a) == lines(b)
    assert ended(a) == ended(b)
    assert sorted(path.name for path in a.iterdir()) == sorted(path.name for path in b.iterdir())


@pytest.mark.parametrize("mode", ["stochastic()", "deterministic()"])
@pytest.mark.parametrize("rule", RULES)
def test_stopped_anywhere_is_never_stopped(tmp_path: Path, rule: str, mode: str) -> None:
    job = task(rule, mode)
    stopped_at(job, tmp_path / "whole")
    for at in ((4,), (1, 6, 15)):  # four steps in an epoch: at its end; in the middle, several times
        folder = tmp_path / "-".join(map(str, at))
        stopped_at(job, folder, *at)
        assert_same(tmp_path / "whole", folder)


@pytest.mark.parametrize("group", ["level", "single", "whole"])
def test_xprop_star_goes_on_in_the_middle_of_a_turn(tmp_path: Path, group: str) -> None:
    job = task("xprop_star")
    for number, options in enumerate(({"refresh": "hard"}, {"refresh": "average", "order": "random"})):
        chosen = {"group": group, "steps": 3, **(options if group != "whole" else {"refresh": options["refresh"]})}
        here = replace(job, rule=XpropStar.model_validate({**job.rule.model_dump(), **chosen}))
        stopped_at(here, tmp_path / f"whole{number}")
        stopped_at(here, tmp_path / f"cut{number}", 2, 5, 9)
        assert_same(tmp_path / f"whole{number}", tmp_path / f"cut{number}")


def test_generated_data_go_on(tmp_path: Path) -> None:
    text = "exnet t input x[5] : index[4] output y : class[4] root tree(x) learn xprop(batch: 6, epochs: 3)"
    compiled = compile_spec(exnet.parse(text)).unwrap()
    source = data.load("recall(length: 5, steps: 3, test: 20)")
    job = make_task(compiled.spec, compiled.plan, source, compiled.spec.learn, Settings(dtype="bfloat16"))
    stopped_at(job, tmp_path / "a")
    stopped_at(job, tmp_path / "b", 2, 4)
    assert_same(tmp_path / "a", tmp_path / "b")


def test_augmented_images_go_on(tmp_path: Path) -> None:
    text = "exnet t input x[2, 2] : patch[4, 4] output y : class[10] root tree(flatten(x)) learn xprop(epochs: 1)"
    compiled = compile_spec(exnet.parse(text)).unwrap()
    source = data.load("digits(shift: 1, flip: true)")
    job = make_task(compiled.spec, compiled.plan, source, compiled.spec.learn, Settings())
    stopped_at(job, tmp_path / "a")
    stopped_at(job, tmp_path / "b", 2, 11)
    assert_same(tmp_path / "a", tmp_path / "b")


def test_early_stopping_goes_on(tmp_path: Path) -> None:
    job = task(validation=0.25, patience=2)
    job = replace(job, rule=choose_rule(job.rule, epochs=60))
    stopped_at(job, tmp_path / "whole")
    best = ended(tmp_path / "whole")["best_epoch"]
    steps = -(-len(job.fitted.train) // 7)  # type: ignore[arg-type]
    assert ended(tmp_path / "whole")["epoch"] == best + 2
    for number, at in enumerate(((best * steps,), (best * steps + 1,), (1, best * steps + 2, best * steps + steps))):
        stopped_at(job, tmp_path / str(number), *at)
        assert_same(tmp_path / "whole", tmp_path / str(number), "best.safetensors")


def test_best_parameters_are_those_of_the_run(tmp_path: Path) -> None:
    job = task(validation=0.25, patience=2)
    job = replace(job, rule=choose_rule(job.rule, epochs=60))
    trained = run_seed(job, 3, folder=tmp_path)
    assert trained.result.best is not None
    losses = [line["validation_loss"] for line in lines(tmp_path)]
    assert losses.index(min(losses)) + 1 == trained.result.best < len(losses)
    x = torch.randn(5, 4, 2)
    assert torch.equal(exnet.load(tmp_path).eval()(x), trained.net.eval()(x))
    short = replace(job, rule=choose_rule(job.rule, epochs=60), settings=replace(job.settings, patience=None))
    again = run_seed(short, 3, stop=After(trained.result.best * 3))
    assert torch.equal(again.net.eval()(x), trained.net(x))


class Killer(Observer):
    """Fails like a kill: nothing that comes after the step is done."""

    def __init__(self, step: int) -> None:
        self.step = step

    def stepped(self, progress: Progress) -> None:
        if progress.step == self.step:
            raise KeyboardInterrupt


@pytest.mark.parametrize("step", [1, 4, 6, 15])
def test_the_last_epoch_is_kept_by_a_sudden_end(tmp_path: Path, step: int) -> None:
    job = task("xprop_star")
    stopped_at(job, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run_seed(job, 3, folder=tmp_path / "cut", observer=Killer(step))
    assert run_seed(job, 3, folder=tmp_path / "cut", resume=True).result.finished
    assert_same(tmp_path / "whole", tmp_path / "cut")


@pytest.mark.parametrize("call", range(1, 9))
def test_an_end_in_the_middle_of_a_save(tmp_path: Path, call: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Saving renames files; the process ends before the one with number `call` of the second save and the third."""
    job = task(validation=0.25, patience=3)
    stopped_at(job, tmp_path / "whole")
    real, count = Path.replace, 0

    def ends(self: Path, target: Path) -> Path:
        nonlocal count
        if "cut" in str(self) and any(word in self.name for word in ("checkpoint", "optimiser", "best")):
            count += 1
            if count == 7 + call:
                raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", ends)
    with pytest.raises(KeyboardInterrupt):
        run_seed(job, 3, folder=tmp_path / "cut")
    monkeypatch.undo()
    assert run_seed(job, 3, folder=tmp_path / "cut", resume=True).result.finished
    assert_same(tmp_path / "whole", tmp_path / "cut", "best.safetensors")


# Damage


def spoil_metrics(folder: Path) -> None:
    kept = (folder / METRICS).read_text().splitlines()
    (folder / METRICS).write_text(kept[1] + "\n")


def other_optimiser(folder: Path) -> None:
    run_seed(task("xprop_star"), 3, folder=folder / "other", stop=After(6))
    (folder / "optimiser.safetensors").write_bytes((folder / "other/optimiser.safetensors").read_bytes())


def cut_optimiser(folder: Path) -> None:
    whole = (folder / "optimiser.safetensors").read_bytes()
    (folder / "optimiser.safetensors").write_bytes(whole[:-1])


def flip_bit(folder: Path) -> None:
    whole = bytearray((folder / "checkpoint.safetensors").read_bytes())
    whole[-3] ^= 4
    (folder / "checkpoint.safetensors").write_bytes(bytes(whole))


@pytest.mark.parametrize(
    ("damage", "code", "says"),
    [
        (spoil_metrics, "EXN758", "metrics.jsonl"),
        (lambda folder: (folder / METRICS).unlink(), "EXN758", "metrics.jsonl"),
        (lambda folder: (folder / "optimiser.safetensors").unlink(), "EXN758", "is missing"),
        (lambda folder: (folder / "best.safetensors").unlink(), "EXN758", "best.safetensors"),
        (other_optimiser, "EXN758", "were not written together"),
        (cut_optimiser, "EXN752", "optimiser.safetensors"),
        (flip_bit, "EXN752", "checkpoint.safetensors"),
    ],
)
def test_damaged_runs_are_refused(tmp_path: Path, damage: Callable[[Path], Any], code: str, says: str) -> None:
    job = task(validation=0.25, patience=3)
    run_seed(job, 3, folder=tmp_path, stop=After(7))
    damage(tmp_path)
    with pytest.raises(ExnetError) as caught:
        run_seed(job, 3, folder=tmp_path, resume=True)
    assert caught.value.code == code
    assert says in str(caught.value)


def test_a_state_of_another_rule_is_refused(tmp_path: Path) -> None:
    run_seed(task("xprop_star"), 3, folder=tmp_path, stop=After(6))
    with pytest.raises(ExnetError) as caught:
        run_seed(task("backprop"), 3, folder=tmp_path, resume=True)
    assert caught.value.code == "EXN758"


def test_kill_nine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "s.exn").write_text(
        "exnet s input x[16] : real[4] output y : class[10] space primary = 4, complementary = 4 root tree(x)\n"
        "learn xprop(batch: 128, epochs: 6)"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "exnet", "train", "s.exn", "--data", "digits", "--threads", "1", "--out"]
    with subprocess.Popen(
        [*command, "cut"], cwd=tmp_path, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stderr is not None
        while "epoch 3/" not in (line := process.stderr.readline()):
            assert line, "ended too early"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert (tmp_path / "cut/.lock").is_file()
    monkeypatch.chdir(tmp_path)
    assert run(["train", "cut", "--resume"]) == 0
    assert run([*command[3:], "whole"]) == 0
    for name in FILES:
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert lines(tmp_path / "cut") == lines(tmp_path / "whole")
    assert not (tmp_path / "cut/.lock").exists()
