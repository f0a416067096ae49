"""`exnet train --resume`: what a run was begun with, and whether the command line agrees."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from exnet import __version__, data
from exnet.cli.common import log, read_source, unwrap, usage
from exnet.cli.train import Order
from exnet.compiler import compile_source
from exnet.export.folder import CHECKPOINT, RUN, read_json
from exnet.export.rules import DAMAGED_RUN, NOTHING_TO_RESUME, RESUME_DIFFERS, RUN_FAILED
from exnet.learn.options import RULES, choose_rule
from exnet.learn.parallel import KINDS, parallel_of
from exnet.learn.settings import Settings, check_seed
from exnet.plan import load_plan
from exnet.ranks.peers import Peers
from exnet.source import ExnetError
from exnet.spec.model import Spec
from exnet.spec.rule import LearningRule
from exnet.training import Task, described, device_of, make_task

REASON = "leave the option out, or begin another run: what comes out would not be the run that was begun"
TYPES = {"exnet": str, "data": str, "set": dict, "threads": int, "status": str}
"""What else must be in run.json."""
EARLIER = {"capture": False}
"""What held for runs of versions that did not say it."""
MOST_THREADS = 2**16
PAIR = ("loss", "accuracy")
SETTINGS = tuple(field.name for field in fields(Settings))


@dataclass(frozen=True, slots=True)
class Begun:
    """A run in its folder, as its run.json tells of it."""

    folder: Path
    record: Mapping[str, Any]
    rule: LearningRule
    settings: Settings
    seeds: tuple[int, ...]

    @property
    def threads(self) -> int:
        """Threads of torch: with another number sums may end in other bits."""
        return int(self.record["threads"])

    @property
    def plan_folder(self) -> Path:
        """Where its plan is.

        Raises:
            ExnetError: EXN756 if no checkpoint was written yet.
        """
        places = [self.folder] if len(self.seeds) == 1 else [self.folder / f"seed-{seed}" for seed in self.seeds]
        for place in places:
            if (place / CHECKPOINT).is_file():
                return place
        raise _nothing(f"`{self.folder}` holds no checkpoint yet")


def folder_of(order: Order) -> Path:
    """The folder of the run: `--out`, or the argument itself.

    Raises:
        ExnetError: EXN756 if it holds no run.
    """
    if order.out is None and order.spec.endswith((".exn", ".yaml", ".yml", "-")):
        usage("`--resume` needs the folder of a run", "write `exnet train RUN --resume`, or name it with `--out`")
    folder = order.out or Path(order.spec)
    if not (folder / RUN).is_file():
        raise _nothing(f"`{folder}` holds no run" if folder.is_dir() else f"there is no folder `{folder}`")
    return folder


def begun(folder: Path) -> Begun:
    """The run in a folder.

    Raises:
        ExnetError: EXN758 if its run.json does not say how it was begun.
    """
    record: dict[str, Any] = {**EARLIER, **read_json(folder / RUN)}
    try:
        kind, values = record["rule"]["kind"], {k: v for k, v in record["rule"].items() if k != "kind"}
        rule = RULES[kind].model_validate_json(json.dumps(values))
        settings = Settings(**{name: record[name] for name in SETTINGS if name != "compile" or name in record})
        seeds = tuple(check_seed(seed) for seed in record.get("seeds") or (record["seed"],))
        typed = all(isinstance(record[name], kind) for name, kind in TYPES.items())
        typed &= record.get("parallel", "data") in KINDS and type(record.get("ranks", 1)) is int
    except (KeyError, TypeError, ValueError, AttributeError, ExnetError) as error:
        raise _unclear(folder) from error
    if not typed or not 0 < record["threads"] <= MOST_THREADS:
        raise _unclear(folder)
    return Begun(folder, record, rule, settings, seeds)


def finished_figures(folder: Path) -> dict[str, Any] | None:
    """The figures of one seed whose run is over, as its run.json has them; None if it is not.

    Raises:
        ExnetError: EXN751 if run.json cannot be read, EXN758 if it does not hold them.
    """
    found = read_json(folder / RUN)
    status, seed = found.get("status"), found.get("seed")
    if status not in ("finished", "failed"):
        return None
    log(f"{folder}: {status} already, nothing is left to do\n")
    if status == "failed":
        return {"seed": seed, "folder": str(folder), "finished": False, "error": found.get("error"), "test": None}
    if not all(_pair(found.get(part)) for part in ("train", "test")) or not _number(found.get("seconds")):
        raise _unclear(folder)
    names = ("seed", "finished", "epoch", "step", "train", "validated", "best_epoch", "test", "seconds")
    compiled = {"compiled": found["compiled"]} if "compiled" in found else {}
    return {**{name: found.get(name) for name in names}, **compiled, "folder": str(folder)}


def _pair(value: object) -> bool:
    """Whether it holds a loss and an accuracy, or says that there is none."""
    return isinstance(value, dict) and all(value.get(k, "") is None or _number(value.get(k)) for k in PAIR)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def task_of(run: Begun, order: Order, peers: Peers | None = None) -> Task:
    """What a run learns, and by which processes.

    Raises:
        ExnetError: EXN756, EXN757 or EXN759, if there is nothing to go on with or the order says otherwise.
    """
    if run.record["status"] == "failed":
        message = f"the run in `{run.folder}` ended with {run.record.get('error')}: {run.record.get('message')}"
        raise ExnetError(RUN_FAILED.at(None, message, help="begin it again with other options"))
    stored = run.plan_folder
    spec, plan = load_plan(stored)
    found = [*_differences(order, run), *_other_spec(order, run, spec), *_other_ranks(order, run, peers)]
    if found:
        raise ExnetError(RESUME_DIFFERS.at(None, found[0], help=REASON, notes=tuple(found[1:])))
    if run.record["exnet"] != __version__:
        log(f"note: the run was begun with exnet {run.record['exnet']}, this is {__version__}: bits may differ\n")
    task = make_task(spec, plan, data.load(run.record["data"]), run.rule, run.settings, run.record["set"], stored)
    if peers is None:
        return task
    return replace(task, parallel=parallel_of(peers, run.record["parallel"], plan, run.rule))


def _other_ranks(order: Order, run: Begun, peers: Peers | None) -> Iterator[str]:
    """Sums over another number of processes would end in other bits."""
    begun_with, there = run.record.get("ranks", 1), 1 if peers is None else peers.size
    if there != begun_with:
        one = "process" if there == 1 else "processes"
        yield f"there {'is' if there == 1 else 'are'} {there} {one}, and the run was begun with {begun_with}"
    elif peers is not None and order.parallel not in (None, "auto", run.record.get("parallel")):
        yield _told(f"--parallel {order.parallel}", run.record.get("parallel"))


def _differences(order: Order, run: Begun) -> Iterator[str]:
    """What the command line says otherwise, an option each."""
    given = {name: getattr(order, name) for name in (*SETTINGS, "threads")}
    if order.device is not None:
        given["device"] = device_of(order.device)
    if order.data is not None:
        given["data"] = data.parse(order.data).text
    for name, value in given.items():
        before = run.record.get(name, False)  # `compile` is younger than other options
        if value is not None and value != before:
            yield _told(f"--{name} {value}", before)
    if order.seeds is not None and order.seeds != run.seeds:
        yield _told(f"--seeds {_listed(order.seeds)}", _listed(run.seeds))
    for name, value in order.overrides.items():
        if value != run.record["set"].get(name):
            yield _told(f"--set {name}={value}", run.record["set"].get(name, "the spec's value"))
    wanted = choose_rule(run.rule, order.rule, epochs=order.epochs, batch=order.batch, lr=order.lr, memory=order.memory)
    yield from _rule_differences(described(wanted), described(run.rule))


def _rule_differences(wanted: Mapping[str, Any], begun: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for name, value in wanted.items():
        before = begun.get(name)
        if name == "kind" and value != before:
            yield _told(f"--rule {value}" if not path else f"{path}{value}", before)
        elif isinstance(value, Mapping) and isinstance(before, Mapping):
            yield from _rule_differences(value, before, f"{path}{name} ")
        elif name in begun and value != before:
            yield _told(f"--{name} {value}", before)


def _other_spec(order: Order, run: Begun, spec: Spec) -> Iterator[str]:
    if order.out is None or Path(order.spec).is_dir():
        return
    values = {**run.record["set"], **order.overrides}
    compiled = unwrap(compile_source(read_source(order.spec), values))
    if compiled.spec != spec:
        yield f"`{order.spec}` is not the spec that the run was begun with"


def _told(given: str, before: object) -> str:
    return f"`{given}` differs from the run, which was begun with {before}"


def _listed(seeds: tuple[int, ...]) -> str:
    return ",".join(map(str, seeds))


def _nothing(message: str) -> ExnetError:
    return ExnetError(NOTHING_TO_RESUME.at(None, message, help="leave out `--resume` to begin a run"))


def _unclear(folder: Path) -> ExnetError:
    message = f"`{folder / RUN}` does not say how the run was begun"
    return ExnetError(DAMAGED_RUN.at(None, message, help="begin it again"))
