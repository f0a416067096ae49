"""`exnet train`: a spec learns a data set, over one seed or several; or a run goes on where it stopped."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from exnet.cli.common import JsonOption, SetOption, needs_torch, settings, usage


class Precision(StrEnum):
    """Types of parameters and extractions."""

    FLOAT32 = "float32"
    FLOAT64 = "float64"
    BFLOAT16 = "bfloat16"


class Device(StrEnum):
    """Where a net runs."""

    CPU = "cpu"
    CUDA = "cuda"
    AUTO = "auto"


class Parallel(StrEnum):
    """What the processes of torchrun divide."""

    AUTO = "auto"
    DATA = "data"
    VERTEX = "vertex"


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asks for; None (or an empty dict) where it says nothing."""

    spec: str
    data: str | None
    seeds: tuple[int, ...] | None
    rule: str | None
    epochs: int | None
    batch: int | None
    lr: float | None
    memory: int | None
    overrides: dict[str, int | bool]
    out: Path | None
    overwrite: bool
    resume: bool
    threads: int | None
    dtype: str | None
    device: str | None
    validation: float | None
    patience: int | None
    balance: bool | None
    compile: bool | None
    capture: bool | None
    tensorboard: bool
    json: bool
    parallel: str | None


def register(app: typer.Typer) -> None:
    """Add the verb."""
    about = "Train a spec on a data set. The learning rule is its own, or another one."
    app.command(help=about, epilog="Example: exnet train specs/attention.exn --data digits --seeds 0,1,2")(train)


def train(
    spec: Annotated[
        str, typer.Argument(metavar="SPEC", help="A spec in either form, - for standard input, or with --resume a run.")
    ],
    data: Annotated[
        str | None, typer.Option(help="digits, mnist:FOLDER, csv:FILE, recall(length: 64), ..: see docs/data.md.")
    ] = None,
    rule: Annotated[
        str | None, typer.Option(help="Instead of the spec's own, such as backprop or 'xprop_star(steps: 5)'.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Decides all that is random; 0 if not given.")] = None,
    seeds: Annotated[str | None, typer.Option(metavar="N,N,..", help="Several runs, one for each seed.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Instead of the spec's.")] = None,
    batch: Annotated[int | None, typer.Option(help="Instead of the spec's.")] = None,
    lr: Annotated[float | None, typer.Option(help="Learning rate instead of the spec's.")] = None,
    memory: Annotated[
        int | None, typer.Option(min=1, metavar="MIB", help="What a step may hold; computes vertices again if it must.")
    ] = None,
    overrides: SetOption = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; runs/NAME-DATA-RULE if not given.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the run in that folder.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads of torch.")] = None,
    dtype: Annotated[Precision | None, typer.Option(help="Of extractions and products; float32.")] = None,
    device: Annotated[Device | None, typer.Option(help="Where to run; cpu.")] = None,
    validation: Annotated[
        float | None, typer.Option(metavar="SHARE", help="Of the training part, held back to be looked at.")
    ] = None,
    patience: Annotated[
        int | None, typer.Option(metavar="N", help="Stop after N epochs without a lower validation loss.")
    ] = None,
    balance: Annotated[bool | None, typer.Option("--balance", help="Rare classes weigh more.")] = None,
    compile: Annotated[bool | None, typer.Option("--compile", help="Chains in blocks made by torch.compile.")] = None,
    capture: Annotated[
        bool | None, typer.Option("--capture/--no-capture", help="Whether a GPU captures steps where it can; it does.")
    ] = None,
    tensorboard: Annotated[bool, typer.Option("--tensorboard", help="Write curves for TensorBoard too.")] = False,
    parallel: Annotated[
        Parallel | None, typer.Option(help="Under torchrun: divide batches (data) or vertices; auto chooses.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Train a spec on a data set, by its own learning rule or another one."""
    needs_torch("train")
    if data is None and not resume:
        usage("there is no `--data`", "name what to learn, such as `--data digits`")
    if overwrite and resume:
        usage("`--overwrite` and `--resume` are both given", "one begins a run again, the other goes on with it")
    values, numbers = settings(overrides), seed_list(seed, seeds)
    order = Order(
        spec, data, numbers, rule, epochs, batch, lr, memory, values, out, overwrite, resume, threads,
        dtype and dtype.value, device and device.value, validation, patience, balance, compile, capture, tensorboard,
        as_json,
        parallel and parallel.value,
    )  # fmt: skip
    from exnet.cli.together import carried_out  # torch

    raise typer.Exit(carried_out(order))


def seed_list(seed: int | None, seeds: str | None) -> tuple[int, ...] | None:
    """The seeds that `--seed` or `--seeds` name, in their order; None if neither is given."""
    if seeds is None:
        return None if seed is None else (check_seed(seed),)
    if seed is not None:
        usage("`--seed` and `--seeds` are both given", "`--seeds` names them all")
    if not re.fullmatch(r"\s*\d{1,19}\s*(,\s*\d{1,19}\s*)*", seeds):
        usage(f"`--seeds {seeds}` is not a list of numbers", "write `--seeds 0,1,2`")
    found = tuple(check_seed(int(number)) for number in seeds.split(","))
    if len(set(found)) < len(found):
        usage(f"`--seeds {seeds}` names a seed twice", "each seed is one run")
    return found


def check_seed(seed: int) -> int:
    """A seed, if it fits into 63 bits."""
    if not 0 <= seed < 2**63:
        usage(f"the seed {seed} is not in 0..2^63")
    return seed
