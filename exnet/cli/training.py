"""What `exnet train` does once torch is loaded: compile, fit the data, run each seed, write folders, sum up."""

import json
import re
import signal
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import torch
from torch.optim import Optimizer

from exnet import __version__, data
from exnet.cli.common import Exit, log, out, read_source, unwrap
from exnet.cli.progress import Line, figures, percent
from exnet.cli.train import Order
from exnet.compiler import Compiled, compile_source
from exnet.data import Fitted
from exnet.export.checkpoint import Moment, save_checkpoint, save_optimiser
from exnet.export.folder import CHECKPOINT, METRICS, OPTIMISER, RUN, append_line, free_name, prepare, write_json
from exnet.export.loading import plan_hash
from exnet.learn.loop import Observer, Progress, Result, Run
from exnet.learn.options import choose_rule, describe
from exnet.passing.net import ExtractionNet
from exnet.plan import save_plan
from exnet.source import ExnetError
from exnet.spec.canonical import canonical_text
from exnet.spec.rule import LearningRule

SIGNALS = {signal.SIGINT: Exit.INTERRUPT, signal.SIGTERM: 143}
"""Signals that stop a run after its step, with a checkpoint, and the exit code of each."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One order, compiled and with its data."""

    order: Order
    compiled: Compiled
    rule: LearningRule
    fitted: Fitted
    data: str
    folder: Path


@dataclass(eq=False)
class Stopper:
    """Remembers the signal that asked to stop; a second one ends the process at once."""

    caught: int | None = None

    def __call__(self) -> bool:
        """Whether to stop."""
        return self.caught is not None

    def catch(self, number: int, _: object) -> None:
        """The handler."""
        if self.caught is not None:
            raise KeyboardInterrupt
        self.caught = number


def carry_out(order: Order) -> int:
    """Trains as ordered; the exit code."""
    job = prepare_job(order)
    if order.threads:
        torch.set_num_threads(order.threads)
    torch.use_deterministic_algorithms(True)
    results = list[tuple[int, Path, Result]]()
    with stopping() as stopper:
        for seed in order.seeds:
            folder = job.folder if len(order.seeds) == 1 else job.folder / f"seed-{seed}"
            results.append((seed, folder, train_seed(job, seed, folder, stopper)))
            if stopper():
                break
    summary = sum_up(job, results)
    if len(order.seeds) > 1:
        write_json(job.folder / RUN, summary)
    out(json.dumps(summary) + "\n" if order.json else table(job, summary))
    return int(SIGNALS[signal.Signals(stopper.caught)]) if stopper.caught is not None else Exit.OK


def prepare_job(order: Order) -> Job:
    """Compiles the spec, fits the data, makes the folder: everything that can be refused before training."""
    declared = data.parse(order.data)
    compiled = unwrap(compile_source(read_source(order.spec), order.overrides))
    rule = choose_rule(compiled.spec.learn, order.rule, epochs=order.epochs, batch=order.batch, lr=order.lr)
    fitted = data.fit(compiled.spec, declared.load(), dtype=order.dtype)
    named = re.sub(r"[^\w.]+", "-", f"{compiled.spec.name}-{declared.text}-{rule.kind}").strip("-")
    folder = order.out or free_name(Path("runs") / named)
    prepare(folder, order.overwrite)
    return Job(order, compiled, rule, fitted, declared.text, folder)


@contextmanager
def stopping() -> Generator[Stopper, None, None]:
    """Catches the signals that stop a run."""
    stopper = Stopper()
    before = {number: signal.signal(number, stopper.catch) for number in SIGNALS}
    try:
        yield stopper
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def train_seed(job: Job, seed: int, folder: Path, stopper: Stopper) -> Result:
    """One run in its own folder."""
    dtype = getattr(torch, job.order.dtype)
    net = ExtractionNet(job.compiled.spec, job.compiled.plan, seed=seed, dtype=dtype)
    observer = FolderObserver(job, seed, folder)
    run = Run(net, job.fitted, job.rule, seed, observer, stopper)
    try:
        result = run.train()
    except ExnetError as error:
        observer.close("failed", {"error": error.code, "message": error.diagnostics[0].message})
        raise
    observer.close("finished" if result.finished else "stopped", seed_result(seed, folder, result))
    say_end(job, seed, folder, result)
    return result


class FolderObserver(Observer):
    """Writes the folder of a run while it goes on, and draws its progress."""

    def __init__(self, job: Job, seed: int, folder: Path) -> None:
        self._job, self._folder = job, folder
        self._line = Line(f"{job.rule.kind} seed {seed}")
        self._steps = 0
        folder.mkdir(parents=True, exist_ok=True)
        save_plan(folder, job.compiled.spec, job.compiled.plan)
        versions = {"exnet": __version__, "torch": torch.__version__}
        scales = {name: (scale.mean, scale.deviation) for name, scale in job.fitted.scales.items()}
        text, plan = canonical_text(job.compiled.spec), plan_hash(folder)
        self._moment = Moment(text, plan, job.rule.kind, seed, 0, 0, job.data, scales, versions)
        self._about = {
            "exnet": versions["exnet"],
            "torch": versions["torch"],
            "spec": job.compiled.spec.name,
            "data": job.data,
            "rule": {"kind": job.rule.kind, **job.rule.model_dump(mode="json")},
            "seed": seed,
            "dtype": job.order.dtype,
            "threads": torch.get_num_threads(),
            "set": job.order.overrides,
        }
        write_json(folder / RUN, {**self._about, "status": "running"})

    def stepped(self, progress: Progress) -> None:
        """Redraws the live line."""
        p, self._steps = progress, progress.steps
        self._line.stepped(p.step, p.steps, p.epoch, p.epochs, figures(p.loss, p.accuracy), p.seconds)

    def epoch_ended(self, record: Mapping[str, Any], net: ExtractionNet, optimiser: Optimizer) -> None:
        """Saves, and adds a line of metrics."""
        if record["epoch"]:
            append_line(self._folder / METRICS, record)
            self._line.epoch_ended(record, self._steps, self._job.rule.epochs)
        self._save(record, net, optimiser)

    def stopped(self, record: Mapping[str, Any], net: ExtractionNet, optimiser: Optimizer) -> None:
        """Saves; the figures of the unfinished epoch are kept and marked."""
        append_line(self._folder / METRICS, {**record, "unfinished": True})
        self._save(record, net, optimiser)

    def close(self, status: str, more: Mapping[str, Any]) -> None:
        """Notes how the run ended."""
        self._line.close()
        write_json(self._folder / RUN, {**self._about, "status": status, **more})

    def _save(self, record: Mapping[str, Any], net: ExtractionNet, optimiser: Optimizer) -> None:
        moment = replace(self._moment, step=record["step"], epoch=record["epoch"])
        save_optimiser(self._folder / OPTIMISER, net, optimiser, moment)
        save_checkpoint(self._folder / CHECKPOINT, net, moment)


def say_end(job: Job, seed: int, folder: Path, result: Result) -> None:
    """One line about a run that has ended."""
    name = f"{job.rule.kind} seed {seed}"
    if result.test is None:
        log(f"{name}  stopped after step {result.step}; the checkpoint is in {folder}\n")
    else:
        log(f"{name}  done: test {figures(result.test.loss, result.test.accuracy).replace('root ', '')}\n")


def seed_result(seed: int, folder: Path, result: Result) -> dict[str, Any]:
    """The figures of one run."""
    train = {name: result.train.get(name) for name in ("loss", "accuracy")}
    return {
        "seed": seed,
        "folder": str(folder),
        "finished": result.finished,
        "epoch": result.epoch,
        "step": result.step,
        "train": train,
        "test": None if result.test is None else asdict(result.test),
        "seconds": round(result.seconds, 2),
    }


def sum_up(job: Job, results: Sequence[tuple[int, Path, Result]]) -> dict[str, Any]:
    """The figures of all seeds, with mean and standard deviation (of a sample: over n - 1)."""
    runs = [seed_result(*entry) for entry in results]
    summary: dict[str, Any] = {
        "exnet": __version__,
        "torch": torch.__version__,
        "spec": job.compiled.spec.name,
        "data": job.data,
        "rule": {"kind": job.rule.kind, **job.rule.model_dump(mode="json")},
        "vertices": job.compiled.plan.vertices,
        "runs": runs,
    }
    for name in ("accuracy", "loss"):
        values = [run["test"][name] for run in runs if run["test"] and run["test"][name] is not None]
        spread = stdev(values) if len(values) > 1 else None
        summary[f"test_{name}"] = {"mean": mean(values), "deviation": spread} if values else None
    return summary


def table(job: Job, summary: Mapping[str, Any]) -> str:
    """The figures as people read them."""
    lines = [f"{summary['spec']} on {summary['data']}: {describe(job.rule)}"]
    rows: list[tuple[str, ...]] = [("seed", "train loss", "train acc", "test loss", "test acc", "seconds", "folder")]
    for run in summary["runs"]:
        test = run["test"] or {"loss": None, "accuracy": None}
        cells = (run["train"]["loss"], run["train"]["accuracy"], test["loss"], test["accuracy"])
        rows.append((str(run["seed"]), *_cells(*cells), f"{run['seconds']:.1f}", run["folder"]))
    loss, accuracy = summary["test_loss"], summary["test_accuracy"]
    if len(summary["runs"]) > 1 and loss:
        for name in ("mean", "deviation"):
            cells = _cells(None, None, loss[name], accuracy[name] if accuracy else None)
            rows.append((name, "", "", *cells[2:], "", ""))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    aligned = ([cell.rjust(w) for cell, w in zip(row[:-1], widths[:-1], strict=True)] + [row[-1]] for row in rows)
    return "\n".join([*lines, *("  ".join(row).rstrip() for row in aligned)]) + "\n"


def _cells(*pairs: float | None) -> tuple[str, ...]:
    """Losses and accuracies in turn."""
    return tuple("-" if value is None else percent(value) if i % 2 else f"{value:.4f}" for i, value in enumerate(pairs))
