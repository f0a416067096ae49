"""What a network reads: rows as they are, or few rows that many rows of the result read.

The first layer of a network is a sum over its operands, x_0 W_0 + x_1 W_1 + .., so nothing is ever concatenated, and an
operand that many call sites read alike is multiplied once and added wherever it belongs.

Shapes. R rows of a result; for a stack of G classes everything has a leading G. `Repeated` serves one class only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """x [.., R, w], row by row."""

    x: Tensor

    @property
    def width(self) -> int:
        """W."""
        return self.x.shape[-1]

    def value(self) -> Tensor:
        """The operand for each row of the result, [.., R, w]."""
        return self.x

    def add_product(self, weight: Tensor, into: Tensor) -> None:
        """Adds x W [.., R, out] to `into`."""
        into.addmm_(self.x, weight) if weight.dim() == 2 else into.baddbmm_(self.x, weight)

    def weight_slope(self, slope: Tensor, into: Tensor, fresh: bool) -> None:
        """Adds x^T slope [.., w, out] to `into`, or writes it there if `fresh`."""
        product(self.x.transpose(-1, -2), slope, into, fresh)


@dataclass(frozen=True, slots=True, eq=False)
class Repeated:
    """x [U * B, w]: U places of B rows, each read by R / (U * B) places of the result.

    Attributes:
        x: the rows.
        outer, inner: result place i * inner + j reads place i (`by_outer`) or place j of x.
        by_outer: which of the two.
        batch: B.
    """

    x: Tensor
    outer: int
    inner: int
    by_outer: bool
    batch: int

    @property
    def width(self) -> int:
        """W."""
        return self.x.shape[-1]

    @property
    def places(self) -> int:
        """U."""
        return self.outer if self.by_outer else self.inner

    def value(self) -> Tensor:
        """The operand for each row of the result, [R, w]."""
        places = self.x.view(self.places, self.batch, self.width)
        spread = places.unsqueeze(1) if self.by_outer else places.unsqueeze(0)
        return spread.expand(self.outer, self.inner, self.batch, self.width).reshape(-1, self.width)

    def add_product(self, weight: Tensor, into: Tensor) -> None:
        """Adds x W to `into` [R, out], having multiplied each row of x once."""
        made = torch.mm(self.x, weight).view(self.places, self.batch, weight.shape[-1])
        grid = into.view(self.outer, self.inner, self.batch, weight.shape[-1])
        grid.add_(made.unsqueeze(1) if self.by_outer else made.unsqueeze(0))

    def weight_slope(self, slope: Tensor, into: Tensor, fresh: bool) -> None:
        """Adds x^T (sum of slope over the readers of each row) to `into`, or writes it there if `fresh`."""
        grid = slope.view(self.outer, self.inner, self.batch, slope.shape[-1])
        gathered = grid.sum(1 if self.by_outer else 0).view(-1, slope.shape[-1])
        product(self.x.t(), gathered, into, fresh)


Operand: TypeAlias = Plain | Repeated


def product(a: Tensor, b: Tensor, into: Tensor, fresh: bool) -> None:
    """Computes into += a b, or into = a b if `fresh`; matrices, or stacks of them."""
    if into.dim() == 2:
        torch.mm(a, b, out=into) if fresh else into.addmm_(a, b)
    elif not into.is_contiguous():  # stacked products into a strided result would run one by one
        into.copy_(torch.bmm(a, b)) if fresh else into.add_(torch.bmm(a, b))
    else:
        torch.bmm(a, b, out=into) if fresh else into.baddbmm_(a, b)


def plain(operands: Sequence[Operand]) -> list[Tensor]:
    """The operands for each row, as a network of a package takes them."""
    return [operand.value() for operand in operands]
