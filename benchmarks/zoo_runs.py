"""One training run of the zoo: a spec or the plain net beside it, one method, one seed; what came out as a dict."""

import hashlib
import json
import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import torch
from torch import Tensor
from zoo_plain import count, plain_net

import exnet
from exnet import data
from exnet.compiler import Compiled, compile_spec, read_source
from exnet.data import Fitted, Generator, Part
from exnet.language import parse_file
from exnet.learn.batches import Batches, to_tensors
from exnet.learn.heads import Heads
from exnet.learn.loop import Run
from exnet.learn.observer import Observer, Progress
from exnet.learn.optimiser import make_optimiser, make_schedule
from exnet.learn.options import choose_rule
from exnet.passing.net import ExtractionNet
from exnet.passing.plain import assignment
from exnet.source import ExnetError
from exnet.spec import analyse
from exnet.spec.model import Mode, Spec
from exnet.spec.rule import LearningRule

ROOT = Path(__file__).parents[1]
RULES: dict[str, tuple[str, dict[str, Any]]] = {
    "stochastic": ("xprop", {}),
    "deterministic": ("xprop", {}),
    "star_level": ("xprop_star", {"group": "level", "steps": 5}),
    "star_whole": ("xprop_star", {"group": "whole", "steps": 5}),
    "backprop": ("backprop", {}),
}
"""Xprop in both modes, Xprop* (one level after the other, or the whole net with a common refresh), and backprop through
the same graph: the rule of each, and its own options. Turns of Xprop* have 5 steps; of the lengths tried on the tuning
part of digits, 5 steps did better than one pass."""
METHODS = (*RULES, "plain")
"""And a plain net of like size."""
ROWS = 500
"""Instances at a time when a net is scored."""
QUICK_STEPS = 6
"""Steps of a run with `--quick`."""


@dataclass(frozen=True)
class Entry:
    """A row of the table; see zoo.toml."""

    name: str
    spec: str
    data: str
    task: str
    plain: str = "mlp"
    folder: str | None = None

    @property
    def path(self) -> Path:
        """The file of the spec."""
        return ROOT / "specs" / f"{self.spec}.exn"


@dataclass(frozen=True)
class Job:
    """One run."""

    entry: Entry
    method: str
    seed: int
    quick: bool = False


def entries() -> list[Entry]:
    """All of them, in the order of the file."""
    read = tomllib.loads((ROOT / "benchmarks" / "zoo.toml").read_text())["entry"]
    return [Entry(**{"name": entry["spec"], **entry}) for entry in read]


def skipped(entry: Entry) -> bool:
    """Whether its files are not given."""
    return entry.folder is not None and not os.environ.get(entry.folder)


@lru_cache(maxsize=8)
def spec_of(entry: Entry) -> Spec:
    """What the file means."""
    source = read_source(entry.path)
    return analyse(parse_file(source).unwrap(), source).unwrap()


@lru_cache(maxsize=8)
def compiled(entry: Entry) -> Compiled:
    """Its graph and plan."""
    return compile_spec(spec_of(entry)).unwrap()


@lru_cache(maxsize=2)
def fitted(entry: Entry) -> Fitted:
    """The data, in the terms of the spec; the folder of the environment is added."""
    declared = data.parse(entry.data)
    if entry.folder is not None:
        declared = declared.model_copy(update={"folder": os.environ[entry.folder]})
    return data.fit(spec_of(entry), declared.load())


def methods(entry: Entry) -> list[str]:
    """Those that differ: where every vertex has one parent, both modes are the same and `deterministic` is left out."""
    incoming = compiled(entry).plan.arcs.incoming_ptr
    same = bool((incoming[1:] - incoming[:-1] <= 1).all())
    return [m for m in METHODS if not (same and m == "deterministic")]


def key(job: Job) -> str:
    """Of all that a result is a function of: the spec as it means, the data, method, seed, and the version of exnet."""
    entry, rule = job.entry, rule_of(job)
    spec = in_mode(spec_of(entry), job.method)
    about = [spec.text, entry.data, entry.plain if job.method == "plain" else "", job.method, job.seed]
    options = [spec.mode.model_dump(mode="json"), rule.kind, rule.model_dump(mode="json")]
    text = json.dumps([*about, *options, exnet.__version__])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def rule_of(job: Job) -> LearningRule:
    """The spec's own rule with its kind replaced: optimiser, schedule, batch and epochs stay."""
    own = spec_of(job.entry).learn
    if job.method == "plain":
        return own
    kind, options = RULES[job.method]
    return choose_rule(own, kind).model_copy(update=options)


def in_mode(spec: Spec, method: str) -> Spec:
    """The spec in the mode that the method names; a mode that is not the spec's own has its default options."""
    if method not in ("stochastic", "deterministic") or spec.mode.kind == method:
        return spec
    return replace(spec, mode=Mode(kind=method))


def run(job: Job) -> dict[str, Any]:
    """Trains and scores on the test part, once, at the end.

    A run whose numbers run away has `failed` instead of a score. Any other error is a result too, `error`, so that it
    ends this run and no other.
    """
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    fresh = {"entry": job.entry.name, "method": job.method, "seed": job.seed, "key": key(job)}
    fresh |= {"exnet": exnet.__version__, "torch": torch.__version__.split("+")[0]}
    try:
        train = train_plain if job.method == "plain" else train_net
        return fresh | train(job, fitted(job.entry))
    except ExnetError as error:
        what = "failed" if error.code == "EXN640" else "error"
        return fresh | {what: f"{error.code}: {error.diagnostics[0].message}"}
    except Exception as error:
        return fresh | {"error": f"{type(error).__name__}: {error}"}


def train_net(job: Job, found: Fitted) -> dict[str, Any]:
    """An extraction network."""
    made, rule = compiled(job.entry), rule_of(job)
    net = ExtractionNet(in_mode(made.spec, job.method), made.plan, seed=job.seed)
    watch = Stopwatch(QUICK_STEPS if job.quick else None)
    Run(net, found, rule, job.seed, watch, watch.enough).train()
    figures = score(net.predict, made.spec, found.test, job.quick)
    sizes = {"vertices": made.plan.vertices, "parameters": count(net), "used": used(net)}
    return {**figures, **sizes, **watch.figures(), "guess": guess(made.spec, found)}


def train_plain(job: Job, found: Fitted) -> dict[str, Any]:
    """The plain net beside it."""
    made, rule = compiled(job.entry), rule_of(job)
    wanted = used(ExtractionNet(made.spec, made.plan))
    net = plain_net(job.entry.plain, made.spec, wanted, job.seed)
    optimiser, heads = make_optimiser(net.parameters(), rule.optimiser), Heads(made.spec.outputs)
    batches = Batches(found, rule.batch, job.seed, torch.device("cpu"))
    steps = batches.steps * rule.epochs
    schedule = make_schedule(optimiser, rule, steps)
    watch = Stopwatch(QUICK_STEPS if job.quick else None)
    for batch in (batch for epoch in range(rule.epochs) for batch in batches.epoch(epoch)):
        optimiser.zero_grad()
        heads.loss(net(batch.x), batch.y).mean().backward()
        if rule.clip is not None:
            torch.nn.utils.clip_grad_norm_(net.parameters(), rule.clip)
        optimiser.step()
        schedule.step()
        watch.tick()
        if watch.enough():
            break
    figures = score(net, made.spec, found.test, job.quick)
    return {**figures, "parameters": count(net), "used": count(net), **watch.figures()}


class Stopwatch(Observer):
    """The processor time of every step, on one thread; the median leaves out what happens between epochs."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._began = perf_counter()
        self._times = [process_time()]

    def stepped(self, progress: Progress) -> None:  # noqa: ARG002 - only the moment counts
        """After every step of a `Run`."""
        self.tick()

    def tick(self) -> None:
        """After every step."""
        self._times.append(process_time())

    def enough(self) -> bool:
        """Whether a quick run is over."""
        return self._most is not None and len(self._times) > self._most

    def figures(self) -> dict[str, float]:
        """Steps, seconds in all, milliseconds of the median step."""
        steps = [b - a for a, b in zip(self._times, self._times[1:], strict=False)]
        seconds = perf_counter() - self._began
        return {"steps": len(steps), "seconds": round(seconds, 2), "step_ms": round(1000 * median(steps), 3)}


def score(predict: Callable[[dict[str, Tensor]], Tensor], spec: Spec, part: Part, quick: bool) -> dict[str, float]:
    """Of the test part: accuracy of a class, mean accuracy of labels, or R2 of numbers; and the mean loss."""
    whole, heads = to_tensors(part, torch.device("cpu")), Heads(spec.outputs)
    rows = whole.instances[:ROWS] if quick else whole.instances
    with torch.no_grad():
        pieces = [predict({name: values[r] for name, values in whole.x.items()}) for r in rows.split(ROWS)]
    result, y = torch.cat(pieces), {name: values[rows] for name, values in whole.y.items()}
    loss, right = float(heads.loss(result, y).double().mean()), heads.score(result, y)
    value = r2(result, next(iter(y.values()))) if right is None else float(right.double().mean())
    return {"score": value, "loss": loss}


def r2(result: Tensor, target: Tensor) -> float:
    """1 - squared error / squared deviation; the same in the target's own units and in standardised ones."""
    wanted = target.double().reshape(result.shape)
    return float(1.0 - (result.double() - wanted).square().sum() / (wanted - wanted.mean(0)).square().sum())


def guess(spec: Spec, found: Fitted) -> float:
    """The score of always saying what is most frequent in the training part; 0 for numbers, whose mean is said."""
    (output,) = spec.outputs
    seen = found.test if isinstance(found.train, Generator) else found.train
    wanted, known = (torch.as_tensor(part.targets[output.name]) for part in (found.test, seen))
    if output.type.kind == "class":
        return float((wanted == known.mode().values).double().mean())
    if output.type.kind == "labels":
        return float(((wanted > 0.5) == (known.double().mean(0) > 0.5)).double().mean())
    return 0.0


def used(net: ExtractionNet) -> int:
    """Parameters that a prediction uses: all primary propagators, and the trainer of the root."""
    plan = net.plan
    stack, _ = assignment(plan.trainers, plan.vertices)
    total = 0
    for number, own in enumerate(plan.stacks):
        size = sum(parameter.numel() for parameter in net.stacks[own.name].parameters())
        if own.component == "primary":
            total += size
        elif number == int(stack[plan.root]):
            total += size // len(own.classes)
    return total


def seconds_left(job: Job, result: dict[str, Any]) -> float:
    """What the whole run would take at the pace of a quick one's steps."""
    batches = Batches(fitted(job.entry), rule_of(job).batch, job.seed, torch.device("cpu"))
    return batches.steps * rule_of(job).epochs * result["step_ms"] / 1000
