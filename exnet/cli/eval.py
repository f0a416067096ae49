"""`exnet eval`: how good the net of a run is on the test part of a data set."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from exnet.cli.common import JsonOption, needs_torch, out
from exnet.cli.train import usage_errors


def register(app: typer.Typer) -> None:
    """Add the verb."""
    about = "Evaluate the checkpoint of a run on the test part of a data set."
    app.command("eval", help=about, epilog="Example: exnet eval runs/attention --data digits")(evaluate_run)


def evaluate_run(
    run: Annotated[Path, typer.Argument(help="The folder that `exnet train` wrote.")],
    data: Annotated[str | None, typer.Option(help="A data set; the run's own if not given.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Evaluate the checkpoint of a run on the test part of a data set."""
    needs_torch("eval")
    from exnet.export.folder import runs_in

    with usage_errors():
        found = [evaluated(folder, data) for folder in runs_in(run)]
    out(json.dumps({"runs": found}) + "\n" if as_json else "".join(map(written, found)))


def evaluated(folder: Path, name: str | None) -> dict[str, Any]:
    """The figures of one run, with inputs standardised as in its training."""
    from exnet import data
    from exnet.data import Scale
    from exnet.export.loading import load_net
    from exnet.learn.evaluate import evaluate

    loaded = load_net(folder)
    moment = loaded.moment
    assert moment is not None, "runs_in gives folders with a checkpoint"
    dtype = str(next(loaded.net.parameters()).dtype).removeprefix("torch.")
    dataset = data.load(name or moment.data)
    scales = {key: Scale(*pair) for key, pair in moment.scales.items()}
    fitted = data.fit(loaded.net.spec, dataset, scales, dtype)
    test = evaluate(loaded.net, fitted.test)
    place = {"folder": str(folder), "data": dataset.name, "seed": moment.seed, "epoch": moment.epoch}
    return {**place, "step": moment.step, "loss": test.loss, "accuracy": test.accuracy, "count": test.count}


def written(figures: dict[str, Any]) -> str:
    """One line about one run."""
    accuracy = figures["accuracy"]
    right = "" if accuracy is None else f", accuracy {100 * accuracy:.1f} %"
    what = f"{figures['count']} test instances of {figures['data']}"
    return f"{figures['folder']}: loss {figures['loss']:.4f}{right} ({what}; epoch {figures['epoch']})\n"
