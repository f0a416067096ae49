"""Plans of symbolic graphs: what they cost is known, their arrays are made when something reads them."""

from dataclasses import dataclass, fields

from exnet.graph.deferred import Maker, once, parts
from exnet.graph.limits import Limits
from exnet.graph.symbolic import SymbolicGraph
from exnet.graph.symbolic.facts import StackFacts
from exnet.plan.cost import parameter_count
from exnet.plan.model import Plan, Stack
from exnet.plan.signatures import signature
from exnet.plan.verify import PlanViolationError
from exnet.spec.fitting import misfit
from exnet.spec.model import Spec
from exnet.spec.rule import XpropStar


@dataclass(frozen=True, eq=False)
class SymbolicStack(Stack):
    """A stack whose numbers of rows and call sites are known."""

    facts: StackFacts

    @property
    def rows(self) -> int:
        """The number of rows."""
        return self.facts.rows

    @property
    def calls(self) -> int:
        """The call sites of all rows."""
        return self.facts.calls


@dataclass(frozen=True, eq=False)
class SymbolicPlan(Plan):
    """A plan whose counts are known; the arrays are those of the plan that the passes make."""

    graph: SymbolicGraph

    @property
    def inner_arcs(self) -> int:
        """The number of arcs into internal vertices."""
        return self.graph.facts.inner_arcs

    @property
    def products(self) -> dict[str, int]:
        """Batched products: of the up pass, the down pass and the local update."""
        return self.graph.facts.products


def stays_symbolic(spec: Spec, graph: SymbolicGraph, limits: Limits) -> bool:
    """Whether there is nothing to say about the plan: its networks fit, and it is below the limits."""
    if isinstance(spec.learn, XpropStar) and spec.learn.list is not None:
        return False
    stacks = [(spec.networks[f.shape.network], signature(spec, f.shape), f.rows) for f in graph.facts.stacks]
    if graph.facts.siblings > limits.arcs or any(misfit(network, widths) for network, widths, _ in stacks):
        return False
    return sum(parameter_count(network, widths) * rows for network, widths, rows in stacks) <= limits.parameters


def symbolic_plan(spec: Spec, graph: SymbolicGraph, make: Maker) -> SymbolicPlan:
    """The plan of a graph that stays symbolic. `make` runs the passes."""

    def checked() -> Plan:
        plan: Plan = make()
        made = [(s.name, len(s.classes), int(s.sites.sum())) for s in plan.stacks]
        if made != [(s.name, s.rows, s.calls) for s in stacks] or len(plan.vertex) != graph.facts.vertices:
            raise PlanViolationError("a closed form and the enumerated graph differ")
        return plan

    whole = once(checked)
    stacks = tuple(_stack(spec, found, lambda i=i: whole().stacks[i]) for i, found in enumerate(graph.facts.stacks))
    known = ("name", "primary", "complementary", "leaves", "vertices", "levels", "stacks", "root")
    return SymbolicPlan.deferred(
        parts(whole, [f.name for f in fields(Plan) if f.name not in known]),
        name=spec.name,
        primary=spec.primary,
        complementary=spec.complementary,
        leaves=graph.leaf_count,
        vertices=graph.vertex_count,
        levels=graph.levels,
        stacks=stacks,
        root=graph.vertex_count - 1,
        graph=graph,
    )


def _stack(spec: Spec, facts: StackFacts, whole: Maker) -> SymbolicStack:
    shape = facts.shape
    return SymbolicStack.deferred(
        parts(whole, ["classes", "sites", "hash"]),
        name=f"{shape.component}/{shape.children}/{shape.network}",
        component=shape.component,
        children=shape.children,
        network=spec.networks[shape.network],
        signature=signature(spec, shape),
        facts=facts,
    )
