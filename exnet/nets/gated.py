"""The network `gated`: an update gate between the first operand and a candidate."""

from collections.abc import Sequence

import torch
from torch import Tensor

from exnet.nets.dropout import Mask
from exnet.nets.layers import Weights, affine, layers, normalise
from exnet.spec.networks import Gated


def apply_gated(network: Gated, weights: Weights, operands: Sequence[Tensor], mask: Mask | None = None) -> Tensor:
    """Gives y = x_0 + g * (candidate - x_0), g = sigmoid([operands] W_g + b_g), candidate = norm(layers([operands])).

    Args:
        network: the options.
        weights: `w0` [G, in, h], `b0` [G, h], .. of the candidate; `wg` [G, in, out], `bg` [G, out].
        operands: x_j [G, R, width of j]; x_0 is as wide as the result.
        mask: dropout of the candidate's hidden layers, or None for none.

    Shapes:
        returns [G, R, out]; for one class G may be left out everywhere.
    """
    count = 2 if network.hidden is None else len(network.hidden) + 1
    result = layers(weights, operands, count, network.activation, network.dropout, mask)
    gate = torch.sigmoid(affine(operands, weights["wg"], weights["bg"]))
    return torch.lerp(operands[0], normalise(network.norm, result), gate)
