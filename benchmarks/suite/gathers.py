"""Xprop by index gathers: the straightforward batched form for a graph of shared components.

Both passes run without gradient, level by level and class by class, each reading its operands by index; then all
vertices of a class are computed again under autograd, on gathered constants. No layout, no hoisting, nothing kept.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, gelu, layer_norm

from suite.cells import Cells, single, zeros_or_gradient
from suite.graphs import Graph

ACTIVATIONS = {"gelu": gelu, "tanh": torch.tanh}


@dataclass(frozen=True, eq=False)
class Calls:
    """Call sites of one class that run together: int64 [sites] each.

    For vertices: node numbers of the two children, and the vertex. For arcs: the parent (a vertex), the sibling
    (a node), and the child (a vertex).
    """

    name: str
    first: Tensor
    second: Tensor
    target: Tensor


def calls(rows: Iterable[tuple[int, str, int, int, int]], key: Callable[[int, str], Hashable]) -> list[Calls]:
    """Rows (step, class, first, second, target), gathered by `key` in ascending order."""
    found = defaultdict[Hashable, list[tuple[int, str, int, int, int]]](list)
    for row in rows:
        found[key(row[0], row[1])].append(row)
    return [
        Calls(of[0][1], *(torch.tensor([row[i] for row in of]) for i in (2, 3, 4)))
        for _, of in sorted(found.items(), key=lambda item: item[1][0][0])
    ]


class Gathers:
    """Xprop on a graph.

    Args:
        graph: of the workload, deterministic mode.
        cells: the parameters by class.
        activation: of all components.
    """

    def __init__(self, graph: Graph, cells: Cells, activation: str) -> None:
        self.graph, self.activation = graph, ACTIVATIONS[activation]
        self.own = {name: single(cells, name) for name in cells}
        up, down, incoming = list(self._vertices()), list(self._arcs()), torch.zeros(len(graph))
        self._up, self._down = calls(up, lambda s, c: (s, c)), calls(down, lambda s, c: (s, c))
        self._phi, self._dag = calls(up, lambda _, c: c), calls(down, lambda _, c: c)
        own = [(0, name, v + graph.leaves, v, v) for v, name in enumerate(graph.trainer)]
        self._psi = calls(own, lambda _, c: c)
        for group in self._dag:
            incoming.index_add_(0, group.target, torch.ones(len(group.target)))
        self._share = (1.0 / incoming.clamp_min(1.0)).view(-1, 1, 1)

    def _vertices(self) -> Iterable[tuple[int, str, int, int, int]]:
        level = [0] * self.graph.leaves
        for v, (a, b) in enumerate(self.graph.children):
            level.append(1 + max(level[a], level[b]))
            yield level[-1], self.graph.primary[v], a, b, v

    def _arcs(self) -> Iterable[tuple[int, str, int, int, int]]:
        leaves, depth = self.graph.leaves, [0] * len(self.graph)
        arcs = list[tuple[str, int, int, int]]()
        for v in reversed(range(len(self.graph))):
            pair = self.graph.children[v]
            for slot in (0, 1):
                if (child := pair[slot] - leaves) >= 0:
                    depth[child] = max(depth[child], depth[v] + 1)
                    arcs.append((self.graph.complementary[v][slot], v, pair[1 - slot], child))
        for name, parent, sibling, child in arcs:
            yield depth[child], name, parent, sibling, child

    def step(self, x: Tensor, y: Tensor) -> None:
        """One step of Xprop. Shapes: x [B, leaves, d], y [B]."""
        for w in self.own.values():
            for value in w.values():
                value.grad = None
        with torch.no_grad():
            e = self._up_pass(x)
            c = self._down_pass(e)
        self._local(e, c, y).backward()

    def up(self, x: Tensor) -> Tensor:
        """The extraction of the root, [B, d]."""
        with torch.no_grad():
            return self._up_pass(x)[-1]

    def gradients(self) -> Cells:
        """Of the last step."""
        return {name: {p: zeros_or_gradient(v) for p, v in w.items()} for name, w in self.own.items()}

    def _up_pass(self, x: Tensor) -> Tensor:
        leaves = self.graph.leaves
        e = x.new_empty(leaves + len(self.graph), len(x), x.shape[2])
        e[:leaves] = x.transpose(0, 1)
        for group in self._up:
            e[leaves + group.target] = self._apply(group, e, e, norm=True)
        return e

    def _down_pass(self, e: Tensor) -> Tensor:
        c = torch.zeros_like(e[self.graph.leaves :])
        share = self._share.to(e)
        for group in self._down:
            c.index_add_(0, group.target, self._apply(group, c, e, norm=True) * share[group.target])
        return c

    def _local(self, e: Tensor, c: Tensor, y: Tensor) -> Tensor:
        """The sum over vertices of the mean loss, all inputs constant."""
        order = torch.cat([group.target for group in self._phi])
        place = torch.empty_like(order).index_copy(0, order, torch.arange(len(order)))
        own = torch.cat([self._apply(group, e, e, norm=True) for group in self._phi])[place]
        below, share = torch.zeros_like(c), self._share.to(e)
        for group in self._dag:
            message = self._apply(group, c, e, norm=True) * share[group.target]
            below = below.index_add(0, group.target, message)
        total = e.new_zeros(())
        for group in self._psi:
            result = self._apply(group, own, below, norm=False, first=group.second)
            target = y.expand(result.shape[:-1]).flatten()
            total = total + cross_entropy(result.flatten(0, 1), target) * len(result)
        return total

    def _apply(self, group: Calls, a: Tensor, b: Tensor, *, norm: bool, first: Tensor | None = None) -> Tensor:
        """Component of the class on rows [sites, B, d] of both buffers."""
        w = self.own[group.name]
        left = a.index_select(0, group.first if first is None else first)
        both = torch.cat((left, b.index_select(0, group.second)), -1)
        hidden = self.activation(torch.addmm(w["b0"], both.flatten(0, 1), w["w0"]))
        made = torch.addmm(w["b1"], hidden, w["w1"]).view(*both.shape[:2], -1)
        return layer_norm(made, made.shape[-1:]) if norm else made
