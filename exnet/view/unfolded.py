"""A graph unfolded to every node: for nets that are small enough to be looked at vertex by vertex."""

from dataclasses import dataclass

from exnet.graph.model import Equation, Graph
from exnet.source import Outcome
from exnet.view.rules import TOO_MANY_TO_UNFOLD
from exnet.view.style import series_colour

MOST = 300
"""Nodes that are drawn unless another limit is given."""


@dataclass(frozen=True, slots=True)
class Node:
    """A leaf or a vertex.

    Attributes:
        name: the whole path, such as `x[1, _].attention.pair[0, 3]`. short: family and index alone.
        level: longest path to a leaf.
        colour: the sharing class of its primary propagator, counted from 0; None for a leaf.
        classes: names of the classes of its primary propagator and its trainer.
    """

    name: str
    short: str
    level: int
    colour: int | None = None
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arc:
    """From a vertex to a child, by number; a child that occurs twice fills two slots."""

    parent: int
    child: int
    slots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Unfolded:
    """Every node and arc. Nodes are numbered as in the graph: leaves first, then vertices.

    `classes` are the names of the sharing classes of primary propagators, by colour.
    """

    name: str
    nodes: tuple[Node, ...]
    arcs: tuple[Arc, ...]
    classes: tuple[str, ...]
    root: int

    @property
    def levels(self) -> int:
        """The highest level."""
        return self.nodes[self.root].level

    @staticmethod
    def colour(number: int) -> str:
        """The colour of a class."""
        return series_colour(number)


def unfold(name: str, graph: Graph, most: int = MOST) -> Outcome[Unfolded]:
    """All nodes of a graph, called `name`, or the reason why they are too many: EXN970."""
    total = graph.leaf_count + graph.vertex_count
    if total > most:
        message = f"`{name}` unfolds into {total:,} nodes, and the limit of a picture is {most:,}"
        way_out = f"leave out `--unfold`, make the net smaller with `--set`, or say `--max-nodes {total}`"
        return Outcome(None, (TOO_MANY_TO_UNFOLD.at(None, message, help=way_out),))
    classes = tuple(graph.primary.name(c) for c in range(len(graph.primary)))
    return Outcome(Unfolded(name, (*_leaves(graph), *_vertices(graph)), _arcs(graph), classes, _root(graph)))


def _root(graph: Graph) -> int:
    return graph.leaf_count + graph.root


def _leaves(graph: Graph) -> list[Node]:
    names = [block.leaf_name(at) for block in graph.leaves for at in range(block.leaves)]
    return [Node(name, name, 0) for name in names]


def _vertices(graph: Graph) -> list[Node]:
    return [_vertex(graph, equation, v) for equation in graph.equations for v in _range(equation)]


def _range(equation: Equation) -> range:
    return range(equation.first, equation.first + equation.rows)


def _vertex(graph: Graph, equation: Equation, v: int) -> Node:
    own = ", ".join(str(int(i)) for i in equation.index[v - equation.first])
    number = int(graph.primary.of[v])
    classes = (graph.primary.name(number), graph.trainer.name(int(graph.trainer.of[v])))
    short = f"{equation.family}[{own}]" if own else equation.family
    return Node(equation.vertex_name(v), short, int(graph.level[v]), number, classes)


def _arcs(graph: Graph) -> tuple[Arc, ...]:
    slots = dict[tuple[int, int], list[int]]()
    for v in range(graph.vertex_count):
        first, stop = int(graph.child_ptr[v]), int(graph.child_ptr[v + 1])
        for slot, child in enumerate(graph.child[first:stop].tolist()):
            slots.setdefault((graph.leaf_count + v, child), []).append(slot)
    return tuple(Arc(parent, child, tuple(found)) for (parent, child), found in slots.items())
