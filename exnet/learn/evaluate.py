"""How good a net is on a part of the data, in evaluation mode."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from exnet.data import Codes, Part, Scale
from exnet.learn.batches import to_tensors
from exnet.learn.figures import class_figures, label_figures, number_figures
from exnet.learn.heads import Head, Heads
from exnet.learn.predict import By, names_of, results
from exnet.passing.net import ExtractionNet


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Figures over `count` instances.

    Attributes:
        loss: mean, without weights of classes from `--balance`.
        accuracy: mean over the outputs that are classes or labels; None where none is.
        count: of instances.
        outputs: what `exnet.learn.figures` says, by output.
    """

    loss: float
    accuracy: float | None
    count: int
    outputs: Mapping[str, Mapping[str, Any]]

    @property
    def brief(self) -> dict[str, Any]:
        """Without the tables, for run.json."""
        outputs = {
            name: {key: value for key, value in found.items() if not isinstance(value, list)}
            for name, found in self.outputs.items()
        }
        return {"loss": self.loss, "accuracy": self.accuracy, "count": self.count, "outputs": outputs}


def evaluate(
    net: ExtractionNet,
    part: Part,
    *,
    by: By = "root",
    scales: Mapping[str, Scale] | None = None,
    codes: Codes | None = None,
) -> Evaluation:
    """Loss, accuracy and the figures of each output. The net is left in the mode in which it was.

    Args:
        net: what is judged.
        part: in the terms of its spec, with targets.
        by: prediction by the root or by the mean of all vertices.
        scales: of the data, to give errors of numbers in their own units.
        codes: of the data, for the names of classes and labels.
    """
    heads, found = Heads(net.spec.outputs), results(net, part, by)
    targets = to_tensors(part, net.device).y
    with torch.no_grad():
        loss = float(heads.loss(found, targets).double().mean())
        score = heads.score(found, targets)
    outputs = {
        head.output.name: _figures(head, found, targets[head.output.name], scales or {}, codes or Codes())
        for head in heads.heads
    }
    return Evaluation(loss, None if score is None else float(score.double().mean()), len(part), outputs)


def _figures(
    head: Head, found: torch.Tensor, target: torch.Tensor, scales: Mapping[str, Scale], codes: Codes
) -> dict[str, Any]:
    output, result = head.output, found[:, head.columns]
    names = names_of(output, codes)
    if output.type.kind == "class":
        return class_figures(result.argmax(-1).cpu().numpy(), target.cpu().numpy(), names)
    if output.type.kind == "labels":
        return label_figures((result > 0).cpu().numpy(), (target > 0.5).cpu().numpy(), names)
    predicted, wanted = (values.double().cpu().numpy() for values in (result, target))
    if output.name in scales:
        predicted, wanted = (scales[output.name].undo(values) for values in (predicted, wanted))
    return number_figures(predicted, wanted)
