"""Chains at work: consecutive groups of which each reads what the one before it has made.

    y_t = network(y_(t-1), x_t; W_t)        t = 1 .. T

The x_t are known before the scan begins. So their products with the first layer are made for all t at once, and what is
left in sequence is y_(t-1) W and the layers after it. The way back knows no sequence at all: every y_(t-1) is a constant,
and all T steps are one product, of one class or of T classes in a row.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from exnet.nets.arena import New, fresh
from exnet.nets.cells import Branch, Opened, cell_of
from exnet.nets.dropout import Masks
from exnet.nets.layers import ACTIVATIONS, EPSILON
from exnet.nets.operands import Operand, Plain
from exnet.nets.slopes import IN_PLACE, Activated, Normed, affine
from exnet.passing.product import Made, Piece, Product, Read, Tensors
from exnet.passing.rows import rows_of
from exnet.plan.chains import BLOCK, Chain
from exnet.plan.model import Group, Groups, Ints, Plan
from exnet.spec.networks import Gated, Mlp

class Scan(Product):
    """A chain at work; as a product it has a piece for each block of steps.

    Args:
        plan: whose groups they are.
        groups: `up` or `down`.
        chain: which of them.
        device: of the index tensors.
    """

    def __init__(self, plan: Plan, groups: Groups, chain: Chain, device: torch.device) -> None:
        every = [groups[i] for i in range(chain.first, chain.end)]
        stack = plan.stacks[every[0].stack]
        self.stack, self.drawn = every[0].stack, False
        self.component, self.network, self.cell = stack.component, stack.network, cell_of(stack.network)
        self.targets = np.concatenate([group.targets for group in every]).astype(np.int64)
        self.steps, self.carry = len(every), chain.carry
        self._start = Read(rows_of(every[0].operands[chain.carry], device), None)
        self._sites = len(every[0].targets)
        self.pieces = [_piece(every[at : at + BLOCK], device) for at in range(0, self.steps, BLOCK)]

    def run(
        self, tensors: Tensors, buffers: Sequence[Tensor], masks: Masks | None, new: New | None = None
    ) -> Iterator[Made]:
        """One result for each block of steps."""
        del masks  # networks with dropout are not scanned
        start = self._start.operand(buffers[min(self.carry, len(buffers) - 1)], ()).value()
        for piece in self.pieces:
            made = self._block(piece, tensors, buffers, start, new or fresh)
            start = made.result[-self._sites :].flatten(0, 1).clone()
            if new is None:
                made.kept = None
            yield made
            del made

    def _block(self, piece: Piece, tensors: Tensors, buffers: Sequence[Tensor], start: Tensor, new: New) -> Made:
        """Some steps; `start` is what the one before them has made."""
        last = len(buffers) - 1
        operands: list[Operand | None] = [
            None if j == self.carry else found.operand(buffers[min(j, last)], piece.lead)
            for j, found in enumerate(piece.reads)
        ]
        network, steps = self.network, piece.count // self._sites
        assert isinstance(network, Mlp | Gated)
        result, kept = _Steps(network, piece.weights(tensors), operands, start, steps, piece.single, new).run()
        return Made(piece, result.view(piece.count, buffers[0].shape[1], result.shape[-1]), kept)


def _piece(every: Sequence[Group], device: torch.device) -> Piece:
    """Groups of one step each, as one piece."""
    rows: Ints = np.array([int(group.rows[0]) for group in every], np.int64)
    single = bool((rows == rows[0]).all())
    reads = tuple(
        Read(rows_of(np.concatenate([group.operands[j] for group in every]), device), None)
        for j in range(len(every[0].operands))
    )
    targets = np.concatenate([group.targets for group in every]).astype(np.int64)
    return Piece(
        rows=rows_of(rows[:1] if single else rows, device),
        single=single,
        lead=() if single else (len(every),),
        reads=reads,
        sites=slice(0, len(targets)),
        targets=rows_of(targets, device),
        identity=None,
    )


class _Steps:
    """The steps of one scan.

    Args:
        network: an mlp with a hidden layer at least, or a gated one.
        weights: of one class, or of T classes [T, ..].
        operands: x for all steps, [T * R, w] or [T, R, w]; None for the carry.
        start: y_0, [R, w].
        steps: T.
        single: whether there is one class.
        new: where tensors come from.
    """

    def __init__(
        self,
        network: Mlp | Gated,
        weights: Tensors,
        operands: Sequence[Operand | None],
        start: Tensor,
        steps: int,
        single: bool,
        new: New,
    ) -> None:
        self.network, self.weights, self.operands, self.start, self.new = network, weights, operands, start, new
        self.steps, self.single, self.rows = steps, single, len(start)
        self.carry = operands.index(None)
        self.widths = [start.shape[-1] if x is None else x.width for x in operands]

    def run(self) -> tuple[Tensor, object]:
        """y_1 .. y_T as rows, and what the way back reads (y_0 .. y_(T-1) among it)."""
        last = 1 if self.network.hidden is None else len(self.network.hidden)
        opening, carried = self._opening("w0", "b0")
        layers = [self._like(opening.shape[-1])] if self.network.activation not in IN_PLACE else [opening]
        before: list[Tensor | None] = [opening if self.network.activation not in IN_PLACE else None]
        for i in range(1, last):
            z = self._like(self.weights[f"w{i}"].shape[-1])
            before.append(z if self.network.activation not in IN_PLACE else None)
            layers.append(self._like(z.shape[-1]) if self.network.activation not in IN_PLACE else z)
        gate = self._opening("wg", "bg") if isinstance(self.network, Gated) else None
        path, x, mean, scale, apart = self._sequence(opening, carried, before, layers, gate, last)
        return self._flat(path[1:]), self._kept(before, layers, path, x, mean, scale, apart, gate)

    def _like(self, width: int) -> Tensor:
        return self.new(self.start, self.steps, self.rows, width)

    def _opening(self, weight: str, bias: str) -> tuple[Tensor, list[Tensor]]:
        """x W + b of all steps without the carry, [T, R, h], and the rows of W that belong to the carry, by step."""
        parts = self.weights[weight].split(self.widths, -2)
        known = [(x, part) for x, part in zip(self.operands, parts, strict=True) if x is not None]
        if known:
            together = torch.cat([part for _, part in known], -2) if len(known) > 1 else known[0][1]
            made = affine([x for x, _ in known], together, self.weights[bias], self.new)
        else:
            own = self.weights[bias]
            made = (own if own.dim() == 1 else own.unsqueeze(1)).expand(self.steps, self.rows, -1).contiguous()
        return made.view(self.steps, self.rows, made.shape[-1]), self._by_step(parts[self.carry])

    def _by_step(self, value: Tensor) -> list[Tensor]:
        return [value] * self.steps if self.single else list(value.unbind())

    def _sequence(
        self,
        opening: Tensor,
        carried: list[Tensor],
        before: Sequence[Tensor | None],
        layers: Sequence[Tensor],
        gate: tuple[Tensor, list[Tensor]] | None,
        last: int,
    ) -> tuple[Tensor, Tensor, list[Tensor], list[Tensor], Tensor | None]:
        """The loop over t."""
        network, start = self.network, self.start
        out = self.weights[f"b{last}"].shape[-1]
        x, path = self._like(out), self.new(start, self.steps + 1, self.rows, out)
        path[0], result = start, path[1:]
        apart = self._like(out) if gate is not None else None
        activation, in_place = ACTIVATIONS[network.activation], IN_PLACE.get(network.activation)
        zs = [
            opening.unbind(),
            *([z.unbind() if z is not None else a.unbind() for z, a in zip(before[1:], layers[1:], strict=True)]),
        ]
        values = [a.unbind() for a in layers]
        weights = [
            (self._by_step(self.weights[f"w{i}"]), self._by_step(self.weights[f"b{i}"])) for i in range(1, last + 1)
        ]
        xs, ys = x.unbind(), result.unbind()
        first = None if self.carry == 0 else self.operands[0]
        firsts = None if first is None else first.value().reshape(self.steps, self.rows, first.width).unbind()
        mean, scale = list[Tensor](), list[Tensor]()
        normalise = _normaliser(network.norm, out)
        y = start
        for t in range(self.steps):
            a = zs[0][t].addmm_(y, carried[t])
            for i in range(last):
                if in_place is None:
                    value = values[i][t]
                    value.copy_(activation(a))
                else:
                    value = in_place(a)
                a = zs[i + 1][t] if i + 1 < last else xs[t]
                torch.addmm(weights[i][1][t], value, weights[i][0][t], out=a)
            made, m, s = normalise(a)
            mean.append(m)
            scale.append(s)
            held = y if firsts is None else firsts[t]
            if gate is not None:
                assert apart is not None
                opened = gate[0][t].addmm_(y, gate[1][t]).sigmoid_()
                torch.sub(made, held, out=apart[t])
                y = torch.addcmul(held, opened, apart[t], out=ys[t])
            elif isinstance(network, Mlp) and network.residual:
                y = torch.add(held, made, alpha=network.step, out=ys[t])
            else:
                y = ys[t].copy_(made)
        return path, x, mean, scale, apart

    def _kept(
        self,
        before: Sequence[Tensor | None],
        layers: Sequence[Tensor],
        path: Tensor,
        x: Tensor,
        mean: list[Tensor],
        scale: list[Tensor],
        apart: Tensor | None,
        gate: tuple[Tensor, list[Tensor]] | None,
    ) -> object:
        carried = self._flat(path[:-1])
        operands = [Plain(carried) if found is None else found for found in self.operands]
        own = [
            Activated(self.network.activation, None if z is None else self._flat(z), self._flat(a), None)
            for z, a in zip(before, layers, strict=True)
        ]
        outer = None
        if self.network.norm != "off":
            scales = self._flat(torch.stack(scale))
            means = self._flat(torch.stack(mean)) if self.network.norm == "layer" else None
            plain = apart is None and not (isinstance(self.network, Mlp) and self.network.residual)
            y = self._flat(path[1:]) if plain else self._normed(x, means, scales)
            outer = Normed(y if means is None else self._flat(x), means, scales)
        branch = Branch(operands, own, None, outer)
        if gate is None or apart is None:
            return branch
        return Opened(branch, self._flat(gate[0]), self._flat(apart))

    def _normed(self, x: Tensor, mean: Tensor | None, scale: Tensor) -> Tensor:
        """norm(x) again, where the result is more than that; `layer` does not read it on the way back."""
        return self._flat(x) * scale if mean is None else self._flat(x)

    def _flat(self, value: Tensor) -> Tensor:
        """[T, R, w] as the way back wants it: [T * R, w] for one class."""
        return value.reshape(-1, value.shape[-1]) if self.single else value


def _normaliser(kind: str, width: int) -> Callable[[Tensor], tuple[Tensor, Tensor, Tensor]]:
    if kind == "layer":
        return lambda x: torch.native_layer_norm(x, [width], None, None, EPSILON)
    if kind == "rms":
        return _rms
    return lambda x: (x, x, x)


def _rms(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    scale = torch.rsqrt(x.square().mean(-1, keepdim=True) + EPSILON)
    return torch.nn.functional.rms_norm(x, x.shape[-1:], eps=EPSILON), scale, scale


def at_work(
    plan: Plan, groups: Groups, found: Iterable[Chain], device: torch.device, place: Ints | None = None
) -> tuple[list[Product], list[int]]:
    """The groups of a sequence, prepared, those of the chains `found` as scans; and the first group of each product."""
    made, numbers, at = list[Product](), list[int](), 0
    for chain in (*found, None):
        plain = range(at, len(groups) if chain is None else chain.first)
        made += [Product(plan, groups[i], device, place) for i in plain]
        numbers += plain
        if chain is not None:
            made.append(Scan(plan, groups, chain, device))
            numbers.append(chain.first)
            at = chain.end
    return made, numbers


def last_groups(firsts: Sequence[int], groups: Groups) -> list[int]:
    """The last group of each product, given the first ones."""
    return [*(first - 1 for first in firsts[1:]), len(groups) - 1]
