"""Checkpoints: the parameters of a net, and where in training they were taken."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from exnet.export.rules import CHECKPOINT_DIFFERS, CORRUPT_CHECKPOINT
from exnet.export.tensors import read_tensors, write_tensors
from exnet.passing.net import ExtractionNet
from exnet.source import ExnetError

FORMAT = 1
"""Raised when an older reader could misread a newer file."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a net stands, and what it takes to rebuild and to evaluate it.

    Attributes:
        spec: its canonical text.
        plan: hash of the plan, so that no other net takes these parameters.
        rule: name of the learning rule; `seed`: of the run.
        step, epoch: how many are done.
        data: canonical name of the data; `scales`: (mean, deviation) by input and `real` output.
        versions: of exnet and torch.
        dtype: in which passes run; empty for that of the parameters.
        codes: what stands behind the numbers of the data, as `Codes.to_json` gives it.
        test: `fingerprint` of the test part; empty if it is not known.
    """

    spec: str
    plan: str
    rule: str
    seed: int
    step: int
    epoch: int
    data: str = ""
    scales: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    dtype: str = ""
    codes: Mapping[str, Any] = field(default_factory=dict)
    test: str = ""


def save_checkpoint(path: Path, net: ExtractionNet, moment: Moment) -> None:
    """Writes the parameters and buffers of `net` atomically.

    Raises:
        ExnetError: EXN750.
    """
    save_tensors(path, net.state_dict(), moment)


def save_tensors(path: Path, tensors: Mapping[str, Tensor], moment: Moment) -> None:
    """As `save_checkpoint`, for the tensors of a net's `state_dict`."""
    write_tensors(path, tensors, about("checkpoint", moment))


def read_checkpoint(path: Path) -> tuple[dict[str, Tensor], Moment]:
    """The tensors of a checkpoint and its moment.

    Raises:
        ExnetError: EXN751 and EXN752.
    """
    tensors, said = read_tensors(path)
    if said.pop("kind", None) != "checkpoint" or said.pop("format", None) != FORMAT:
        message = f"`{path}` is no checkpoint of format {FORMAT}"
        raise ExnetError(CORRUPT_CHECKPOINT.at(None, message, help="it may come from a newer exnet"))
    try:
        return tensors, Moment(**said)
    except TypeError as error:
        message = f"`{path}` does not describe itself as a checkpoint of format {FORMAT}"
        raise ExnetError(CORRUPT_CHECKPOINT.at(None, message)) from error


def apply(net: ExtractionNet, tensors: Mapping[str, Tensor], path: Path) -> None:
    """Copies the tensors of a checkpoint into a net that has the same ones.

    Raises:
        ExnetError: EXN753, naming every tensor that is missing, unknown, or of another shape or type.
    """
    own = net.state_dict()
    wrong = [f"{name} is missing" for name in own if name not in tensors]
    wrong += [f"{name} is unknown" for name in tensors if name not in own]
    wrong += [f"{n} is {_form(t)}, not {_form(own[n])}" for n, t in tensors.items() if n in own and _differ(own[n], t)]
    if wrong:
        message = f"`{path}` belongs to another net: {wrong[0]}"
        raise ExnetError(CHECKPOINT_DIFFERS.at(None, message, notes=tuple(wrong[1:9])))
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(tensors[name])


def about(kind: str, moment: Moment) -> dict[str, Any]:
    """What a file of this kind says about itself."""
    return {"kind": kind, "format": FORMAT, **asdict(moment)}


def _differ(mine: Tensor, theirs: Tensor) -> bool:
    return mine.shape != theirs.shape or mine.dtype != theirs.dtype


def _form(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')}{list(tensor.shape)}"
