"""A step of Xprop that is recorded once and replayed: on a card, a captured graph of its kernels.

    outside     inputs are checked and tokenised; leaves and targets are copied to where the recorded step reads them
    recorded    both passes, local losses, all gradients up to `parameter.grad`, mean losses and scores
    outside     clipping, the optimiser, whatever looks at a number

What is recorded reads and writes tensors that stay where they are, and asks the card nothing. That holds where neither
shapes nor control flow depend on numbers: in deterministic mode or where every vertex has one incoming arc, without
dropout, for batches of one size.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
from torch import Tensor

from exnet.learn.gradients import Gradients, divisors
from exnet.learn.heads import Heads
from exnet.learn.losses import CRITERIA
from exnet.learn.report import Inputs, StepReport
from exnet.nets.registry import NETS
from exnet.passing.draws import several
from exnet.passing.net import ExtractionNet
from exnet.passing.tape import Tape

Recorder: TypeAlias = Callable[[Callable[[], None]], Callable[[], object]]
"""recorder(action) -> replay: does the work of `action` on the same tensors again, whatever they hold by then."""
Say: TypeAlias = Callable[[str], None]
"""Takes a remark of one line."""

NOT_CAPTURED = "steps are not captured, each is launched anew"
"""How every remark begins."""
MEMORY_SET = "a budget of memory is set, and what a captured step holds is not predicted"
"""Why a rule with `memory` captures nothing."""
WARM_UPS = 3
"""Runs before the capture, as PyTorch asks for: libraries make their workspaces, and the arena finds its size."""


def cuda_graph(action: Callable[[], None]) -> Callable[[], object]:
    """A `Recorder`: warm-up on a stream of its own, then the capture; the capture itself computes nothing."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM_UPS):
            action()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        action()
    return graph.replay


def recorder_of(device: torch.device) -> Recorder | None:
    """What records steps on a device; None where nothing does."""
    return cuda_graph if device.type == "cuda" else None


def not_static(net: ExtractionNet) -> str | None:
    """Why steps of Xprop on a net cannot be recorded, or None if they can."""
    if net.spec.mode.kind == "stochastic" and len(several(net.plan)):
        return "which arcs are drawn decides the shapes of products (`mode deterministic(..)` draws none)"
    for network in (stack.network for stack in net.plan.stacks):
        if getattr(network, "dropout", 0.0) > 0:
            return "dropout masks are made by the processor, anew for every step"
        if network.kind not in NETS:
            return f"the network `{network.kind}` comes from a package and may look at numbers"
    foreign = next((output.loss.kind for output in net.outputs if output.loss.kind not in CRITERIA), None)
    return None if foreign is None else f"the loss `{foreign}` comes from a package and may look at numbers"


class RecordedStep:
    """One recorded step, for batches of one size.

    Args:
        net: whose parameters; they stay where they are, or `fits` says no.
        heads: judge predictions.
        by_sites: whether sums over call sites are divided by their number.
        record: the recorder.
        leaves: of the first batch, [L, B, p]; the step reads them here from then on. y: its targets, likewise.
    """

    def __init__(
        self, net: ExtractionNet, heads: Heads, by_sites: bool, record: Recorder, leaves: Tensor, y: Inputs
    ) -> None:
        self._net, self._where = net, places(net)
        self._leaves, self._y = leaves.clone(), {name: value.clone() for name, value in y.items()}
        self._batch = leaves.shape[1]
        self._draws = net.draws(0, torch.arange(self._batch))
        self._judge = heads.placed(next(net.parameters())).judge(self._y, self._batch)
        self._slopes, self._tape = Gradients(net, net.site_counts), Tape()
        self._gradients = [(parameter, parameter.grad) for parameter in net.stacks.parameters()]
        self._divisors = divisors(net, net.site_counts) if by_sites else {}
        self._report: StepReport | None = None
        self._replay = record(self._work)

    def fits(self, net: ExtractionNet, y: Inputs) -> bool:
        """Whether the net is this one, its parameters are where they were, and the targets have these shapes."""
        alike = {name: (value.shape, value.dtype) for name, value in y.items()}
        own = {name: (value.shape, value.dtype) for name, value in self._y.items()}
        return net is self._net and places(net) == self._where and alike == own

    def run(self, leaves: Tensor, y: Inputs) -> StepReport:
        """The step on a batch. The next step writes over the extractions of its report, and over `parameter.grad`."""
        self._leaves.copy_(leaves)
        for name, value in self._y.items():
            value.copy_(y[name])
        for parameter, gradient in self._gradients:
            parameter.grad = gradient
        self._replay()
        made = self._report
        assert made is not None, "a recorder runs what it records"
        score = None if made.score is None else made.score.clone()
        return StepReport(made.rows, made.loss.clone(), score, made.batch, made.primary, made.complementary, made.draws)

    def _work(self) -> None:
        """What is recorded."""
        net, tape = self._net, self._tape
        tape.begin()
        primary, complementary = net.passes_from(self._leaves, self._draws, tape)
        told = net.learn(primary, complementary, self._draws, self._judge, self._slopes.stacks, tape=tape)
        self._slopes.finish(self._divisors)
        rows = slice(0, len(told.loss))
        self._report = StepReport(rows, told.loss, told.score, self._batch, primary, complementary, self._draws)


def places(net: ExtractionNet) -> Sequence[int]:
    """Where the parameters lie in memory."""
    return [parameter.data_ptr() for parameter in net.stacks.parameters()]


class Capture:
    """Steps of full batches, recorded; of all others `step` says that it does not make them.

    Args:
        heads, by_sites, record: as of `RecordedStep`.
        size: of a full batch.
        say: is told if recording fails; from then on no step is made here.
    """

    def __init__(self, heads: Heads, by_sites: bool, size: int, record: Recorder, say: Say) -> None:
        self._heads, self._by_sites, self._size, self._record, self._say = heads, by_sites, size, record, say
        self._recorded: RecordedStep | None = None
        self._failed = False

    def step(self, net: ExtractionNet, x: Inputs, y: Inputs) -> StepReport | None:
        """One step with all its gradients; None for a batch of another size, or where recording failed."""
        if self._failed or any(len(value) != self._size for value in y.values()):
            return None
        leaves = net.leaves(x)
        if self._recorded is None or not self._recorded.fits(net, y):
            self._recorded = self._made(net, leaves, y)
        return None if self._recorded is None else self._recorded.run(leaves, y)

    def _made(self, net: ExtractionNet, leaves: Tensor, y: Inputs) -> RecordedStep | None:
        try:
            return RecordedStep(net, self._heads, self._by_sites, self._record, leaves, y)
        except RuntimeError as error:
            self._failed = True
            reason = " ".join(str(error).split())[:200]
            self._say(f"{NOT_CAPTURED}: {type(error).__name__}: {reason}")
            return None
