"""Arcs at work: messages m_a = phi'_a(e'_u, siblings), how vertices combine them, and the way back.

e'_v = m_a of the drawn arc a, or the mean, sum or maximum of m_a over all incoming arcs a
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.nets.arena import New, fresh
from exnet.nets.dropout import Masks
from exnet.nets.operands import Plain
from exnet.nets.slopes import Into
from exnet.nets.stacks import Stacks
from exnet.passing.drawn import Chooser, Padding, Pick
from exnet.passing.product import Made, Tensors
from exnet.passing.rows import Rows, read, rows_of, write
from exnet.passing.scan import at_work, last_groups
from exnet.passing.schedule import Task
from exnet.plan.chains import chains
from exnet.plan.model import Groups, Plan
from exnet.spec.model import Mode


@dataclass(frozen=True, slots=True, eq=False)
class Sent:
    """What one group of arcs has sent, for the way back: its pieces, or the drawn pairs with their product."""

    number: int
    made: Sequence[Made] = ()
    picked: "Picked | None" = None


@dataclass(frozen=True, slots=True, eq=False)
class Picked:
    """The drawn pairs of one group: R of them, padded to [classes, longest] where there are several classes."""

    pick: Pick
    padding: Padding | None
    weights: dict[str, Tensor]
    kept: Any


class Arcs:
    """The arcs of a sequence of groups.

    Args:
        plan: whose groups they are.
        groups: `down` or `local_arcs`.
        mode: how vertices with several incoming arcs combine.
        several: the vertex rows with several incoming arcs that the groups serve.
        device: of the index tensors.
        place: where results go, by vertex row; if None these are the passes themselves: results go to the vertex rows,
            and chains are scanned.
        breaks: as of `chains`.

    Attributes:
        products: in their order. last: the last group of each.
    """

    def __init__(
        self,
        plan: Plan,
        groups: Groups,
        mode: Mode,
        several: NDArray[np.int64],
        device: torch.device,
        place: NDArray[np.int64] | None = None,
        breaks: Container[int] = (),
    ) -> None:
        found = chains(plan, down=True, breaks=breaks) if place is None else ()
        self.products, self._groups = at_work(plan, groups, found, device, place)
        self.last = last_groups(self._groups, groups)
        every = [groups[i] for i in self._groups]
        self.combine = mode.combine
        self._tasks = [Task.of(plan, group, device) if group.drawn else None for group in every]
        self._chooser = Chooser(plan, groups, several, device, place)
        self._several = rows_of(several if place is None else place[several], device)
        share = 1.0 / np.maximum(np.diff(plan.arcs.incoming_ptr), 1)
        self._shares = [
            torch.from_numpy(share[group.targets]).to(device).view(-1, 1, 1) if group.drawn else None for group in every
        ]

    def _start(self, made: Tensor) -> None:
        """Prepares a buffer of zeros for deterministic mode: the largest of nothing is minus infinity."""
        if self.combine == "max":
            rows = self._several
            made.index_fill_(0, rows, -torch.inf) if isinstance(rows, Tensor) else read(made, rows).fill_(-torch.inf)

    def run(
        self,
        buffers: Sequence[Tensor],
        made: Tensor,
        draws: Tensor | None,
        stacks: Stacks,
        masks: Masks | None,
        new: New | None = None,
    ) -> Iterator[Sent]:
        """Sends all messages, group by group, and combines them in `made`; to be exhausted.

        Args:
            buffers: E' [V, B, q], then E [N, B, p].
            made: [rows, B, q]; zeros where there are several incoming arcs. May be E' itself.
            draws: int64 [V, B], or None in deterministic mode.
            stacks: the parameters.
            masks: for dropout.
            new: where what is kept comes from; without it nothing is kept.
        """
        picks = {} if draws is None else self._chooser.picks(draws)
        tensors = Parameters(stacks)
        if draws is None:
            self._start(made)
        for number, (product, group) in enumerate(zip(self.products, self._groups, strict=True)):
            if group in picks:
                picked = self._pick(number, picks[group], tensors.of(product.stack), buffers, made, masks, new)
                yield Sent(number, picked=picked if new else None)
                continue
            pieces = list[Made]()
            for piece in product.run(tensors.of(product.stack), buffers, masks, new):
                self._add(number, piece, made) if product.drawn else piece.write(made)
                pieces += [piece] if new else []
            yield Sent(number, pieces)

    def _pick(
        self,
        number: int,
        pick: Pick,
        tensors: Tensors,
        buffers: Sequence[Tensor],
        made: Tensor,
        masks: Masks | None,
        new: New | None,
    ) -> Picked | None:
        if len(pick.site) == 0:
            return None
        task, product = self._tasks[number], self.products[number]
        assert task is not None
        padding = pick.padding(task)
        weights = {name: read(value, task.rows) for name, value in tensors.items()}
        if task.classes == 1:
            weights = {name: value[0] for name, value in weights.items()}
        operands = [Plain(x) for x in pick.operands(task, buffers, padding)]
        mask = pick.mask(task, masks, padding)
        result, kept = product.cell.forward(product.network, weights, operands, mask, new or fresh)
        messages = result if padding is None else padding.take(result)
        made.view(-1, made.shape[-1]).index_copy_(0, pick.target, messages)
        return Picked(pick, padding, weights, kept)

    def _add(self, number: int, piece: Made, made: Tensor) -> None:
        messages, targets = piece.result, piece.piece.targets
        if self.combine == "mean":
            messages = messages * self._share(number, piece, messages)
        if self.combine != "max":
            piece.result = messages[:0]  # the way back does not read it
        if self.combine == "max":
            _largest(made, targets, messages)
        elif isinstance(targets, slice):
            read(made, targets).add_(messages)
        else:
            made.index_add_(0, targets, messages)

    def _share(self, number: int, piece: Made, like: Tensor) -> Tensor:
        share = self._shares[number]
        assert share is not None
        return share[piece.piece.sites].to(like)

    # The way back

    def slopes(self, sent: Sequence[Sent], combined: Tensor, slope: Tensor) -> Iterator[tuple[Sent, list[Tensor]]]:
        """dL/dm for every group that has sent something: one for each piece, or that of the drawn pairs [R, q].

        Args:
            sent: by `run`.
            combined: what `run` made.
            slope: dL/d combined, in its shape.
        """
        equal = self._equal(sent, combined) if self.combine == "max" else None
        for group in sent:
            if group.picked is not None:
                flat = slope.view(-1, slope.shape[-1])
                yield group, [flat.index_select(0, group.picked.pick.target)]
            elif group.made:
                yield group, [self._slope(group.number, piece, combined, slope, equal) for piece in group.made]
            else:
                yield group, []

    def _slope(self, number: int, piece: Made, combined: Tensor, slope: Tensor, equal: Tensor | None) -> Tensor:
        own = read(slope, piece.piece.targets)
        if not self.products[number].drawn or self.combine == "sum":
            return own
        if equal is None:
            return own * self._share(number, piece, own)
        largest = piece.result == read(combined, piece.piece.targets)
        return torch.where(largest, own / read(equal, piece.piece.targets), 0.0)

    def _equal(self, sent: Sequence[Sent], combined: Tensor) -> Tensor:
        """How many messages are the largest at each place: they share its gradient."""
        equal = torch.zeros_like(combined)
        for piece in (piece for group in sent if self.products[group.number].drawn for piece in group.made):
            chosen = (piece.result == read(combined, piece.piece.targets)).to(combined)
            targets = piece.piece.targets
            read(equal, targets).add_(chosen) if isinstance(targets, slice) else equal.index_add_(0, targets, chosen)
        return equal

    def back(self, sent: Sent, found: list[Tensor], tensors: Tensors, slopes: Tensors, fresh: Sequence[bool]) -> None:
        """Gathers the gradients of one group's parameters, given those of its messages."""
        product = self.products[sent.number]
        for piece, slope, first in zip(sent.made, found, fresh, strict=False):
            product.back(piece, tensors, slope, slopes, first)
        if sent.picked is not None:
            self._back_picked(sent.number, sent.picked, found[0], slopes, fresh[0])

    def _back_picked(self, number: int, picked: Picked, slope: Tensor, slopes: Tensors, fresh: bool) -> None:
        product, task = self.products[number], self._tasks[number]
        assert task is not None
        aside = {name: torch.empty_like(value) for name, value in picked.weights.items()}
        shaped = slope if picked.padding is None else picked.padding.zeros(slope)
        product.cell.backward(product.network, picked.weights, picked.kept, shaped, Into(aside, True), False)
        for name, value in aside.items():
            rows = value.unsqueeze(0) if task.classes == 1 else value
            if fresh:
                write(slopes[name], task.rows, rows)
            elif isinstance(task.rows, slice):
                read(slopes[name], task.rows).add_(rows)
            else:
                slopes[name].index_add_(0, task.rows, rows)


def _largest(made: Tensor, targets: Rows, messages: Tensor) -> None:
    if isinstance(targets, slice):
        part = read(made, targets)
        part.copy_(torch.maximum(part, messages))
    else:
        made.scatter_reduce_(0, targets.view(-1, 1, 1).expand_as(messages), messages, "amax")


class Parameters:
    """The tensors of stacks as a pass sees them, each stack asked once."""

    def __init__(self, stacks: Stacks) -> None:
        self._stacks = stacks
        self._found: dict[int, dict[str, Tensor]] = {}

    def of(self, stack: int) -> dict[str, Tensor]:
        """The parameters of a stack by name, [classes, ..], without gradients."""
        if stack not in self._found:
            self._found[stack] = {name: value.detach() for name, value in self._stacks.tensors(stack).items()}
        return self._found[stack]
