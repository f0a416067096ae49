"""The workloads: a spec, its sizes, the same graph as peers see it, and what exnet does with it.

exnet is used through what it offers to everybody: `exnet.build`, a rule's `step`, `net.predict`, `make_optimiser`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

import exnet
from exnet.learn.captured import Recorder, Say
from exnet.learn.loop import make_rule
from exnet.learn.optimiser import make_optimiser
from exnet.learn.options import choose_rule
from exnet.plan.cost import cost
from suite import graphs
from suite.graphs import Graph

SPECS = Path(__file__).parents[1] / "workloads"


@dataclass(frozen=True)
class Workload:
    """One workload at one size.

    Attributes:
        name: `w1` to `w5`, or with a size, such as `w3 1024`.
        spec: name of the file. sizes: values of its params. batch: B.
        graph: makes the graph for peers.
        activation: of all components.
    """

    name: str
    spec: str
    sizes: Mapping[str, int]
    graph: Callable[[], Graph]
    activation: str
    batch: int = 64

    @property
    def path(self) -> Path:
        """Of the spec."""
        return SPECS / f"{self.spec}.exn"

    def net(self, dtype: torch.dtype, device: str = "cpu") -> exnet.passing.ExtractionNet:
        """exnet's module."""
        return exnet.build(self.path, overrides=self.sizes, dtype=dtype).to(device)


def tree(name: str, depth: int, d: int = 32, batch: int = 64) -> Workload:
    """W1 or W2: 2^depth - 1 vertices, hidden layers of 2d."""
    sizes = {"depth": depth, "d": d, "hidden": 2 * d}
    return Workload(name, name[:2], sizes, lambda: graphs.tree(depth, name[:2] == "w1"), "gelu", batch)


def chain(name: str, length: int, d: int = 16, batch: int = 64) -> Workload:
    """W3 or W4: as many vertices as `length`."""
    sizes = {"length": length, "d": d, "hidden": 2 * d}
    return Workload(name, name[:2], sizes, lambda: graphs.chain(length, name[:2] == "w3"), "tanh", batch)


def attention(name: str, n: int, d: int = 32, batch: int = 64) -> Workload:
    """W5: two layers over n positions."""
    return Workload(name, "w5", {"n": n, "d": d, "hidden": 2 * d}, lambda: graphs.attention(n), "gelu", batch)


STANDARD: Mapping[str, Workload] = {
    w.name: w
    for w in (
        tree("w1", 10),
        tree("w2", 10),
        chain("w3", 256),
        chain("w4", 256),
        attention("w5", 16),
        chain("w3 1024", 1024),
        chain("w4 1024", 1024),
        tree("w1 15", 4),
        tree("w1 4095", 12, 16, 16),
        tree("w1 65535", 16, 16, 16),
    )
}
"""As PERFORMANCE defines them: the numbers behind a name count vertices."""

QUICK: Mapping[str, Workload] = {
    w.name: w
    for w in (
        tree("w1", 4, 8, 6),
        tree("w2", 4, 8, 6),
        chain("w3", 9, 8, 6),
        chain("w4", 9, 8, 6),
        attention("w5", 4, 8, 6),
        chain("w3 1024", 20, 8, 6),
        chain("w4 1024", 20, 8, 6),
        tree("w1 15", 2, 8, 6),
        tree("w1 4095", 3, 4, 6),
        tree("w1 65535", 4, 4, 6),
    )
}
"""The same at sizes that take seconds in all."""


def with_batch(workload: Workload, batch: int) -> Workload:
    """The workload with another B."""
    return replace(workload, batch=batch)


@dataclass(eq=False)
class Ours:
    """exnet at a workload, and the batch that everybody works on.

    Attributes:
        x: [B, leaves, d]. y: [B].
        flops: useful operations of one step: products alone, nothing computed twice.
    """

    workload: Workload
    dtype: torch.dtype = torch.float32
    device: str = "cpu"
    x: Tensor = field(init=False)
    y: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.net = net = self.workload.net(self.dtype, self.device)
        generator = torch.Generator().manual_seed(0)
        (source,), (output,), batch = net.spec.inputs, net.spec.outputs, self.workload.batch
        kind = next(net.parameters()).dtype
        x = torch.randn(batch, source.leaves, source.type.width, generator=generator, dtype=torch.float64)
        y = torch.randint(output.type.width, (batch,), generator=generator)
        self.x, self.y = x.to(self.device, kind), y.to(self.device)
        self._inputs, self._targets = {source.name: self.x}, {output.name: self.y}
        self._instances = torch.arange(batch)
        self._xprop = make_rule(net, choose_rule(net.spec.learn, batch=batch))
        self._backprop = make_rule(net, choose_rule(net.spec.learn, "backprop"))
        self._optimiser = make_optimiser(net.parameters(), net.spec.learn.optimiser)
        self.flops = cost(net.plan).step * batch

    def step(self) -> None:
        """Xprop: both passes, local losses, all gradients."""
        self._xprop.step(self.net, self._inputs, self._targets, 0, self._instances)

    def capture(self, record: Recorder, say: Say) -> None:
        """From now on steps are recorded and replayed; `say` is told if they cannot be."""
        self._xprop.capture(self.net, record, say)

    def adam(self) -> None:
        """The optimiser alone, after a step."""
        self._optimiser.step()

    def step_with_adam(self) -> None:
        """A step and the optimiser."""
        self.step()
        self.adam()

    def backprop(self) -> None:
        """exnet's own backprop through the same graph."""
        self._backprop.step(self.net, self._inputs, self._targets, 0, self._instances)

    @torch.no_grad()
    def forward(self) -> Tensor:
        """The prediction."""
        return self.net.predict(self.x)

    @torch.no_grad()
    def passes(self) -> None:
        """Up pass and down pass alone."""
        self.net.down(self.net.up(self.x), None)
