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
from exnet.spec.networks import Gated, Mlp

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


def branch(network: Mlp | Gated, weights: Weights, operands: Sequence[Tensor], mask: Mask | None) -> Tensor:
    """norm(a_L W_L + b_L) with a_0 = [operands], a_(i+1) = dropout(activation(a_i W_i + b_i)).

    With the start `identity` norm(a_L) W_L + b_L. Parameters `w0`, `b0`, .. with W_L = `w{L}`.
    """
    last = 1 if network.hidden is None else len(network.hidden)
    before = network.norm if network.start == "identity" else "off"
    if last == 0 and before != "off":
        operands = (normalise(before, torch.cat(tuple(operands), -1)),)
    x = affine(operands, weights["w0"], weights["b0"])
    for i in range(1, last + 1):
        x = ACTIVATIONS[network.activation](x)
        if mask is not None and network.dropout > 0.0:
            x = x * mask(i - 1, x, network.dropout)
        x = affine((normalise(before, x) if i == last else x,), weights[f"w{i}"], weights[f"b{i}"])
    return x if network.start == "identity" else normalise(network.norm, x)


def normalise(kind: str, x: Tensor) -> Tensor:
    """`layer`: (x - mean) / sqrt(variance + EPSILON); `rms`: x / sqrt(mean of x^2 + EPSILON); `off`: x."""
    if kind == "layer":
        return functional.layer_norm(x, x.shape[-1:], eps=EPSILON)
    return functional.rms_norm(x, x.shape[-1:], eps=EPSILON) if kind == "rms" else x
