"""The network `mlp`: fully connected layers."""

from collections.abc import Sequence

import torch
from torch import Tensor

from exnet.nets.dropout import Mask
from exnet.nets.layers import Weights, branch
from exnet.spec.networks import Mlp


def apply_mlp(network: Mlp, weights: Weights, operands: Sequence[Tensor], mask: Mask | None = None) -> Tensor:
    """Computes y = branch([operands]); with `residual`: y = x_0 + step * branch([operands]).

    Args:
        network: the options.
        weights: `w0` [G, in, h], `b0` [G, h], ..
        operands: x_j [G, R, width of j].
        mask: dropout, or None for none.

    Shapes:
        returns [G, R, out]; for one class G may be left out everywhere.
    """
    made = branch(network, weights, operands, mask)
    return torch.add(operands[0], made, alpha=network.step) if network.residual else made
