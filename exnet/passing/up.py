"""The up pass: e_v = phi_v(e_c1, .., e_ck), children first."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from exnet.nets.arena import fresh
from exnet.nets.dropout import Masks
from exnet.nets.layers import Weights
from exnet.nets.stacks import Stacks
from exnet.passing.arcs import Parameters
from exnet.passing.plain import Copies, MaybeSites, Part
from exnet.passing.product import Made, Product
from exnet.passing.pyg import MaybeMasks, MessagePassing, is_sparse
from exnet.passing.scan import at_work, last_groups
from exnet.passing.schedule import Schedule
from exnet.passing.tape import MaybeTape, Tape
from exnet.passing.traced import BlockRows, operands
from exnet.plan.chains import chains
from exnet.plan.model import Plan
from exnet.ranks.exchange import Exchange


class UpPass(MessagePassing):
    """e_v = phi_v(e_c1, .., e_ck) for all vertices, along the arcs child -> parent.

    With a sparse adjacency all groups of the plan run level by level in one `message_and_aggregate`. With a plain
    `edge_index` there is one `propagate` for each level and number of children: the message of an arc is the child's
    extraction, the aggregate puts the messages in the order of their slots, the update applies phi_v.

    Args:
        plan: of the net.

    Attributes:
        exchange: with the other ranks of a vertex-parallel run; None if there are none.

    Shapes:
        leaves [L, B, p], edge_index: sparse [N, N] or [2, arcs]; output E [N, B, p], N = L + V. With a plain
        edge_index of n copies of the graph (a PyG batch): leaves [n, L, B, p], output [n * N, B, p].
    """

    def __init__(self, plan: Plan) -> None:
        super().__init__(aggr="sum", node_dim=0)
        self.plan = plan
        self._schedule: Schedule | None = None
        self._operands: list[list[BlockRows]] | None = None
        self._products: tuple[torch.device, list[Product]] | None = None
        self._last: list[int] = []
        self.exchange: Exchange | None = None

    def forward(
        self,
        leaves: Tensor,
        edge_index: Tensor,
        stacks: Stacks,
        masks: Masks | None = None,
        root_only: bool = False,
        tape: Tape | None = None,
    ) -> Tensor:
        """The extractions of all nodes; with `root_only` and a sparse adjacency that of the root, [1, B, p].

        `tape` keeps what the local update needs, without gradients and with a sparse adjacency.
        """
        if is_sparse(edge_index):
            return self._send(edge_index, stacks, masks, leaves=leaves, root_only=root_only, tape=tape)
        return self._by_level(leaves, edge_index, stacks, masks)

    def message_and_aggregate(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        edge_index: Any,  # noqa: ARG002  # PyG hands the adjacency over; the plan knows it already
        leaves: Tensor,
        stacks: Stacks,
        masks: MaybeMasks,
        root_only: bool,
        tape: MaybeTape,
    ) -> Tensor:
        """All levels. Under autograd nothing is written twice; else one buffer is filled."""
        if torch.is_grad_enabled() and any(parameter.requires_grad for parameter in stacks.parameters()):
            schedule = self._prepared(leaves.device)
            return self._taped(schedule, schedule.pieces.of(stacks), leaves, masks, root_only)
        new = None if tape is None else tape.new
        made = (new or fresh)(leaves, self.plan.leaves + self.plan.vertices, *leaves.shape[1:])
        made[: self.plan.leaves] = leaves
        vertices, tensors = made[self.plan.leaves :], Parameters(stacks)
        if self.exchange is not None:
            self.exchange.begin(made)
        for number, product in enumerate(self._at_work(leaves.device)):
            pieces = list[Made]()
            for piece in product.run(tensors.of(product.stack), (made,), masks, new):
                piece.write(vertices)
                if tape is not None:
                    pieces.append(piece)
            if tape is not None:
                tape.up.append((product, pieces))
            if self.exchange is not None:
                self.exchange.done_up(self._last[number], made)
        return made[-1:] if root_only else made

    def _at_work(self, device: torch.device) -> list[Product]:
        if self._products is None or self._products[0] != device:
            breaks = () if self.exchange is None else self.exchange.breaks_up
            found = chains(self.plan, down=False, breaks=breaks)
            products, firsts = at_work(self.plan, self.plan.up, found, device)
            self._products, self._last = (device, products), last_groups(firsts, self.plan.up)
        return self._products[1]

    def _taped(
        self, schedule: Schedule, weights: Sequence[Weights], leaves: Tensor, masks: Masks | None, root_only: bool
    ) -> Tensor:
        if self._operands is None:
            self._operands = operands(self.plan, leaves.device)
        blocks = [leaves]
        for task, own, found in zip(schedule.tasks, weights, self._operands, strict=True):
            blocks.append(task.run(own, [operand.read(blocks) for operand in found], masks))
        return blocks[-1][-1:] if root_only else torch.cat(blocks)

    def _prepared(self, device: torch.device) -> Schedule:
        if self._schedule is None or self._schedule.device != device:
            self._schedule, self._operands = Schedule(self.plan, self.plan.up, device), None
        return self._schedule

    def _send(
        self,
        edge_index: Tensor,
        stacks: Stacks,
        masks: Masks | None,
        *,
        leaves: Tensor | None = None,
        root_only: bool = False,
        primary: Tensor | None = None,
        part: Part | None = None,
        tape: Tape | None = None,
    ) -> Tensor:
        """The one call of `propagate`: PyG reads the names of its arguments here."""
        return self.propagate(
            edge_index,
            size=None if primary is None or part is None else (len(primary), len(part.nodes)),
            leaves=leaves,
            root_only=root_only,
            primary=(primary, None),
            slot=None if part is None else part.slot,
            vertices=None if part is None else part.sites,
            stacks=stacks,
            masks=masks,
            tape=tape,
        )

    def _by_level(self, leaves: Tensor, edge_index: Tensor, stacks: Stacks, masks: Masks | None) -> Tensor:
        copies = Copies(self.plan, edge_index)
        made = copies.nodes(leaves)
        for part in copies.up_parts():
            result = self._send(part.edge_index, stacks, masks, primary=made, part=part)
            made = made.index_copy(0, part.nodes, result)
        return made

    def message(self, primary_j: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The child's extraction."""
        return primary_j

    def aggregate(self, inputs: Tensor, index: Tensor, slot: Tensor, dim_size: int) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The messages of each parent by slot: [parents, k, B, p]."""
        arity = int(slot.max()) + 1
        by_slot = inputs.new_zeros(dim_size * arity, *inputs.shape[1:])
        return by_slot.index_copy(0, index * arity + slot, inputs).view(dim_size, arity, *inputs.shape[1:])

    def update(self, inputs: Tensor, vertices: MaybeSites, stacks: Stacks, masks: MaybeMasks) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        """phi_v of what was aggregated; the fused route has done that already."""
        if vertices is None:
            return inputs
        return vertices.apply(stacks, list(inputs.unbind(1)), masks)
