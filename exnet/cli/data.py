"""`exnet data`: what is in a data set, and the lines of a spec that fit it."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from exnet.cli.common import JsonOption, out

if TYPE_CHECKING:
    from exnet.data.describe import Described, Description

SHOWN = 12
"""Classes, words and columns that are named one by one."""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    about = "Show what is in a data set, and the lines of a spec that fit it."
    app.command("data", help=about, epilog="Example: exnet data csv:flowers.csv,target=species")(show_data)


def show_data(
    name: Annotated[str, typer.Argument(metavar="DATA", help="A data set, as after `--data` of `exnet train`.")],
    as_json: JsonOption = False,
) -> None:
    """Show what is in a data set, and the lines of a spec that fit it."""
    from exnet import data

    found = data.describe(data.load(name))
    out(json.dumps(found.to_json()) + "\n" if as_json else text(found))


def text(found: "Description") -> str:
    """A description for people."""
    train = f"{found.train:,}" if found.train is not None else f"fresh ones, {found.steps:,} steps an epoch"
    lines = [found.name, f"  training instances  {train}", f"  test instances      {found.test:,}", ""]
    lines += table(found)
    for array in found.arrays:
        lines += details(array)
    lines += ["", "These lines of a spec fit:", "", *(f"    {line}" for line in found.lines)]
    return "\n".join(lines) + "\n"


def table(found: "Description") -> list[str]:
    """One line for each array."""
    rows = [("", "array", "an instance", "type", "range")]
    rows += [(a.role, a.name, shape(a.shape), a.dtype, f"{a.least:.6g}..={a.most:.6g}") for a in found.arrays]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ["  " + "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows]


def details(array: "Described") -> list[str]:
    """Names of columns, words and classes, a line for each array that has them."""
    lines = list[str]()
    if array.columns:
        lines += ["", f"  columns of {array.name}: {listed(array.columns)}"]
    if array.values:
        what = "classes" if ": class" in array.line else "labels" if array.role == "target" else "words"
        counted = tuple(f"{value or '(missing)'} ({count:,})" for value, count in array.values.items())
        lines += ["", f"  {what} of {array.name}: {listed(counted)}"]
    return lines


def listed(names: tuple[str, ...]) -> str:
    """The first names, line ends and other characters that move the cursor written out, and how many more there are."""
    names = tuple("".join(c if c.isprintable() else ascii(c)[1:-1] for c in name) for name in names)
    more = f", and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def shape(sizes: tuple[int, ...]) -> str:
    """`8 x 8`, or `1` for a single number."""
    return " x ".join(map(str, sizes)) if sizes else "1"
