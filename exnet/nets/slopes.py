"""Slopes of layers, written out: products, activations and norms, each beside what its backward reads.

All run without autograd, on one class or on a stack of them (shapes as in `exnet.nets.layers`). What a layer's backward
needs is kept where its forward has it; nothing is computed twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from exnet.nets.arena import New, fresh
from exnet.nets.layers import EPSILON, WIDE
from exnet.nets.operands import Operand, Plain, Repeated, product

IN_PLACE: Mapping[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu_,
    "tanh": torch.tanh_,
    "sigmoid": torch.sigmoid_,
    "identity": lambda x: x,
}
"""Activations whose slope follows from their result alone: what they read is not kept."""


def _relu(g: Tensor, s: Tensor) -> Tensor:
    return torch.ops.aten.threshold_backward(g, s, 0)


def _gelu(g: Tensor, z: Tensor) -> Tensor:
    return torch.ops.aten.gelu_backward.grad_input(g, z, grad_input=g)


def _silu(g: Tensor, z: Tensor) -> Tensor:
    return torch.ops.aten.silu_backward.grad_input(g, z, grad_input=g)


_AFTER: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "relu": _relu,
    "tanh": torch.ops.aten.tanh_backward,
    "sigmoid": torch.ops.aten.sigmoid_backward,
}
_BEFORE: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {"gelu": _gelu, "silu": _silu}


@dataclass(frozen=True, slots=True, eq=False)
class Activated:
    """a = mask * f(z). `before`: z, or None where the slope follows from `result` = f(z)."""

    kind: str
    before: Tensor | None
    result: Tensor
    mask: Tensor | None

    @property
    def value(self) -> Tensor:
        """What the next layer reads."""
        return self.result if self.mask is None else self.result * self.mask

    def slope(self, g: Tensor) -> Tensor:
        """dL/dz from g = dL/da, which is used up."""
        if self.mask is not None:
            g = g.mul_(self.mask)
        if self.before is not None:
            return _BEFORE[self.kind](g, self.before)
        return g if self.kind == "identity" else _AFTER[self.kind](g, self.result)


INTO = {"gelu": torch.ops.aten.gelu.out, "silu": torch.ops.aten.silu.out}


def activate(kind: str, z: Tensor, mask: Callable[[Tensor], Tensor] | None, new: New = fresh) -> Activated:
    """f(z), times `mask(f(z))` if there is one. z is used up."""
    in_place = IN_PLACE.get(kind)
    result = INTO[kind](z, out=new(z, *z.shape)) if in_place is None else in_place(z)
    return Activated(kind, z if in_place is None else None, result, None if mask is None else mask(result))


@dataclass(frozen=True, slots=True, eq=False)
class Normed:
    """What the slope of y = norm(x) reads: x and `mean` for `layer`, y for `rms`; `scale`, one over the deviation."""

    value: Tensor
    mean: Tensor | None
    scale: Tensor

    def slope(self, g: Tensor) -> Tensor:
        """dL/dx from g = dL/dy.

        layer: s (g - mean(g) - y mean(g y)), s one over the deviation; rms: s (g - y mean(g y)).
        """
        if self.mean is None:
            return (g - self.value * (g * self.value).mean(-1, keepdim=True)) * self.scale
        width = [self.value.shape[-1]]
        made = torch.ops.aten.native_layer_norm_backward(
            g.contiguous(), self.value, width, self.mean, self.scale, None, None, [True, False, False]
        )
        return made[0]


def normed(kind: str, x: Tensor) -> tuple[Tensor, Normed]:
    """norm(x) for the kinds `layer` and `rms`, with its slope."""
    if kind == "layer":
        y, mean, scale = torch.native_layer_norm(x, x.shape[-1:], None, None, EPSILON)
        return y, Normed(x, mean, scale)
    scale = torch.rsqrt(x.square().mean(-1, keepdim=True) + EPSILON)
    y = functional.rms_norm(x, x.shape[-1:], eps=EPSILON)
    return y, Normed(y, None, scale)


def joined(operands: Sequence[Operand]) -> Sequence[Operand]:
    """The operands, as one if there are so many that a product for each would cost more than joining them."""
    if len(operands) <= WIDE:
        return operands
    return (Plain(torch.cat([operand.value() for operand in operands], -1)),)


def affine(operands: Sequence[Operand], weight: Tensor, bias: Tensor | None, new: New = fresh) -> Tensor:
    """Computes y = sum over j of x_j W_j + b; the rows of W are those of the operands, one after the other."""
    parts = weight.split([x.width for x in operands], -2) if len(operands) > 1 else (weight,)
    pairs = sorted(zip(operands, parts, strict=True), key=lambda pair: not isinstance(pair[0], Plain))
    (first, part), rest = pairs[0], pairs[1:]
    y = linear(first.x, part, bias, new) if isinstance(first, Plain) else _started(first, part, bias, new)
    for operand, part in rest:
        operand.add_product(part, y)
    return y


def _started(first: Repeated, weight: Tensor, bias: Tensor | None, new: New) -> Tensor:
    y = new(first.x, first.outer * first.inner * first.batch, weight.shape[-1])
    y.zero_() if bias is None else y.copy_(bias)
    first.add_product(weight, y)
    return y


def linear(x: Tensor, weight: Tensor, bias: Tensor | None, new: New = fresh) -> Tensor:
    """Computes x W + b."""
    y = new(x, *x.shape[:-1], weight.shape[-1])
    if weight.dim() == 2:
        return torch.mm(x, weight, out=y) if bias is None else torch.addmm(bias, x, weight, out=y)
    return torch.bmm(x, weight, out=y) if bias is None else torch.baddbmm(bias.unsqueeze(-2), x, weight, out=y)


@dataclass(frozen=True, slots=True, eq=False)
class Into:
    """Where the gradients of one site's parameters go.

    Attributes:
        slopes: a tensor for each parameter by its name.
        fresh: whether nothing has been written there in this step.
    """

    slopes: Mapping[str, Tensor]
    fresh: bool

    def weight(self, name: str, x: Tensor, g: Tensor) -> None:
        """Adds x^T g."""
        product(x.transpose(-1, -2), g, self.slopes[name], self.fresh)

    def bias(self, name: str, g: Tensor) -> None:
        """Adds the sum of g over its rows."""
        into = self.slopes[name]
        torch.sum(g, -2, out=into) if self.fresh else into.add_(g.sum(-2))

    def first(self, name: str, operands: Sequence[Operand], g: Tensor) -> None:
        """Adds x_j^T g to the rows of each operand j."""
        parts = self.slopes[name].split([x.width for x in operands], -2) if len(operands) > 1 else None
        for i, operand in enumerate(operands):
            operand.weight_slope(g, self.slopes[name] if parts is None else parts[i], self.fresh)


def operand_slopes(operands: Sequence[Operand], weight: Tensor, g: Tensor) -> list[Tensor]:
    """dL/dx_j = g W_j^T for each operand j."""
    parts = weight.split([x.width for x in operands], -2)
    return [torch.matmul(g, part.transpose(-1, -2)) for part in parts]
