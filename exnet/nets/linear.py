"""The network `linear`: one affine map."""

from collections.abc import Sequence

from torch import Tensor

from exnet.nets.dropout import Mask
from exnet.nets.layers import Weights, affine
from exnet.spec.networks import Linear


def apply_linear(
    network: Linear,
    weights: Weights,
    operands: Sequence[Tensor],
    mask: Mask | None = None,  # noqa: ARG001  # a linear network has no hidden activations to drop
) -> Tensor:
    """Computes y = [operands] W + b.

    Args:
        network: the options.
        weights: `w0` [G, in, out] and, with `bias`, `b0` [G, out].
        operands: x_j [G, R, width of j].
        mask: not used.

    Shapes:
        returns [G, R, out]; for one class G may be left out everywhere.
    """
    return affine(operands, weights["w0"], weights["b0"] if network.bias else None)
