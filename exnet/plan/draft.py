"""A plan while it is being made: what the passes have found so far. Frozen; each pass returns a new one."""

from dataclasses import dataclass, field

import numpy as np

from exnet.graph.model import Classes, Graph, StackShape
from exnet.plan.grouping import Bools, Integers, Rectangles
from exnet.plan.model import Arcs, Groups, Ints, Ints32, Stack
from exnet.spec.model import Spec


def _ints32() -> Ints32:
    return np.zeros(0, np.int32)


def _ints() -> Ints:
    return np.zeros(0, np.int64)


def _no_rectangles() -> Rectangles:
    a, b, no = _ints32(), np.zeros(1, np.int64), np.zeros(0, np.bool_)
    return Rectangles(_ints(), a, a, a, a, no, a, b, b)


def _no_groups() -> Groups:
    a, b, no = _ints32(), np.zeros(1, np.int64), np.zeros(0, np.bool_)
    return Groups(a, a, a, a, no, a, a, a, a, b, b, b)


def _no_arcs() -> Arcs:
    a, b = _ints32(), np.zeros(1, np.int64)
    return Arcs(a, a, a, a, a, b, a, b, a)


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """Where the classes of one component live: `stack`, `row`: int32 [classes]."""

    stack: Ints32 = field(default_factory=_ints32)
    row: Ints32 = field(default_factory=_ints32)


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """The state between two passes.

    Attributes:
        spec, graph: what is planned.
        shapes: the stacks in their final order.
        primary, complementary, trainer: where the classes live.
        place: int [V], the position of each vertex among those of its level. leaf: the graph's leaf of each leaf row.
        vertex, row_of: the graph's vertex id of each vertex row, and the inverse.
        child_ptr, child: node rows of the children by vertex row.
        up_sites: the primary call sites in groups. `up`: the same with operands.
        entry, arc: the place in `child`, and the graph's arc id, of each arc row.
        arc_drawn: whether its child has several incoming arcs.
        arcs: the table of arcs. `down_sites`, `down`: complementary call sites in groups, without and with operands.
        local_primary, local_arcs, trainers: groups of the local update.
        stacks: with rows, sites and hashes.
    """

    spec: Spec
    graph: Graph
    shapes: tuple[StackShape, ...] = ()
    primary: Placement = field(default_factory=Placement)
    complementary: Placement = field(default_factory=Placement)
    trainer: Placement = field(default_factory=Placement)
    place: Integers = field(default_factory=_ints)
    leaf: Ints32 = field(default_factory=_ints32)
    vertex: Ints32 = field(default_factory=_ints32)
    row_of: Ints32 = field(default_factory=_ints32)
    child_ptr: Ints = field(default_factory=_ints)
    child: Ints32 = field(default_factory=_ints32)
    up_sites: Rectangles = field(default_factory=_no_rectangles)
    up: Groups = field(default_factory=_no_groups)
    entry: Ints32 = field(default_factory=_ints32)
    arc: Ints32 = field(default_factory=_ints32)
    arc_drawn: Bools = field(default_factory=lambda: np.zeros(0, np.bool_))
    down_sites: Rectangles = field(default_factory=_no_rectangles)
    arcs: Arcs = field(default_factory=_no_arcs)
    down: Groups = field(default_factory=_no_groups)
    local_primary: Groups = field(default_factory=_no_groups)
    local_arcs: Groups = field(default_factory=_no_groups)
    trainers: Groups = field(default_factory=_no_groups)
    stacks: tuple[Stack, ...] = ()

    def classes(self, component: str) -> Classes:
        """The sharing classes of a component."""
        return {
            "primary": self.graph.primary,
            "complementary": self.graph.complementary,
            "trainer": self.graph.trainer,
        }[component]

    def placement(self, component: str) -> Placement:
        """Where the classes of a component live."""
        return {"primary": self.primary, "complementary": self.complementary, "trainer": self.trainer}[component]
