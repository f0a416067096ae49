"""From a spec and its graph to a plan."""

from exnet.graph.limits import Limits
from exnet.graph.model import Graph
from exnet.graph.symbolic import SymbolicGraph
from exnet.plan.draft import Draft
from exnet.plan.model import Plan
from exnet.plan.origins import origins_of
from exnet.plan.passes import PASSES
from exnet.plan.problems import problems
from exnet.plan.symbolic import stays_symbolic, symbolic_plan
from exnet.plan.turns import list_problems
from exnet.source import Diagnostic, Outcome
from exnet.spec.model import Spec
from exnet.spec.rule import XpropStar


def make_plan(spec: Spec, graph: Graph, limits: Limits = Limits()) -> Plan:
    """The plan of an elaborated spec.

    Raises:
        ExnetError: a network cannot have the widths that the spec asks of it, or a limit is reached.
    """
    return plan_spec(spec, graph, limits).unwrap()


def plan_spec(spec: Spec, graph: Graph, limits: Limits = Limits()) -> Outcome[Plan]:
    """The plan, or why there is none."""
    if isinstance(graph, SymbolicGraph) and stays_symbolic(spec, graph, limits):
        return Outcome(symbolic_plan(spec, graph, lambda: finish(run_passes(spec, graph))))
    found = problems(spec, graph, limits)
    if found:
        return Outcome(None, found)
    plan = finish(run_passes(spec, graph))
    found = list_problems(spec, plan)
    return Outcome(None, found) if found else Outcome(plan)


def refusals(spec: Spec, graph: Graph, limits: Limits = Limits()) -> tuple[Diagnostic, ...]:
    """What `plan_spec` says. Nothing is planned if the learning rule lists no groups."""
    listed = isinstance(spec.learn, XpropStar) and spec.learn.list is not None
    if listed or isinstance(graph, SymbolicGraph):
        return plan_spec(spec, graph, limits).diagnostics
    return problems(spec, graph, limits)


def run_passes(spec: Spec, graph: Graph, after: str | None = None) -> Draft:
    """The draft after the pass `after`, or after all of them. Each result is verified.

    Raises:
        KeyError: there is no such pass.
    """
    draft = Draft(spec, graph)
    if after is not None and after not in [step.name for step in PASSES]:
        raise KeyError(after)
    for step in PASSES:
        draft = step.run(draft)
        for holds in () if step.late else step.holds:
            holds(draft)
        if step.name == after:
            break
    return draft


def finish(draft: Draft) -> Plan:
    """The plan of a draft that all passes have seen."""
    spec, graph, vertex = draft.spec, draft.graph, draft.vertex
    return Plan.deferred(
        {"hash": lambda: graph.hash[vertex]},
        name=spec.name,
        primary=spec.primary,
        complementary=spec.complementary,
        leaves=graph.leaf_count,
        vertices=graph.vertex_count,
        levels=graph.levels,
        stacks=draft.stacks,
        leaf=draft.leaf,
        vertex=draft.vertex,
        level=graph.level[draft.vertex],
        root=graph.vertex_count - 1,
        up=draft.up,
        down=draft.down,
        local_primary=draft.local_primary,
        local_arcs=draft.local_arcs,
        trainers=draft.trainers,
        arcs=draft.arcs,
        child_ptr=draft.child_ptr,
        child=draft.child,
        origins=origins_of(graph),
    )
