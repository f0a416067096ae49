"""Whether the compiled graph is the one that the reference interpreter reads off the equations. Free of torch."""

from collections.abc import Iterator

from exnet.graph.model import Classes, Graph
from exnet.reference.graph import ReferenceGraph, ReferenceVertex


def node_names(graph: Graph) -> list[str]:
    """The name of every node: leaves such as `image[1, 2]` or `image[1, 2].raw[0]`, then vertices."""
    names = list[str]()
    for block in graph.leaves:
        names += [block.leaf_name(at) for at in range(block.leaves)]
    for equation in graph.equations:
        names += [equation.vertex_name(v) for v in range(equation.first, equation.first + equation.rows)]
    return names


def graph_problems(graph: Graph, reference: ReferenceGraph) -> Iterator[str]:
    """Every difference between two graphs of one spec, as a sentence."""
    names = node_names(graph)
    leaves, vertices = names[: graph.leaf_count], names[graph.leaf_count :]
    if tuple(leaves) != reference.leaves:
        yield f"the leaves are {leaves[:4]}.., not {list(reference.leaves[:4])}.."
    if len(set(names)) != len(names):
        yield "two nodes have one name"
    if set(vertices) != set(reference.vertices):
        lost, more = set(reference.vertices) - set(vertices), set(vertices) - set(reference.vertices)
        yield f"{len(lost)} vertices are missing {sorted(lost)[:3]}, {len(more)} are too many {sorted(more)[:3]}"
        return
    if vertices[graph.root] != reference.root:
        yield f"the root is `{vertices[graph.root]}`, not `{reference.root}`"
    levels, depths = reference_levels(reference), reference_depths(reference)
    for number, name in enumerate(vertices):
        yield from _vertex_problems(graph, number, names, reference.vertices[name])
        if graph.level[number] != levels[name]:
            yield f"`{name}` has level {graph.level[number]}, not {levels[name]}"
        if graph.depth[number] != depths[name]:
            yield f"`{name}` has depth {graph.depth[number]}, not {depths[name]}"


def _vertex_problems(graph: Graph, number: int, names: list[str], expected: ReferenceVertex) -> Iterator[str]:
    arcs = range(int(graph.child_ptr[number]), int(graph.child_ptr[number + 1]))
    found = (
        ("children", tuple(names[graph.child[a]] for a in arcs), expected.children),
        ("primary class", _class(graph.primary, number), expected.primary),
        ("trainer class", _class(graph.trainer, number), expected.trainer),
        ("complementary classes", tuple(_class(graph.complementary, a) for a in arcs), expected.complementary),
        ("networks", graph.equation_of(number).networks, tuple(expected.networks.values())),
    )
    for what, have, want in found:
        if have != want:
            yield f"`{expected.name}` has the {what} {have}, not {want}"


def _class(classes: Classes, site: int) -> str | None:
    number = int(classes.of[site])
    return None if number < 0 else classes.name(number)


def reference_levels(reference: ReferenceGraph) -> dict[str, int]:
    """Longest path to a leaf, by name of the vertex."""
    levels = dict[str, int]()
    for vertex in reference.vertices.values():
        levels[vertex.name] = 1 + max(levels.get(child, 0) for child in vertex.children)
    return levels


def reference_depths(reference: ReferenceGraph) -> dict[str, int]:
    """Longest path from the root, by name of the vertex."""
    depths = dict.fromkeys(reference.vertices, 0)
    for vertex in reversed(reference.vertices.values()):
        for child in vertex.children:
            if child in depths:
                depths[child] = max(depths[child], depths[vertex.name] + 1)
    return depths
