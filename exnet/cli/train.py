"""`exnet train`: a spec learns a data set, over one seed or several."""

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from exnet.cli.common import Exit, JsonOption, SetOption, log, needs_torch, report, settings, usage
from exnet.source import ExnetError

USAGE_CODES = frozenset(("EXN600", "EXN601", "EXN602", "EXN620", "EXN621", "EXN754"))
"""Errors whose fault is in the command line, not in a spec: exit code 2."""


class Precision(StrEnum):
    """Types of parameters and extractions."""

    FLOAT32 = "float32"
    FLOAT64 = "float64"


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asks for."""

    spec: str
    data: str
    seeds: tuple[int, ...]
    rule: str | None
    epochs: int | None
    batch: int | None
    lr: float | None
    overrides: dict[str, int | bool]
    out: Path | None
    overwrite: bool
    threads: int | None
    dtype: str
    json: bool


def register(app: typer.Typer) -> None:
    """Add the verb."""
    about = "Train a spec on a data set, by its own learning rule or another one."
    app.command(help=about, epilog="Example: exnet train specs/attention.exn --data digits --seeds 0,1,2")(train)


def train(
    spec: Annotated[str, typer.Argument(help="The file of the spec, or - for standard input.")],
    data: Annotated[str, typer.Option(help="digits, mnist:FOLDER, fashion-mnist[:FOLDER] or recall(length: 64).")],
    rule: Annotated[str | None, typer.Option(help="xprop or backprop instead of the spec's own rule.")] = None,
    seed: Annotated[int | None, typer.Option(help="Decides all that is random; 0 if not given.")] = None,
    seeds: Annotated[str | None, typer.Option(metavar="N,N,..", help="Several runs, one for each seed.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Instead of the spec's.")] = None,
    batch: Annotated[int | None, typer.Option(help="Instead of the spec's.")] = None,
    lr: Annotated[float | None, typer.Option(help="Learning rate instead of the spec's.")] = None,
    overrides: SetOption = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; runs/NAME-DATA-RULE if not given.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the run in that folder.")] = False,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads of torch.")] = None,
    dtype: Annotated[Precision, typer.Option(help="Of parameters and extractions.")] = Precision.FLOAT32,
    as_json: JsonOption = False,
) -> None:
    """Train a spec on a data set, by its own learning rule or another one."""
    needs_torch("train")
    values, numbers = settings(overrides), seed_list(seed, seeds)
    order = Order(
        spec, data, numbers, rule, epochs, batch, lr, values, out, overwrite, threads, dtype.value, as_json
    )  # fmt: skip
    from exnet.cli.training import carry_out  # torch

    with usage_errors():
        raise typer.Exit(carry_out(order))


class usage_errors:  # noqa: N801 - reads as a statement
    """Within it, an error of the command line ends the verb with exit code 2."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ExnetError) and error.code in USAGE_CODES:
            report(error.diagnostics)
            raise typer.Exit(Exit.USAGE) from error


def seed_list(seed: int | None, seeds: str | None) -> tuple[int, ...]:
    """The seeds that `--seed` or `--seeds` name, in their order."""
    if seeds is None:
        return (0 if seed is None else check_seed(seed),)
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


def note(text: str) -> None:
    """One line on standard error."""
    log(text + "\n")
