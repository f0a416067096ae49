"""From a folder back to a net: a compiled one with fresh parameters, or a run with its checkpoint."""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import torch
from torch import Tensor

from exnet.data import Codes, Scale
from exnet.export.checkpoint import Moment, apply, read_checkpoint
from exnet.export.folder import BEST, CHECKPOINT, PLAN, SPEC, read_json, runs_in
from exnet.export.rules import CANNOT_READ, CHECKPOINT_DIFFERS
from exnet.passing.net import ExtractionNet
from exnet.plan import load_plan
from exnet.source import ExnetError
from exnet.spec.wording import check_given


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A net and, if it comes from a run, where in training it stands."""

    net: ExtractionNet
    moment: Moment | None

    @property
    def scales(self) -> dict[str, Scale]:
        """How the data of the run were standardised, by input and output."""
        return {} if self.moment is None else {k: Scale.of(*pair) for k, pair in self.moment.scales.items()}

    @property
    def codes(self) -> Codes:
        """What stands behind the numbers of the run's data."""
        return Codes() if self.moment is None else Codes.from_json(self.moment.codes)

    @property
    def numbers(self) -> str:
        """The type of numbers that the net takes, as numpy calls it."""
        return str(self.net.dtype).removeprefix("torch.")


def load_net(path: str | PathLike[str]) -> Loaded:
    """The net of a folder that `exnet compile -o` or `exnet train` wrote; nothing is compiled.

    Raises:
        ExnetError: EXN751 to EXN753, or what `load_plan` says.
    """
    check_given(path, str | PathLike, "path", "the folder of a run or of a compiled net")
    folder = Path(path)
    if not (folder / SPEC).is_file() and folder.is_dir() and len(list(folder.glob("seed-*"))):
        first = runs_in(folder)[0]
        raise ExnetError(CANNOT_READ.at(None, f"`{folder}` holds several runs", help=f"load one, such as `{first}`"))
    if not (folder / CHECKPOINT).is_file():
        spec, plan = load_plan(folder)
        return Loaded(ExtractionNet(spec, plan), None)
    return _run(folder)


def plan_hash(folder: Path) -> str:
    """The hash of the plan in a folder, which names it in checkpoints."""
    return str(read_json(folder / PLAN[0]).get("hash"))


def net_file(folder: Path) -> Path:
    """The parameters that a run is judged by: those of its best epoch where it keeps them, else the last ones."""
    return folder / BEST if (folder / BEST).is_file() else folder / CHECKPOINT


def _run(folder: Path) -> Loaded:
    path = net_file(folder)
    tensors, moment = read_checkpoint(path)
    spec, plan = load_plan(folder)
    if moment.plan != plan_hash(folder):
        message = f"`{path}` was written for another plan than the one beside it"
        raise ExnetError(CHECKPOINT_DIFFERS.at(None, message, help="keep the files of a run together"))
    net = ExtractionNet(spec, plan, seed=moment.seed, dtype=_dtype(tensors, moment))
    apply(net, tensors, path)
    return Loaded(net, moment)


def _dtype(tensors: Mapping[str, Tensor], moment: Moment) -> torch.dtype:
    if moment.dtype:
        return getattr(torch, moment.dtype)
    return next((t.dtype for t in tensors.values() if t.is_floating_point()), torch.float32)
