"""The network `gated`: an update gate between the first operand and a candidate."""

from collections.abc import Sequence

import torch
from torch import Tensor

from exnet.nets.dropout import Mask
from exnet.nets.layers import Weights, affine, branch
from exnet.spec.networks import Gated


def apply_gated(network: Gated, weights: Weights, operands: Sequence[Tensor], mask: Mask | None = None) -> Tensor:
    """Gives y = x_0 + g * (candidate - x_0), g = sigmoid([operands] W_g + b_g), candidate = branch([operands]).

    With the start `identity` candidate = x_0 + branch([operands]).

    Args:
        network: the options.
        weights: `w0` [G, in, h], `b0` [G, h], .. of the candidate; `wg` [G, in, out], `bg` [G, out].
        operands: x_j [G, R, width of j]; x_0 is as wide as the result.
        mask: dropout of the candidate's hidden layers, or None for none.

    Shapes:
        returns [G, R, out]; for one class G may be left out everywhere.
    """
    made = branch(network, weights, operands, mask)
    gate = torch.sigmoid(affine(operands, weights["wg"], weights["bg"]))
    if network.start == "identity":
        return torch.addcmul(operands[0], gate, made)
    return torch.lerp(operands[0], made, gate)
