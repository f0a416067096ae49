"""W1 with plain PyG message passing, level by level, on a batch that is a disjoint union of trees.

Each level takes two `propagate`: one along the arcs from first children and one from second ones on the way up; one
along the arcs from parents and one from siblings on the way down. Two forms:

- `whole`: every propagate goes over all nodes of the batch with the arcs of one level, the way PyG's own examples treat
  a part of the arcs; results of the level's nodes are kept;
- `bipartite`: the two levels are the two sides of a bipartite graph, so that nothing else is touched. This takes more
  thought than a user is asked for, and is the fastest form that plain PyG offers.
"""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch_geometric.nn import MessagePassing

from suite.cells import Cells
from suite.naive import Cell


class Send(MessagePassing):
    """The sum of what comes along the arcs; here one message for each receiver."""

    def __init__(self) -> None:
        super().__init__(aggr="sum")

    def forward(self, x: Tensor | tuple[Tensor, Tensor | None], edge_index: Tensor, size: tuple[int, int]) -> Tensor:
        """Shapes: x [senders, d], edge_index [2, arcs], returns [receivers, d]."""
        return self.propagate(edge_index, x=x, size=size)

    def message(self, x_j: Tensor) -> Tensor:
        """What is sent."""
        return x_j


class Levels(nn.Module):
    """The components of W1 by level; the subclasses say how messages travel.

    Args:
        depth: number of levels.
        cells: the parameters by class.
        activation: of all components.
        batch: B.
    """

    def __init__(self, depth: int, cells: Cells, activation: str, batch: int) -> None:
        super().__init__()
        self.depth, self.batch, self.width = depth, batch, cells["h/primary[l=1]"]["w1"].shape[1]
        levels = range(1, depth + 1)
        self.phi = nn.ModuleList(Cell(cells[f"h/primary[l={n}]"], activation, True) for n in levels)
        self.dag = nn.ModuleList(Cell(cells[f"h/complementary[l={n}]"], activation, True) for n in levels[1:])
        self.psi = nn.ModuleList(Cell(cells[f"h/trainer[l={n}]"], activation, False) for n in levels)
        self.send = Send()

    def step(self, x: Tensor, y: Tensor) -> None:
        """One step of Xprop. Shapes: x [B, leaves, d], y [B]."""
        self.zero_grad()
        e = self._up(x)
        c = self._down(e)
        losses = []
        for level in range(1, self.depth + 1):
            count = 2 ** (self.depth - level)
            result = self.psi[level - 1](e[level], c[level])
            losses.append(cross_entropy(result, y.repeat_interleave(count)) * count)
        torch.stack(losses).sum().backward()

    @torch.no_grad()
    def forward(self, x: Tensor) -> Tensor:
        """The prediction, [B, K]."""
        root = self._up(x)[-1]
        return self.psi[-1](root, torch.zeros_like(root))

    def gradients(self) -> Cells:
        """Of the last step."""
        parts = (("primary", self.phi, 1), ("complementary", self.dag, 2), ("trainer", self.psi, 1))
        return {
            f"h/{name}[l={first + i}]": cast("Cell", cell).gradients()
            for name, own, first in parts
            for i, cell in enumerate(own)
        }

    def _up(self, x: Tensor) -> list[Tensor]:
        """For each level [B * vertices, d], instance by instance."""
        raise NotImplementedError

    def _down(self, e: list[Tensor]) -> list[Tensor]:
        raise NotImplementedError


class Bipartite(Levels):
    """A level and the next are the two sides of a bipartite graph."""

    def __init__(self, depth: int, cells: Cells, activation: str, batch: int) -> None:
        super().__init__(depth, cells, activation, batch)
        self._child, self._parent, self._sibling = [], [], []
        for level in range(1, depth + 1):
            above = torch.arange(batch * 2 ** (depth - level))
            below = torch.arange(2 * len(above))
            self._child.append([torch.stack((2 * above + slot, above)) for slot in (0, 1)])
            self._parent.append(torch.stack((below // 2, below)))
            self._sibling.append(torch.stack((below + 1 - 2 * (below % 2), below)))

    def _up(self, x: Tensor) -> list[Tensor]:
        e = [x.reshape(-1, self.width)]
        for level, phi in enumerate(self.phi):
            size = (len(e[-1]), len(e[-1]) // 2)
            e.append(phi(*(self.send((e[-1].detach(), None), arcs, size) for arcs in self._child[level])))
        return e

    def _down(self, e: list[Tensor]) -> list[Tensor]:
        c = [torch.zeros_like(e[-1])]
        for level in range(self.depth - 1, 0, -1):
            above, below = len(c[0]), len(e[level])
            parents = self.send((c[0].detach(), None), self._parent[level], (above, below))
            siblings = self.send((e[level].detach(), None), self._sibling[level], (below, below))
            c.insert(0, self.dag[level - 1](parents, siblings))
        return [c[0], *c]


class Whole(Levels):
    """All nodes of the batch at every level; nodes of an instance are numbered level by level from the leaves."""

    def __init__(self, depth: int, cells: Cells, activation: str, batch: int) -> None:
        super().__init__(depth, cells, activation, batch)
        size = 2 ** (depth + 1) - 1
        begin = [size - (2 ** (depth + 1 - level) - 1) for level in range(depth + 1)]
        offset = size * torch.arange(batch).unsqueeze(1)
        self._nodes = [(offset + begin[n] + torch.arange(2 ** (depth - n))).flatten() for n in range(depth + 1)]
        self._child, self._parent, self._sibling = [], [], []
        for level in range(1, depth + 1):
            above, below = self._nodes[level], self._nodes[level - 1]
            self._child.append([torch.stack((below[slot::2], above)) for slot in (0, 1)])
            self._parent.append(torch.stack((above.repeat_interleave(2), below)))
            self._sibling.append(torch.stack((below.view(-1, 2).flip(1).flatten(), below)))
        self._size = (batch * size, batch * size)

    def _receive(self, x: Tensor, arcs: Tensor, level: int) -> Tensor:
        return self.send(x, arcs, self._size)[self._nodes[level]]

    def _up(self, x: Tensor) -> list[Tensor]:
        nodes = x.new_zeros(self._size[0], self.width)
        e = [x.reshape(-1, self.width)]
        nodes[self._nodes[0]] = e[0]
        for level, phi in enumerate(self.phi, 1):
            e.append(phi(*(self._receive(nodes, arcs, level) for arcs in self._child[level - 1])))
            nodes[self._nodes[level]] = e[-1].detach()
        self._kept = nodes
        return e

    def _down(self, e: list[Tensor]) -> list[Tensor]:
        nodes, c = torch.zeros_like(self._kept), [torch.zeros_like(e[-1])]
        for level in range(self.depth - 1, 0, -1):
            parents = self._receive(nodes, self._parent[level], level)
            siblings = self._receive(self._kept, self._sibling[level], level)
            c.insert(0, self.dag[level - 1](parents, siblings))
            nodes[self._nodes[level]] = c[0].detach()
        return [c[0], *c]
