"""The down pass: m_a = phi'_a(e'_u, siblings) on every arc a = (u -> v), parents first; the root has e' = 0."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.nets.arena import fresh
from exnet.nets.dropout import Masks
from exnet.nets.stacks import Stacks
from exnet.passing.arcs import Arcs
from exnet.passing.draws import several
from exnet.passing.plain import Copies, Part, Sites
from exnet.passing.pyg import MaybeMasks, MaybeTensor, MessagePassing, is_sparse, scatter
from exnet.passing.tape import MaybeTape, Tape
from exnet.plan.model import Plan
from exnet.ranks.exchange import Exchange
from exnet.spec.model import Mode


class DownPass(MessagePassing):
    """e'_v = combine over the arcs a = (u -> v) of phi'_a(e'_u, siblings of v at u), along the arcs parent -> child.

    Deterministic mode combines all incoming arcs by mean, sum or max. Stochastic mode takes the drawn arc of each
    vertex and instance; with a sparse adjacency only drawn arcs are computed. With a plain `edge_index` there is one
    `propagate` for each depth: the message of an arc is phi'_a, the aggregate combines.

    Args:
        plan: of the net.
        mode: stochastic or deterministic.

    Attributes:
        exchange: with the other ranks of a vertex-parallel run; None if there are none.

    Shapes:
        primary E [N, B, p], edge_index: sparse [V, V] or int64 [2, arcs] (child -> parent, as in the up pass),
        draws int64 [V, B] or None in deterministic mode; output E' [V, B, q]. With a plain edge_index of n copies:
        E [n * N, 1, p], draws [V, n], output [n * V, 1, q].
    """

    def __init__(self, plan: Plan, mode: Mode) -> None:
        super().__init__(aggr="sum", node_dim=0)
        self.plan = plan
        self.mode = mode
        self._arcs: tuple[torch.device, Arcs] | None = None
        self.exchange: Exchange | None = None

    def forward(
        self,
        primary: Tensor,
        edge_index: Tensor,
        draws: Tensor | None,
        stacks: Stacks,
        masks: Masks | None = None,
        tape: Tape | None = None,
    ) -> Tensor:
        """The complementary extractions of all vertices. `tape` as of the up pass."""
        if is_sparse(edge_index):
            return self._send(edge_index, primary, stacks, masks, draws=draws, tape=tape)
        return self._by_depth(primary, edge_index, draws, stacks, masks)

    def message_and_aggregate(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        edge_index: Any,  # noqa: ARG002  # PyG hands the adjacency over; the plan knows it already
        primary: Tensor,
        draws: MaybeTensor,
        stacks: Stacks,
        masks: MaybeMasks,
        tape: MaybeTape,
    ) -> Tensor:
        """All depths, into one buffer."""
        new = None if tape is None else tape.new
        made = (new or fresh)(primary, self.plan.vertices, primary.shape[1], self.plan.complementary).zero_()
        if self.exchange is not None:
            self.exchange.begin_down(primary, made)
        arcs = self.arcs(primary.device)
        for sent in arcs.run((made, primary), made, draws, stacks, masks, new):
            if tape is not None:
                tape.down.append(sent)
            if self.exchange is not None:
                self.exchange.done_down(arcs.last[sent.number], primary, made)
        if self.exchange is not None:
            self.exchange.end()
        return made

    def arcs(self, device: torch.device) -> Arcs:
        """The arcs of the whole net at work."""
        if self._arcs is None or self._arcs[0] != device:
            breaks = () if self.exchange is None else self.exchange.breaks_down
            self._arcs = device, Arcs(self.plan, self.plan.down, self.mode, several(self.plan), device, breaks=breaks)
        return self._arcs[1]

    def _send(
        self,
        edge_index: Tensor,
        primary: Tensor,
        stacks: Stacks,
        masks: Masks | None,
        *,
        draws: Tensor | None = None,
        complementary: Tensor | None = None,
        part: Part | None = None,
        chosen: Tensor | None = None,
        tape: Tape | None = None,
    ) -> Tensor:
        """The one call of `propagate`: PyG reads the names of its arguments here."""
        return self.propagate(
            edge_index,
            size=None if part is None else (len(primary), len(part.nodes)),
            primary=primary,
            draws=draws,
            complementary=(complementary, None),
            arcs=None if part is None else part.sites,
            chosen=chosen,
            stacks=stacks,
            masks=masks,
            tape=tape,
        )

    def _by_depth(
        self, primary: Tensor, edge_index: Tensor, draws: Tensor | None, stacks: Stacks, masks: Masks | None
    ) -> Tensor:
        copies = Copies(self.plan, edge_index)
        made = primary.new_zeros(*primary.shape[:-1], self.plan.complementary)
        for part in copies.down_parts():
            chosen = None if draws is None else self._chosen(part.sites, draws)
            result = self._send(part.edge_index, primary, stacks, masks, complementary=made, part=part, chosen=chosen)
            made = made.index_copy(0, part.nodes, result)
        return copies.vertices(made)

    def _chosen(self, arcs: Sites, draws: Tensor) -> Tensor:
        """1 where an arc is the drawn one, else 0: [arcs, B]."""
        table = self.plan.arcs
        position = np.zeros(len(table.child), np.int64)
        start = np.repeat(table.incoming_ptr[:-1], np.diff(table.incoming_ptr))
        position[table.incoming] = np.arange(len(table.incoming)) - start
        child = torch.from_numpy(table.child[arcs.rows].astype(np.int64)).to(draws.device)
        drawn = (
            draws[child]
            if arcs.copies == 1
            else draws[child, torch.from_numpy(arcs.copy).to(draws.device)].unsqueeze(1)
        )
        return (drawn == torch.from_numpy(position[arcs.rows]).to(draws.device).unsqueeze(1)).unsqueeze(-1)

    def message(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        complementary_j: Tensor,
        primary: Tensor,
        arcs: Sites,
        chosen: MaybeTensor,
        stacks: Stacks,
        masks: MaybeMasks,
    ) -> Tensor:
        """phi'_a(e'_u, siblings), and zero where the arc was not drawn."""
        count = np.diff(self.plan.arcs.sibling_ptr)[arcs.rows]
        made = complementary_j.new_zeros(complementary_j.shape)
        for siblings in np.unique(count):
            some = np.flatnonzero(count == siblings)
            at = torch.from_numpy(some).to(primary.device)
            operands = [complementary_j.index_select(0, at), *self._siblings(primary, arcs.take(some), int(siblings))]
            made = made.index_copy(0, at, arcs.take(some).apply(stacks, operands, masks))
        return made if chosen is None else made * chosen

    def _siblings(self, primary: Tensor, arcs: Sites, count: int) -> list[Tensor]:
        table = self.plan.arcs
        first: NDArray[np.int64] = table.sibling_ptr[arcs.rows]
        offset = arcs.copy * (self.plan.leaves + self.plan.vertices)
        nodes = [table.sibling[first + i] + offset for i in range(count)]
        return [primary.index_select(0, torch.from_numpy(rows).to(primary.device)) for rows in nodes]

    def aggregate(self, inputs: Tensor, index: Tensor, chosen: MaybeTensor, dim_size: int) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The drawn message of each child, or the mean, sum or maximum of all."""
        reduce = self.mode.combine if chosen is None else "sum"
        return scatter(inputs, index, 0, dim_size, reduce)
