"""Where everything in a plan comes from: the equation, index and place of each vertex, the name of each class."""

from dataclasses import dataclass, replace

import numpy as np

from exnet.graph.model import Classes, Equation, Graph
from exnet.source import Span


@dataclass(frozen=True, slots=True, eq=False)
class Origins:
    """What names vertices and sharing classes when the graph is gone.

    Attributes:
        equations: as in the graph; vertex ids `first <= v < first + rows` belong to one.
        primary, complementary, trainer: as in the graph, without the call sites (`of` is empty).
    """

    equations: tuple[Equation, ...]
    primary: Classes
    complementary: Classes
    trainer: Classes

    def equation_of(self, vertex: int) -> Equation:
        """The equation of a vertex id."""
        starts = [equation.first for equation in self.equations]
        return self.equations[int(np.searchsorted(starts, vertex, side="right")) - 1]

    def vertex_name(self, vertex: int) -> str:
        """The path of a vertex id, such as `x[1, _].attention.out[3].tree.h[2, 0]`."""
        return self.equation_of(vertex).vertex_name(vertex)

    def span_of(self, vertex: int) -> Span:
        """The user's own place of a vertex id: its equation, or the outermost application of the block it stands in."""
        equation = self.equation_of(vertex)
        return equation.applied[0] if equation.applied else equation.span

    def class_name(self, component: str, number: int) -> str:
        """The name of a sharing class by the graph's number, such as `h/primary[l=1]`."""
        return self.classes(component).name(number)

    def classes(self, component: str) -> Classes:
        """The classes of a component."""
        return {"primary": self.primary, "complementary": self.complementary, "trainer": self.trainer}[component]


def origins_of(graph: Graph) -> Origins:
    """The origins of a graph. The arrays are shared with it."""
    none = np.zeros(0, np.int32)
    parts = (replace(classes, of=none) for classes in (graph.primary, graph.complementary, graph.trainer))
    return Origins(graph.equations, *parts)
