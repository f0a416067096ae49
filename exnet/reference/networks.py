"""Component networks for one vertex, written out plainly. Dropout is off: the interpreter has no random numbers."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from exnet.reference.plain import plain
from exnet.spec.network import Network
from exnet.spec.networks import Gated, Linear, Mlp

Values: TypeAlias = Mapping[str, Tensor]
"""The parameters of one sharing class, by name."""

ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "gelu": lambda x: 0.5 * x * (1 + torch.erf(x / 2**0.5)),
    "relu": lambda x: torch.where(x > 0, x, 0.0),  # the slope at 0 is 0, as torch has it
    "tanh": torch.tanh,
    "silu": lambda x: x * torch.sigmoid(x),
    "sigmoid": torch.sigmoid,
    "identity": lambda x: x,
}

EPSILON = 1e-5
"""Added under the root of `layer` and `rms` norms."""


def compute(network: Network, values: Values, operands: Sequence[Tensor]) -> Tensor:
    """The result of a network, [batch, out]; operands are [batch, width]."""
    together = torch.cat(list(operands), dim=1)
    match network:
        case Linear():
            return _affine(values, together, 0, network.bias)
        case Mlp():
            branch = _layers(network, values, together)
            return operands[0] + network.step * branch if network.residual else branch
        case Gated():
            gate = torch.sigmoid(together @ values["wg"] + values["bg"])
            candidate = _layers(network, values, together)
            if network.start == "identity":
                candidate = operands[0] + candidate
            return (1 - gate) * operands[0] + gate * candidate
        case _:
            return plain("exnet.reference", "network", network.kind)(network, values, list(operands))


def _layers(network: Mlp | Gated, values: Values, x: Tensor) -> Tensor:
    last = sum(name.startswith("w") and name != "wg" for name in values) - 1
    for i in range(last):
        x = ACTIVATIONS[network.activation](_affine(values, x, i, True))
    if network.start == "identity":  # the norm stands before the last layer, which starts at zero
        return _affine(values, _norm(network.norm, x), last, True)
    return _norm(network.norm, _affine(values, x, last, True))


def _affine(values: Values, x: Tensor, layer: int, bias: bool) -> Tensor:
    y = x @ values[f"w{layer}"]
    return y + values[f"b{layer}"] if bias else y


def _norm(kind: str, x: Tensor) -> Tensor:
    if kind == "off":
        return x
    centred = x - x.mean(dim=1, keepdim=True) if kind == "layer" else x
    return centred / torch.sqrt((centred**2).mean(dim=1, keepdim=True) + EPSILON)
