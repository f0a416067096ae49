"""The prediction of the net."""

import numpy as np
from torch import Tensor

from exnet.nets.dropout import Masks
from exnet.nets.registry import implementation
from exnet.nets.stacks import Stacks
from exnet.passing.plain import assignment
from exnet.plan.model import Plan


class RootTrainer:
    """y^ = psi_r(e_r, 0).

    Args:
        plan: of the net.
    """

    def __init__(self, plan: Plan) -> None:
        stack, row = assignment(plan.trainers, plan.vertices)
        self._stack, self._row = int(stack[plan.root]), int(row[plan.root])
        self._network = plan.stacks[self._stack].network
        self._width = plan.complementary
        self._identity = plan.hash[plan.root : plan.root + 1]

    def prediction(self, root: Tensor, stacks: Stacks, masks: Masks | None) -> Tensor:
        """[B, out] from the root's extraction [1, B, p]."""
        weights = {name: value[self._row] for name, value in stacks.tensors(self._stack).items()}
        mask = None if masks is None else masks.sites("trainer", np.asarray(self._identity))
        nothing = root.new_zeros(root.shape[1], self._width)
        return implementation(self._network)(self._network, weights, (root[0], nothing), mask)
