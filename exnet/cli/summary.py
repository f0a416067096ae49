"""The figures of a training over all its seeds: as one JSON object, and as a table."""

from collections.abc import Mapping, Sequence
from statistics import mean, stdev
from typing import Any

from exnet.cli.progress import aligned, percent
from exnet.learn.options import describe
from exnet.training import Task

TOLD = ("exnet", "torch", "spec", "data", "rule")


def sum_up(task: Task, runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The figures of all seeds, with mean and standard deviation (of a sample: over n - 1).

    Args:
        task: what was learned.
        runs: what `seed_figures` says about each, or what became of it.
    """
    about = task.about
    summary: dict[str, Any] = {name: about[name] for name in TOLD}
    summary |= {"vertices": task.plan.vertices, "runs": list(runs)}
    for name in ("accuracy", "loss"):
        given = [run["test"][name] for run in runs if run.get("test")]
        values = [value for value in given if value is not None]
        spread = stdev(values) if len(values) > 1 else None
        summary[f"test_{name}"] = {"mean": mean(values), "deviation": spread} if values else None
    return summary


def table(task: Task, summary: Mapping[str, Any]) -> str:
    """The figures as people read them."""
    rows: list[tuple[str, ...]] = [("seed", "train loss", "train acc", "test loss", "test acc", "seconds", "folder")]
    rows += [_row(run) for run in summary["runs"]]
    loss, accuracy = summary["test_loss"], summary["test_accuracy"]
    if len(summary["runs"]) > 1 and loss:
        for name in ("mean", "deviation"):
            cells = _cells(None, None, loss[name], accuracy[name] if accuracy else None)
            rows.append((name, "", "", *cells[2:], "", ""))
    return f"{summary['spec']} on {summary['data']}: {describe(task.rule)}\n{aligned(rows, left=-1)}"


def _row(run: Mapping[str, Any]) -> tuple[str, ...]:
    if run.get("error"):
        return (str(run["seed"]), "-", "-", "-", "-", "-", f"{run['folder']}  failed: {run['error']}")
    test = run["test"] or {"loss": None, "accuracy": None}
    cells = (run["train"]["loss"], run["train"]["accuracy"], test["loss"], test["accuracy"])
    best = "" if run["best_epoch"] is None else f"  best epoch {run['best_epoch']}"
    return (str(run["seed"]), *_cells(*cells), f"{run['seconds']:.1f}", f"{run['folder']}{best}")


def _cells(*pairs: float | None) -> tuple[str, ...]:
    """Losses and accuracies in turn."""
    return tuple("-" if value is None else percent(value) if i % 2 else f"{value:.4f}" for i, value in enumerate(pairs))
