"""Parameters cut for the groups of a schedule, each stack once for each pass.

Slicing a stack for every group would make autograd fill a gradient of the whole stack with zeros for each slice;
`split` and `unbind` have one backward pass for all their parts.
"""

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.nets.layers import Weights
from exnet.nets.stacks import Stacks
from exnet.passing.rows import Rows, read, rows_of
from exnet.plan.model import Groups


class _Cut:
    """How one stack is cut.

    Attributes:
        pieces: the rows of each piece. sizes: if the pieces follow one another without overlap, their sizes (and those
            of what lies between), with `kept` the positions that are pieces; else None, and each piece is read apart.
    """

    def __init__(self, stack: int, classes: int, pieces: list[NDArray[np.int32]], device: torch.device) -> None:
        self.stack = stack
        self.pieces: list[Rows] = [rows_of(piece, device) for piece in pieces]
        self.single = [len(piece) == 1 for piece in pieces]
        self.sizes, self.kept = self._split(classes)

    def _split(self, classes: int) -> tuple[list[int] | None, list[int]]:
        spans = [(p.start, p.stop) for p in self.pieces if isinstance(p, slice) and p.step is None]
        order = sorted(range(len(spans)), key=spans.__getitem__)
        if len(spans) < len(self.pieces) or any(spans[a][1] > spans[b][0] for a, b in pairwise(order)):
            return None, []
        sizes, kept, at = list[int](), [0] * len(spans), 0
        for i in order:
            start, stop = spans[i]
            sizes += [start - at] if start > at else []
            kept[i] = len(sizes)
            sizes.append(stop - start)
            at = stop
        return sizes + ([classes - at] if classes > at else []), kept

    def cut(self, value: Tensor) -> list[Tensor]:
        """The pieces of one parameter; those of one class without the leading dimension."""
        if self.sizes is None:
            parts = [read(value, piece) for piece in self.pieces]
        elif self.sizes == [1] * len(value):
            parts = value.unbind()
            return [parts[i] for i in self.kept]
        else:
            split = value.split(self.sizes) if len(self.sizes) > 1 else (value,)
            parts = [split[i] for i in self.kept]
        return [part.squeeze(0) if single else part for part, single in zip(parts, self.single, strict=True)]


class Pieces:
    """Cuts stacks for the groups of a schedule.

    Args:
        groups: of the plan.
        classes: number of rows of each stack.
    """

    def __init__(self, groups: Groups, classes: list[int], device: torch.device) -> None:
        found: dict[int, dict[bytes, tuple[int, NDArray[np.int32]]]] = {}
        self._at: list[tuple[int, int]] = []
        for i in range(len(groups)):
            rows = groups.rows[groups.row_ptr[i] : groups.row_ptr[i + 1]]
            pieces = found.setdefault(int(groups.stack[i]), {})
            number, _ = pieces.setdefault(rows.tobytes(), (len(pieces), rows))
            self._at.append((int(groups.stack[i]), number))
        self._cuts = [_Cut(s, classes[s], [rows for _, rows in pieces.values()], device) for s, pieces in found.items()]

    def of(self, stacks: Stacks) -> list[Weights]:
        """The parameters of each group by name: [G, ..], and without G where the group has one class."""
        made: dict[int, list[dict[str, Tensor]]] = {}
        for cut in self._cuts:
            parts: list[dict[str, Tensor]] = [{} for _ in cut.pieces]
            for name, value in stacks.tensors(cut.stack).items():
                for part, piece in zip(parts, cut.cut(value), strict=True):
                    part[name] = piece
            made[cut.stack] = parts
        return [made[stack][number] for stack, number in self._at]
