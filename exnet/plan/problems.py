"""What a plan refuses: networks with impossible widths, and nets beyond the limits. Found before anything is built."""

import numpy as np

from exnet.graph.limits import Limits
from exnet.graph.model import Classes, Equation, Graph, StackShape
from exnet.language import syntax
from exnet.plan import rules
from exnet.plan.cost import parameter_count
from exnet.plan.grouping import owners
from exnet.plan.signatures import signature
from exnet.source import Diagnostic, Label, Span
from exnet.spec.fitting import misfit
from exnet.spec.model import COMPONENTS, Spec
from exnet.spec.network import Signature

_ROLE = {"primary": "primary propagator", "complementary": "complementary propagator", "trainer": "trainer"}


def problems(spec: Spec, graph: Graph, limits: Limits) -> tuple[Diagnostic, ...]:
    """All reasons why the graph cannot be planned, networks first."""
    shapes = [(component, i) for component in COMPONENTS for i in range(len(_classes(graph, component).stacks))]
    wrong = [found for component, i in shapes if (found := _misfit(spec, graph, component, i))]
    return tuple(wrong) or (*_parameters(spec, graph, limits), *_siblings(spec, graph, limits))


def _classes(graph: Graph, component: str) -> Classes:
    return {"primary": graph.primary, "complementary": graph.complementary, "trainer": graph.trainer}[component]


def _misfit(spec: Spec, graph: Graph, component: str, number: int) -> Diagnostic | None:
    shape = _classes(graph, component).stacks[number]
    widths = signature(spec, shape)
    problem = misfit(spec.networks[shape.network], widths)
    if problem is None:
        return None
    vertex = _first_vertex(graph, component, number)
    span, labels = _place(graph.equation_of(vertex))
    message = f"`{shape.network}` cannot be the {_ROLE[component]} of `{graph.vertex_name(vertex)}`: {problem}"
    return rules.NETWORK_SHAPE.at(
        span,
        message,
        label=f"of {shape.children} children" if shape.children > 1 else "of one child",
        labels=(*labels, *_declared(spec, shape.network)),
        help=f"it reads {_widths(widths)} and gives {widths.out}: choose another network, or other widths in `space`",
    )


def _widths(widths: Signature) -> str:
    return " + ".join(map(str, widths.operands[:6])) + (" + .." if len(widths.operands) > 6 else "")


def _first_vertex(graph: Graph, component: str, number: int) -> int:
    """The first vertex with a call site in a stack."""
    classes = _classes(graph, component)
    site = int(np.flatnonzero((classes.of >= 0) & (classes.stack[classes.of] == number))[0])
    return int(np.searchsorted(graph.child_ptr, site, side="right")) - 1 if component == "complementary" else site


def _place(equation: Equation) -> tuple[Span, tuple[Label, ...]]:
    """The user's own place: the equation, or the outermost application of the block that holds it."""
    if not equation.applied:
        return equation.span, ()
    return equation.applied[0], (Label(equation.span, "this equation of the block"),)


def _declared(spec: Spec, network: str) -> tuple[Label, ...]:
    nets = (s for s in spec.file.statements if isinstance(s, syntax.Net) and s.name.id == network)
    return tuple(Label(net.span, f"`{network}` is declared here") for net in nets)


def _parameters(spec: Spec, graph: Graph, limits: Limits) -> tuple[Diagnostic, ...]:
    sizes = list[tuple[int, StackShape, int]]()
    for component in COMPONENTS:
        classes = _classes(graph, component)
        rows = np.bincount(classes.stack, minlength=len(classes.stacks))
        for shape, count in zip(classes.stacks, rows.tolist(), strict=True):
            one = parameter_count(spec.networks[shape.network], signature(spec, shape))
            sizes.append((one * count, shape, count))
    total = sum(size for size, _, _ in sizes)
    if total <= limits.parameters:
        return ()
    size, shape, count = max(sizes, key=lambda entry: entry[0])
    vertex = _first_vertex(graph, shape.component, _classes(graph, shape.component).stacks.index(shape))
    span, labels = _place(graph.equation_of(vertex))
    return (
        rules.TOO_MANY_PARAMETERS.at(
            span,
            f"`{spec.name}` would have {total:,} parameters; the limit is {limits.parameters:,}",
            label=f"the largest part, {size:,}: `{shape.network}` as {_ROLE[shape.component]}, "
            f"{count:,} sharing classes of {size // count:,}",
            labels=labels,
            help="share more, for instance `share all`, lower the widths in `space`, or raise `--max-params`",
        ),
    )


def _siblings(spec: Spec, graph: Graph, limits: Limits) -> tuple[Diagnostic, ...]:
    inner = np.flatnonzero(graph.child >= graph.leaf_count)
    parent = owners(graph.child_ptr, inner)
    count = np.bincount(parent, minlength=graph.vertex_count) * (np.diff(graph.child_ptr) - 1)
    total = int(count.sum())
    if total <= limits.arcs:
        return ()
    vertex = int(np.argmax(count))
    children = int(graph.child_ptr[vertex + 1] - graph.child_ptr[vertex])
    span, labels = _place(graph.equation_of(vertex))
    return (
        rules.TOO_MANY_SIBLINGS.at(
            span,
            f"complementary propagators of `{spec.name}` would read {total:,} siblings; the limit is {limits.arcs:,}",
            label=f"`{graph.vertex_name(vertex)}` has {children:,} children",
            labels=labels,
            help="join the children by `tree` instead of one wide vertex, or raise `--max-arcs`",
        ),
    )
