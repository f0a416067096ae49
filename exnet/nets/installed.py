"""Networks that installed packages compute: what they are given, what they must give, and what is said otherwise."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, cast

import torch
from torch import Tensor

from exnet.nets.dropout import Mask
from exnet.nets.layers import Weights
from exnet.source import ExnetError
from exnet.spec.network import Network, Signature
from exnet.spec.rules import FAILED_PLUGIN


class Apply(Protocol):
    """apply(network, weights by name [G, ..], operands [G, R, d_j], dropout mask or None) -> [G, R, out].

    Where there is one class, G is left out of every shape.
    """

    def __call__(
        self, network: Any, weights: Weights, operands: Sequence[Tensor], mask: Mask | None = None, /
    ) -> Tensor:
        """The result of the network."""
        ...


RowFunction: TypeAlias = Callable[[Any, Mapping[str, Tensor], tuple[Tensor, ...]], Tensor]
"""function(network, parameters of one class by name, operands [d_j] of one row) -> [out]."""


def per_row(function: RowFunction) -> Apply:
    """The network whose every row is `function(network, weights, operands)`, for all rows and classes at once.

    The simple way to write a network: without a batch, without classes, without a dropout mask. `torch.func.vmap` adds
    the axes, so the function may not draw random numbers, nor branch on the values of its tensors.

    Shapes:
        function: weights as declared, operands [d_j], returns [out]; the network: as of `Apply`.
    """

    def apply(network: Any, weights: Weights, operands: Sequence[Tensor], mask: Mask | None = None) -> Tensor:  # noqa: ARG001
        def row(weights: Mapping[str, Tensor], operands: tuple[Tensor, ...]) -> Tensor:
            return function(network, weights, operands)

        rows = torch.func.vmap(row, in_dims=(None, 0))
        run = rows if operands[0].dim() == 2 else torch.func.vmap(rows, in_dims=(0, 0))
        return run(dict(weights), tuple(operands))

    return apply


def checked(kind: str, function: Apply) -> Apply:
    """A package's function; its exceptions and wrong results become messages that name the network."""

    def apply(network: Any, weights: Weights, operands: Sequence[Tensor], mask: Mask | None = None) -> Tensor:
        try:
            made = cast(object, function(network, weights, operands, mask))
        except ExnetError:
            raise
        except Exception as error:
            shapes = ", ".join(str(list(x.shape)) for x in operands)
            message = f"the network `{kind}` fails on operands {shapes}: {type(error).__name__}: {_line(error)}"
            raise ExnetError(FAILED_PLUGIN.at(None, message, help=_WAY_OUT)) from error
        lead = tuple(operands[0].shape[:-1])
        if not isinstance(made, Tensor) or tuple(made.shape[:-1]) != lead:
            found = list(made.shape) if isinstance(made, Tensor) else type(made).__name__
            message = f"the network `{kind}` gives {found} for operands {list(operands[0].shape)}"
            wanted = ", ".join(map(str, lead))
            raise ExnetError(FAILED_PLUGIN.at(None, message, help=f"it must give [{wanted}, out]; {_WAY_OUT}"))
        return made.contiguous()

    return apply


def try_out(network: Network, apply: Apply, signature: Signature) -> None:
    """Applies a package's network to zeros, for one class and for two.

    Raises:
        ExnetError: EXN475, if it fails, or gives results of another shape than [.., R, out].
    """
    for lead in ((), (2,)):
        weights = {p.name: torch.zeros(*lead, *p.shape) for p in network.parameters(signature)}
        operands = [torch.zeros(*lead, 3, width) for width in signature.operands]
        with torch.no_grad():
            made = apply(network, weights, operands)
        wanted = [*lead, 3, signature.out]
        if list(made.shape) != wanted:
            shapes = ", ".join(str(list(x.shape)) for x in operands)
            message = f"the network `{network.kind}` gives {list(made.shape)} for operands {shapes}"
            raise ExnetError(FAILED_PLUGIN.at(None, message, help=f"it must give {wanted}; {_WAY_OUT}"))


_WAY_OUT = "report it to its package; EXNET_DEBUG=1 shows where"


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
