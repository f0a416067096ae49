"""Groups at work in a training step: batched products on views of the buffers, and their backward passes.

A *product* is a prepared group. Running it gives the results of its sites, and what the backward pass reads (`Kept`);
going back takes the gradients of the results and leaves those of the parameters. Gradients are off throughout: nothing
that a product reads is differentiated, except by trainers, whose operands are what the propagators have made.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.nets.arena import New, fresh
from exnet.nets.cells import Cell, cell_of
from exnet.nets.dropout import Mask, Masks
from exnet.nets.layers import Weights
from exnet.nets.operands import Operand, Plain, Repeated
from exnet.nets.slopes import Into
from exnet.passing.rows import Rows, read, rows_of, write
from exnet.passing.schedule import identities
from exnet.plan.segments import Repeat, Segment, segments
from exnet.plan.model import Group, Plan
from exnet.spec.network import Network

Tensors: TypeAlias = Weights
"""The parameters of a stack by name, [classes, ..]."""


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """One operand of a piece: rows of a buffer, and how they are spread over the sites."""

    rows: Rows
    repeat: Repeat | None

    def operand(self, buffer: Tensor, lead: tuple[int, ...]) -> Operand:
        """The operand; `lead` is [G] for a stack of classes, else empty."""
        found = read(buffer, self.rows)
        batch, width = found.shape[1:]
        if self.repeat is None:
            return Plain(found.reshape(*lead, -1, width))
        return Repeated(found.reshape(-1, width), self.repeat.outer, self.repeat.inner, self.repeat.by_outer, batch)


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A segment, prepared for a device.

    Attributes:
        rows: of the stack; `single`: one class, without the leading G. lead: [G], or empty.
        reads: of each operand.
        sites: positions among the sites of the group. targets: the rows that receive the result.
        identity: uint64 [.., m] for dropout, or None.
    """

    rows: Rows
    single: bool
    lead: tuple[int, ...]
    reads: tuple[Read, ...]
    sites: slice
    targets: Rows
    identity: NDArray[np.uint64] | None

    @property
    def count(self) -> int:
        """How many sites."""
        return self.sites.stop - self.sites.start

    def weights(self, tensors: Tensors) -> dict[str, Tensor]:
        """Its parameters; views, unless its classes are scattered."""
        if self.single:
            assert isinstance(self.rows, slice)
            return {name: value[self.rows.start] for name, value in tensors.items()}
        return {name: read(value, self.rows) for name, value in tensors.items()}

    @contextmanager
    def gathering(self, slopes: Tensors, fresh: bool) -> Generator[Into]:
        """Where its gradients go, given those of its whole stack. Scattered classes are gathered aside, then added."""
        if isinstance(self.rows, slice):
            yield Into(self.weights(slopes), fresh)
            return
        aside = {name: value.new_empty(self.lead + value.shape[1:]) for name, value in slopes.items()}
        yield Into(aside, True)
        for name, value in aside.items():
            add = slopes[name].index_copy_ if fresh else slopes[name].index_add_
            add(0, self.rows, value)

    def operands(self, buffers: Sequence[Tensor]) -> list[Operand]:
        """One from each buffer; the last buffer serves all further reads."""
        last = len(buffers) - 1
        return [found.operand(buffers[min(i, last)], self.lead) for i, found in enumerate(self.reads)]


class Product:
    """One group at work.

    Args:
        plan: whose group it is.
        group: the group.
        device: of the index tensors.
        place: where results go, by vertex row; the vertex rows themselves if None.

    Attributes:
        stack: the number of its stack. drawn: as of the group. targets: int64, where the result of each site goes.
    """

    def __init__(self, plan: Plan, group: Group, device: torch.device, place: NDArray[np.int64] | None = None) -> None:
        stack = plan.stacks[group.stack]
        self.stack, self.drawn = group.stack, group.drawn
        self.targets = group.targets.astype(np.int64) if place is None else place[group.targets]
        self.component, self.network = stack.component, stack.network
        self.cell: Cell = cell_of(stack.network)
        hashes = identities(plan, stack.component, group.sites) if getattr(self.network, "dropout", 0.0) > 0 else None
        self.pieces = [_piece(segment, self.targets, hashes, device) for segment in segments(group)]

    def run(
        self, tensors: Tensors, buffers: Sequence[Tensor], masks: Masks | None, new: New | None = None
    ) -> Iterator["Made"]:
        """The results of its pieces, one after the other. Without `new` nothing is kept for the way back."""
        return (self.run_piece(piece, tensors, buffers, masks, new) for piece in self.pieces)

    def run_piece(
        self, piece: Piece, tensors: Tensors, buffers: Sequence[Tensor], masks: Masks | None, new: New | None = None
    ) -> "Made":
        """The result of one of its pieces. Arguments as of `run`."""
        operands = piece.operands(buffers)
        mask = _mask(self.component, piece.identity, masks)
        result, kept = self.cell.forward(self.network, piece.weights(tensors), operands, mask, new or fresh)
        return Made(piece, result.view(piece.count, buffers[0].shape[1], result.shape[-1]), kept)

    def back(
        self, made: "Made", tensors: Tensors, slope: Tensor, slopes: Tensors, fresh: bool, reach: bool = False
    ) -> list[Tensor]:
        """Gathers the gradients of one piece's parameters in those of its stack; with `reach` those of its operands.

        Args:
            made: by `run`.
            tensors: the parameters of the stack.
            slope: dL/d result, [sites, B, out].
            slopes: the gradients of the stack, as `tensors`.
            fresh: whether nothing has been written to these rows in this step.
            reach: whether gradients of the operands are wanted, each in the shape of the operand.
        """
        shaped = slope.reshape(*made.piece.lead, -1, slope.shape[-1])
        weights = made.piece.weights(tensors)
        with made.piece.gathering(slopes, fresh) as into:
            return self.cell.backward(self.network, weights, made.kept, shaped, into, reach)


@dataclass(slots=True, eq=False)
class Made:
    """What a piece has made: the result [sites, B, out], and what its backward pass reads."""

    piece: Piece
    result: Tensor
    kept: Any

    def write(self, buffer: Tensor) -> None:
        """Puts the result where it belongs; from then on it is there alone."""
        write(buffer, self.piece.targets, self.result)
        self.result = read(buffer, self.piece.targets) if isinstance(self.piece.targets, slice) else self.result[:0]


def _mask(component: str, identity: NDArray[np.uint64] | None, masks: Masks | None) -> Mask | None:
    return None if masks is None or identity is None else masks.sites(component, identity)


def _piece(
    segment: Segment, targets: NDArray[np.int64], hashes: NDArray[np.uint64] | None, device: torch.device
) -> Piece:
    lead = () if segment.single else (len(segment.rows),)
    return Piece(
        rows=rows_of(segment.rows, device),
        single=segment.single,
        lead=lead,
        reads=tuple(
            Read(rows_of(rows, device), repeat) for rows, repeat in zip(segment.reads, segment.repeats, strict=True)
        ),
        sites=segment.sites,
        targets=rows_of(targets[segment.sites], device),
        identity=None if hashes is None else hashes[segment.sites].reshape(*lead, -1),
    )
