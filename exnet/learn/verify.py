"""The compiled module against the reference interpreter, number by number, in float64.

A deviation is |compiled - reference| / max(1, |reference|); the largest of each kind must stay within `TOLERANCE`.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from exnet.graph.model import Graph
from exnet.graph.randomness import bits, hash_text, normal
from exnet.learn.backprop import BackpropRule
from exnet.learn.compare_graphs import graph_problems, node_names
from exnet.learn.report import StepReport
from exnet.learn.xprop import XpropRule
from exnet.learn.xprop_star import XpropStarRule
from exnet.nets.stacks import Stacks
from exnet.plan.model import Plan
from exnet.reference import ReferenceGraph, interpret
from exnet.reference.step import Arc, Gradients, Stepper
from exnet.reference.turns import group_at, groups_upwards
from exnet.spec.model import Input, Output, Spec
from exnet.spec.rule import Xprop, XpropStar

TOLERANCE = 1e-10


@dataclass(frozen=True)
class VerifyReport:
    """How far the compiled module is from the reference.

    Attributes:
        vertices: how many were compared.
        problems: differences of the graphs, as sentences; numbers are not compared if there are any.
        deviations: the largest deviation of each quantity, in the order in which they were computed.
    """

    vertices: int
    problems: tuple[str, ...]
    deviations: Mapping[str, float]

    @property
    def equal(self) -> bool:
        """Whether nothing differs by more than the tolerance."""
        return not self.problems and all(value <= TOLERANCE for value in self.deviations.values())

    @property
    def worst(self) -> float:
        """The largest deviation of all."""
        return max(self.deviations.values(), default=0.0)


def verify(spec: Spec, plan: Plan, graph: Graph, *, batch: int = 3, seed: int = 0) -> VerifyReport:
    """Compares graph, extractions, predictions, losses and gradients of Xprop, Xprop* and backprop on random numbers.

    Args:
        spec: the spec; its mode is the one that is compared. Dropout is off on both sides.
        plan: what the compiler made of it.
        graph: the elaborated graph.
        batch: number of instances.
        seed: of parameters, inputs, targets and draws.
    """
    reference = interpret(spec)
    problems = tuple(graph_problems(graph, reference))
    if problems:
        return VerifyReport(graph.vertex_count, problems, {})
    with _one_thread():
        comparison = Comparison(spec, plan, graph, reference, batch, seed)
        return VerifyReport(graph.vertex_count, (), dict(comparison.deviations()))


@contextmanager
def _one_thread() -> Generator[None]:
    """The reference makes thousands of tiny products; threads would spend their time waiting for one another."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class Comparison:
    """One net with its inputs, and the same numbers for the reference.

    Args:
        spec, plan, graph, reference: of one spec.
        batch, seed: as of `verify`.
    """

    def __init__(
        self, spec: Spec, plan: Plan, graph: Graph, reference: ReferenceGraph, batch: int = 3, seed: int = 0
    ) -> None:
        from exnet.passing.net import ExtractionNet

        self.spec, self.plan, self.reference = spec, plan, reference
        self.net = ExtractionNet(spec, plan, seed=seed, dtype=torch.float64)
        self.net.eval()
        _shift(self.net.parameters(), seed)
        self.inputs = {i.name: _values(i, batch, seed) for i in spec.inputs}
        self.targets = {o.name: _targets(o, batch, seed) for o in spec.outputs}
        self.instances = torch.arange(batch)
        self.graph, self.names = graph, node_names(graph)
        self.leaves = [self.names[leaf] for leaf in plan.leaf]
        self.vertices = [self.names[plan.leaves + v] for v in plan.vertex]

    def deviations(self) -> Iterator[tuple[str, float]]:
        """The largest deviation of each quantity."""
        rule = self.spec.learn if isinstance(self.spec.learn, Xprop) else Xprop()
        report = XpropRule(self.net, rule).step(self.net, self.inputs, self.targets, 0, self.instances)
        found = self.gradients()
        primary, complementary = report.primary, report.complementary
        assert primary is not None
        assert complementary is not None
        leaves = dict(zip(self.leaves, primary, strict=False))
        stepper = self.stepper(replace(self.spec, learn=rule), report)
        step = stepper.step(leaves, self.targets)
        own = primary[self.plan.leaves :]
        yield "up", self._by_vertex(own, step.primary)
        yield "down", self._by_vertex(complementary, step.complementary)
        with torch.no_grad():
            predictions = self.net.local(primary, complementary, report.draws)
            root = self.net.predict(self.inputs)
        yield "predictions", self._by_vertex(predictions, step.predictions)
        yield "net(x)", deviation(root, step.predictions[self.reference.root])
        yield "losses", self._by_vertex(report.loss, step.losses)
        yield "xprop gradients", _deviation_of(found, step.gradients)
        yield "xprop* gradients", self._one_turn(leaves)
        yield from self._backprop(stepper, leaves)

    def _one_turn(self, leaves: Mapping[str, Tensor]) -> float:
        """A step of Xprop* in one turn, with frozen copies that are not what the live propagators are."""
        own = self.spec.learn
        options = own if isinstance(own, XpropStar) else XpropStar()
        turn, rule = self.plan.levels // 2 + self.net.seed, XpropStarRule(self.net, options)
        _shift((copy for copy in rule.frozen.parameters() if not copy.requires_grad), self.net.seed + 1)
        step = turn * options.turn_steps(1)
        report = rule.step(self.net, self.inputs, self.targets, step, self.instances)
        upwards = groups_upwards(self.reference, options.group, self.numbering(options.group))
        group = group_at(upwards, options, turn, self.net.seed)
        spec, frozen = replace(self.spec, learn=options), self.parameters(rule.frozen)
        stepper = Stepper(spec, self.reference, self.parameters(), self.draws(report), frozen)
        return _deviation_of(self.gradients(), stepper.step(leaves, self.targets, group).gradients)

    def numbering(self, kind: str) -> list[str]:
        """The names of classes of primary propagators, or of vertices, in the graph's order."""
        classes = self.graph.primary
        return [classes.name(i) for i in range(len(classes))] if kind == "class" else self.names[self.plan.leaves :]

    def _backprop(self, stepper: Stepper, leaves: Mapping[str, Tensor]) -> Iterator[tuple[str, float]]:
        report = BackpropRule(self.net).step(self.net, self.inputs, self.targets, 0, self.instances)
        loss, gradients = stepper.backprop(leaves, self.targets)
        yield "root loss", deviation(report.root_loss, loss)
        yield "backprop gradients", _deviation_of(self.gradients(), gradients)

    def stepper(self, spec: Spec, report: StepReport) -> Stepper:
        """The reference with the net's own parameters and the draws of a report."""
        return Stepper(spec, self.reference, self.parameters(), self.draws(report))

    def parameters(self, stacks: Stacks | None = None) -> Gradients:
        """The parameters of each class by its name: the net's, or those of other stacks, such as frozen copies."""
        return self._by_class(lambda value: value.detach(), stacks)

    def gradients(self) -> Gradients:
        """What is in `parameter.grad`, by name of the class."""
        return self._by_class(lambda value: torch.zeros_like(value) if value.grad is None else value.grad.clone())

    def _by_class(self, read: Callable[[Tensor], Tensor], stacks: Stacks | None = None) -> Gradients:
        found: Gradients = {}
        for number, stack in enumerate(self.plan.stacks):
            tensors = {name: read(value) for name, value in (stacks or self.net.stacks).tensors(number).items()}
            for row in range(len(stack.classes)):
                found[self.plan.class_name(number, row)] = {name: value[row] for name, value in tensors.items()}
        return found

    def draws(self, report: StepReport) -> dict[str, list[Arc]]:
        """The drawn arc of every vertex and instance, by names."""
        if report.draws is None:
            return {}
        arcs = self.plan.arcs
        found = dict[str, list[Arc]]()
        for row, name in enumerate(self.vertices):
            first, end = arcs.incoming_ptr[row : row + 2]
            if end - first > 1:
                rows = arcs.incoming[first + report.draws[row].numpy()]
                found[name] = [(self.vertices[arcs.parent[a]], int(arcs.slot[a])) for a in rows]
        return found

    def _by_vertex(self, values: Tensor, reference: Mapping[str, Tensor]) -> float:
        return max(deviation(value, reference[name]) for name, value in zip(self.vertices, values, strict=True))


def _shift(parameters: Iterable[Tensor], seed: int) -> None:
    """Moves every parameter a little: biases that start at zero, and copies that are equal, would hide a mistake."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in parameters:
            parameter += 0.1 * torch.randn(parameter.shape, generator=generator, dtype=parameter.dtype)


def deviation(compiled: Tensor, reference: Tensor) -> float:
    """The largest |compiled - reference| / max(1, |reference|); infinite if a number is not finite."""
    if not (compiled.isfinite().all() and reference.isfinite().all()):
        return float("inf")
    return float(((compiled - reference).abs() / reference.abs().clamp_min(1.0)).max())


def _deviation_of(compiled: Gradients, reference: Gradients) -> float:
    if set(compiled) != set(reference):
        return float("inf")
    pairs = ((compiled[c][n], value) for c, values in reference.items() for n, value in values.items())
    return max(deviation(have, want) for have, want in pairs)


def _values(given: Input, batch: int, seed: int) -> Tensor:
    """Random raw values of one input: [batch, leaves, width], or [batch, leaves] for an index."""
    if given.type.kind == "index":
        size = np.uint64(given.type.sizes[0])
        drawn = bits(seed, "verify", hash_text(given.name), np.arange(batch * given.leaves)) % size
        return torch.from_numpy(drawn.astype(np.int64)).view(batch, given.leaves)
    count = np.arange(batch * given.leaves * given.type.width)
    drawn = normal(seed, "verify", hash_text(given.name), count)
    return torch.from_numpy(drawn).view(batch, given.leaves, given.type.width)


def _targets(output: Output, batch: int, seed: int) -> Tensor:
    """Random targets of one output: [batch] for a class, else [batch, width]."""
    name = hash_text(output.name)
    if output.type.kind == "class":
        drawn = bits(seed, "verify", name, np.arange(batch)) % np.uint64(output.type.width)
        return torch.from_numpy(drawn.astype(np.int64))
    drawn = normal(seed, "verify", name, np.arange(batch * output.type.width)).reshape(batch, -1)
    return torch.from_numpy((drawn > 0).astype(np.float64) if output.type.kind == "labels" else drawn)
