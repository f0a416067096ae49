"""What a net says about instances: by its root, or by all of its vertices.

root    y^ = psi_r(e_r, 0)
mean    the mean over all vertices v of their local predictions: of the probabilities for classes and labels, of the
        values for numbers; in stochastic mode with the arcs that step 0 draws for the numbers of the instances
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.data import Codes, Part, Scale
from exnet.learn.batches import to_tensors
from exnet.learn.heads import Head, Heads
from exnet.passing.net import ExtractionNet
from exnet.spec.model import Output

By: TypeAlias = Literal["root", "mean"]
ROWS = 256
"""Instances at a time."""
CELLS = 2**20
"""Predictions of vertices at a time, where all of them predict."""
TINY = 1e-30
"""Probabilities below are not told apart."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What is predicted for one output, for N instances.

    Attributes:
        output: which one.
        names: of its classes or labels; empty for numbers.
        values: int64 [N] for a class, bool [N, K] for labels, float64 [N, width] in the target's own units for numbers.
        probabilities: float64 [N, K], of classes or labels; None for numbers.
    """

    output: Output
    names: tuple[str, ...]
    values: NDArray[Any]
    probabilities: NDArray[np.float64] | None


def results(net: ExtractionNet, part: Part, by: By = "root") -> Tensor:
    """The results of all instances, [N, out], in evaluation mode: logits and standardised numbers, as of a trainer."""
    whole, training = to_tensors(part, net.device), net.training
    rows = ROWS if by == "root" else max(1, min(ROWS, CELLS // net.plan.vertices))
    net.eval()
    with torch.no_grad():
        made = [_some(net, whole.x, some, by) for some in whole.instances.split(rows)]
    net.train(training)
    return torch.cat(made)


def answers(
    net: ExtractionNet, part: Part, scales: Mapping[str, Scale], codes: Codes, by: By = "root"
) -> dict[str, Answer]:
    """Predictions by output, with the names and in the units of the data."""
    found = results(net, part, by)
    return {head.output.name: _answer(head, found, scales, codes) for head in Heads(net.spec.outputs).heads}


def names_of(output: Output, codes: Codes) -> tuple[str, ...]:
    """The names of classes or labels: those of the data, else their numbers."""
    if output.type.kind == "real":
        return ()
    given = codes.names.get(output.name)
    if given is None and len(codes.names) == 1:
        given = next(iter(codes.names.values()))
    numbers = tuple(str(i) for i in range(output.type.width))
    return numbers if given is None else (*given, *numbers[len(given) :])[: output.type.width]


def _some(net: ExtractionNet, x: Mapping[str, Tensor], rows: Tensor, by: By) -> Tensor:
    batch = {name: values[rows] for name, values in x.items()}
    if by == "root":
        return net.predict(batch)
    return mean_result(net.local_predictions(batch, net.draws(0, rows)), net.spec.outputs)


def mean_result(local: Tensor, outputs: Sequence[Output]) -> Tensor:
    """Results [B, out] whose probabilities (or values) are the means of those of [V, B, out]."""
    heads = sorted(Heads(outputs).heads, key=lambda head: head.columns.start)
    return torch.cat([_mean(head.output.type.kind, local[..., head.columns]) for head in heads], -1)


def _mean(kind: str, local: Tensor) -> Tensor:
    if kind == "class":
        return local.softmax(-1).mean(0).clamp_min(TINY).log()
    if kind == "labels":
        return local.sigmoid().mean(0).logit(1e-7)
    return local.mean(0)


def _answer(head: Head, found: Tensor, scales: Mapping[str, Scale], codes: Codes) -> Answer:
    output, result = head.output, found[:, head.columns]
    names = names_of(output, codes)
    if output.type.kind == "class":
        return Answer(output, names, result.argmax(-1).cpu().numpy(), _numbers(result.double().softmax(-1)))
    if output.type.kind == "labels":
        return Answer(output, names, (result > 0).cpu().numpy(), _numbers(result.double().sigmoid()))
    values = _numbers(result)
    return Answer(output, names, scales[output.name].undo(values) if output.name in scales else values, None)


def _numbers(values: Tensor) -> NDArray[np.float64]:
    return values.double().cpu().numpy()


def columns_of(answer: Answer) -> Iterator[tuple[str, NDArray[Any]]]:
    """An answer as columns of a table: each a name and N values."""
    name = answer.output.name
    if answer.output.type.kind == "class":
        yield name, np.array(answer.names, object)[answer.values]
    elif answer.output.type.kind == "labels":
        for i, label in enumerate(answer.names):
            yield f"{name}[{label}]", answer.values[:, i].astype(np.int64)
    else:
        width = answer.values.shape[1]
        for i in range(width):
            yield (name if width == 1 else f"{name}[{i}]"), answer.values[:, i]
    if answer.probabilities is not None:
        for i, label in enumerate(answer.names):
            yield (
                f"p({name}={label})" if answer.output.type.kind == "class" else f"p({name}[{label}])",
                (answer.probabilities[:, i]),
            )
