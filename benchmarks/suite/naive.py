"""What a user would write by hand: one `nn.Module` for each component, one call for each vertex, autograd.

The extraction of every child is detached where it is read, so that no gradient crosses a vertex. Activations are kept:
nothing is computed twice.
"""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from suite.cells import Cells, zeros_or_gradient
from suite.graphs import Graph

ACTIVATIONS = {"gelu": nn.GELU, "tanh": nn.Tanh}


class Cell(nn.Module):
    """norm(W1 act(W0 [parts] + b0) + b1); trainers have no norm."""

    def __init__(self, weights: dict[str, Tensor], activation: str, norm: bool) -> None:
        super().__init__()
        self.first = _linear(weights["w0"], weights["b0"])
        self.activation = ACTIVATIONS[activation]()
        self.second = _linear(weights["w1"], weights["b1"])
        self.norm = nn.LayerNorm(len(weights["b1"]), elementwise_affine=False) if norm else nn.Identity()

    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return self.norm(self.second(self.activation(self.first(torch.cat((a, b), -1)))))

    def gradients(self) -> dict[str, Tensor]:
        """As exnet names and lays out its parameters."""
        layers = (self.first, self.second)
        found = {f"w{i}": zeros_or_gradient(layer.weight).t() for i, layer in enumerate(layers)}
        return found | {f"b{i}": zeros_or_gradient(layer.bias) for i, layer in enumerate(layers)}


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    layer = nn.Linear(weight.shape[0], weight.shape[1], dtype=weight.dtype)
    with torch.no_grad():
        layer.weight.copy_(weight.t())
        layer.bias.copy_(bias)
    return layer


class PerVertex(nn.Module):
    """Xprop and backprop by loops over vertices.

    Args:
        graph: of the workload.
        cells: the parameters by class.
        activation: of all components.
    """

    def __init__(self, graph: Graph, cells: Cells, activation: str) -> None:
        super().__init__()
        self.graph = graph
        self.names = list(cells)
        self.cells = nn.ModuleList(Cell(cells[name], activation, "/trainer" not in name) for name in cells)
        by_name = dict(zip(self.names, cast("list[Cell]", list(self.cells)), strict=True))
        self._phi = [by_name[name] for name in graph.primary]
        self._psi = [by_name[name] for name in graph.trainer]
        self._dag = [[by_name.get(name) for name in pair] for pair in graph.complementary]

    def step(self, x: Tensor, y: Tensor) -> None:
        """One step of Xprop. Shapes: x [B, leaves, d], y [B]."""
        self.zero_grad()
        self.loss(x, y).backward()

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """The sum over the vertices of the mean of L_v."""
        e = self._up(x, detach=True)
        c = self._down(e)
        losses = [cross_entropy(psi(e[self.graph.leaves + v], c[v]), y) for v, psi in enumerate(self._psi)]
        return torch.stack(losses).sum()

    def backprop(self, x: Tensor, y: Tensor) -> None:
        """One step of backprop from the root."""
        self.zero_grad()
        cross_entropy(self.forward(x), y).backward()

    def forward(self, x: Tensor) -> Tensor:
        """The prediction, [B, K]."""
        root = self._up(x, detach=False)[-1]
        return self._psi[-1](root, torch.zeros_like(root))

    def gradients(self) -> Cells:
        """Of the last step."""
        return {name: cast("Cell", cell).gradients() for name, cell in zip(self.names, self.cells, strict=True)}

    def _up(self, x: Tensor, detach: bool) -> list[Tensor]:
        e = list(x.unbind(1))
        for phi, (a, b) in zip(self._phi, self.graph.children, strict=True):
            e.append(phi(e[a].detach(), e[b].detach()) if detach else phi(e[a], e[b]))
        return e

    def _down(self, e: list[Tensor]) -> list[Tensor]:
        """The mean of the messages of all parents; zero at the root."""
        leaves, messages = self.graph.leaves, [list[Tensor]() for _ in self._phi]
        found = [torch.zeros_like(e[-1])] * len(self._phi)
        for v in reversed(range(len(self._phi))):
            if messages[v]:
                found[v] = messages[v][0] if len(messages[v]) == 1 else torch.stack(messages[v]).mean(0)
            pair = self.graph.children[v]
            for slot, child in enumerate(pair):
                dag = self._dag[v][slot]
                if child >= leaves and dag is not None:
                    messages[child - leaves].append(dag(found[v].detach(), e[pair[1 - slot]].detach()))
        return found


class Compiled(PerVertex):
    """The same, traced whole by `torch.compile`, which unrolls the loops: for small graphs only.

    What torch has kept of earlier compilations is not used, so that they can be timed.

    Args:
        backend: of torch.compile.
    """

    def __init__(self, graph: Graph, cells: Cells, activation: str, backend: str = "inductor") -> None:
        super().__init__(graph, cells, activation)
        torch.compiler.config.force_disable_caches = backend == "inductor"
        self._compiled = torch.compile(super().loss, backend=backend)

    def loss(self, x: Tensor, y: Tensor) -> Tensor:
        """As of the superclass."""
        return self._compiled(x, y)
