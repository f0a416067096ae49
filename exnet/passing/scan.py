"""Chains at work: consecutive groups of which each reads what the one before it has made.

    y_t = network(y_(t-1), x_t; W_t)        t = 1 .. T

The x_t are known before the scan begins. So their products with the first layer are made for all t at once, and what is
left in sequence is y_(t-1) W and the layers after it. The way back knows no sequence at all: every y_(t-1) is a
constant, and the steps of a block are one product, of one class or of as many classes in a row.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from exnet.nets.arena import New, fresh
from exnet.nets.cells import Branch, Opened, cell_of
from exnet.nets.dropout import Masks
from exnet.nets.layers import EPSILON
from exnet.nets.operands import Operand, Plain
from exnet.nets.slopes import IN_PLACE, INTO, Activated, Normed, affine
from exnet.passing.blocks import Blocks, Form, Strip, active
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
            made = self._block(piece, tensors, buffers, start, new or fresh, None if new is None else active())
            start = made.result[-self._sites :].flatten(0, 1).clone()
            if new is None:
                made.kept = None
            yield made
            del made

    def _block(
        self, piece: Piece, tensors: Tensors, buffers: Sequence[Tensor], start: Tensor, new: New, fused: Blocks | None
    ) -> Made:
        """Some steps; `start` is what the one before them has made."""
        last = len(buffers) - 1
        operands: list[Operand | None] = [
            None if j == self.carry else found.operand(buffers[min(j, last)], piece.lead)
            for j, found in enumerate(piece.reads)
        ]
        network, steps = self.network, piece.count // self._sites
        assert isinstance(network, Mlp | Gated)
        result, kept = _Steps(network, piece.weights(tensors), operands, start, steps, piece.single, new, fused).run()
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
        blocks: compiled ones, for as many steps as they can do; None for none.
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
        blocks: Blocks | None,
    ) -> None:
        self.network, self.weights, self.operands, self.start = network, weights, operands, start
        self.blocks, self.new = blocks, new if blocks is None else fresh  # compiled code wants each in its own memory
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
        out = self.weights[f"b{last}"].shape[-1]
        x, path = self._like(out), self.new(self.start, self.steps + 1, self.rows, out)
        path[0], result = self.start, path[1:]
        apart = self._like(out) if gate is not None else None
        held = None if self.carry == 0 else self.operands[0]
        past = None if held is None else held.value().reshape(self.steps, self.rows, held.width)
        mean, scale = list[Tensor](), list[Tensor]()
        done = self._fused(before, layers, x, result, gate, apart, past, mean, scale)
        if done < self.steps:
            self._sequence(done, opening, carried, before, layers, gate, x, path, apart, past, mean, scale)
        return self._flat(result), self._kept(before, layers, path, x, mean, scale, apart, gate)

    def _like(self, width: int) -> Tensor:
        return self.new(self.start, self.steps, self.rows, width)

    def _opening(self, weight: str, bias: str) -> tuple[Tensor, Tensor]:
        """Gives x W + b of all steps without the carry, [T, R, h], and the rows of W that belong to the carry."""
        parts = self.weights[weight].split(self.widths, -2)
        known = [(x, part) for x, part in zip(self.operands, parts, strict=True) if x is not None]
        if known:
            together = torch.cat([part for _, part in known], -2) if len(known) > 1 else known[0][1]
            made = affine([x for x, _ in known], together, self.weights[bias], self.new)
        else:
            own = self.weights[bias]
            made = (own if own.dim() == 1 else own.unsqueeze(1)).expand(self.steps, self.rows, -1).contiguous()
        return made.view(self.steps, self.rows, made.shape[-1]), parts[self.carry]

    def _by_step(self, value: Tensor, done: int) -> list[Tensor]:
        return [value] * (self.steps - done) if self.single else list(value[done:].unbind())

    def _sequence(
        self,
        done: int,
        opening: Tensor,
        carried: Tensor,
        before: Sequence[Tensor | None],
        layers: Sequence[Tensor],
        gate: tuple[Tensor, Tensor] | None,
        x: Tensor,
        path: Tensor,
        apart: Tensor | None,
        past: Tensor | None,
        mean: list[Tensor],
        scale: list[Tensor],
    ) -> None:
        """The loop over t from `done` on; mean and scale of the norm are appended, [n, R, 1]."""
        network, last = self.network, len(layers)
        in_place = IN_PLACE.get(network.activation)
        zs = [(a if z is None else z)[done:].unbind() for z, a in zip((opening, *before[1:]), layers, strict=True)]
        values = [a[done:].unbind() for a in layers]
        weights = [[self._by_step(self.weights[f"{w}{i}"], done) for w in "wb"] for i in range(1, last + 1)]
        carries = self._by_step(carried, done)
        gates = None if gate is None else (gate[0][done:].unbind(), self._by_step(gate[1], done))
        xs, ys = x[done:].unbind(), path[done + 1 :].unbind()
        aparts = None if apart is None else apart[done:].unbind()
        firsts = None if past is None else past[done:].unbind()
        means, scales = list[Tensor](), list[Tensor]()
        normalise = _normaliser(network.norm, x.shape[-1])
        y = path[done]
        for t in range(self.steps - done):
            a = zs[0][t].addmm_(y, carries[t])
            for i in range(last):
                value = in_place(a) if in_place is not None else INTO[network.activation](a, out=values[i][t])
                a = zs[i + 1][t] if i + 1 < last else xs[t]
                torch.addmm(weights[i][1][t], value, weights[i][0][t], out=a)
            made, m, s = normalise(a)
            means.append(m)
            scales.append(s)
            held = y if firsts is None else firsts[t]
            if gates is not None and aparts is not None:
                opened = gates[0][t].addmm_(y, gates[1][t]).sigmoid_()
                torch.sub(made, held, out=aparts[t])
                y = torch.addcmul(held, opened, aparts[t], out=ys[t])
            elif isinstance(network, Mlp) and network.residual:
                y = torch.add(held, made, alpha=network.step, out=ys[t])
            else:
                y = ys[t].copy_(made)
        if network.norm != "off":
            mean.append(torch.stack(means))
            scale.append(torch.stack(scales))

    def _fused(
        self,
        before: Sequence[Tensor | None],
        layers: Sequence[Tensor],
        x: Tensor,
        result: Tensor,
        gate: tuple[Tensor, Tensor] | None,
        apart: Tensor | None,
        past: Tensor | None,
        mean: list[Tensor],
        scale: list[Tensor],
    ) -> int:
        """How many steps compiled blocks have done; mean and scale of the norm are appended."""
        if self.blocks is None:
            return 0
        both = [z for z in before if z is not None]
        norms = [self._like(1), self._like(1)] if self.network.norm != "off" else [None, None]
        plain = gate is None and not (isinstance(self.network, Mlp) and self.network.residual)
        strip = Strip(
            both or layers, layers if both else [], x, result, norms[0], norms[1],
            None if gate is None else gate[0], apart, None if plain else past,
        )  # fmt: skip
        done = self.blocks.run(self._form(layers), strip, self.start, self._weights(len(layers)))
        for values, found in zip((mean, scale), norms, strict=True):
            if done and found is not None:
                values.append(found[:done])
        return done

    def _form(self, layers: Sequence[Tensor]) -> Form:
        network = self.network
        return Form(
            activation=network.activation,
            norm=network.norm,
            step=network.step if isinstance(network, Mlp) and network.residual else None,
            gated=isinstance(network, Gated),
            single=self.single,
            carries=self.carry == 0,
            widths=(self.start.shape[-1], *(layer.shape[-1] for layer in layers)),
            dtype=self.start.dtype,
        )

    def _weights(self, last: int) -> list[Tensor]:
        """As compiled blocks take them."""
        found = [self.weights["w0"].split(self.widths, -2)[self.carry]]
        for i in range(1, last + 1):
            found += [self.weights[f"w{i}"], self.weights[f"b{i}"]]
        if isinstance(self.network, Gated):
            found.append(self.weights["wg"].split(self.widths, -2)[self.carry])
        return found

    def _kept(
        self,
        before: Sequence[Tensor | None],
        layers: Sequence[Tensor],
        path: Tensor,
        x: Tensor,
        mean: list[Tensor],
        scale: list[Tensor],
        apart: Tensor | None,
        gate: tuple[Tensor, Tensor] | None,
    ) -> object:
        carried = self._flat(path[:-1])
        operands = [Plain(carried) if found is None else found for found in self.operands]
        own = [
            Activated(self.network.activation, None if z is None else self._flat(z), self._flat(a), None)
            for z, a in zip(before, layers, strict=True)
        ]
        outer = None
        if self.network.norm != "off":
            scales = self._flat(_joined(scale))
            means = self._flat(_joined(mean)) if self.network.norm == "layer" else None
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


def _joined(parts: Sequence[Tensor]) -> Tensor:
    return parts[0] if len(parts) == 1 else torch.cat(list(parts))


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
