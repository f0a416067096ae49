"""A whole training run on one page: a compiled spec, a data set and options become a net that has learned.

`exnet.train` and the verb `exnet train` both end in `run_seed`.
"""

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from exnet import __version__, data
from exnet.compiler import compile_any
from exnet.data import Dataset, Fitted, Part
from exnet.data.given import of, to_array
from exnet.export.atomic import write_atomically
from exnet.export.checkpoint import Moment, save_checkpoint
from exnet.export.folder import CHECKPOINT, PLAN, RUN, SPEC, claimed, make_folder, write_json
from exnet.export.loading import plan_hash
from exnet.export.recorder import Recorder
from exnet.export.resume import read_state
from exnet.export.rules import DAMAGED_RUN
from exnet.learn.loop import Result, Run
from exnet.learn.observer import Observer, Observers
from exnet.learn.options import choose_rule
from exnet.learn.parallel import Parallel
from exnet.learn.predict import Answer, By, answers
from exnet.learn.rules import NO_DEVICE
from exnet.learn.settings import Settings, check_seed
from exnet.learn.state import State
from exnet.learn.team import Team
from exnet.monitor.rules import NOT_FINITE
from exnet.passing.blocks import Blocks, fusing
from exnet.passing.net import ExtractionNet
from exnet.plan import save_plan
from exnet.plan.model import Plan
from exnet.source import ExnetError
from exnet.spec.builder import Builder
from exnet.spec.canonical import canonical_text
from exnet.spec.model import Spec
from exnet.spec.rule import LearningRule
from exnet.spec.wording import check_given


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """All that a run is a function of, except its seed.

    Attributes:
        spec, plan: of the net.
        rule: how it learns.
        fitted: the data, in the terms of the spec.
        data: canonical name of the data.
        settings: with a device that is there.
        overrides: values of params, as `--set` gave them.
        stored: a folder that holds the plan already, if it comes from there.
        parallel: how several processes carry it; None for one.
    """

    spec: Spec
    plan: Plan
    rule: LearningRule
    fitted: Fitted
    data: str
    settings: Settings
    overrides: Mapping[str, int | bool] = field(default_factory=dict)
    stored: Path | None = None
    parallel: Parallel | None = None

    def store(self, folder: Path) -> None:
        """Writes spec and plan into a folder, which is made if need be."""
        make_folder(folder)
        if self.stored is None:
            save_plan(folder, self.spec, self.plan)
            return
        for name in (SPEC, *PLAN):
            write_atomically(folder / name, (self.stored / name).read_bytes())

    @property
    def about(self) -> dict[str, Any]:
        """What run.json says about it, and what a resumed run must agree with."""
        settings = self.settings
        return {
            "exnet": __version__,
            "torch": torch.__version__,
            "spec": self.spec.name,
            "data": self.data,
            "rule": described(self.rule),
            "dtype": settings.dtype,
            "device": settings.device,
            "threads": torch.get_num_threads(),
            "set": dict(self.overrides),
            "validation": settings.validation,
            "patience": settings.patience,
            "balance": settings.balance,
            "compile": settings.compile,
            "capture": settings.capture,
            **({} if self.parallel is None else self.parallel.about),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A net that has learned.

    Attributes:
        net: with the parameters of the best epoch where there was early stopping, else of the last.
        result: how the run ended, with the figures of the test part.
        seed: of the run.
        task: what it learned.
        folder: of the run, if it was kept.
        blocks: of chains that were compiled, if it was asked for.
    """

    net: ExtractionNet
    result: Result
    seed: int
    task: Task
    folder: Path | None
    blocks: Blocks | None = None

    def predict(self, x: object, *, by: By = "root") -> dict[str, Answer]:
        """Predictions by output, with the names and in the units of the data.

        Args:
            x: the array of the one input, or arrays by name; raw, as the data set has them.
            by: the root, or the mean of all vertices.

        Raises:
            ExnetError: EXN604 where arrays do not fit the inputs, EXN650 where they are none.
        """
        fitted = self.task.fitted
        given = x if isinstance(x, Mapping) else {self.task.spec.inputs[0].name: x}
        raw = Part({str(name): to_array(values, str(name)) for name, values in given.items()}, {})
        laid = data.fit_inputs(self.task.spec, raw, "the instances", fitted.scales, self.task.settings.numbers)
        return answers(self.net, laid, fitted.scales, fitted.codes, by)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Writes the net to an empty folder, for `exnet.load`, `exnet eval` and `exnet predict`.

        Raises:
            ExnetError: EXN750 or EXN754.
        """
        home = Path(folder)
        with claimed(home, overwrite=False):
            self.task.store(home)
            at = replace(moment(self.task, self.seed, home), step=self.result.step, epoch=self.result.epoch)
            save_checkpoint(home / CHECKPOINT, self.net, at)
            status = "finished" if self.result.finished else "stopped"
            figures = seed_figures(self.seed, home, self.result, self.blocks)
            write_json(home / RUN, {**self.task.about, "seed": self.seed, "status": status, **figures})


def train(
    spec: "str | os.PathLike[str] | Mapping[str, Any] | Spec | Builder",
    data: object,
    *,
    test: object = None,
    seed: int = 0,
    rule: str | None = None,
    epochs: int | None = None,
    batch: int | None = None,
    lr: float | None = None,
    memory: int | None = None,
    overrides: Mapping[str, int | bool] | None = None,
    validation: float = 0.0,
    patience: int | None = None,
    balance: bool = False,
    compile: bool = False,
    capture: bool = True,
    out: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    device: str = "cpu",
    dtype: str = "float32",
    observer: Observer | None = None,
) -> Trained:
    """As `exnet.train`, which says what the arguments are."""
    seed = check_seed(seed)
    check_given(out, str | os.PathLike | None, "path", "the folder that the run is written to")
    check_given(observer, Observer | None, "observer", "an `exnet.learn.observer.Observer`")
    settings = Settings(dtype, device, validation, patience, balance, compile, capture)
    compiled = compile_any(spec, overrides).unwrap()
    options = choose_rule(compiled.spec.learn, rule, epochs=epochs, batch=batch, lr=lr, memory=memory)
    dataset = of(data, test=test, targets=_targets(compiled.spec, data))
    task = make_task(compiled.spec, compiled.plan, dataset, options, settings, overrides)
    if out is None:
        return run_seed(task, seed, observer=observer)
    with claimed(Path(out), overwrite):
        return run_seed(task, seed, folder=Path(out), observer=observer)


def _targets(spec: Spec, value: object) -> tuple[str, ...]:
    """The arrays of a mapping that have the names of outputs, if all outputs are there."""
    names = tuple(output.name for output in spec.outputs)
    return names if isinstance(value, Mapping) and all(name in value for name in names) else ()


def make_task(
    spec: Spec,
    plan: Plan,
    dataset: Dataset,
    rule: LearningRule,
    settings: Settings,
    overrides: Mapping[str, int | bool] | None = None,
    stored: Path | None = None,
) -> Task:
    """A task, its data laid onto the spec.

    Raises:
        ExnetError: EXN604 and EXN605 where data do not fit, EXN630 where there is no such device.
    """
    settings = replace(settings, device=device_of(settings.device))
    fitted = data.fit(spec, dataset, dtype=settings.numbers, validation=settings.validation)
    return Task(spec, plan, rule, fitted, dataset.name, settings, overrides or {}, stored)


def device_of(name: str) -> str:
    """`cpu` or `cuda`.

    Raises:
        ExnetError: EXN630.
    """
    there = torch.cuda.is_available()
    if name == "auto":
        return "cuda" if there else "cpu"
    if name == "cuda" and not there:
        message = "`--device cuda`: torch sees no GPU on this machine"
        raise ExnetError(NO_DEVICE.at(None, message, help="write `--device cpu` or `--device auto`"))
    return name


def run_seed(
    task: Task,
    seed: int,
    *,
    folder: Path | None = None,
    observer: Observer | None = None,
    stop: Callable[[], bool] = bool,
    resume: bool = False,
) -> Trained:
    """One run.

    Args:
        task: what is learned.
        seed: of all that is random.
        folder: where it is kept; this process holds its lock. None keeps nothing, and of several processes the one
            that leads keeps the run.
        observer: is told of every step and epoch.
        stop: asked after every step.
        resume: goes on from the state in `folder`; with several processes, from that of the one that leads.

    Raises:
        ExnetError: EXN640 for numbers that are not finite, EXN752 to EXN758 for a state that cannot be read.
    """
    device = torch.device(task.settings.device)
    team = team_of(task, seed, device)
    if folder is not None and not resume:
        task.store(folder)
    start = read_state(folder, team.whole) if folder is not None and resume else State()
    start = team.spread(start) if resume else start
    recorder = None if folder is None else _recorder(task, seed, folder)
    observers = Observers(*(o for o in (recorder, observer) if o is not None))
    run = _run(task, team, seed, observers, stop, start)
    blocks = Blocks() if task.settings.compile else None
    try:
        with deterministic(device), fusing(blocks):
            result = run.train()
    except ExnetError as error:
        if recorder is not None and error.code == NOT_FINITE.code:  # after a full disk, say, a run can go on
            recorder.end("failed", {"error": error.code, "message": error.diagnostics[0].message})
        raise
    finally:
        observers.close()
    if recorder is not None and folder is not None:
        recorder.end("finished" if result.finished else "stopped", seed_figures(seed, folder, result, blocks))
    return Trained(team.whole, result, seed, task, folder, blocks)


def team_of(task: Task, seed: int, device: torch.device) -> Team:
    """The net of a run, and the processes that carry it."""
    kind = getattr(torch, task.settings.dtype)
    if task.parallel is not None:
        return task.parallel.team(task.spec, task.plan, seed, kind, device)
    return Team(ExtractionNet(task.spec, task.plan, seed=seed, dtype=kind).to(device))


@contextmanager
def deterministic(device: torch.device) -> Generator[None, None, None]:
    """Within it, torch computes the same bits every time."""
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # torch asks for it; read when cuBLAS starts
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)


def moment(task: Task, seed: int, folder: Path) -> Moment:
    """The start of a run whose plan is in `folder`."""
    return Moment(
        spec=canonical_text(task.spec),
        plan=plan_hash(folder),
        rule=task.rule.kind,
        seed=seed,
        step=0,
        epoch=0,
        data=task.data,
        scales={name: (scale.mean, scale.deviation) for name, scale in task.fitted.scales.items()},
        versions={"exnet": __version__, "torch": torch.__version__},
        dtype=task.settings.dtype,
        codes=task.fitted.codes.to_json(),
        test=task.fitted.test.fingerprint,
    )


def described(rule: LearningRule) -> dict[str, Any]:
    """A rule as run.json has it."""
    return {"kind": rule.kind, **rule.model_dump(mode="json")}


def seed_figures(seed: int, folder: Path, result: Result, blocks: Blocks | None = None) -> dict[str, Any]:
    """The figures of one run."""
    compiled = {} if blocks is None else {"compiled": blocks.figures}
    record = result.train
    validation = {name: record[f"validation_{name}"] for name in ("loss", "accuracy") if f"validation_{name}" in record}
    return {
        "seed": seed,
        "folder": str(folder),
        "finished": result.finished,
        "epoch": result.epoch,
        "step": result.step,
        "train": {name: record.get(name) for name in ("loss", "accuracy")},
        "validated": validation or None,
        "best_epoch": result.best,
        "test": None if result.test is None else result.test.brief,
        "seconds": round(result.seconds, 2),
        **compiled,
    }


def _run(task: Task, team: Team, seed: int, observer: Observer, stop: Callable[[], bool], start: State) -> Run:
    settings = task.settings
    how = (settings.balance, settings.patience, start, team, settings.capture)
    try:
        return Run(team.net, task.fitted, task.rule, seed, observer, stop, *how)
    except ValueError as error:
        message = f"the state of the run does not fit it: {error}"
        raise ExnetError(DAMAGED_RUN.at(None, message, help="begin the run again")) from error


def _recorder(task: Task, seed: int, folder: Path) -> Recorder:
    return Recorder(folder, moment(task, seed, folder), {**task.about, "seed": seed})
