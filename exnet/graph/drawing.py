"""Whether every vertex with several parents can draw one: weights by slot, against the graph."""

from collections.abc import Iterator

import numpy as np

from exnet.graph import rules
from exnet.graph.model import Graph
from exnet.language import syntax
from exnet.source import Diagnostic, Span
from exnet.spec.model import Spec


def weight_problems(spec: Spec, graph: Graph) -> Iterator[Diagnostic]:
    """Slots without a weight, and vertices all of whose incoming arcs have weight zero.

    Arcs into a vertex with one parent do not count: there is nothing to draw.
    """
    if spec.mode.kind != "stochastic" or spec.mode.weights is None:
        return
    weights = np.asarray(spec.mode.weights)
    child = graph.child - graph.leaf_count
    several = np.bincount(child[child >= 0], minlength=graph.vertex_count) > 1
    arcs = np.flatnonzero((child >= 0) & several[np.maximum(child, 0)])
    parent = np.searchsorted(graph.child_ptr, arcs, side="right") - 1
    slot = arcs - graph.child_ptr[parent]
    if len(slot) and slot.max() >= len(weights):
        widest = int(np.argmax(slot))
        vertex, last = graph.vertex_name(int(parent[widest])), int(slot[widest])
        message = f"`{vertex}` has children up to slot {last}; `weights` ends with slot {len(weights) - 1}"
        way_out = f"write {last + 1} weights, one for each slot"
        yield rules.WEIGHT_MISSING.at(_place(spec), message, help=way_out)
        return
    total = np.bincount(child[arcs], weights=weights[slot], minlength=graph.vertex_count)
    stuck = np.flatnonzero(several & (total <= 0))
    if len(stuck):
        slots = sorted(set(slot[child[arcs] == stuck[0]].tolist()))
        have = f"slot {slots[0]} has" if len(slots) == 1 else f"slots {', '.join(map(str, slots[:6]))} have"
        more = f" (and {len(stuck) - 1} more)" if len(stuck) > 1 else ""
        message = f"`{graph.vertex_name(int(stuck[0]))}`{more} can draw no parent: {have} weight 0"
        yield rules.NOTHING_TO_DRAW.at(_place(spec), message, help="give one of these slots a positive weight")


def _place(spec: Spec) -> Span | None:
    """Where the weights are written; None if the mode was not read from the file."""
    for statement in spec.file.statements:
        if isinstance(statement, syntax.Mode) and isinstance(statement.value, syntax.Call):
            for arg in statement.value.args:
                if arg.name is not None and arg.name.id == "weights":
                    return arg.value.span
    return None
