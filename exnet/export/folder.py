"""The folder of a run.

    spec.exn                  the spec, canonical, with the values of `--set` in it
    plan.json, plan.safetensors   the compiled plan
    run.json                  options, versions, and how it ended
    metrics.jsonl             one line for each epoch
    checkpoint.safetensors    parameters after the last epoch (or step)
    optimiser.safetensors     what else the next step needs: state of optimiser, learning rule and unfinished epoch
    best.safetensors          with early stopping: parameters after the epoch with the lowest validation loss
    tensorboard/              with `--tensorboard`
    .lock                     while a process writes the folder

A run over several seeds is a folder of such folders, `seed-0`, `seed-1`, .., with a run.json of its own.
"""

import json
import os
import re
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from exnet.export.atomic import write_atomically
from exnet.export.lock import LOCK, locked
from exnet.export.rules import CANNOT_READ, CANNOT_WRITE, RUN_EXISTS
from exnet.source import ExnetError

SPEC, PLAN = "spec.exn", ("plan.json", "plan.safetensors")
RUN, METRICS = "run.json", "metrics.jsonl"
CHECKPOINT, OPTIMISER = "checkpoint.safetensors", "optimiser.safetensors"
BEST = "best.safetensors"
BOARD, BOARD_FILES = "tensorboard", "events.out.tfevents.*"
OWN = (SPEC, *PLAN, RUN, METRICS, CHECKPOINT, OPTIMISER, BEST)
"""With those of TensorBoard, the files that exnet writes into a run folder, and the only ones that it ever removes."""
_SEED = re.compile(r"seed-\d+")


def prepare(folder: Path, overwrite: bool) -> None:
    """Makes an empty folder for a run. With `overwrite` the files of an earlier run are removed, and no others.

    Raises:
        ExnetError: EXN754 if something is there already, EXN750 if the folder cannot be made.
    """
    try:
        if folder.exists() and not folder.is_dir():
            raise _is_file(folder)
        occupied = folder.is_dir() and any(path.name != LOCK for path in folder.iterdir())
        if occupied and not overwrite:
            raise ExnetError(RUN_EXISTS.at(None, f"`{folder}` is not empty", help="name another, or say `--overwrite`"))
        if occupied:
            _clear(folder)
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ExnetError(CANNOT_WRITE.at(None, f"cannot make the folder `{folder}`: {reason}")) from error


@contextmanager
def claimed(folder: Path, overwrite: bool) -> Generator[None, None, None]:
    """An empty folder for a new run, as `prepare` makes it, that no other process writes.

    Raises:
        ExnetError: EXN754, EXN750, and EXN755 while another run goes on in it.
    """
    if not overwrite and not (folder / LOCK).is_file():
        prepare(folder, overwrite=False)
    make_folder(folder)
    with locked(folder):
        prepare(folder, overwrite)
        yield


def make_folder(folder: Path) -> None:
    """Makes a folder unless it is there.

    Raises:
        ExnetError: EXN750, or EXN754 if a file has its name.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise _is_file(folder) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ExnetError(CANNOT_WRITE.at(None, f"cannot make the folder `{folder}`: {reason}")) from error


def free_folder(base: Path) -> Path:
    """`base`, or `base-2`, `base-3`, .. : the first that did not exist, now made.

    Raises:
        ExnetError: EXN750.
    """
    number, name = 1, base
    while True:
        try:
            name.mkdir(parents=True)
            return name
        except FileExistsError:
            number += 1
            name = base.with_name(f"{base.name}-{number}")
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ExnetError(CANNOT_WRITE.at(None, f"cannot make the folder `{name}`: {reason}")) from error


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Writes a JSON object atomically."""
    write_atomically(path, (json.dumps(value, indent=2) + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        ExnetError: EXN751.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ExnetError(CANNOT_READ.at(None, f"`{path}` cannot be read as JSON")) from error
    if not isinstance(value, dict):
        raise ExnetError(CANNOT_READ.at(None, f"`{path}` is no JSON object"))
    return value


def append_line(path: Path, value: Mapping[str, Any]) -> None:
    """Adds one line to a file of JSON lines.

    Raises:
        ExnetError: EXN750.
    """
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(value) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ExnetError(CANNOT_WRITE.at(None, f"cannot write `{path}`: {reason}")) from error


def runs_in(folder: Path) -> tuple[Path, ...]:
    """The folders of the single runs: those of the seeds, in order, or the folder itself.

    Raises:
        ExnetError: EXN751 if there is no run.
    """
    if (folder / CHECKPOINT).is_file():
        return (folder,)
    found = tuple(path for path in _seed_folders(folder) if (path / CHECKPOINT).is_file())
    if not found:
        way_out = "name a folder that `exnet train` wrote"
        raise ExnetError(CANNOT_READ.at(None, f"there is no run in `{folder}`", help=way_out))
    return found


def _clear(folder: Path) -> None:
    parts = (folder, *_seed_folders(folder))
    if not any((part / RUN).is_file() for part in parts) and not all(map(_is_own, folder.iterdir())):
        message = f"`{folder}` is not empty and holds no run"
        raise ExnetError(RUN_EXISTS.at(None, message, help="`--overwrite` replaces runs only; name another folder"))
    for part in parts:
        for name in OWN:
            (part / name).unlink(missing_ok=True)
            for rest in (f".{name}.part", f".{name}.next", f"..{name}.next.part"):
                (part / rest).unlink(missing_ok=True)
        _clear_board(part / BOARD)
        if part != folder and not any(part.iterdir()):
            part.rmdir()


def _is_own(path: Path) -> bool:
    """Whether a file is of those that a run begins with: one that was killed at once has no run.json yet."""
    return path.name in (*OWN, LOCK) or (path.name.startswith(".") and path.name.endswith((".part", ".next")))


def _is_file(path: Path) -> ExnetError:
    return ExnetError(RUN_EXISTS.at(None, f"`{path}` is a file", help="name a folder for the run"))


def _clear_board(folder: Path) -> None:
    if folder.is_dir():
        for path in folder.glob(BOARD_FILES):
            path.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()


def _seed_folders(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        return
    named = (path for path in folder.iterdir() if path.is_dir() and _SEED.fullmatch(path.name))
    yield from sorted(named, key=lambda path: int(path.name.removeprefix("seed-")))
