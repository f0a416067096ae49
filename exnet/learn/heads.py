"""Losses and scores of trainers' results, by the types of the outputs.

A trainer predicts all outputs at once: their heads stand side by side in the order of their names.

    class[K]    cross entropy                              score: the largest is the class
    real[..]    mean over the numbers of (y^ - y)^2        no score
    labels[K]   mean over the labels of binary cross entropy   score: mean of (y^ > 0) = y

The loss of a row is the sum over outputs of weight * loss; its score the mean over the outputs that have one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from exnet.spec.model import Output


@dataclass(frozen=True)
class Head:
    """The slice of a result that predicts one output."""

    output: Output
    columns: slice

    def loss(self, result: Tensor, target: Tensor) -> Tensor:
        """[.., B] from result [.., B, out] and the target of each instance."""
        predicted = result[..., self.columns]
        if self.output.type.kind == "class":
            index = target.expand(predicted.shape[:-1]).unsqueeze(-1)
            return torch.logsumexp(predicted, -1) - predicted.gather(-1, index).squeeze(-1)
        if self.output.type.kind == "real":
            return (predicted - target).square().mean(-1)
        wanted = target.expand(predicted.shape)
        return functional.binary_cross_entropy_with_logits(predicted, wanted, reduction="none").mean(-1)

    def score(self, result: Tensor, target: Tensor) -> Tensor | None:
        """[.., B] share of right answers, or None for numbers."""
        predicted = result[..., self.columns]
        if self.output.type.kind == "class":
            return (predicted.argmax(-1) == target).to(result.dtype)
        if self.output.type.kind == "labels":
            return ((predicted > 0) == (target > 0.5)).to(result.dtype).mean(-1)
        return None


class Heads:
    """All heads of a spec."""

    def __init__(self, outputs: Sequence[Output]) -> None:
        self.heads: tuple[Head, ...] = tuple(_slices(outputs))

    def loss(self, result: Tensor, targets: Mapping[str, Tensor]) -> Tensor:
        """Weighted sum of the losses.

        Shapes:
            result [.., B, out]; targets [B] for classes, else [B, width]; returns [.., B].
        """
        terms = [head.output.weight * head.loss(result, targets[head.output.name]) for head in self.heads]
        return torch.stack(terms).sum(0) if len(terms) > 1 else terms[0]

    def score(self, result: Tensor, targets: Mapping[str, Tensor]) -> Tensor | None:
        """Mean of the scores, None if no output has one. Shapes as of `loss`."""
        scores = [head.score(result, targets[head.output.name]) for head in self.heads]
        given = [score for score in scores if score is not None]
        return torch.stack(given).mean(0) if given else None


def _slices(outputs: Sequence[Output]) -> list[Head]:
    found, at = list[Head](), 0
    for output in sorted(outputs, key=lambda o: o.name):
        found.append(Head(output, slice(at, at + output.type.width)))
        at += output.type.width
    return found
