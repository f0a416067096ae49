"""Networks with their backward passes: the forward keeps what the backward reads.

    y = network(operands; W)        dL/dW and, where asked for, dL/dx_j from dL/dy

The kinds that come with exnet have theirs written out; networks of packages go through autograd, one call at a time.
Every cell equals autograd through the same network's `apply`, which a test checks for each kind and option.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import torch
from torch import Tensor

from exnet.nets.arena import New, fresh
from exnet.nets.dropout import Mask
from exnet.nets.layers import Weights
from exnet.nets.operands import Operand, plain
from exnet.nets.registry import Apply, implementation
from exnet.nets.slopes import Activated, Into, Normed, activate, affine, joined, linear, normed, operand_slopes
from exnet.spec.network import Network
from exnet.spec.networks import Gated, Linear, Mlp


class Cell(Protocol):
    """A kind of network with its backward pass. Shapes as of `exnet.nets.layers`; gradients are off."""

    def forward(
        self, network: Any, weights: Weights, operands: Sequence[Operand], mask: Mask | None, new: New = fresh
    ) -> tuple[Tensor, Any]:
        """Y [.., R, out], and what the backward needs. What is returned may share memory with nothing but itself."""
        ...

    def backward(
        self, network: Any, weights: Weights, kept: Any, slope: Tensor, into: Into, reach: bool
    ) -> list[Tensor]:
        """Gathers dL/dW into `into`, given dL/dy = slope; with `reach` also gives dL/dx_j for each operand j."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Branch:
    """What `branch` keeps. `inner`: what the norm before the last layer gave, and that norm; `outer`: the last norm."""

    operands: Sequence[Operand]
    layers: Sequence[Activated]
    inner: tuple[Tensor, Normed] | None
    outer: Normed | None


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """What a gated network keeps: its branch, the gate, and what the gate lets through (candidate less carried)."""

    branch: Branch
    gate: Tensor
    apart: Tensor


def _branch(
    network: Mlp | Gated, weights: Weights, operands: Sequence[Operand], mask: Mask | None, new: New
) -> tuple[Tensor, Branch]:
    """As `exnet.nets.layers.branch`, with a hidden layer at least if the start is `identity`."""
    last = 1 if network.hidden is None else len(network.hidden)
    identity, norm = network.start == "identity", network.norm != "off"
    x, layers, inner = affine(operands, weights["w0"], weights["b0"], new), list[Activated](), None
    for i in range(1, last + 1):
        layers.append(activate(network.activation, x, _dropped(network, mask, i - 1), new))
        value = layers[-1].value
        if identity and norm and i == last:
            value, own = normed(network.norm, value)
            inner = value, own
        x = linear(value, weights[f"w{i}"], weights[f"b{i}"], new)
    x, outer = normed(network.norm, x) if norm and not identity else (x, None)
    return x, Branch(operands, layers, inner, outer)


def _dropped(network: Mlp | Gated, mask: Mask | None, layer: int) -> Callable[[Tensor], Tensor] | None:
    if mask is None or network.dropout == 0.0:
        return None
    return lambda x: mask(layer, x, network.dropout)


def _branch_back(weights: Weights, kept: Branch, slope: Tensor, into: Into) -> Tensor:
    """dL/d(a_0 W_0 + b_0), and all gradients of parameters on the way to it."""
    g = slope if kept.outer is None else kept.outer.slope(slope)
    for i in range(len(kept.layers), 0, -1):
        layer, inner = kept.layers[i - 1], kept.inner if i == len(kept.layers) else None
        into.weight(f"w{i}", layer.value if inner is None else inner[0], g)
        into.bias(f"b{i}", g)
        g = torch.matmul(g, weights[f"w{i}"].transpose(-1, -2))
        g = layer.slope(g if inner is None else inner[1].slope(g))
    into.first("w0", kept.operands, g)
    into.bias("b0", g)
    return g


class MlpCell:
    """y = branch, or x_0 + step * branch."""

    def forward(
        self, network: Mlp, weights: Weights, operands: Sequence[Operand], mask: Mask | None, new: New = fresh
    ) -> tuple[Tensor, Any]:
        """As of `Cell`."""
        made, kept = _branch(network, weights, joined(operands), mask, new)
        if network.residual:
            made = torch.add(operands[0].value(), made, alpha=network.step)
        return made, kept

    def backward(
        self, network: Mlp, weights: Weights, kept: Any, slope: Tensor, into: Into, reach: bool
    ) -> list[Tensor]:
        """As of `Cell`."""
        g = _branch_back(weights, kept, slope * network.step if network.residual else slope, into)
        found = operand_slopes(kept.operands, weights["w0"], g) if reach else []
        if reach and network.residual:
            found[0] = found[0] + slope
        return found


class GatedCell:
    """y = x_0 + g * (candidate - x_0), or x_0 + g * branch with the start `identity`."""

    def forward(
        self, network: Gated, weights: Weights, operands: Sequence[Operand], mask: Mask | None, new: New = fresh
    ) -> tuple[Tensor, Any]:
        """As of `Cell`."""
        own = joined(operands)
        made, kept = _branch(network, weights, own, mask, new)
        gate = affine(own, weights["wg"], weights["bg"], new).sigmoid_()
        carried = operands[0].value()
        apart = made if network.start == "identity" else made - carried
        return torch.addcmul(carried, gate, apart), Opened(kept, gate, apart)

    def backward(
        self, network: Gated, weights: Weights, kept: Any, slope: Tensor, into: Into, reach: bool
    ) -> list[Tensor]:
        """As of `Cell`."""
        branch, gate, apart = kept.branch, kept.gate, kept.apart
        opening = torch.ops.aten.sigmoid_backward(slope * apart, gate)
        g = _branch_back(weights, branch, slope * gate, into)
        into.first("wg", branch.operands, opening)
        into.bias("bg", opening)
        if not reach:
            return []
        through = operand_slopes(branch.operands, weights["w0"], g)
        beside = operand_slopes(branch.operands, weights["wg"], opening)
        found = [a + b for a, b in zip(through, beside, strict=True)]
        found[0] = found[0] + (slope if network.start == "identity" else slope * (1 - gate))
        return found


class LinearCell:
    """y = sum over j of x_j W_j + b."""

    def forward(
        self, network: Linear, weights: Weights, operands: Sequence[Operand], mask: Mask | None, new: New = fresh
    ) -> tuple[Tensor, Any]:
        """As of `Cell`."""
        del mask  # a linear network has no hidden activations to drop
        own = joined(operands)
        return affine(own, weights["w0"], weights["b0"] if network.bias else None, new), own

    def backward(
        self, network: Linear, weights: Weights, kept: Any, slope: Tensor, into: Into, reach: bool
    ) -> list[Tensor]:
        """As of `Cell`."""
        into.first("w0", kept, slope)
        if network.bias:
            into.bias("b0", slope)
        return operand_slopes(kept, weights["w0"], slope) if reach else []


@dataclass(frozen=True, slots=True, eq=False)
class AutogradCell:
    """Any network: its `apply` runs again under autograd when its slopes are asked for."""

    apply: Apply

    def forward(
        self, network: Network, weights: Weights, operands: Sequence[Operand], mask: Mask | None, new: New = fresh
    ) -> tuple[Tensor, Any]:
        """As of `Cell`."""
        del new
        own = plain(operands)
        return self.apply(network, weights, own, mask), (own, mask)

    def backward(
        self, network: Network, weights: Weights, kept: Any, slope: Tensor, into: Into, reach: bool
    ) -> list[Tensor]:
        """As of `Cell`."""
        operands, mask = kept
        with torch.enable_grad():
            live = {name: value.detach().requires_grad_() for name, value in weights.items()}
            read = [x.detach().requires_grad_(reach) for x in operands]
            wanted = [*live.values(), *(read if reach else [])]
            made = self.apply(network, live, read, mask)
            given = torch.autograd.grad(made, wanted, slope, allow_unused=True, materialize_grads=True)
        for name, value in zip(live, given, strict=False):
            into.slopes[name].copy_(value) if into.fresh else into.slopes[name].add_(value)
        return list(given[len(live) :])


CELLS: Mapping[str, Cell] = {"mlp": MlpCell(), "linear": LinearCell(), "gated": GatedCell()}


def cell_of(network: Network) -> Cell:
    """The cell of a network: written out where it can be, else by autograd.

    Raises:
        ExnetError: EXN473 or EXN474, as `implementation` does.
    """
    if isinstance(network, Mlp | Gated) and network.start == "identity" and network.hidden == ():
        return _by_autograd(network.kind)
    return CELLS.get(network.kind) or AutogradCell(implementation(network))


@cache
def _by_autograd(kind: str) -> Cell:
    from exnet.nets.registry import NETS

    return AutogradCell(NETS[kind])
