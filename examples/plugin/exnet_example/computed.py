"""Implementations, with torch. Each is found under the name of its declaration."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from exnet.nets.initial import fixed_normal
from exnet.nets.installed import per_row
from exnet.spec.model import Input
from exnet_example.declared import Bilinear, Focal, Fourier


@per_row
def bilinear(network: Bilinear, weights: Mapping[str, Tensor], operands: tuple[Tensor, ...]) -> Tensor:
    """One row: operands [d_j], weights as declared, the result [out]. `per_row` adds batches and sharing classes."""
    product = (operands[0] @ weights["u"]) * (operands[1] @ weights["v"])
    return torch.cat(operands) @ weights["w"] + weights["b"] + network.scale * product


class FourierFeatures(nn.Module):
    """[B, leaves, width] -> [B, leaves, p]. The fixed matrix is a buffer, a function of the seed."""

    frequencies: Tensor

    def __init__(self, part: Fourier, source: Input, primary: int, seed: int) -> None:
        super().__init__()
        drawn = fixed_normal(seed, "tokenise/fourier", source.name, source.type.width, primary // 2)
        self.register_buffer("frequencies", torch.tensor(part.scale * drawn))

    def forward(self, x: Tensor) -> Tensor:
        """The features of every leaf."""
        angles = x @ self.frequencies
        return torch.cat((angles.sin(), angles.cos()), -1) / angles.shape[-1] ** 0.5


def focal(loss: Focal, predicted: Tensor, target: Tensor) -> Tensor:
    """[.., B] from predictions [.., B, K] and classes [B]."""
    log_p = torch.log_softmax(predicted, -1)
    right = log_p.gather(-1, target.expand(predicted.shape[:-1]).unsqueeze(-1)).squeeze(-1)
    return -((1 - right.exp()) ** loss.gamma) * right
