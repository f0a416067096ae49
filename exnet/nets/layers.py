"""Affine maps, activations and norms over one class of parameters or a stack of them.

Shapes. With a stack of G classes: operands [G, R, width], weights [G, in, out], biases [G, out]. For one class the
leading G may be left out everywhere: operands [R, width], weights [in, out], biases [out].
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import torch
from torch import Tensor
from torch.nn import functional

from exnet.nets.dropout import Mask

Weights: TypeAlias = Mapping[str, Tensor]
"""Parameters by name, all with the leading G or all without."""

EPSILON = 1e-5
"""Added to the variance (`layer`) or the mean square (`rms`) under the root."""

WIDE = 4
"""With more operands than this, concatenating them costs less than a pass over the result for each."""

ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "gelu": functional.gelu,
    "relu": torch.relu,
    "tanh": torch.tanh,
    "silu": functional.silu,
    "sigmoid": torch.sigmoid,
    "identity": lambda x: x,
}


def affine(operands: Sequence[Tensor], weight: Tensor, bias: Tensor | None) -> Tensor:
    """Computes y = sum over j of x_j W_j + b, where the rows of W are those of the operands, one after the other."""
    if len(operands) > WIDE:
        operands = (torch.cat(tuple(operands), -1),)
    if len(operands) == 1:
        return _start(operands[0], weight, bias)
    parts = weight.split([x.shape[-1] for x in operands], -2)
    y = _start(operands[0], parts[0], bias)
    for x, part in zip(operands[1:], parts[1:], strict=True):
        y = y.addmm_(x, part) if part.dim() == 2 else y.baddbmm_(x, part)
    return y


def _start(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    if weight.dim() == 2:
        return torch.mm(x, weight) if bias is None else torch.addmm(bias, x, weight)
    return torch.bmm(x, weight) if bias is None else torch.baddbmm(bias.unsqueeze(-2), x, weight)


def layers(
    weights: Weights, operands: Sequence[Tensor], count: int, activation: str, rate: float, mask: Mask | None
) -> Tensor:
    """a_count W + b with a_0 = [operands], a_(i+1) = dropout(activation(a_i W_i + b_i)); parameters `w0`, `b0`, .."""
    x = affine(operands, weights["w0"], weights["b0"])
    for i in range(1, count):
        x = ACTIVATIONS[activation](x)
        if mask is not None and rate > 0.0:
            x = x * mask(i - 1, x, rate)
        x = affine((x,), weights[f"w{i}"], weights[f"b{i}"])
    return x


def normalise(kind: str, x: Tensor) -> Tensor:
    """`layer`: (x - mean) / sqrt(variance + EPSILON); `rms`: x / sqrt(mean of x^2 + EPSILON); `none`: x."""
    if kind == "layer":
        return functional.layer_norm(x, x.shape[-1:], eps=EPSILON)
    return functional.rms_norm(x, x.shape[-1:], eps=EPSILON) if kind == "rms" else x
