"""End-to-end backprop on the same graph, as fast as autograd can be made to go.

    L = mean over the batch of loss(psi_r(e_r, 0), y)

Fair means: batched by level; stacks cut once for each step (`split`, `unbind`), never sliced (a slice under autograd
fills a whole gradient with zeros); children read as views; the first layer split by operand where that saves a copy;
what does not depend on the recurrence (the tokens of a chain, the positions of a pair) is one product before it.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, gelu, layer_norm

from suite.cells import Cells, single, unstacked, zeros_or_gradient

ACTIVATIONS = {"gelu": gelu, "tanh": torch.tanh}


class FairBackprop:
    """Backprop through one kind of graph.

    Args:
        root: class of the root's trainer.
        cells: the parameters by class.
        activation: of all components.
    """

    def __init__(self, root: str, cells: Cells, activation: str) -> None:
        self.activation = ACTIVATIONS[activation]
        self.root, self.trainer = root, single(cells, root)
        self.width = len(cells[root]["w0"]) // 2

    def step(self, x: Tensor, y: Tensor) -> None:
        """One step of backprop. Shapes: x [B, leaves, d], y [B]."""
        for value in (*self.trainer.values(), *self.leaves()):
            value.grad = None
        cross_entropy(self.forward(x), y).backward()

    def forward(self, x: Tensor) -> Tensor:
        """The prediction, [B, K]."""
        e, w = self.up(x), self.trainer
        hidden = self.activation(torch.addmm(w["b0"], torch.cat((e, torch.zeros_like(e)), 1), w["w0"]))
        return torch.addmm(w["b1"], hidden, w["w1"])

    def gradients(self) -> Cells:
        """Of the last step, of the components that take part."""
        return self.own_gradients() | {self.root: {p: zeros_or_gradient(v) for p, v in self.trainer.items()}}

    def leaves(self) -> Sequence[Tensor]:
        """The parameters, apart from the trainer's."""
        raise NotImplementedError

    def own_gradients(self) -> Cells:
        """The gradients, apart from the trainer's."""
        raise NotImplementedError

    def up(self, x: Tensor) -> Tensor:
        """The extraction of the root, [B, d]."""
        raise NotImplementedError

    def mlp(self, x: Tensor, w: dict[str, Tensor]) -> Tensor:
        """One component on all its rows [rows, 2d]."""
        return self.rest(torch.addmm(w["b0"], x, w["w0"]), w)

    def rest(self, before: Tensor, w: dict[str, Tensor]) -> Tensor:
        """What follows the first layer, for rows [rows, hidden]."""
        made = torch.addmm(w["b1"], self.activation(before), w["w1"])
        return layer_norm(made, made.shape[-1:])


class _Shared(FairBackprop):
    """Components that many vertices share."""

    def __init__(self, names: Sequence[str], root: str, cells: Cells, activation: str) -> None:
        super().__init__(root, cells, activation)
        self.own = {name: single(cells, name) for name in names}

    def leaves(self) -> Sequence[Tensor]:
        return [value for w in self.own.values() for value in w.values()]

    def own_gradients(self) -> Cells:
        return {name: {p: zeros_or_gradient(v) for p, v in w.items()} for name, w in self.own.items()}


class SharedTree(_Shared):
    """W1. Rows are ordered [instance, vertex], so that two children side by side are a view."""

    def __init__(self, depth: int, cells: Cells, activation: str) -> None:
        names = [f"h/primary[l={level}]" for level in range(1, depth + 1)]
        super().__init__(names, f"h/trainer[l={depth}]", cells, activation)

    def up(self, x: Tensor) -> Tensor:
        e = x
        for w in self.own.values():
            e = self.mlp(e.reshape(-1, 2 * self.width), w)
        return e


class Attention(_Shared):
    """W5 on a grid: pair [instance, i, j] is row (i * n + j), its first layer (x Wl)[i] + (x Wr)[j]; trees by view."""

    def __init__(self, n: int, cells: Cells, activation: str, layers: int = 2) -> None:
        levels = range(1, n.bit_length())
        self._layers = [
            [f"x.attention.pair/primary[l={k}]", *(f"x.attention.out.tree.h/primary[l={k}, l={m}]" for m in levels)]
            for k in range(1, layers + 1)
        ]
        self._last = [f"root.tree.h/primary[l={m}]" for m in levels]
        names = [name for layer in (*self._layers, self._last) for name in layer]
        super().__init__(names, f"root.tree.h/trainer[l={levels[-1]}]", cells, activation)

    def up(self, x: Tensor) -> Tensor:
        e = x
        for pair, *tree in self._layers:
            e = self._tree(self._pairs(e, self.own[pair]), tree).view(x.shape)
        return self._tree(e, self._last)

    def _pairs(self, x: Tensor, w: dict[str, Tensor]) -> Tensor:
        batch, n, d = x.shape
        left, right = w["w0"].split(d)
        rows = x.reshape(-1, d)
        first, second = torch.addmm(w["b0"], rows, left), torch.mm(rows, right)
        grid = first.view(batch, n, 1, -1) + second.view(batch, 1, n, -1)
        return self.rest(grid.view(batch * n * n, -1), w)

    def _tree(self, e: Tensor, names: list[str]) -> Tensor:
        for name in names:
            e = self.mlp(e.reshape(-1, 2 * self.width), self.own[name])
        return e


class SharedChain(_Shared):
    """W3: the tokens' part of the first layer is one product for all of them, three products' work is left a step."""

    def __init__(self, cells: Cells, activation: str) -> None:
        super().__init__(["h/primary"], "h/trainer", cells, activation)

    def up(self, x: Tensor) -> Tensor:
        w = self.own["h/primary"]
        left, right = w["w0"].split(self.width)
        first, *tokens = x.transpose(0, 1).contiguous().split([1, x.shape[1] - 1])
        parts = torch.addmm(w["b0"], tokens[0].reshape(-1, self.width), right).view(-1, len(x), right.shape[1])
        e = first[0]
        for part in parts.unbind():
            e = self.rest(torch.addmm(part, e, left), w)
        return e


class _Unshared(FairBackprop):
    """Stacks [classes, ..]; the first layer is kept in the halves that belong to the two operands."""

    def __init__(self, names: list[str], root: str, cells: Cells, activation: str) -> None:
        super().__init__(root, cells, activation)
        self._names = names
        w0 = torch.stack([cells[name]["w0"] for name in names])
        self.left, self.right = (half.contiguous().requires_grad_() for half in w0.split(self.width, 1))
        self.b0, self.w1, self.b1 = (
            torch.stack([cells[name][p] for name in names]).unsqueeze(1).requires_grad_() for p in ("b0", "w1", "b1")
        )
        self.w1 = self.w1.detach().squeeze(1).requires_grad_()

    def leaves(self) -> Sequence[Tensor]:
        return (self.left, self.right, self.b0, self.w1, self.b1)

    def own_gradients(self) -> Cells:
        found = {"b0": self.b0, "w1": self.w1, "b1": self.b1}
        made = unstacked(self._names, found)
        w0 = torch.cat((zeros_or_gradient(self.left), zeros_or_gradient(self.right)), 1)
        return {
            name: {"w0": w0[i], "b0": w["b0"][0], "w1": w["w1"], "b1": w["b1"][0]}
            for i, (name, w) in enumerate(made.items())
        }


class UnsharedTree(_Unshared):
    """W2. Rows are ordered [vertex, instance]; children are read where they lie, every other one."""

    def __init__(self, depth: int, cells: Cells, activation: str) -> None:
        self._sizes = [2 ** (depth - level) for level in range(1, depth + 1)]
        names = [f"h/primary[l={n}, i={i}]" for n, size in enumerate(self._sizes, 1) for i in range(size)]
        super().__init__(names, f"h/trainer[l={depth}, i=0]", cells, activation)

    def up(self, x: Tensor) -> Tensor:
        e = x.transpose(0, 1)
        for left, right, b0, w1, b1 in zip(*(value.split(self._sizes) for value in self.leaves()), strict=True):
            before = torch.baddbmm(torch.baddbmm(b0, e[0::2], left), e[1::2], right)
            made = torch.baddbmm(b1, self.activation(before), w1)
            e = layer_norm(made, made.shape[-1:])
        return e[0]


class UnsharedChain(_Unshared):
    """W4: the tokens' part of the first layer is one batched product before the recurrence."""

    def __init__(self, length: int, cells: Cells, activation: str) -> None:
        names = [f"h/primary[t={t}]" for t in range(1, length + 1)]
        super().__init__(names, f"h/trainer[t={length}]", cells, activation)

    def up(self, x: Tensor) -> Tensor:
        tokens = x.transpose(0, 1)
        parts = torch.baddbmm(self.b0, tokens[1:], self.right)
        e, cut = tokens[0], (parts, self.left, self.w1, self.b1)
        for part, left, w1, b1 in zip(*(value.unbind() for value in cut), strict=True):
            e = torch.addmm(b1, self.activation(torch.addmm(part, e, left)), w1)
            e = layer_norm(e, e.shape[-1:])
        return e
