"""The route over a plain `edge_index` [2, arcs], for one graph or for the disjoint union of several copies of it.

Slots and classes are not part of an edge index; they are found by comparing it with the plan.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Optional, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.nets.dropout import Mask, Masks
from exnet.nets.registry import implementation
from exnet.nets.stacks import Stacks
from exnet.passing.rules import WRONG_EDGES
from exnet.passing.schedule import identities
from exnet.plan.crossing import depths
from exnet.plan.model import Groups, Plan
from exnet.source import ExnetError

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Sites:
    """Some call sites of one component, in any number of stacks; the network of each is applied with its own weights.

    Attributes:
        plan: of the net. component: `primary`, `complementary` or `trainer`.
        rows: vertex or arc row of each site. copy: which copy of the graph it belongs to.
        copies: how many there are.
        stack, row: of its parameters.
    """

    plan: Plan
    component: str
    rows: Ints
    copy: Ints
    copies: int
    stack: Ints
    row: Ints

    def apply(self, stacks: Stacks, operands: Sequence[Tensor], masks: Masks | None) -> Tensor:
        """Operands [sites, B, width] (all sites have the same number of them); returns [sites, B, out]."""
        order, made = list[Ints](), list[Tensor]()
        for number in np.unique(self.stack):
            chosen = np.flatnonzero(self.stack == number)
            at = torch.from_numpy(chosen).to(operands[0].device)
            row = torch.from_numpy(self.row[chosen]).to(operands[0].device)
            weights = {name: value.index_select(0, row) for name, value in stacks.tensors(int(number)).items()}
            network = self.plan.stacks[number].network
            found = [x.index_select(0, at) for x in operands]
            made.append(implementation(network)(network, weights, found, self._mask(chosen, masks)))
            order.append(chosen)
        back = np.argsort(np.concatenate(order))
        return torch.cat(made).index_select(0, torch.from_numpy(back).to(operands[0].device))

    def take(self, some: Ints) -> "Sites":
        """The sites at these positions."""
        return replace(self, rows=self.rows[some], copy=self.copy[some], stack=self.stack[some], row=self.row[some])

    def _mask(self, chosen: Ints, masks: Masks | None) -> Mask | None:
        if masks is None:
            return None
        identity = identities(self.plan, self.component, self.rows[chosen])
        if self.copies == 1:
            return masks.sites(self.component, identity[:, None])
        return masks.rows(self.component, identity[:, None], self.copy[chosen][:, None])


MaybeSites: TypeAlias = Optional[Sites]  # noqa: UP045  # in the hooks of PyG


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What one `propagate` computes.

    Attributes:
        edge_index: int64 [2, arcs], from nodes to positions among the receivers.
        nodes: int64 [receivers], where the results belong.
        slot: int64 [arcs].
        sites: what is called: the receivers (up pass) or the arcs (down pass).
    """

    edge_index: Tensor
    nodes: Tensor
    slot: Tensor
    sites: Sites


class Copies:
    """An edge index (child -> parent), understood.

    Args:
        plan: of the net.
        edge_index: int64 [2, copies * arcs]: node rows; those of copy c are offset by c * N. Any order of arcs.

    Raises:
        ExnetError: EXN613, if it is not the graph of the plan, once or several times.
    """

    def __init__(self, plan: Plan, edge_index: Tensor) -> None:
        self.plan = plan
        self.device = edge_index.device
        self.size = plan.leaves + plan.vertices
        self._edges = _checked(plan, edge_index)
        self.copies = self._edges.shape[1] // len(plan.child)
        self.copy, self.parent, self.slot = self._match()

    def _match(self) -> tuple[Ints, Ints, Ints]:
        """Of each edge: copy, vertex row of the parent, slot."""
        plan = self.plan
        vertex = np.repeat(np.arange(plan.vertices), np.diff(plan.child_ptr))
        slot = np.arange(len(plan.child)) - plan.child_ptr[vertex]
        planned = np.lexsort((slot, plan.child, vertex))
        offset = np.repeat(np.arange(self.copies) * self.size, len(planned))
        wanted_child = np.tile(plan.child[planned], self.copies) + offset
        wanted_parent = np.tile(vertex[planned] + plan.leaves, self.copies) + offset
        child, parent = self._edges
        given = np.lexsort((child, parent))
        if not (np.array_equal(child[given], wanted_child) and np.array_equal(parent[given], wanted_parent)):
            raise ExnetError(
                WRONG_EDGES.at(None, "this `edge_index` has other arcs than the spec", help="use `net.edge_index`")
            )
        slots = np.empty(len(child), np.int64)
        slots[given] = np.tile(slot[planned], self.copies)
        return parent // self.size, parent % self.size - plan.leaves, slots

    def nodes(self, leaves: Tensor) -> Tensor:
        """A buffer of all nodes with the leaves in place; leaves [L, B, p], or [copies, L, B, p]."""
        leaves = leaves.reshape(self.copies, self.plan.leaves, *leaves.shape[-2:])
        rest = leaves.new_zeros(self.copies, self.plan.vertices, *leaves.shape[-2:])
        return torch.cat((leaves, rest), 1).flatten(0, 1)

    def vertices(self, made: Tensor) -> Tensor:
        """Without the rows of the leaves: [copies * N, B, q] to [copies * V, B, q]."""
        return made.unflatten(0, (self.copies, self.size))[:, self.plan.leaves :].flatten(0, 1)

    def up_parts(self) -> Iterator[Part]:
        """By level of the parent and number of children."""
        arity, level = np.diff(self.plan.child_ptr)[self.parent], self.plan.level[self.parent]
        for one in range(1, self.plan.levels + 1):
            for k in np.unique(arity[level == one]):
                chosen = np.flatnonzero((level == one) & (arity == k))
                yield self._part(chosen, self._edges[0], self._edges[1], None)

    def down_parts(self) -> Iterator[Part]:
        """By depth of the child, parents first; arcs into leaves have no message."""
        inner = np.flatnonzero(self._edges[0] % self.size >= self.plan.leaves)
        child = self._edges[0][inner] % self.size - self.plan.leaves
        depth = depths(self.plan)[child]
        for one in range(1, int(depth.max(initial=0)) + 1):
            chosen = inner[depth == one]
            yield self._part(chosen, self._edges[1], self._edges[0], self._arcs(chosen))

    def _part(self, chosen: Ints, senders: Ints, receivers: Ints, sites: Sites | None) -> Part:
        nodes, position = np.unique(receivers[chosen], return_inverse=True)
        return Part(
            edge_index=self._tensor(np.stack((senders[chosen], position))),
            nodes=self._tensor(nodes),
            slot=self._tensor(self.slot[chosen]),
            sites=self._vertices(nodes) if sites is None else sites,
        )

    def _vertices(self, nodes: Ints) -> Sites:
        rows = nodes % self.size - self.plan.leaves
        stack, row = assignment(self.plan.local_primary, self.plan.vertices)
        return Sites(self.plan, "primary", rows, nodes // self.size, self.copies, stack[rows], row[rows])

    def _arcs(self, chosen: Ints) -> Sites:
        arcs = self.plan.arcs
        number = np.full(len(self.plan.child), -1)
        number[self.plan.child_ptr[arcs.parent] + arcs.slot] = np.arange(len(arcs.parent))
        rows = number[self.plan.child_ptr[self.parent[chosen]] + self.slot[chosen]]
        stack, row = arcs.stack[rows].astype(np.int64), arcs.row[rows].astype(np.int64)
        return Sites(self.plan, "complementary", rows, self.copy[chosen], self.copies, stack, row)

    def _tensor(self, numbers: Ints) -> Tensor:
        return torch.from_numpy(numbers).to(self.device)


def _checked(plan: Plan, edge_index: Tensor) -> Ints:
    arcs = len(plan.child)
    shape = tuple(edge_index.shape)
    if edge_index.dtype != torch.int64 or len(shape) != 2 or shape[0] != 2 or shape[1] % arcs or not shape[1]:
        raise ExnetError(
            WRONG_EDGES.at(
                None,
                f"`edge_index` of shape {list(shape)} and type {edge_index.dtype} does not fit a graph of {arcs} arcs",
                help="use `net.edge_index`, or a PyG batch of `net.data(..)`",
            )
        )
    return edge_index.cpu().numpy()


def assignment(groups: Groups, count: int) -> tuple[Ints, Ints]:
    """Stack and row of the parameters of each call site 0..count."""
    stack, row = np.zeros(count, np.int64), np.zeros(count, np.int64)
    for i in range(len(groups)):
        group = groups[i]
        stack[group.sites] = group.stack
        row[group.sites] = np.repeat(group.rows, group.members)
    return stack, row
