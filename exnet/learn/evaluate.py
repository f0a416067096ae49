"""How good a net is on a part of the data: the root's prediction, in evaluation mode."""

from dataclasses import dataclass

import torch

from exnet.data import Part
from exnet.learn.batches import to_tensors
from exnet.learn.heads import Heads
from exnet.passing.net import ExtractionNet

ROWS = 256
"""Instances at a time."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Means over `count` instances. `accuracy` is None where no output has a score."""

    loss: float
    accuracy: float | None
    count: int


def evaluate(net: ExtractionNet, part: Part) -> Evaluation:
    """Loss and accuracy at the root. The net is left in the mode in which it was."""
    heads, training = Heads(net.spec.outputs), net.training
    whole = to_tensors(part, next(net.parameters()).device)
    loss, right, scored = 0.0, 0.0, False
    net.eval()
    with torch.no_grad():
        for rows in whole.instances.split(ROWS):
            result = net.predict({name: values[rows] for name, values in whole.x.items()})
            y = {name: values[rows] for name, values in whole.y.items()}
            loss += float(heads.loss(result, y).double().sum())
            score = heads.score(result, y)
            if score is not None:
                right, scored = right + float(score.double().sum()), True
    net.train(training)
    return Evaluation(loss / len(part), right / len(part) if scored else None, len(part))
