"""Graphs that stay symbolic: their counts in closed form, their arrays only when something reads them."""

from dataclasses import dataclass, fields

from exnet.graph.deferred import Maker, parts
from exnet.graph.limits import Limits
from exnet.graph.model import Graph, LeafBlock
from exnet.graph.program import Program
from exnet.graph.symbolic.facts import Facts, facts_of
from exnet.graph.symbolic.lines import Unproved
from exnet.graph.symbolic.strips import Strips


@dataclass(frozen=True, eq=False)
class SymbolicGraph(Graph):
    """A graph whose counts are known; the arrays are those of the enumerated graph."""

    facts: Facts

    @property
    def vertex_count(self) -> int:
        """V."""
        return self.facts.vertices

    @property
    def arc_count(self) -> int:
        """A."""
        return self.facts.arcs

    @property
    def levels(self) -> int:
        """The level of the root."""
        return self.facts.levels

    @property
    def deepest(self) -> int:
        """The largest depth: that of the longest path."""
        return self.facts.levels - 1

    @property
    def class_counts(self) -> dict[str, int]:
        """Sharing classes of each component."""
        return self.facts.classes


def proved(program: Program, limits: Limits) -> Facts | None:
    """The facts of a checked program, if all of them have a closed form and nothing is to be said about it."""
    try:
        strips = Strips(program, limits)
        return facts_of(program.spec, strips)
    except Unproved:
        return None


def symbolic_graph(program: Program, facts: Facts, enumerate_all: Maker) -> SymbolicGraph:
    """The graph with these facts. `enumerate_all` gives the enumerated one."""
    leaves, first = list[LeafBlock](), 0
    for grid in sorted((g for item in program.spec.inputs for g in item.grids), key=lambda grid: grid.name):
        leaves.append(LeafBlock(grid.name, grid.shape, first, grid.leaves))
        first += grid.leaves
    names = [f.name for f in fields(Graph) if f.name != "leaves"]
    return SymbolicGraph.deferred(parts(enumerate_all, names), leaves=tuple(leaves), facts=facts)
