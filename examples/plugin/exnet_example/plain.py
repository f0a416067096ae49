"""Plain versions for `exnet compile --verify`, written from the equations and not from `computed`."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from exnet_example.declared import Bilinear, Focal


def bilinear(network: Bilinear, values: Mapping[str, Tensor], operands: Sequence[Tensor]) -> Tensor:
    """[batch, out] from the parameters of one class and operands [batch, width]."""
    x, y = operands[0], operands[1]
    result = values["b"] + network.scale * (x @ values["u"]) * (y @ values["v"])
    at = 0
    for operand in operands:
        result = result + operand @ values["w"][at : at + operand.shape[1]]
        at += operand.shape[1]
    return result


def focal(loss: Focal, predicted: Tensor, target: Tensor) -> Tensor:
    """[batch] from predictions [batch, K] and classes [batch]."""
    losses = list[Tensor]()
    for row, right in zip(predicted, target.tolist(), strict=True):
        p = torch.exp(row) / torch.exp(row).sum()
        losses.append(-((1 - p[right]) ** loss.gamma) * torch.log(p[right]))
    return torch.stack(losses)
