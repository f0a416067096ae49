"""The local update: the loss of every vertex and the gradients of all components, without levels and without autograd.

    L_v = loss(psi_v(phi_v(e_c1, .., e_ck), e'_v), y),   e'_v = combine over the (drawn) arcs of phi'_a(e'_u, siblings)

What the passes have kept of phi and phi' is used where they were computed with the live parameters; else the vertices
are computed again, all of them or one part after the other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.nets.arena import fresh
from exnet.nets.dropout import Masks
from exnet.nets.stacks import Stacks
from exnet.passing.arcs import Arcs, Parameters, Sent
from exnet.passing.draws import several
from exnet.passing.product import Made, Product
from exnet.passing.rows import read, write
from exnet.passing.tape import Tape
from exnet.plan.model import Group, Groups, Plan
from exnet.plan.part import part
from exnet.spec.model import Mode

Slopes: TypeAlias = list[dict[str, Tensor]]
"""The gradients of every stack, by parameter, [classes, ..]."""


class Judge(Protocol):
    """What the predictions of some rows are worth."""

    def __call__(self, result: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Loss [m, B], its slope [m, B, out], and score [m, B] or None, of predictions [m, B, out]."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """Mean loss [R] and mean score [R] (or None) of the vertex rows that have learned."""

    loss: Tensor
    score: Tensor | None


class LocalUpdate:
    """The gradients of all components from the local losses of some vertices.

    Args:
        plan: of the net.
        mode: stochastic or deterministic.
        device: of the extractions.
        rows: the vertex rows that learn, ascending; all if None.

    Attributes:
        plan: with the local groups of those rows.
        rows: int64 [R].
    """

    def __init__(self, plan: Plan, mode: Mode, device: torch.device, rows: NDArray[np.int64] | None = None) -> None:
        whole = rows is None or len(rows) == plan.vertices
        self.rows: NDArray[np.int64] = np.arange(plan.vertices) if whole or rows is None else rows
        self.plan = plan = plan if whole else part(plan, self.rows)
        self.device, self._mode = device, mode
        self._place = np.zeros(plan.vertices, np.int64)
        self._place[self.rows] = np.arange(len(self.rows))
        self.trainers = [self._trainer(group) for group in _every(plan.trainers)]
        self._primary: list[Product] | None = None
        self._arcs: Arcs | None = None
        self._orders: dict[bool, tuple[Order, list[tuple[int, Tensor]]]] = {}

    def _trainer(self, group: Group) -> Product:
        own = self._place[group.targets]
        return Product(self.plan, replace(group, operands=np.stack((own, own))), self.device, self._place)

    def again(self) -> tuple[list[Product], Arcs]:
        """The propagators of the rows, to be computed again."""
        if self._primary is None or self._arcs is None:
            few = np.intersect1d(several(self.plan), self.rows, assume_unique=True)
            self._primary = [
                Product(self.plan, group, self.device, self._place) for group in _every(self.plan.local_primary)
            ]
            self._arcs = Arcs(self.plan, self.plan.local_arcs, self._mode, few, self.device, self._place)
        return self._primary, self._arcs

    def run(
        self,
        primary: Tensor,
        complementary: Tensor,
        draws: Tensor | None,
        stacks: Stacks,
        masks: Masks | None,
        judge: Judge,
        slopes: Slopes,
        tape: Tape | None = None,
        arcs: Arcs | None = None,
        order: "Order | None" = None,
    ) -> Told:
        """Leaves the sum over rows and instances of dL_v / dW in `slopes`.

        Args:
            primary: E [L + V, B, p].
            complementary: E' [V, B, q].
            draws: as of the down pass.
            stacks: the live parameters.
            masks: for dropout.
            judge: of predictions.
            slopes: overwritten, every row of every stack.
            tape: what the passes have kept; without it the propagators are computed again.
            arcs: of the down pass, with `tape`.
            order: of a part; without it nothing else writes to `slopes` in this step.
        """
        if tape is None:
            up, arcs, down, own, below = self._compute(primary, complementary, draws, stacks, masks)
        else:
            assert arcs is not None
            up, down = tape.up, tape.down
            own, below = primary[self.plan.leaves :], complementary
        if order is None:
            order, empty = self._order([product for product, _ in up], arcs, tape is not None)
            blank(empty, slopes)
        tensors = Parameters(stacks)
        new = fresh if tape is None else tape.new
        reached = new(own, *own.shape), new(below, *below.shape)
        told = self._train(own, below, tensors, masks, judge, slopes, reached, order)
        for sent, found in arcs.slopes(down, below, reached[1]):
            stack = arcs.products[sent.number].stack
            arcs.back(sent, found, tensors.of(stack), slopes[stack], order.arcs[sent.number])
            if order.emptied(sent):
                order.clear(arcs.products[sent.number], slopes[stack], order.arcs[sent.number])
        for number, (product, pieces) in enumerate(up):
            for made, first in zip(pieces, order.primary[number], strict=True):
                slope = read(reached[0], made.piece.targets)
                product.back(made, tensors.of(product.stack), slope, slopes[product.stack], first)
        return told

    def _compute(
        self, primary: Tensor, complementary: Tensor, draws: Tensor | None, stacks: Stacks, masks: Masks | None
    ) -> tuple[list[tuple[Product, list[Made]]], Arcs, list[Sent], Tensor, Tensor]:
        """Live e_v and e'_v of the rows, with what the way back needs."""
        products, arcs = self.again()
        own = primary.new_empty(len(self.rows), *primary.shape[1:])
        below = complementary.new_zeros(len(self.rows), *complementary.shape[1:])
        tensors = Parameters(stacks)
        up = [(p, list(p.run(tensors.of(p.stack), (primary,), masks, fresh))) for p in products]
        for made in (made for _, pieces in up for made in pieces):
            made.write(own)
        down = list(arcs.run((complementary, primary), below, draws, stacks, masks, fresh))
        return up, arcs, down, own, below

    def _train(
        self,
        own: Tensor,
        below: Tensor,
        tensors: Parameters,
        masks: Masks | None,
        judge: Judge,
        slopes: Slopes,
        reached: tuple[Tensor, Tensor],
        order: "Order",
    ) -> Told:
        """Losses of all rows; the gradients of the trainers, and those of what they read in `reached`."""
        losses = own.new_empty(len(self.rows), dtype=torch.float32 if own.dtype.itemsize < 4 else own.dtype)
        scores: Tensor | None = torch.empty_like(losses)
        for number, product in enumerate(self.trainers):
            weights = tensors.of(product.stack)
            for piece, first in zip(product.pieces, order.trainers[number], strict=True):
                made = product.run_piece(piece, weights, (own, below), masks)
                loss, slope, score = judge(made.result)
                write(losses, piece.targets, loss.mean(-1).to(losses))
                scores = _told(scores, piece.targets, score)
                found = product.back(made, weights, slope.to(own.dtype), slopes[product.stack], first, reach=True)
                for buffer, value in zip(reached, found, strict=True):
                    write(buffer, piece.targets, value.view(piece.count, *buffer.shape[1:]))
        return Told(losses, scores)

    def _order(self, primary: Sequence[Product], arcs: Arcs, kept: bool) -> "tuple[Order, list[tuple[int, Tensor]]]":
        if kept not in self._orders:
            coverage = Coverage(self.plan)
            order = Order(self.trainers, arcs.products, primary, coverage)
            self._orders[kept] = order, coverage.blanks(self.device)
        return self._orders[kept]

    def within(self, coverage: "Coverage") -> "Order":
        """Its order as a part of a larger update, after those that `coverage` has seen."""
        primary, arcs = self.again()
        return Order(self.trainers, arcs.products, primary, coverage)


def _every(groups: Groups) -> Iterator[Group]:
    return (groups[i] for i in range(len(groups)))


def _told(scores: Tensor | None, targets: slice | Tensor, score: Tensor | None) -> Tensor | None:
    if scores is None or score is None:
        return None
    write(scores, targets, score.mean(-1).to(scores))
    return scores


class Coverage:
    """Which rows of the gradients have been written in a step, and which must be zero before.

    Attributes:
        done, zeros: bool [classes] for each stack.
    """

    def __init__(self, plan: Plan) -> None:
        self.done = [np.zeros(len(stack.classes), np.bool_) for stack in plan.stacks]
        self.zeros = [np.zeros(len(stack.classes), np.bool_) for stack in plan.stacks]

    def blanks(self, device: torch.device) -> list[tuple[int, Tensor]]:
        """Stack and rows of what nothing writes to, or what something is added to before it is written."""
        rows = [np.flatnonzero(zero | ~done) for zero, done in zip(self.zeros, self.done, strict=True)]
        return [(number, torch.from_numpy(r).to(device)) for number, r in enumerate(rows) if len(r)]


def blank(rows: Sequence[tuple[int, Tensor]], slopes: Slopes) -> None:
    """Writes zeros to these rows of the gradients."""
    for number, own in rows:
        for value in slopes[number].values():
            value.zero_() if len(own) == len(value) else value.index_fill_(0, own, 0.0)


class Order:
    """Who writes first to which rows of the gradients, so that nothing is filled with zeros that is written anyway.

    Args:
        trainers, arcs, primary: the products, in the order in which they go back.
        coverage: what has been written before; is brought up to date.

    Attributes:
        trainers, arcs, primary: for each product and piece whether it writes first.
    """

    def __init__(
        self, trainers: Sequence[Product], arcs: Sequence[Product], primary: Sequence[Product], coverage: Coverage
    ) -> None:
        self.trainers = [_first(product, coverage) for product in trainers]
        self.arcs = [_first(product, coverage, together=product.drawn) for product in arcs]
        self.primary = [_first(product, coverage) for product in primary]

    def emptied(self, sent: Sent) -> bool:
        """Whether a group of arcs should have written first, and had nothing to write because nobody drew it."""
        return not sent.made and sent.picked is None and any(self.arcs[sent.number])

    def clear(self, product: Product, slopes: dict[str, Tensor], fresh: Sequence[bool]) -> None:
        """Writes zeros in its place."""
        for piece, first in zip(product.pieces, fresh, strict=True):
            for value in slopes.values() if first else ():
                if isinstance(piece.rows, slice):
                    read(value, piece.rows).zero_()
                else:
                    value.index_fill_(0, piece.rows, 0.0)


def _first(product: Product, coverage: Coverage, together: bool = False) -> list[bool]:
    """Whether each piece is the first to write to its rows, and marks them.

    With `together` (drawn arcs, which stochastic mode takes as a whole) none is if not all rows are new.
    """
    done, zero = coverage.done[product.stack], coverage.zeros[product.stack]
    rows = [p.rows if isinstance(p.rows, slice) else p.rows.cpu().numpy() for p in product.pieces]
    old, first = together and any(bool(done[r].any()) for r in rows), list[bool]()
    for own in rows:
        first.append(not old and not bool(done[own].any()))
        if not first[-1]:
            zero[own] |= ~done[own]
        done[own] = True
    return first
