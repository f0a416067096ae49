"""Losses and scores of trainers' results.

A trainer predicts all outputs at once: their heads stand side by side in the order of their names.

    class[K]    score: the largest is the class
    real[..]    no score
    labels[K]   score: mean over the labels of (y^ > 0) = y

The loss of a row is the sum over outputs of weight * loss, each with the loss that the spec gives it; its score the
mean over the outputs that have one.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from exnet.learn.losses import Criterion, criterion, cross_entropy_slope
from exnet.passing.update import Judge
from exnet.spec.loss import Binary, CrossEntropy
from exnet.spec.model import Output


@dataclass(frozen=True, eq=False)
class Head:
    """The slice of a result that predicts one output, the function that judges it, and weights [width] or None."""

    output: Output
    columns: slice
    criterion: Criterion
    weights: Tensor | None = None

    def loss(self, result: Tensor, target: Tensor) -> Tensor:
        """[.., B] from result [.., B, out] and the target of each instance."""
        predicted = result[..., self.columns]
        weights = None if self.weights is None else self.weights.to(predicted)
        return self.criterion(self.output.loss, predicted, target, weights)

    def slope(self, result: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """The loss [.., B] and its slope [.., B, width]; that of losses other than cross entropy by autograd."""
        predicted = result[..., self.columns]
        if isinstance(self.output.loss, CrossEntropy):
            weights = None if self.weights is None else self.weights.to(predicted)
            return cross_entropy_slope(self.output.loss, predicted, target, weights)
        with torch.enable_grad():
            live = result.detach().requires_grad_()
            found = self.loss(live, target)
            (slope,) = torch.autograd.grad(found.sum(), live)
        return found.detach(), slope[..., self.columns]

    def score(self, result: Tensor, target: Tensor) -> Tensor | None:
        """[.., B] share of right answers, or None for numbers."""
        predicted = result[..., self.columns]
        if self.output.type.kind == "class":
            return (predicted.argmax(-1) == target).to(result.dtype)
        if self.output.type.kind == "labels":
            return ((predicted > 0) == (target > 0.5)).to(result.dtype).mean(-1)
        return None


class Heads:
    """All heads of a spec.

    Args:
        outputs: of the spec.
        class_weights: by output, [K] for its classes or labels; they multiply the weights that the spec gives.

    Raises:
        ExnetError: EXN473 or EXN474, if the loss of an installed package cannot be computed.
    """

    def __init__(self, outputs: Sequence[Output], class_weights: Mapping[str, Tensor] | None = None) -> None:
        self.heads: tuple[Head, ...] = tuple(_heads(outputs, class_weights or {}))

    def loss(self, result: Tensor, targets: Mapping[str, Tensor]) -> Tensor:
        """Weighted sum of the losses.

        Shapes:
            result [.., B, out]; targets [B] for classes, else [B, width]; returns [.., B].
        """
        terms = [head.output.weight * head.loss(result, targets[head.output.name]) for head in self.heads]
        return torch.stack(terms).sum(0) if len(terms) > 1 else terms[0]

    def slope(self, result: Tensor, targets: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """The loss [.., B] and its slope [.., B, out], without gradient. Shapes as of `loss`."""
        terms = [head.slope(result, targets[head.output.name]) for head in self.heads]
        scaled = [(h.output.weight, *term) for h, term in zip(self.heads, terms, strict=True)]
        if len(scaled) == 1:
            weight, loss, slope = scaled[0]
            return (loss, slope) if weight == 1.0 else (weight * loss, weight * slope)
        losses, slopes = ([w * term[i] for w, *term in scaled] for i in (0, 1))
        return torch.stack(losses).sum(0), torch.cat(slopes, -1)

    def score(self, result: Tensor, targets: Mapping[str, Tensor]) -> Tensor | None:
        """Mean of the scores, None if no output has one. Shapes as of `loss`."""
        scores = [head.score(result, targets[head.output.name]) for head in self.heads]
        given = [score for score in scores if score is not None]
        return torch.stack(given).mean(0) if given else None

    def judge(self, targets: Mapping[str, Tensor], batch: int) -> Judge:
        """Losses and scores of predictions for these targets; slopes are divided by the batch."""

        def judge(result: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
            predicted = result.float() if result.dtype.itemsize < 4 else result
            loss, slope = self.slope(predicted, targets)
            return loss, slope.div_(batch), self.score(predicted, targets)

        return judge

    def placed(self, like: Tensor) -> "Heads":
        """The same with weights in the type and on the device of `like`, so that no step has to bring them there."""
        made = copy(self)
        made.heads = tuple(h if h.weights is None else replace(h, weights=h.weights.to(like)) for h in self.heads)
        return made


def _heads(outputs: Sequence[Output], class_weights: Mapping[str, Tensor]) -> list[Head]:
    found, at = list[Head](), 0
    for output in sorted(outputs, key=lambda o: o.name):
        columns = slice(at, at + output.type.width)
        weights = _weights(output, class_weights.get(output.name))
        found.append(Head(output, columns, criterion(output.loss), weights))
        at += output.type.width
    return found


def _weights(output: Output, given: Tensor | None) -> Tensor | None:
    """The weights of classes or labels: those of the spec times those that are given."""
    declared = output.loss.weights if isinstance(output.loss, CrossEntropy | Binary) else None
    if declared is None:
        return given
    own = torch.tensor(declared, dtype=torch.float64)
    return own if given is None else own.to(given.device) * given
