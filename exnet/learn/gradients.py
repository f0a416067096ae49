"""Where the local update writes: `parameter.grad` of the parameters that learn."""

from collections.abc import Mapping

import torch
from torch import Tensor

from exnet.passing.net import ExtractionNet


class Gradients:
    """The gradients of some parameters, by stack.

    Args:
        net: whose parameters.
        learning: for the name of every parameter that learns int64 [classes], call sites of each; all others lose their
            gradient.

    Attributes:
        stacks: for each stack a tensor for each parameter that learns, in the type that passes compute in.
    """

    def __init__(self, net: ExtractionNet, learning: Mapping[str, Tensor]) -> None:
        self._net = net
        self.stacks: list[dict[str, Tensor]] = []
        for stack in net.plan.stacks:
            own = dict[str, Tensor]()
            for name, parameter in net.stacks.named(stack.name).items():
                if f"stacks.{stack.name}.{name}" not in learning:
                    parameter.grad = None
                    continue
                if parameter.grad is None:
                    parameter.grad = torch.empty_like(parameter)
                same = parameter.dtype == net.stacks.dtype
                own[name] = parameter.grad if same else torch.empty_like(parameter, dtype=net.stacks.dtype)
            self.stacks.append(own)

    def finish(self, by: Mapping[str, Tensor]) -> None:
        """Divides sums over call sites by their number, as `divisors` gives them; asks no tensor anything."""
        for stack, own in zip(self._net.plan.stacks, self.stacks, strict=True):
            for name, value in own.items():
                parameter = self._net.stacks.named(stack.name)[name]
                assert parameter.grad is not None
                if value is not parameter.grad:
                    parameter.grad.copy_(value)
                divisor = by.get(f"stacks.{stack.name}.{name}")
                if divisor is not None:
                    parameter.grad.div_(divisor)


def divisors(net: ExtractionNet, sites: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The numbers of call sites where the net is, [classes, 1, ..] for each parameter that has a class with several."""
    own = {name: parameter for name, parameter in net.named_parameters() if name in sites}
    several = {name: value for name, value in own.items() if bool((sites[name] > 1).any())}
    return {name: sites[name].to(p.device, p.dtype).view(-1, *[1] * (p.dim() - 1)) for name, p in several.items()}
