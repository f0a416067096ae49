"""Losses of single instances, computed for all vertices at once; declared in `exnet.spec.loss`.

A criterion takes (loss, predicted, target, weights): predicted [.., B, width] in the dots of which stand the vertices,
target [B] of a class, else [B, width], and weights [width] or None; it gives [.., B].
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from exnet.source import ExnetError
from exnet.spec.loss import Absolute, Binary, CrossEntropy, Huber, Loss, Squared
from exnet.spec.plugins import implementation
from exnet.spec.rules import FAILED_PLUGIN

Criterion: TypeAlias = Callable[[Any, Tensor, Tensor, Tensor | None], Tensor]


def cross_entropy(loss: CrossEntropy, predicted: Tensor, target: Tensor, weights: Tensor | None) -> Tensor:
    """-(1 - s) w_y log p_y - s / K * sum over c of w_c log p_c, with p = softmax(predicted)."""
    total = torch.logsumexp(predicted, -1)
    index = target.expand(predicted.shape[:-1])
    right = total - predicted.gather(-1, index.unsqueeze(-1)).squeeze(-1)
    if weights is not None:
        right = right * weights[index]
    if loss.smoothing == 0.0:
        return right
    each = total.unsqueeze(-1) - predicted
    spread = (each if weights is None else each * weights).mean(-1)
    return torch.lerp(right, spread, loss.smoothing)


def cross_entropy_slope(
    loss: CrossEntropy, predicted: Tensor, target: Tensor, weights: Tensor | None
) -> tuple[Tensor, Tensor]:
    """The loss [.., B] and its slope [.., B, K]: (1 - s) w_y (p - 1_y) + s / K * (p sum_c w_c - w)."""
    index = target.expand(predicted.shape[:-1]).unsqueeze(-1)
    shifted = predicted - predicted.amax(-1, keepdim=True)
    right = shifted.gather(-1, index)
    share = shifted.exp()
    total = share.sum(-1, keepdim=True)
    log_total = total.log()
    found = (log_total - right).squeeze(-1)
    share.div_(total)
    slope = share.scatter_add(-1, index, share.new_full((), -1.0).expand(index.shape)) if loss.smoothing else share
    if not loss.smoothing:
        slope.scatter_add_(-1, index, share.new_full((), -1.0).expand(index.shape))
    if weights is not None:
        found, slope = found * weights[target], slope * weights[target].unsqueeze(-1)
    if not loss.smoothing:
        return found, slope
    each, own = log_total - shifted, share.new_ones(share.shape[-1]) if weights is None else weights
    found = torch.lerp(found, (each * own).mean(-1), loss.smoothing)
    return found, torch.lerp(slope, (share * own.sum() - own) / len(own), loss.smoothing)


def squared(_: Squared, predicted: Tensor, target: Tensor, __: Tensor | None) -> Tensor:
    """The mean of (y^ - y)^2."""
    return (predicted - target).square().mean(-1)


def absolute(_: Absolute, predicted: Tensor, target: Tensor, __: Tensor | None) -> Tensor:
    """The mean of |y^ - y|."""
    return (predicted - target).abs().mean(-1)


def huber(loss: Huber, predicted: Tensor, target: Tensor, _: Tensor | None) -> Tensor:
    """The mean of r^2 / 2 where |r| <= delta, else delta (|r| - delta / 2)."""
    wanted = target.expand(predicted.shape)
    return functional.huber_loss(predicted, wanted, reduction="none", delta=loss.delta).mean(-1)


def binary(_: Binary, predicted: Tensor, target: Tensor, weights: Tensor | None) -> Tensor:
    """The mean of -w_k y_k log p_k - (1 - y_k) log(1 - p_k), with p = sigmoid(predicted)."""
    wanted = target.expand(predicted.shape)
    each = functional.binary_cross_entropy_with_logits(predicted, wanted, reduction="none", pos_weight=weights)
    return each.mean(-1)


CRITERIA: Mapping[str, Criterion] = {
    "cross_entropy": cross_entropy,
    "squared": squared,
    "absolute": absolute,
    "huber": huber,
    "binary": binary,
}


def criterion(loss: Loss) -> Criterion:
    """The function that computes a loss.

    Raises:
        ExnetError: EXN474 if no installed package computes it, EXN473 if the package cannot be loaded.
    """
    own = CRITERIA.get(loss.kind)
    return own if own is not None else _checked(loss.kind, implementation("exnet.criteria", loss.kind))


def _checked(kind: str, function: Callable[..., Any]) -> Criterion:
    """A package's function of (loss, predicted, target), its failures and wrong shapes reported as such."""

    def compute(loss: Loss, predicted: Tensor, target: Tensor, weights: Tensor | None) -> Tensor:
        try:
            made = function(loss, predicted, target)
        except Exception as error:
            message = f"the loss `{kind}` fails: {type(error).__name__}: {error}"
            raise ExnetError(FAILED_PLUGIN.at(None, message, help="report it to its package")) from error
        if not isinstance(made, Tensor) or made.shape != predicted.shape[:-1]:
            found = list(made.shape) if isinstance(made, Tensor) else type(made).__name__
            message = f"the loss `{kind}` gives {found} for predictions {list(predicted.shape)}"
            way_out = f"it must give one number for each row, {list(predicted.shape[:-1])}"
            raise ExnetError(FAILED_PLUGIN.at(None, message, help=way_out))
        if weights is None:
            return made
        return made * weights[target] if target.dim() == 1 else made

    return compute
