"""The parameters of a net: for each stack and parameter one tensor [classes, ..]."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from exnet.nets.initial import initial_values
from exnet.plan.model import Stack


class Stacks(nn.ModuleDict):
    """One `ParameterDict` for each stack, under the stack's name; parameter `w0` of it has shape [classes, in, out].

    Args:
        stacks: of the plan.
        seed: initial values depend on it, on the parameter's name and on the identity of each class, on nothing else.
        dtype: of the parameters.
    """

    def __init__(self, stacks: Sequence[Stack], seed: int, dtype: torch.dtype) -> None:
        super().__init__()
        self._order = tuple(stack.name for stack in stacks)
        for stack in stacks:
            values = {p.name: initial_values(p, stack.hash, seed) for p in stack.parameters}
            self[stack.name] = nn.ParameterDict(
                {k: nn.Parameter(torch.tensor(v, dtype=dtype)) for k, v in values.items()}
            )

    def tensors(self, stack: int) -> dict[str, Tensor]:
        """The parameters of stack number `stack` by name, each [classes, ..]."""
        own = self[self._order[stack]]
        assert isinstance(own, nn.ParameterDict)
        return dict(own.items())
