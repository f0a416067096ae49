"""Tokenisers: raw values of an input to the primary extractions of its leaves, by sums of fixed parts.

Every number is a function of (seed, kind of the part, name of the input, element). Below the vertices of a learned
tokeniser the leaves are the raw values themselves.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from exnet.nets.initial import fixed_normal, orthonormal
from exnet.nets.tokens import InstalledPart
from exnet.spec.model import Input
from exnet.spec.tokeniser import Embedding, Identity, Linear, Orthogonal, Position, TokeniserPart

OWN = (Orthogonal, Linear, Identity, Embedding, Position)
"""The parts that are computed here."""


class Tokeniser(nn.Module):
    """e = x W (+ table[x]) (+ parts of installed packages) (+ position) for all leaves of one input.

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
        self.dtype = dtype
        made: dict[str, NDArray[np.float64]] = {}
        foreign = [part for part in source.tokeniser if not isinstance(part, OWN)]
        for part in (part for part in source.tokeniser if isinstance(part, OWN)):
            name, values = _values(part, source, primary, seed)
            made[name] = made[name] + values if name in made else values
        self.installed = nn.ModuleList(InstalledPart(part, source, primary, seed, dtype) for part in foreign)
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
        for part in self.installed:
            made = made + part(x).transpose(0, 1)
        return made if self.position is None else made + self.position.unsqueeze(1)

    def _dtype(self, x: Tensor) -> torch.dtype:
        return self.dtype if x.dtype == torch.long else x.dtype


class RawLeaves(nn.Module):
    """The leaves below a learned tokeniser: one fixed random vector for each position, then the raw numbers in pieces.

    The numbers of a leaf (an index as V numbers, all zero but one) are cut into m pieces of p numbers; what is missing
    in the last one is zero.

    Args:
        source: the input, with its grids of leaves.
        primary: p, width of a primary extraction.
        seed: of the positions.
        dtype: of the buffers.

    Shapes:
        input as of `Tokeniser`; output [positions + leaves * m, B, p], where positions is `leaves`, or 0 without them.
    """

    position: Tensor | None

    def __init__(self, source: Input, primary: int, seed: int, dtype: torch.dtype) -> None:
        super().__init__()
        self.pieces = source.grids[-1].shape[-1]
        self.primary = primary
        self.entries = source.type.sizes[0] if source.type.kind == "index" else None
        self.dtype = dtype
        placed = [_values(part, source, primary, seed)[1] for part in source.tokeniser if isinstance(part, Position)]
        self.register_buffer("position", torch.tensor(placed[0], dtype=dtype) if placed else None)

    def forward(self, x: Tensor) -> Tensor:
        """The extractions of the leaves; shapes as of the class."""
        numbers = x if self.entries is None else nn.functional.one_hot(x, self.entries).to(self.dtype)
        batch, leaves, width = numbers.shape
        padded = nn.functional.pad(numbers, (0, self.pieces * self.primary - width))
        raw = padded.view(batch, leaves * self.pieces, self.primary).transpose(0, 1)
        if self.position is None:
            return raw
        return torch.cat((self.position.unsqueeze(1).expand(-1, batch, -1), raw))


def tokeniser_of(source: Input, primary: int, seed: int, dtype: torch.dtype) -> Tokeniser | RawLeaves:
    """What makes the leaves of an input; arguments as of the classes."""
    made = Tokeniser if source.equation is None else RawLeaves
    return made(source, primary, seed, dtype)


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
