"""Figures of predictions, output by output.

    class[K]    accuracy, and for each class precision, recall, F1 and support; the confusion matrix
    labels[K]   share of right labels, share of instances with all labels right, and the same for each label
    real[..]    RMSE, mean absolute error, R2 = 1 - sum (y - y^)^2 / sum (y - mean y)^2, in the target's own units

Precision is tp / (tp + fp), recall tp / (tp + fn), F1 their harmonic mean; each is 0 where nothing can be divided by.
`macro_f1` is the mean over the classes (or labels) that occur.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def class_figures(predicted: Ints, target: Ints, names: Sequence[str]) -> dict[str, Any]:
    """Of one class for each instance: `predicted` and `target` [N] in 0..K, `names` of the K classes."""
    size = len(names)
    confusion = np.bincount(target * size + predicted, minlength=size * size).reshape(size, size)
    right = np.diagonal(confusion)
    classes = _each(names, right, confusion.sum(0), confusion.sum(1))
    accuracy = float(right.sum()) / max(1, len(target))
    return {
        "accuracy": accuracy,
        "macro_f1": _macro(classes),
        "classes": classes,
        "confusion": [[int(n) for n in row] for row in confusion],
    }


def label_figures(predicted: NDArray[np.bool_], target: NDArray[np.bool_], names: Sequence[str]) -> dict[str, Any]:
    """Of any number of labels for each instance: both [N, K]."""
    labels = _each(names, (predicted & target).sum(0), predicted.sum(0), target.sum(0))
    same = predicted == target
    return {
        "accuracy": float(same.mean()),
        "exact": float(same.all(1).mean()),
        "macro_f1": _macro(labels),
        "labels": labels,
    }


def number_figures(predicted: Floats, target: Floats) -> dict[str, Any]:
    """Of numbers [N, width]; `r2` is None where the target does not vary."""
    error = predicted - target
    spread = float(np.square(target - target.mean(0)).sum())
    square = float(np.square(error).sum())
    return {
        "rmse": float(np.sqrt(np.square(error).mean())),
        "mae": float(np.abs(error).mean()),
        "r2": 1.0 - square / spread if spread > 0.0 else None,
    }


def _each(names: Sequence[str], right: Ints, said: Ints, support: Ints) -> list[dict[str, Any]]:
    precision, recall = _ratio(right, said), _ratio(right, support)
    f1 = _ratio(2.0 * precision * recall, precision + recall)
    return [
        {"name": name, "precision": float(p), "recall": float(r), "f1": float(f), "support": int(n)}
        for name, p, r, f, n in zip(names, precision, recall, f1, support, strict=True)
    ]


def _ratio(part: NDArray[Any], whole: NDArray[Any]) -> Floats:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def _macro(entries: Sequence[dict[str, Any]]) -> float:
    seen = [entry["f1"] for entry in entries if entry["support"]]
    return sum(seen) / max(1, len(seen))
