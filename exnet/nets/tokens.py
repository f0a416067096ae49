"""Parts of tokenisers that installed packages compute."""

from typing import Any

import torch
from torch import Tensor, nn

from exnet.source import ExnetError
from exnet.spec.model import Input
from exnet.spec.plugins import implementation
from exnet.spec.rules import FAILED_PLUGIN
from exnet.spec.tokeniser import TokeniserPart

_WAY_OUT = "report it to its package; EXNET_DEBUG=1 shows where"


class InstalledPart(nn.Module):
    """One part of a package: make(part, source, primary, seed) gives the module that computes it.

    Args:
        part: its options.
        source: the input.
        primary: p, width of a primary extraction.
        seed: of whatever it draws.
        dtype: of its buffers.

    Raises:
        ExnetError: EXN473 or EXN474, if no installed package computes it; EXN475, if it fails.

    Shapes:
        input [B, leaves, width] of numbers, or integers [B, leaves] for an index; output [B, leaves, p].
    """

    def __init__(self, part: TokeniserPart, source: Input, primary: int, seed: int, dtype: torch.dtype) -> None:
        super().__init__()
        self.kind = part.kind
        self.shape = (source.leaves, primary)
        make = implementation("exnet.tokens", part.kind)
        try:
            self.made: Any = make(part, source, primary, seed)
        except Exception as error:
            message = f"the tokeniser `{part.kind}` cannot be made: {type(error).__name__}: {error}"
            raise ExnetError(FAILED_PLUGIN.at(source.span, message, help=_WAY_OUT)) from error
        if not isinstance(self.made, nn.Module):
            message = (
                f"the tokeniser `{part.kind}` is made as {type(self.made).__name__}, and must be a module of torch"
            )
            raise ExnetError(FAILED_PLUGIN.at(source.span, message, help=_WAY_OUT))
        if next(self.made.parameters(), None) is not None:
            message = f"the tokeniser `{part.kind}` has parameters, and nothing would ever train them"
            raise ExnetError(FAILED_PLUGIN.at(source.span, message, help="fixed numbers are registered as buffers"))
        self.made.to(dtype)

    def forward(self, x: Tensor) -> Tensor:
        """What the part adds; shapes as of the class."""
        try:
            made = self.made(x)
        except Exception as error:
            message = f"the tokeniser `{self.kind}` fails on {list(x.shape)}: {type(error).__name__}: {error}"
            raise ExnetError(FAILED_PLUGIN.at(None, message, help=_WAY_OUT)) from error
        wanted = (len(x), *self.shape)
        if not isinstance(made, Tensor) or tuple(made.shape) != wanted:
            found = list(made.shape) if isinstance(made, Tensor) else type(made).__name__
            message = f"the tokeniser `{self.kind}` gives {found} for {list(x.shape)}"
            raise ExnetError(FAILED_PLUGIN.at(None, message, help=f"it must give {list(wanted)}; {_WAY_OUT}"))
        return made
