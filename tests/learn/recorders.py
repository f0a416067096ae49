"""What stands in for a card that captures a step: a list of operations on tensors, which can be done again."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

READS = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}
"""Operations that a captured graph cannot hold: their result, or its shape, has to be known to the processor."""


class Operations(TorchDispatchMode):
    """Every operation of an action, with the very tensors that it read and made. Python code leaves no trace in it."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[Any, Any, Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if READS & set(func.tags) and not _by_numbers(func, args):
            raise RuntimeError(f"{func} reads numbers back")
        made = func(*args, **(kwargs or {}))
        self.calls.append((func, args, kwargs or {}, made))
        return made

    @torch.no_grad()
    def replay(self) -> None:
        """The same operations, each result where it was when it was recorded; what is made empty holds no numbers."""
        for func, args, kwargs, made in self.calls:
            for old, new in zip(_tensors(made), _tensors(func(*args, **kwargs)), strict=True):
                if "empty" in func.name() and new.is_floating_point():
                    old.fill_(torch.nan)
                elif old.data_ptr() != new.data_ptr():
                    old.copy_(new)


def _by_numbers(func: Any, args: Any) -> bool:
    """Whether it takes entries by their numbers: the shape of the result depends on values with a mask alone."""
    if func is not torch.ops.aten.index.Tensor:
        return False
    return all(index is None or index.dtype == torch.int64 for index in args[1])


def _tensors(made: Any) -> Iterator[Tensor]:
    return (leaf for leaf in tree_leaves(made) if isinstance(leaf, Tensor))


def operations(action: Callable[[], None]) -> Callable[[], object]:
    """A recorder: one run to warm up, one that is recorded."""
    action()
    with Operations() as recorded:
        action()
    return recorded.replay
