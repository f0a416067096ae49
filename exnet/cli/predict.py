"""`exnet predict`: what the net of a run says about instances, as CSV, JSON or arrays."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer

from exnet.cli.common import JsonOption, log, needs_torch, out, usage
from exnet.cli.eval import ByOption, Way, WhichPart

if TYPE_CHECKING:
    from exnet.learn.predict import Answer


def register(app: typer.Typer) -> None:
    """Add the verb."""
    about = "Predict with the net of a run. The data need no targets."
    app.command("predict", help=about, epilog="Example: exnet predict runs/iris csv:new.csv -o said.csv")(predict)


def predict(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder that exnet train wrote, of one seed.")],
    data: Annotated[str | None, typer.Argument(metavar="DATA", help="A data set; the run's own if not given.")] = None,
    by: ByOption = Way.ROOT,
    part: Annotated[
        WhichPart | None, typer.Option(help="Which instances; every row of a file, the test part of other data.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file: .csv, .json or .npz.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Predict with the net of a run; the data need no targets."""
    needs_torch("predict")
    kind = _kind(output, as_json)
    head, answers = _predicted(run, data, by, part)
    if kind == "npz":
        text = arrays(answers)
    else:
        text = (as_object(head, answers) if kind == "json" else as_csv(answers)).encode()
    if output is None:
        out(text.decode())
        return
    from exnet.export.atomic import write_atomically

    write_atomically(output, text)
    log(f"{output}: {head['count']} predictions for {head['data']} ({head['part']})\n")


def _kind(output: Path | None, as_json: bool) -> str:
    if output is None:
        return "json" if as_json else "csv"
    kind = output.suffix.removeprefix(".").lower()
    if kind not in ("csv", "json", "npz"):
        usage(f"`-o {output}` is no file that predictions are written to", "name a file in .csv, .json or .npz")
    if as_json and kind != "json":
        usage(f"`--json` and `-o {output}` say two things", "the name of the file decides")
    return kind


def _predicted(
    run: Path, name: str | None, by: Way, part: WhichPart | None
) -> tuple[dict[str, Any], "Mapping[str, Answer]"]:
    from exnet import data
    from exnet.export.dataset import instances_for
    from exnet.export.folder import runs_in
    from exnet.export.loading import load_net
    from exnet.export.rules import CANNOT_READ
    from exnet.learn.predict import answers
    from exnet.source import ExnetError

    first, *more = runs_in(run)
    if more:
        message = f"`{run}` holds {1 + len(more)} runs"
        raise ExnetError(CANNOT_READ.at(None, message, help=f"name one of them, such as `{first}`"))
    loaded = load_net(first)
    assert loaded.moment is not None, "runs_in gives folders with a checkpoint"
    chosen = data.parse(name or loaded.moment.data).text
    which, instances = instances_for(loaded, chosen, part.value if part else None)
    found = answers(loaded.net, instances, loaded.scales, loaded.codes, by.value)
    head = {"folder": str(run), "data": chosen, "part": which, "by": by.value, "count": len(instances)}
    return head, found


def as_csv(answers: "Mapping[str, Answer]") -> str:
    """A line for each instance: its number, what is predicted, and the probabilities."""
    from exnet.learn.predict import columns_of

    columns = [column for answer in answers.values() for column in columns_of(answer)]
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["instance", *(name for name, _ in columns)])
    for row, cells in enumerate(zip(*(values for _, values in columns), strict=True)):
        writer.writerow([row, *map(_cell, cells)])
    return file.getvalue()


def as_object(head: Mapping[str, Any], answers: "Mapping[str, Answer]") -> str:
    """One JSON object; `predictions` has an entry for each instance."""
    entries = [
        {"instance": row, **{name: _entry(answer, row) for name, answer in answers.items()}}
        for row in range(head["count"])
    ]
    return json.dumps({**head, "predictions": entries}) + "\n"


def arrays(answers: "Mapping[str, Answer]") -> bytes:
    """An npz file: by output its `values`; for classes and labels `NAME_probabilities` and `NAME_names` too."""
    found = dict[str, Any]()
    for name, answer in answers.items():
        found[name] = answer.values
        if answer.probabilities is not None:
            found[f"{name}_probabilities"] = answer.probabilities
            found[f"{name}_names"] = np.array(answer.names)
    file = io.BytesIO()
    np.savez(file, **found)
    return file.getvalue()


def _entry(answer: "Answer", row: int) -> dict[str, Any]:
    kind, value = answer.output.type.kind, answer.values[row]
    if answer.probabilities is None:
        return {"value": float(value[0]) if len(value) == 1 else [float(v) for v in value]}
    shares = {name: round(float(p), 6) for name, p in zip(answer.names, answer.probabilities[row], strict=True)}
    if kind == "class":
        return {"value": answer.names[value], "probabilities": shares}
    return {"value": [name for name, is_so in zip(answer.names, value, strict=True) if is_so], "probabilities": shares}


def _cell(value: object) -> str:
    return format(value, ".6g") if isinstance(value, float) else str(value)
