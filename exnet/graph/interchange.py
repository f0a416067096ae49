"""A graph for networkx: for pictures, for other tools, and as the oracle of tests. Never on the way to a plan."""

from typing import TYPE_CHECKING

from exnet.graph.model import Graph

if TYPE_CHECKING:
    import networkx


def to_networkx(graph: Graph) -> "networkx.MultiDiGraph[int]":
    """All nodes and arcs, parent -> child, as a `MultiDiGraph` (a vertex may read one child twice).

    Nodes are node ids: leaves first, then vertices. Attributes: `name`, `kind` (`leaf` or `vertex`), `level`, and of
    vertices `depth`, `primary` and `trainer` (class names). Arcs have their slot as key and, into vertices, the class
    name `complementary`. The graph has the attribute `root`.
    """
    import networkx

    result = networkx.MultiDiGraph(root=graph.leaf_count + graph.root)
    for block in graph.leaves:
        for at in range(block.leaves):
            result.add_node(block.first + at, name=block.leaf_name(at), kind="leaf", level=0)
    for equation in graph.equations:
        for vertex in range(equation.first, equation.first + equation.rows):
            result.add_node(
                graph.leaf_count + vertex,
                name=equation.vertex_name(vertex),
                kind="vertex",
                level=int(graph.level[vertex]),
                depth=int(graph.depth[vertex]),
                primary=graph.primary.name(int(graph.primary.of[vertex])),
                trainer=graph.trainer.name(int(graph.trainer.of[vertex])),
            )
    for vertex in range(graph.vertex_count):
        first = int(graph.child_ptr[vertex])
        for arc in range(first, int(graph.child_ptr[vertex + 1])):
            number = int(graph.complementary.of[arc])
            named = {} if number < 0 else {"complementary": graph.complementary.name(number)}
            child = int(graph.child[arc])
            result.add_edge(graph.leaf_count + vertex, child, key=arc - first, **named)
    return result
