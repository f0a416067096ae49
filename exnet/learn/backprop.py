"""End-to-end backpropagation on the same graph: the root's loss, through the whole up pass.

    L = mean over the batch of loss(psi_r(e_r, 0), y)

Complementary propagators and the trainers of other vertices have no part in it and stay as they are.
"""

import torch
from torch import Tensor

from exnet.learn.heads import Heads
from exnet.learn.report import Inputs, StepReport
from exnet.learn.rule import Rule
from exnet.nets.dropout import Moment
from exnet.passing.net import ExtractionNet


class BackpropRule(Rule):
    """One step of backpropagation: fills the gradients of primary propagators and of the root's trainer."""

    def __init__(self, net: ExtractionNet, heads: Heads | None = None) -> None:
        self._heads = heads or Heads(net.spec.outputs)

    def step(
        self,
        net: ExtractionNet,
        x: Inputs,
        y: Inputs,
        step: int,
        instances: Tensor,
    ) -> StepReport:
        """Puts the gradient of the root's mean loss into `parameter.grad`. Arguments as of `Rule.step`."""
        net.zero_grad(set_to_none=True)
        result = net.predict(x, moment=Moment(step, instances.cpu().numpy()))
        loss = self._heads.loss(result, y)
        loss.mean().backward()
        root = slice(net.plan.root, net.plan.root + 1)
        with torch.no_grad():
            score = self._heads.score(result, y)
            means = None if score is None else score.mean(-1, keepdim=True)
            return StepReport(root, loss.detach().mean(-1, keepdim=True), means, loss.shape[-1])
