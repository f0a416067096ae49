"""The network `mlp`: fully connected layers."""

from collections.abc import Sequence

import torch
from torch import Tensor

from exnet.nets.dropout import Mask
from exnet.nets.layers import Weights, layers, normalise
from exnet.spec.networks import Mlp


def apply_mlp(network: Mlp, weights: Weights, operands: Sequence[Tensor], mask: Mask | None = None) -> Tensor:
    """Computes y = norm(layers([operands])); with `residual`: y = x_0 + step * norm(layers([operands])).

    Args:
        network: the options.
        weights: `w0` [G, in, h], `b0` [G, h], ..
        operands: x_j [G, R, width of j].
        mask: dropout, or None for none.

    Shapes:
        returns [G, R, out]; for one class G may be left out everywhere.
    """
    count = 2 if network.hidden is None else len(network.hidden) + 1
    result = layers(weights, operands, count, network.activation, network.dropout, mask)
    branch = normalise(network.norm, result)
    return torch.add(operands[0], branch, alpha=network.step) if network.residual else branch
