"""The groups of a plan, prepared for one device: index tensors, networks, identities for dropout."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.graph.randomness import mix
from exnet.nets.dropout import Mask, Masks
from exnet.nets.layers import Weights
from exnet.nets.registry import Apply, implementation
from exnet.passing.pieces import Pieces
from exnet.passing.rows import Rows, read, rows_of
from exnet.plan.model import Group, Groups, Plan
from exnet.spec.network import Network


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One group: a batched product.

    Attributes:
        apply, network: what computes it.
        component: `primary`, `complementary` or `trainer`.
        classes: G. members: m. rows: of the stack.
        reads: the rows of each operand, [G * m] ordered [class, site].
        group: the group itself.
        identity: uint64 [G * m], of each site, for dropout; None if the network has none.
    """

    apply: Apply
    network: Network
    component: str
    classes: int
    members: int
    rows: Rows
    reads: tuple[Rows, ...]
    group: Group
    identity: NDArray[np.uint64] | None

    @classmethod
    def of(cls, plan: Plan, group: Group, device: torch.device) -> "Task":
        """A group, prepared."""
        stack = plan.stacks[group.stack]
        dropped = getattr(stack.network, "dropout", 0.0) > 0.0
        return cls(
            apply=implementation(stack.network),
            network=stack.network,
            component=stack.component,
            classes=len(group.rows),
            members=group.members,
            rows=rows_of(group.rows, device),
            reads=tuple(rows_of(operand, device) for operand in group.operands),
            group=group,
            identity=identities(plan, stack.component, group.sites) if dropped else None,
        )

    def run(self, weights: Weights, operands: Sequence[Tensor], masks: Masks | None) -> Tensor:
        """The results of all sites for operands [G * m, B, width]: [G * m, B, out]."""
        batch, sites = operands[0].shape[1], self.classes * self.members
        lead = (self.members * batch,) if self.classes == 1 else (self.classes, self.members * batch)
        shaped = [x.reshape(*lead, x.shape[-1]) for x in operands]
        result = self.apply(self.network, weights, shaped, self.mask(masks))
        return result.view(sites, batch, result.shape[-1])

    def mask(self, masks: Masks | None) -> Mask | None:
        """Dropout for all instances of all sites."""
        if masks is None or self.identity is None:
            return None
        lead = (self.members,) if self.classes == 1 else (self.classes, self.members)
        return masks.sites(self.component, self.identity.reshape(lead))


class Schedule:
    """Prepared groups, in the order in which they run.

    Args:
        plan: whose groups they are.
        groups: one of its sequences.
        device: of the index tensors.
    """

    def __init__(self, plan: Plan, groups: Groups, device: torch.device) -> None:
        self.device = device
        self.pieces = Pieces(groups, [len(stack.classes) for stack in plan.stacks], device)
        self.tasks = [Task.of(plan, groups[i], device) for i in range(len(groups))]


def identities(plan: Plan, component: str, sites: NDArray[np.integer]) -> NDArray[np.uint64]:
    """The identity of call sites for random numbers: the hash of a vertex, or that of an arc's parent and the slot."""
    if component != "complementary":
        return plan.hash[sites]
    return mix(plan.hash[plan.arcs.parent[sites]], plan.arcs.slot[sites])


def gather(buffers: Sequence[Tensor], reads: Sequence[Rows]) -> list[Tensor]:
    """One operand from each buffer; the last buffer serves all further reads."""
    last = len(buffers) - 1
    return [read(buffers[min(i, last)], rows) for i, rows in enumerate(reads)]
