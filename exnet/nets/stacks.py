"""The parameters of a net: for each stack and parameter one tensor [classes, ..]."""

from collections.abc import Collection, Sequence
from copy import deepcopy

import torch
from torch import Tensor, nn

from exnet.nets.initial import initial_values
from exnet.plan.model import Stack


class Stacks(nn.ModuleDict):
    """One `ParameterDict` for each stack, under the stack's name; parameter `w0` of it has shape [classes, in, out].

    Args:
        stacks: of the plan.
        seed: initial values depend on it, on the parameter's name and on the identity of each class, on nothing else.
        dtype: in which passes see them. Parameters of less than 32 bits are kept in float32 and rounded for each pass.
    """

    def __init__(self, stacks: Sequence[Stack], seed: int, dtype: torch.dtype) -> None:
        super().__init__()
        kept = stored(dtype)
        self._narrow = dtype if dtype != kept else None
        self._order = tuple(stack.name for stack in stacks)
        for stack in stacks:
            values = {p.name: initial_values(p, stack.hash, seed) for p in stack.parameters}
            self[stack.name] = nn.ParameterDict(
                {k: nn.Parameter(torch.tensor(v, dtype=kept)) for k, v in values.items()}
            )

    @property
    def dtype(self) -> torch.dtype:
        """The type in which passes see the parameters."""
        return self._narrow or next(self.parameters()).dtype

    def tensors(self, stack: int) -> dict[str, Tensor]:
        """The parameters of stack number `stack` by name as a pass sees them, each [classes, ..]."""
        own = self.named(self._order[stack])
        return {name: value.to(self._narrow) for name, value in own.items()} if self._narrow else dict(own.items())

    def named(self, stack: str) -> nn.ParameterDict:
        """The parameters of a stack as they are kept."""
        own = self[stack]
        assert isinstance(own, nn.ParameterDict)
        return own

    def frozen(self, names: Collection[str]) -> "Stacks":
        """The same parameters; those of the stacks `names` are copies that no gradient reaches."""
        made = Stacks((), 0, self.dtype)
        made._order = self._order
        for name in self._order:
            made[name] = deepcopy(self[name]).requires_grad_(False) if name in names else self[name]
        return made


def stored(dtype: torch.dtype) -> torch.dtype:
    """The type in which parameters are kept: small steps would be lost in less than 32 bits."""
    return dtype if dtype.itemsize >= 4 else torch.float32
