"""Tokenisers: raw values of an input to the primary extractions of its leaves. Sums of fixed parts.

Every number is a function of (seed, kind of the part, name of the input, element).
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from exnet.nets.initial import fixed_normal, orthonormal
from exnet.spec.model import Input
from exnet.spec.tokeniser import Embedding, Identity, Linear, Orthogonal, Position, TokeniserPart


class Tokeniser(nn.Module):
    """e = x W (+ table[x]) (+ position) for all leaves of one input.

    Fixed parts that map numbers linearly are added up into one matrix W when the net is built.

    Args:
        source: the input, with its type and the parts of its tokeniser.
        primary: p, width of a primary extraction.
        seed: of the random parts.
        dtype: of the buffers.

    Shapes:
        input [B, leaves, width] of numbers, or integers [B, leaves] for an index; output [leaves, B, p].
    """

    weight: Tensor | None
    table: Tensor | None
    position: Tensor | None

    def __init__(self, source: Input, primary: int, seed: int, dtype: torch.dtype) -> None:
        super().__init__()
        self.leaves = source.leaves
        self.primary = primary
        made: dict[str, NDArray[np.float64]] = {}
        for part in source.tokeniser:
            name, values = _values(part, source, primary, seed)
            made[name] = made[name] + values if name in made else values
        for name in ("weight", "table", "position"):
            self.register_buffer(name, torch.tensor(made[name], dtype=dtype) if name in made else None)

    def forward(self, x: Tensor) -> Tensor:
        """The extractions of the leaves; shapes as of the class."""
        if self.table is not None:
            made = nn.functional.embedding(x.transpose(0, 1), self.table)
        elif self.weight is not None:
            made = torch.matmul(x, self.weight).transpose(0, 1)
        else:
            made = x.new_zeros(self.leaves, x.shape[0], self.primary, dtype=self._dtype(x))
        return made if self.position is None else made + self.position.unsqueeze(1)

    def _dtype(self, x: Tensor) -> torch.dtype:
        return x.dtype if self.position is None else self.position.dtype


def _values(part: TokeniserPart, source: Input, primary: int, seed: int) -> tuple[str, NDArray[np.float64]]:
    """Which buffer a part belongs to, and its numbers."""
    width, purpose = source.type.width, f"tokenise/{part.kind}"
    match part:
        case Orthogonal():
            return "weight", orthonormal(fixed_normal(seed, purpose, source.name, width, primary)) * part.scale
        case Linear():
            return "weight", fixed_normal(seed, purpose, source.name, width, primary) * (part.scale / np.sqrt(width))
        case Identity():
            return "weight", np.eye(width, primary)
        case Embedding():
            return "table", fixed_normal(seed, purpose, source.name, source.type.sizes[0], primary) * part.scale
        case Position():
            return "position", fixed_normal(seed, purpose, source.name, source.leaves, primary) * part.scale
        case other:
            raise LookupError(f"no tokeniser computes the part `{other.kind}`")
