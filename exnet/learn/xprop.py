"""Extraction propagation (Pasteris, Hicks and Mavroudis, arXiv 2402.15883): every vertex learns from its own loss.

    up      e_v  = phi_v(e_c1, .., e_ck)                                children first, no gradient
    down    e'_v = phi'_a(e'_u, siblings), a drawn; or combined over all a   parents first, no gradient
    local   L_v  = loss(psi_v(phi_v(e_c1, .., e_ck), e'_v), y)          every input constant, all vertices at once

The gradient of L_v reaches psi_v, phi_v and the phi'_a of (drawn) arcs a into v, nothing else. A shared parameter
gathers the gradients of its call sites: the sum over rows divided by (batch x call sites), or by the batch alone.
"""

import torch
from torch import Tensor
from torch.nn import Parameter

from exnet.learn.captured import MEMORY_SET, NOT_CAPTURED, Capture, Recorder, Say, not_static
from exnet.learn.gradients import Gradients, divisors
from exnet.learn.heads import Heads
from exnet.learn.optimiser import clip_rows
from exnet.learn.report import Inputs, StepReport
from exnet.learn.rule import Rule
from exnet.nets.dropout import Moment
from exnet.passing.net import ExtractionNet
from exnet.passing.parts import PartedUpdate
from exnet.passing.tape import Tape
from exnet.plan.memory import within
from exnet.spec.rule import Xprop


class XpropRule(Rule):
    """One step of Xprop: fills the gradients of all components.

    Attributes:
        parts: in how many parts the local update goes through the vertices, so that a step keeps within `rule.memory`.
    """

    def __init__(self, net: ExtractionNet, rule: Xprop, heads: Heads | None = None) -> None:
        self._heads = heads or Heads(net.spec.outputs)
        self._by_sites = rule.average == "sites"
        self._size, self._limited = rule.batch, rule.memory is not None
        self._tape, self._by = Tape(), dict[torch.device, dict[str, Tensor]]()
        self._capture: Capture | None = None
        self.parts = 1 if rule.memory is None else within(net.spec, net.plan, rule, net.stacks.dtype.itemsize).parts
        self._update: PartedUpdate | None = None

    def step(self, net: ExtractionNet, x: Inputs, y: Inputs, step: int, instances: Tensor) -> StepReport:
        """Puts the averaged local gradients into `parameter.grad`; tensors that are there are written over.

        Arguments as of `Rule.step`.
        """
        captured = None if self._capture is None else self._capture.step(net, x, y)
        return self._launched(net, x, y, step, instances) if captured is None else captured

    def _launched(self, net: ExtractionNet, x: Inputs, y: Inputs, step: int, instances: Tensor) -> StepReport:
        """The step, operation by operation."""
        batch = len(instances)
        moment, draws, parted = Moment(step, instances.cpu().numpy()), net.draws(step, instances), self._parted(net)
        tape = None if parted else self._tape
        self._tape.begin()
        primary, complementary = net.passes(x, draws, moment=moment, tape=tape)
        slopes, judge = Gradients(net, net.site_counts), self._heads.judge(y, batch)
        told = net.learn(primary, complementary, draws, judge, slopes.stacks, moment=moment, tape=tape, some=parted)
        slopes.finish(self._divided(net))
        return StepReport(slice(0, len(told.loss)), told.loss, told.score, batch, primary, complementary, draws)

    @property
    def held(self) -> int:
        """Bytes that stay between steps, to be used again."""
        return self._tape.arena.bytes

    def _divided(self, net: ExtractionNet) -> dict[str, Tensor]:
        """What sums over call sites are divided by."""
        if net.device not in self._by:
            self._by[net.device] = divisors(net, net.site_counts) if self._by_sites else {}
        return self._by[net.device]

    def _parted(self, net: ExtractionNet) -> PartedUpdate | None:
        """The local update in parts, where everything at once would not fit into the memory of the rule."""
        if self.parts == 1:
            return None
        if self._update is None or self._update.device != net.device:
            self._update = net.parted_update(self.parts)
        return self._update

    def capture(self, net: ExtractionNet, record: Recorder, say: Say) -> None:
        """As of `Rule`: all full batches, if the net is static and no budget of memory is set."""
        reason = MEMORY_SET if self._limited else not_static(net)
        if reason is not None:
            say(f"{NOT_CAPTURED}: {reason}")
            return
        self._capture = Capture(self._heads, self._by_sites, self._size, record, say)

    def clip(self, net: ExtractionNet, limit: float) -> None:
        """Scales the gradient of each sharing class to a norm of at most `limit`, so that no class feels another."""
        stacks = dict[str, list[Parameter]]()
        for name, parameter in net.named_parameters():
            stacks.setdefault(name.rpartition(".")[0], []).append(parameter)
        for parameters in stacks.values():
            clip_rows(parameters, limit)
