"""What `exnet train` does once torch is loaded: everything that can be refused, each seed, the figures of all."""

import json
import re
import signal
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import torch

from exnet import data
from exnet.cli.common import Exit, log, out, read_source, report, unwrap
from exnet.cli.live import LineObserver
from exnet.cli.progress import figures
from exnet.cli.resuming import begun, finished_figures, folder_of, task_of
from exnet.cli.summary import sum_up, table
from exnet.cli.train import Order
from exnet.compiler import compile_source
from exnet.export.folder import BOARD, CHECKPOINT, RUN, claimed, free_folder, write_json
from exnet.export.lock import locked
from exnet.learn.doubts import run_doubts
from exnet.learn.observer import Observer, Observers
from exnet.learn.options import choose_rule
from exnet.learn.parallel import parallel_of
from exnet.learn.settings import Settings
from exnet.monitor.board import Board, check_tensorboard
from exnet.monitor.rules import NOT_FINITE
from exnet.passing.blocks import LENGTH, Blocks
from exnet.plan.memory import within
from exnet.ranks.peers import Peers
from exnet.source import ExnetError
from exnet.spec.rule import Xprop
from exnet.training import Task, Trained, make_task, run_seed, seed_figures

T = TypeVar("T")
SIGNALS = {signal.SIGINT: Exit.INTERRUPT, signal.SIGTERM: 143}
"""Signals that stop a run after its step, with a checkpoint, and the exit code of each."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """One order, compiled and with its data."""

    task: Task
    seeds: tuple[int, ...]
    folder: Path | None
    resume: bool
    tensorboard: bool

    def folder_of(self, seed: int) -> Path | None:
        """The folder of one run; None where another process keeps it."""
        return self.folder if self.folder is None or len(self.seeds) == 1 else self.folder / f"seed-{seed}"

    def told(self, make: Callable[[], T]) -> T:
        """What the process that leads makes, told to all."""
        parallel = self.task.parallel
        return make() if parallel is None else parallel.peers.told(make)

    def largest(self, number: int) -> int:
        """The largest number that a process gives."""
        parallel = self.task.parallel
        return number if parallel is None else parallel.peers.agree(None, number)


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


def carry_out(order: Order, peers: Peers | None = None) -> int:
    """Trains as ordered, with the other processes if there are any; the exit code."""
    if order.tensorboard:
        check_tensorboard()
    if order.resume:
        return _go_on(order, peers)
    if order.threads:
        torch.set_num_threads(order.threads)
    task = _task(order, peers)
    seeds = order.seeds or (0,)
    if peers is not None and not peers.leads:
        return _train(Job(task, seeds, None, False, order.tensorboard), order.json)
    named = re.sub(r"[^\w.]+", "-", f"{task.spec.name}-{task.data}-{task.rule.kind}").strip("-")
    folder = order.out or free_folder(Path("runs") / named)
    with claimed(folder, order.overwrite):
        return _train(Job(task, seeds, folder, False, order.tensorboard), order.json)


def _go_on(order: Order, peers: Peers | None) -> int:
    """A run that was begun goes on; what is done already is only told."""
    folder = folder_of(order)
    with locked(folder) if peers is None or peers.leads else nullcontext():
        run = begun(folder)
        torch.set_num_threads(run.threads)
        task = task_of(run, order, peers)
        own = folder if peers is None or peers.leads else None
        return _train(Job(task, run.seeds, own, True, order.tensorboard), order.json)


def _task(order: Order, peers: Peers | None) -> Task:
    """Compiles the spec and fits the data: everything that can be refused before a folder is made."""
    assert order.data is not None, "the verb asks for it"
    declared = data.parse(order.data)
    settings = Settings(
        order.dtype or "float32", order.device or "cpu", order.validation or 0.0, order.patience, bool(order.balance),
        bool(order.compile),
        order.capture is not False,
    )  # fmt: skip
    compiled = unwrap(compile_source(read_source(order.spec), order.overrides))
    rule = choose_rule(
        compiled.spec.learn, order.rule, epochs=order.epochs, batch=order.batch, lr=order.lr, memory=order.memory
    )
    if isinstance(rule, Xprop) and rule.memory is not None:
        within(compiled.spec, compiled.plan, rule)
    task = make_task(compiled.spec, compiled.plan, declared.load(), rule, settings, order.overrides)
    report(run_doubts(task.plan, task.rule, task.fitted))
    if peers is None:
        return task
    parallel = parallel_of(peers, order.parallel or "auto", task.plan, rule)
    why = f": {parallel.reason}" if parallel.reason else ""
    log(f"{peers.size} processes, {parallel.kind}-parallel{why}\n")
    return replace(task, parallel=parallel)


def _train(job: Job, as_json: bool) -> int:
    """All seeds, and what came out."""
    many = job.folder if len(job.seeds) > 1 else None
    about = {**job.task.about, "seeds": list(job.seeds)}
    if many is not None:
        write_json(many / RUN, {**about, "status": "running"})
    runs = list[dict[str, Any]]()
    with stopping() as stopper:
        for seed in job.seeds:
            runs.append(_seed(job, seed, stopper))
            stopper.caught = job.largest(stopper.caught or 0) or None
            if stopper():
                break
    summary = sum_up(job.task, runs)
    if many is not None:
        status = "stopped" if len(runs) < len(job.seeds) or not all(map(_ended, runs)) else "finished"
        write_json(many / RUN, {**about, **summary, "status": status})
    out(json.dumps(summary) + "\n" if as_json else table(job.task, summary))
    if stopper.caught is not None:
        return int(SIGNALS[signal.Signals(stopper.caught)])
    return Exit.FINDINGS if any(run.get("error") for run in runs) else Exit.OK


def _ended(run: Mapping[str, Any]) -> bool:
    return bool(run["finished"] or run.get("error"))


def _seed(job: Job, seed: int, stopper: Stopper) -> dict[str, Any]:
    """The figures of one run; one of several that diverges is told, and does not end the others."""
    folder = job.folder_of(seed)
    done, resume = job.told(lambda: (_done(job, folder), _begun(job, folder)))
    if done is not None:
        return done
    try:
        trained = run_seed(
            job.task,
            seed,
            folder=folder,
            observer=_observer(job, seed, folder),
            stop=stopper,
            resume=resume,
        )
    except ExnetError as error:
        if len(job.seeds) == 1 or error.code != NOT_FINITE.code:
            raise
        report(error.diagnostics)
        return {"seed": seed, "folder": str(folder), "finished": False, "error": error.code, "test": None}
    if folder is not None:
        say_end(trained, folder)
        say_compiled(trained.blocks)
    return seed_figures(seed, folder or Path(), trained.result, trained.blocks)


def _done(job: Job, folder: Path | None) -> dict[str, Any] | None:
    """The figures of a run that is over already."""
    if folder is None or not job.resume or not (folder / RUN).is_file():
        return None
    return finished_figures(folder)


def _begun(job: Job, folder: Path | None) -> bool:
    """Whether there is a state to go on from."""
    return folder is not None and job.resume and (folder / CHECKPOINT).is_file()


def _observer(job: Job, seed: int, folder: Path | None) -> Observer | None:
    if folder is None:
        return None
    line = LineObserver(f"{job.task.rule.kind} seed {seed}")
    return Observers(line, Board(folder / BOARD)) if job.tensorboard else line


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


def say_compiled(blocks: Blocks | None) -> None:
    """What `--compile` came to."""
    if blocks is None:
        return
    if blocks.doubt is not None:
        report((blocks.doubt,))
    elif blocks.made:
        log(f"compiled blocks of {LENGTH} steps: {blocks.made}, in {blocks.seconds:.1f} s, and kept in torch's cache\n")
    else:
        log(f"`--compile` changed nothing: there is no chain of {LENGTH} steps that it applies to\n")


def say_end(trained: Trained, folder: Path) -> None:
    """One line about a run that has ended."""
    name, result = f"{trained.task.rule.kind} seed {trained.seed}", trained.result
    if result.test is None:
        way_on = f"`exnet train {folder} --resume` goes on"
        log(f"{name}  stopped after step {result.step}; the checkpoint is in {folder}; {way_on}\n")
    else:
        best = "" if result.best is None else f" (epoch {result.best}, the best of {result.epoch})"
        log(f"{name}  done: test {figures(result.test.loss, result.test.accuracy).replace('root ', '')}{best}\n")
