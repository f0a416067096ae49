"""Parameters by class: how peers get exnet's and how gradients are compared.

The gradients of a peer are those of the sum over the vertices of the mean over the batch of L_v. exnet divides by the
number of call sites of each class, which is undone for the comparison.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from exnet.passing import ExtractionNet

Cells: TypeAlias = dict[str, dict[str, Tensor]]
"""For the name of each class its parameters w0 [in, hidden], b0 [hidden], w1 [hidden, out], b1 [out]."""


def cells_of(net: ExtractionNet) -> Cells:
    """Copies of the parameters of a net."""
    return _by_class(net, {name: value.detach().clone() for name, value in net.named_parameters()})


def gradients_of(net: ExtractionNet, by_sites: bool = True) -> Cells:
    """The gradients that a step left in a net, `by_sites` those of the sum over vertices."""
    found = dict[str, Tensor]()
    for name, parameter in net.named_parameters():
        gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad.detach()
        sites = net.site_counts[name].to(gradient).view(-1, *[1] * (gradient.dim() - 1))
        found[name] = gradient * sites if by_sites else gradient.clone()
    return _by_class(net, found)


def _by_class(net: ExtractionNet, values: Mapping[str, Tensor]) -> Cells:
    made: Cells = {}
    for number, stack in enumerate(net.plan.stacks):
        rows = {p.name: values[f"stacks.{stack.name}.{p.name}"].unbind() for p in stack.parameters}
        for row in range(len(stack.classes)):
            made[net.plan.class_name(number, row)] = {name: parts[row] for name, parts in rows.items()}
    return made


def stacked(cells: Cells, names: Sequence[str]) -> dict[str, Tensor]:
    """The parameters of some classes, one above the other: [classes, ..], ready to learn."""
    first = cells[names[0]]
    return {p: torch.stack([cells[name][p] for name in names]).requires_grad_() for p in first}


def single(cells: Cells, name: str) -> dict[str, Tensor]:
    """The parameters of one class, ready to learn."""
    return {p: value.clone().requires_grad_() for p, value in cells[name].items()}


def unstacked(names: Sequence[str], weights: Mapping[str, Tensor]) -> Cells:
    """The gradients of `stacked` parameters by class; without gradient, zeros."""
    found = {p: zeros_or_gradient(value).unbind() for p, value in weights.items()}
    return {name: {p: parts[i] for p, parts in found.items()} for i, name in enumerate(names)}


def zeros_or_gradient(value: Tensor) -> Tensor:
    """The gradient of a leaf of autograd."""
    return torch.zeros_like(value) if value.grad is None else value.grad


def error(ours: Cells, theirs: Cells) -> float:
    """The largest difference of a gradient, relative to the largest entry of that parameter over all classes.

    Raises:
        KeyError: the peer lacks a class, or has one that is not ours.
    """
    if ours.keys() != theirs.keys():
        raise KeyError(f"classes of one side only: {sorted(ours.keys() ^ theirs.keys())[:3]}")
    worst, largest = dict[str, float](), dict[str, float]()
    for name, parameters in ours.items():
        for p, value in parameters.items():
            kind = f"{name.partition('[')[0]}/{p}"
            worst[kind] = max(worst.get(kind, 0.0), (value - theirs[name][p]).abs().max().item())
            largest[kind] = max(largest.get(kind, 0.0), value.abs().max().item())
    return max(worst[kind] / (largest[kind] or 1.0) for kind in worst)
