"""A run's state on disk, from which it goes on as if it had never stopped.

Two files make a state: the net's parameters, and what else the next step needs. They are written beside the old ones
first and then renamed one after the other, `optimiser` before `checkpoint`; `recover` ends what a kill in between left.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from exnet.export.atomic import write_atomically
from exnet.export.checkpoint import FORMAT, Moment, about, apply, read_checkpoint, save_checkpoint, save_tensors
from exnet.export.folder import BEST, CHECKPOINT, METRICS, OPTIMISER
from exnet.export.rules import CANNOT_READ, DAMAGED_RUN
from exnet.export.tensors import read_tensors, write_tensors
from exnet.learn.state import START, Best, State
from exnet.passing.net import ExtractionNet
from exnet.source import ExnetError

PARTS = ("optimiser", "rule", "meter")
"""What the names of tensors in the second file begin with."""


def save_state(folder: Path, net: ExtractionNet, state: State, moment: Moment) -> None:
    """Writes a state, and the parameters of the best epoch if that is the one at hand.

    Raises:
        ExnetError: EXN750; the state before is still whole.
    """
    moment = replace(moment, step=state.step, epoch=state.epoch)
    best = None if state.best is None else {"epoch": state.best.epoch, "loss": state.best.loss}
    tensors = {f"{part}/{name}": value for part in PARTS for name, value in getattr(state, part).items()}
    write_tensors(_next(folder, OPTIMISER), tensors, {**about("optimiser", moment), "best": best})
    save_checkpoint(_next(folder, CHECKPOINT), net, moment)
    for name in (OPTIMISER, CHECKPOINT):
        _next(folder, name).replace(folder / name)
    _save_best(folder, state, moment)


def read_state(folder: Path, net: ExtractionNet) -> State:
    """The state in a folder; `net` takes up its parameters. Lines of metrics after it are removed.

    Raises:
        ExnetError: EXN752, EXN753 or EXN758, if files are damaged or do not belong together.
    """
    _recover(folder)
    parameters, moment = read_checkpoint(folder / CHECKPOINT)
    apply(net, parameters, folder / CHECKPOINT)
    tensors, said = _second(folder, moment)
    record, seconds = _rewind(folder, moment)
    parts: Mapping[str, dict[str, Tensor]] = {part: {} for part in PARTS}
    for name, value in tensors.items():
        part, _, rest = name.partition("/")
        parts[part][rest] = value
    best = _best(folder, net, moment, said["best"], not parts["meter"])
    state = State(moment.step, moment.epoch, **parts, best=best, record=record, seconds=seconds)
    _save_best(folder, state, moment)
    return state


def _next(folder: Path, name: str) -> Path:
    return folder / f".{name}.next"


def _recover(folder: Path) -> None:
    """After a kill between the two renames the first file is new, and the second still waits."""
    waiting = _next(folder, CHECKPOINT)
    if waiting.is_file() and not _next(folder, OPTIMISER).is_file():
        try:
            _, moment = read_checkpoint(waiting)
            _, said = read_tensors(folder / OPTIMISER)
        except ExnetError:
            return  # the kill came while it was written: what was there before is whole
        if said.get("step") == moment.step:
            waiting.replace(folder / CHECKPOINT)


def _second(folder: Path, moment: Moment) -> tuple[dict[str, Tensor], dict[str, Any]]:
    path = folder / OPTIMISER
    try:
        tensors, said = read_tensors(path)
    except ExnetError as error:
        if error.code == CANNOT_READ.code:
            raise _damaged(f"`{path}` is missing") from error
        raise
    wanted = json.loads(json.dumps({**about("optimiser", moment), "best": said.get("best")}))
    if said.get("format") != FORMAT or said != wanted:
        raise _damaged(f"`{path}` and `{CHECKPOINT}` were not written together")
    if any(name.partition("/")[0] not in PARTS for name in tensors):
        raise _damaged(f"`{path}` holds tensors of no known part of a state")
    return tensors, said


def _best(
    folder: Path, net: ExtractionNet, moment: Moment, said: Mapping[str, Any] | None, at_end: bool
) -> Best | None:
    """The best epoch. If it is the one that has just ended, its parameters are the net's, and its file may be late."""
    if said is None:
        return None
    if at_end and said["epoch"] == moment.epoch:
        return Best.of(net, said["epoch"], said["loss"])
    path = folder / BEST
    if not path.is_file():
        raise _damaged(f"`{path}` is missing")
    tensors, its = read_checkpoint(path)
    if (its.epoch, its.plan) != (said["epoch"], moment.plan):
        raise _damaged(f"`{path}` is not of epoch {said['epoch']}, the best one of this run")
    return Best(said["epoch"], said["loss"], tensors)


def _save_best(folder: Path, state: State, moment: Moment) -> None:
    best = state.best
    if best is not None and best.epoch == state.epoch and not state.meter:
        save_tensors(folder / BEST, best.tensors, moment)


def _rewind(folder: Path, moment: Moment) -> tuple[Mapping[str, Any], float]:
    """The line of the last whole epoch, and the seconds spent until the state; later lines are removed."""
    path = folder / METRICS
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    kept, seconds = list[str](), 0.0
    for line in lines:
        record = _record(path, line)
        if record is None or record["step"] > moment.step:
            break
        seconds = max(seconds, float(record["seconds"]))
        if record["epoch"] == len(kept) + 1 and not record.get("unfinished"):
            kept.append(line)
    if len(kept) != moment.epoch:
        raise _damaged(f"`{path}` has {len(kept)} whole epochs, the checkpoint is of epoch {moment.epoch}")
    write_atomically(path, "".join(line + "\n" for line in kept).encode())
    return json.loads(kept[-1]) if kept else START, seconds


def _record(path: Path, line: str) -> dict[str, Any] | None:
    """A line of metrics; None for one that a kill cut short."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not all(type(record.get(name)) is int for name in ("epoch", "step")):
        raise _damaged(f"`{path}` holds a line that is no epoch's")
    seconds = record.get("seconds")
    if not isinstance(seconds, int | float) or not 0 <= seconds < math.inf:
        raise _damaged(f"`{path}` holds a line without its seconds")
    return record


def _damaged(message: str) -> ExnetError:
    return ExnetError(DAMAGED_RUN.at(None, message, help="keep the files of a run together, or begin it again"))
