"""One training step, one vertex at a time, in float64: up pass, down pass, local losses and their gradients.

up        e_v  = phi_v(e_c1, .., e_ck)                        children first
down      e'_v = combine over arcs a = (u -> v) of phi'_a(e'_u, siblings)    parents first; e'_root = 0
local     L_v  = loss(psi_v(phi_v(e_c1, .., e_ck), e'_v), y)  with e of children and siblings, and e'_u, constant

Under Xprop* the two passes use frozen copies of the propagators, and only some vertices have a local loss.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor

from exnet.reference.graph import ReferenceGraph, ReferenceVertex
from exnet.reference.losses import loss
from exnet.reference.networks import compute
from exnet.spec.model import Spec

Arc: TypeAlias = tuple[str, int]
"""The parent's name and the slot."""
Parameters: TypeAlias = Mapping[str, Mapping[str, Tensor]]
"""By name of the sharing class, then of the parameter; float64."""
Gradients: TypeAlias = dict[str, dict[str, Tensor]]
Draws: TypeAlias = Mapping[str, Sequence[Arc]]
"""For each vertex with several incoming arcs: the one that was drawn, for each instance."""


@dataclass(frozen=True)
class ReferenceStep:
    """What one step computes.

    Attributes:
        primary: e of every leaf and vertex, [batch, p]. complementary: e' of every vertex, [batch, q].
        predictions: of every vertex that learns, [batch, output width]. losses: L_v of the same, scalars.
        gradients: by class, averaged over the call sites at vertices that learn, as the spec says.
    """

    primary: dict[str, Tensor]
    complementary: dict[str, Tensor]
    predictions: dict[str, Tensor]
    losses: dict[str, Tensor]
    gradients: Gradients


class Stepper:
    """Evaluates a spec's graph with given parameters.

    Args:
        spec: gives widths, networks, outputs, mode and rule.
        graph: of the same spec.
        parameters: of every class.
        draws: for stochastic mode; not needed in deterministic mode.
        frozen: parameters of the copies that make all messages; the live ones if None.
    """

    def __init__(
        self,
        spec: Spec,
        graph: ReferenceGraph,
        parameters: Parameters,
        draws: Draws | None = None,
        frozen: Parameters | None = None,
    ) -> None:
        self._spec = spec
        self._graph = graph
        self._parameters = parameters
        self._frozen = parameters if frozen is None else frozen
        self._draws = draws or {}
        self._incoming = graph.incoming()

    def up(self, leaves: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """E of every leaf and vertex, from those of the leaves [batch, p]."""
        primary = dict(leaves)
        for vertex in self._graph.vertices.values():
            primary[vertex.name] = self._primary(vertex, primary, self._frozen)
        return primary

    def down(self, primary: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """E' of every vertex."""
        batch = len(primary[self._graph.root])
        complementary: dict[str, Tensor] = {}
        for name in reversed(self._graph.vertices):
            complementary[name] = self._complementary(name, primary, complementary, self._frozen, batch)
        return complementary

    def step(
        self, leaves: Mapping[str, Tensor], targets: Mapping[str, Tensor], group: Collection[str] | None = None
    ) -> ReferenceStep:
        """One step of Xprop without the optimiser; `group` names the vertices that learn, all if None."""
        primary = self.up(leaves)
        complementary = self.down(primary)
        learning = self._graph.vertices if group is None else group
        predictions: dict[str, Tensor] = {}
        losses: dict[str, Tensor] = {}
        gradients = {c: {n: torch.zeros_like(t) for n, t in values.items()} for c, values in self._parameters.items()}
        for name in learning:
            vertex = self._graph.vertices[name]
            predictions[name], losses[name] = self._local(vertex, primary, complementary, targets, gradients)
        if getattr(self._spec.learn, "average", "sites") == "sites":
            self._average(gradients, learning)
        return ReferenceStep(primary, complementary, predictions, losses, gradients)

    def backprop(self, leaves: Mapping[str, Tensor], targets: Mapping[str, Tensor]) -> tuple[Tensor, Gradients]:
        """The root's loss, and its gradient through the whole up pass, for every class (some get zero)."""
        live = {c: {n: t.detach().requires_grad_() for n, t in v.items()} for c, v in self._parameters.items()}
        primary = dict(leaves)
        for vertex in self._graph.vertices.values():
            primary[vertex.name] = self._primary(vertex, primary, live)
        root = self._graph.vertices[self._graph.root]
        nothing = primary[root.name].new_zeros(len(primary[root.name]), self._spec.complementary)
        total = loss(self._spec, self._trainer(root, primary[root.name], nothing, live), targets)
        total.backward()
        return total.detach(), {c: {n: _gradient(t) for n, t in v.items()} for c, v in live.items()}

    def _local(
        self,
        vertex: ReferenceVertex,
        primary: Mapping[str, Tensor],
        complementary: Mapping[str, Tensor],
        targets: Mapping[str, Tensor],
        gradients: Gradients,
    ) -> tuple[Tensor, Tensor]:
        """The prediction at v, and L_v; adds its gradient to those of the classes at v and at its incoming arcs."""
        classes = set(self.classes_of(vertex.name))
        live = {c: {n: t.detach().requires_grad_() for n, t in self._parameters[c].items()} for c in classes}
        own = self._primary(vertex, primary, live)
        below = self._complementary(vertex.name, primary, complementary, live, len(own))
        prediction = self._trainer(vertex, own, below, live)
        local = loss(self._spec, prediction, targets)
        local.backward()
        for name, values in live.items():
            for parameter, value in values.items():
                if value.grad is not None:
                    gradients[name][parameter] += value.grad
        return prediction.detach(), local.detach()

    def _average(self, gradients: Gradients, learning: Collection[str]) -> None:
        """Divides by the number of call sites of each class at the vertices that learn."""
        sites = dict.fromkeys(gradients, 0)
        for name in learning:
            for class_name in self.classes_of(name):
                sites[class_name] += 1
        for name, values in gradients.items():
            for value in values.values():
                value /= max(sites[name], 1)

    def classes_of(self, name: str) -> list[str]:
        """The classes that the loss of a vertex reaches, once for each call site: phi_v, psi_v, and phi'_a into v."""
        vertex = self._graph.vertices[name]
        return [vertex.primary, vertex.trainer, *(self._arc_class(arc) for arc in self._incoming[name])]

    # The three components at one vertex

    def _primary(self, vertex: ReferenceVertex, primary: Mapping[str, Tensor], parameters: Parameters) -> Tensor:
        network = self._spec.networks[vertex.networks["primary"]]
        return compute(network, parameters[vertex.primary], [primary[child] for child in vertex.children])

    def _trainer(self, vertex: ReferenceVertex, own: Tensor, below: Tensor, parameters: Parameters) -> Tensor:
        network = self._spec.networks[vertex.networks["trainer"]]
        return compute(network, parameters[vertex.trainer], [own, below])

    def _arc_class(self, arc: Arc) -> str:
        name = self._graph.vertices[arc[0]].complementary[arc[1]]
        assert name is not None
        return name

    def _message(
        self, arc: Arc, rows: Tensor, primary: Mapping[str, Tensor], above: Mapping[str, Tensor], parameters: Parameters
    ) -> Tensor:
        """m_a for some instances: the siblings are the other children of the parent, in slot order."""
        parent = self._graph.vertices[arc[0]]
        siblings = [primary[child][rows] for slot, child in enumerate(parent.children) if slot != arc[1]]
        network = self._spec.networks[parent.networks["complementary"]]
        return compute(network, parameters[self._arc_class(arc)], [above[parent.name][rows], *siblings])

    def _complementary(
        self, name: str, primary: Mapping[str, Tensor], above: Mapping[str, Tensor], parameters: Parameters, batch: int
    ) -> Tensor:
        arcs, everyone = self._incoming[name], torch.arange(batch)
        if not arcs:
            return primary[name].new_zeros(batch, self._spec.complementary)
        if self._spec.mode.kind == "deterministic":
            return self._combine([self._message(arc, everyone, primary, above, parameters) for arc in arcs])
        drawn = self._draws[name] if len(arcs) > 1 else [arcs[0]] * batch
        result = primary[name].new_zeros(batch, self._spec.complementary)
        for arc in dict.fromkeys(drawn):
            rows = torch.tensor([b for b in range(batch) if drawn[b] == arc])
            result = result.index_add(0, rows, self._message(arc, rows, primary, above, parameters))
        return result

    def _combine(self, messages: list[Tensor]) -> Tensor:
        together = torch.stack(messages)
        match self._spec.mode.combine:
            case "mean":
                return together.mean(dim=0)
            case "sum":
                return together.sum(dim=0)
            case "max":
                return together.amax(dim=0)  # equal ones share the gradient


def _gradient(value: Tensor) -> Tensor:
    return torch.zeros_like(value) if value.grad is None else value.grad
