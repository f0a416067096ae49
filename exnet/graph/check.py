"""What is true of every graph. Checked in tests, and between the stages on request."""

from collections.abc import Iterator

import numpy as np

from exnet.graph.levels import Dag
from exnet.graph.model import Classes, Graph


def problems(graph: Graph) -> Iterator[str]:
    """Every invariant that does not hold, as a sentence. None does so for a graph from `elaborate`."""
    yield from _numbering(graph)
    yield from _arcs(graph)
    yield from _levels(graph)
    for classes in (graph.primary, graph.complementary, graph.trainer):
        yield from _classes(graph, classes)


def verify(graph: Graph) -> Graph:
    """The graph itself.

    Raises:
        ValueError: an invariant does not hold.
    """
    found = list(problems(graph))
    if found:
        raise ValueError("; ".join(found))
    return graph


def _numbering(graph: Graph) -> Iterator[str]:
    first = 0
    for block in graph.leaves:
        if block.first != first:
            yield f"the leaves of `{block.name}` do not follow the others"
        first += block.leaves
    if [b.name for b in graph.leaves] != sorted(b.name for b in graph.leaves):
        yield "inputs are not in the order of their names"
    first = 0
    for equation in graph.equations:
        if equation.first != first or len(equation.index) != equation.rows or len(equation.outer) != equation.rows:
            yield f"the vertices of `{equation.family}` do not follow the others"
        first += equation.rows
    if first != graph.vertex_count:
        yield f"the equations have {first} vertices, the graph {graph.vertex_count}"
    if len(np.unique(graph.hash)) != graph.vertex_count:
        yield "two vertices have one identity"


def _arcs(graph: Graph) -> Iterator[str]:
    counts = np.diff(graph.child_ptr)
    if len(counts) != graph.vertex_count or graph.child_ptr[0] != 0 or graph.child_ptr[-1] != graph.arc_count:
        yield "child_ptr does not fit"
        return
    if counts.min(initial=1) < 1:
        yield "a vertex has no children"
    if graph.child.min(initial=0) < 0 or graph.child.max(initial=0) >= graph.leaf_count + graph.vertex_count:
        yield "a child does not exist"
    for equation in graph.equations:
        mine = counts[equation.first : equation.first + equation.rows]
        if not (mine == equation.children).all():
            yield f"the numbers of children of `{equation.family}` differ from its arcs"
    parents = _dag(graph).parents()
    if parents[graph.root] != 0 or np.count_nonzero(parents == 0) != 1:
        yield "the root is not the one vertex without a parent"


def _dag(graph: Graph) -> Dag:
    return Dag(graph.child_ptr, graph.child, graph.leaf_count, graph.root, tuple)


def _levels(graph: Graph) -> Iterator[str]:
    """Longest paths: level(v) = 1 + max level(children), depth(v) = 1 + max depth(parents)."""
    level = np.concatenate([np.zeros(graph.leaf_count, np.int32), graph.level])
    if not (_dag(graph).most(level) + 1 == graph.level).all():
        yield "a level is not one more than the highest of its children"
    depth = np.zeros(graph.leaf_count + graph.vertex_count, dtype=np.int32)
    parents = np.repeat(np.arange(graph.vertex_count), np.diff(graph.child_ptr))
    np.maximum.at(depth, graph.child, graph.depth[parents] + np.int32(1))
    if not (depth[graph.leaf_count :] == graph.depth).all():
        yield "a depth is not one more than the deepest of its parents"


def _classes(graph: Graph, classes: Classes) -> Iterator[str]:
    arcs = classes.component == "complementary"
    wanted = graph.child >= graph.leaf_count if arcs else np.ones(graph.vertex_count, dtype=bool)
    if len(classes.of) != len(wanted) or not ((classes.of >= 0) == wanted).all():
        yield f"not every {classes.component} site has a class"
        return
    used = classes.of[wanted]
    if len(np.unique(used)) != len(classes) or used.max(initial=-1) >= len(classes):
        yield f"a {classes.component} class has no site"
    if len(np.unique(classes.hash)) != len(classes):
        yield f"two {classes.component} classes have one identity"
    counts = np.diff(graph.child_ptr)
    if arcs:
        counts = np.repeat(counts, counts)
    sizes = np.array([shape.children for shape in classes.stacks], dtype=np.int64)
    if len(used) and not (sizes[classes.stack[used]] == counts[wanted]).all():
        yield f"members of a {classes.component} class differ in their number of children"
    if (np.diff(classes.pool) < 0).any() or list(classes.pools) != sorted(classes.pools):
        yield f"the {classes.component} classes are not in the order of their pools"
    if sum(len(key) for key in classes.key) != len(classes):
        yield f"the {classes.component} keys do not fit the classes"
    for key in classes.key:
        if len(np.unique(key, axis=0)) != len(key) or (
            key.shape[1] and (np.lexsort(key.T[::-1]) != np.arange(len(key))).any()
        ):
            yield f"the {classes.component} keys of a pool are not sorted"
