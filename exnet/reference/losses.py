"""The loss of a prediction, by the types of the outputs."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from exnet.spec.model import Output, Spec


def heads(spec: Spec, prediction: Tensor) -> Iterator[tuple[Output, Tensor]]:
    """The part of a trainer's result that belongs to each output: they stand in the order of their names."""
    at = 0
    for output in sorted(spec.outputs, key=lambda o: o.name):
        yield output, prediction[:, at : at + output.type.width]
        at += output.type.width


def loss(spec: Spec, prediction: Tensor, targets: Mapping[str, Tensor]) -> Tensor:
    """The weighted sum over outputs of the mean over the batch of the loss of each instance."""
    terms = [output.weight * _mean_loss(output, head, targets[output.name]) for output, head in heads(spec, prediction)]
    return torch.stack(terms).sum()


def _mean_loss(output: Output, head: Tensor, target: Tensor) -> Tensor:
    match output.type.kind:
        case "class":
            normaliser = torch.logsumexp(head, dim=1)
            return (normaliser - head[torch.arange(len(head)), target]).mean()
        case "real":
            return ((head - target.reshape(head.shape)) ** 2).mean()
        case "labels":
            return -(target * _log_sigmoid(head) + (1 - target) * _log_sigmoid(-head)).mean()


def _log_sigmoid(x: Tensor) -> Tensor:
    return -torch.log1p(torch.exp(-x.abs())) + x.clamp(max=0)
