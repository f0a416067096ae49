"""The losses, one instance after the other as their equations say."""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from exnet.reference.plain import plain
from exnet.spec.loss import Absolute, Binary, CrossEntropy, Huber, Squared
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
    width = output.type.width
    match output.loss:
        case CrossEntropy(smoothing=smoothing, weights=weights):
            w = torch.tensor(weights or [1.0] * width, dtype=head.dtype)
            log_p = head - torch.logsumexp(head, dim=1, keepdim=True)
            right = -w[target] * log_p[torch.arange(len(head)), target]
            spread = -(w * log_p).sum(dim=1) / width
            return ((1 - smoothing) * right + smoothing * spread).mean()
        case Squared():
            return ((head - target.reshape(head.shape)) ** 2).mean()
        case Absolute():
            return (head - target.reshape(head.shape)).abs().mean()
        case Huber(delta=delta):
            r = (head - target.reshape(head.shape)).abs()
            return torch.where(r <= delta, r**2 / 2, delta * (r - delta / 2)).mean()
        case Binary(weights=weights):
            w = torch.tensor(weights or [1.0] * width, dtype=head.dtype)
            return -(w * target * _log_sigmoid(head) + (1 - target) * _log_sigmoid(-head)).mean()
        case other:
            return plain("exnet.reference_losses", "loss", other.kind)(other, head, target).mean()


def _log_sigmoid(x: Tensor) -> Tensor:
    return -torch.log1p(torch.exp(-x.abs())) + x.clamp(max=0)
