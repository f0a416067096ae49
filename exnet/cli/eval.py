"""`exnet eval`: how good the net of a run is on a part of a data set."""

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from exnet.cli.common import JsonOption, needs_torch, out
from exnet.cli.progress import aligned, percent

SHOWN = 30
"""Classes up to which the confusion matrix is printed; `--json` has it always."""


class Way(StrEnum):
    """Whose prediction counts."""

    ROOT = "root"
    MEAN = "mean"


class WhichPart(StrEnum):
    """Parts of a data set."""

    TEST = "test"
    TRAIN = "train"
    ALL = "all"


ByOption = Annotated[Way, typer.Option("--by", help="Prediction of the root, or mean over all vertices.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    about = "Evaluate the net of a run on a data set, class by class."
    app.command("eval", help=about, epilog="Example: exnet eval runs/attention --data digits")(evaluate_run)


def evaluate_run(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder that exnet train wrote.")],
    data: Annotated[str | None, typer.Option(help="A data set; the run's own if not given.")] = None,
    by: ByOption = Way.ROOT,
    part: Annotated[
        WhichPart | None, typer.Option(help="Which instances; the test part, but all of a file that is not the run's.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Evaluate the net of a run on a data set, class by class."""
    needs_torch("eval")
    from exnet.export.folder import runs_in

    found = [evaluated(folder, data, by, part) for folder in runs_in(run)]
    out(json.dumps({"runs": found}) + "\n" if as_json else "\n".join(map(written, found)))


def evaluated(folder: Path, name: str | None, by: Way, part: WhichPart | None) -> dict[str, Any]:
    """The figures of one run, with data standardised as in its training."""
    from exnet import data
    from exnet.export.dataset import labelled_for
    from exnet.export.loading import load_net
    from exnet.learn.evaluate import evaluate

    loaded = load_net(folder)
    moment = loaded.moment
    assert moment is not None, "runs_in gives folders with a checkpoint"
    chosen = data.parse(name or moment.data).text
    which, instances = labelled_for(loaded, chosen, part.value if part else None)
    found = evaluate(loaded.net, instances, by=by.value, scales=loaded.scales, codes=loaded.codes)
    place = {"folder": str(folder), "data": chosen, "part": which, "by": by.value}
    place |= {"seed": moment.seed, "epoch": moment.epoch, "step": moment.step}
    return {**place, "loss": found.loss, "accuracy": found.accuracy, "count": found.count, "outputs": found.outputs}


def written(figures: Mapping[str, Any]) -> str:
    """One line about a run, then a table for each output."""
    accuracy = figures["accuracy"]
    right = "" if accuracy is None else f", accuracy {percent(accuracy)}"
    by = "" if figures["by"] == "root" else ", by the mean of all vertices"
    what = f"{figures['count']} instances of {figures['data']} ({figures['part']})"
    head = f"{figures['folder']}: loss {figures['loss']:.4f}{right}: {what}, epoch {figures['epoch']}{by}\n"
    return head + "".join(line for name, found in figures["outputs"].items() for line in _output(name, found))


def _output(name: str, found: Mapping[str, Any]) -> Iterator[str]:
    if "rmse" in found:
        r2 = "-" if found["r2"] is None else f"{found['r2']:.4f}"
        yield f"\n{name}: RMSE {found['rmse']:.6g}, mean absolute error {found['mae']:.6g}, R2 {r2}\n"
    elif "classes" in found:
        yield f"\n{name}: accuracy {percent(found['accuracy'])}, macro F1 {found['macro_f1']:.3f}\n"
        yield _each("class", found["classes"])
        if len(found["classes"]) <= SHOWN:
            yield "\n" + _confusion([entry["name"] for entry in found["classes"]], found["confusion"])
    else:
        exact = f"all right {percent(found['exact'])}"
        yield f"\n{name}: labels right {percent(found['accuracy'])}, {exact}, macro F1 {found['macro_f1']:.3f}\n"
        yield _each("label", found["labels"])


def _each(what: str, entries: Sequence[Mapping[str, Any]]) -> str:
    rows = [[what, "precision", "recall", "F1", "support"]]
    for entry in entries:
        ratios = [f"{entry[name]:.3f}" for name in ("precision", "recall", "f1")]
        rows.append([str(entry["name"]), *ratios, str(entry["support"])])
    return aligned(rows, left=0)


def _confusion(names: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    rows = [("is \\ said", *names)]
    rows += [(name, *map(str, row)) for name, row in zip(names, counts, strict=True)]
    return aligned(rows, left=0)
