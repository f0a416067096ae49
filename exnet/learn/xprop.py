"""Extraction propagation (Pasteris, Hicks and Mavroudis, arXiv 2402.15883): every vertex learns from its own loss.

    up      e_v  = phi_v(e_c1, .., e_ck)                                children first, no gradient
    down    e'_v = phi'_a(e'_u, siblings), a drawn; or combined over all a   parents first, no gradient
    local   L_v  = loss(psi_v(phi_v(e_c1, .., e_ck), e'_v), y)          every input constant, all vertices at once

The gradient of L_v reaches psi_v, phi_v and the phi'_a of (drawn) arcs a into v, nothing else. A shared parameter
gathers the gradients of its call sites: the sum over rows divided by (batch x call sites), or by the batch alone.
"""

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import Parameter

from exnet.learn.heads import Heads
from exnet.learn.optimiser import clip_rows
from exnet.learn.report import Inputs, StepReport
from exnet.learn.rule import Rule
from exnet.nets.dropout import Moment
from exnet.passing.net import ExtractionNet
from exnet.spec.rule import Xprop


class XpropRule(Rule):
    """One step of Xprop: fills the gradients of all components."""

    def __init__(self, net: ExtractionNet, rule: Xprop, heads: Heads | None = None) -> None:
        self._heads = heads or Heads(net.spec.outputs)
        self._by_sites = rule.average == "sites"

    def step(self, net: ExtractionNet, x: Inputs, y: Inputs, step: int, instances: Tensor) -> StepReport:
        """Puts the averaged local gradients into `parameter.grad`. Arguments as of `Rule.step`."""
        net.zero_grad(set_to_none=True)
        moment = Moment(step, instances.cpu().numpy())
        with torch.no_grad():
            primary = net.up(x, moment=moment)
            draws = net.draws(step, instances)
            complementary = net.down(primary, draws, moment=moment)
        result = net.local(primary, complementary, draws, moment=moment)
        loss = self._heads.loss(result, y)
        batch = loss.shape[-1]
        loss.sum().backward()
        self._average(net, batch, net.site_counts)
        with torch.no_grad():
            score = self._heads.score(result, y)
            means = None if score is None else score.mean(-1)
            rows = slice(net.plan.vertices - len(loss), net.plan.vertices)  # those of other ranks come first
            return StepReport(rows, loss.detach().mean(-1), means, batch, primary, complementary, draws)

    def clip(self, net: ExtractionNet, limit: float) -> None:
        """Scales the gradient of each sharing class to a norm of at most `limit`, so that no class feels another."""
        stacks = dict[str, list[Parameter]]()
        for name, parameter in net.named_parameters():
            stacks.setdefault(name.rpartition(".")[0], []).append(parameter)
        for parameters in stacks.values():
            clip_rows(parameters, limit)

    def _average(self, net: ExtractionNet, batch: int, sites: Mapping[str, Tensor]) -> None:
        """Sums over rows and sites become means. Rows that were not drawn count as zeros, even if none was.

        Args:
            net: whose gradients.
            batch: B.
            sites: for the name of every parameter that learns int64 [classes], call sites of each.
        """
        for name, parameter in net.named_parameters():
            if name not in sites:
                continue
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            counts = (batch * sites[name]).to(parameter).view(-1, *[1] * (parameter.dim() - 1))
            parameter.grad.div_(counts if self._by_sites else batch)
