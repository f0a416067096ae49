"""The quotient of a graph by its families: one box for each family, however many vertices it has."""

from dataclasses import dataclass

import numpy as np

from exnet.graph.model import Classes, Graph, Ints
from exnet.spec.model import COMPONENTS, Spec


@dataclass(frozen=True, slots=True)
class Leaves:
    """The box of an input."""

    name: str
    leaves: int
    type: str


@dataclass(frozen=True, slots=True)
class Family:
    """The box of a family.

    Attributes:
        sites: the applications that it stands in, outermost first.
        name: of the family.
        vertices: how many it has.
        levels: the lowest and the highest.
        classes: sharing classes of its primary and complementary propagators and of its trainers.
        root: whether the root is among them.
    """

    sites: tuple[str, ...]
    name: str
    vertices: int
    levels: tuple[int, int]
    classes: tuple[int, int, int]
    root: bool


@dataclass(frozen=True, slots=True)
class Quotient:
    """Boxes and the arcs between them.

    Attributes:
        name: of the spec. leaves, families: the boxes, numbered in this order.
        arcs: (box of the parents, box of the children, number of arcs), sorted.
    """

    name: str
    leaves: tuple[Leaves, ...]
    families: tuple[Family, ...]
    arcs: tuple[tuple[int, int, int], ...]


def quotient(spec: Spec, graph: Graph) -> Quotient:
    """The quotient of an elaborated spec."""
    paths = list(dict.fromkeys((e.sites, e.family) for e in graph.equations))
    number = {path: i for i, path in enumerate(paths)}
    own = [number[e.sites, e.family] for e in graph.equations]
    family = np.repeat(np.array(own, np.int64), [e.rows for e in graph.equations])
    inputs = np.repeat(np.arange(len(graph.leaves)), [block.leaves for block in graph.leaves])
    box = np.concatenate([inputs, family + len(graph.leaves)])
    types = {i.name: f"{i.type.kind}[{', '.join(map(str, i.type.sizes))}]" for i in spec.inputs}
    return Quotient(
        name=spec.name,
        leaves=tuple(Leaves(block.name, block.leaves, types.get(block.name, "")) for block in graph.leaves),
        families=_families(graph, paths, family),
        arcs=_arcs(graph, box),
    )


def _families(graph: Graph, paths: list[tuple[tuple[str, ...], str]], family: Ints) -> tuple[Family, ...]:
    count = len(paths)
    low, high = np.full(count, np.iinfo(np.int32).max), np.zeros(count, np.int64)
    np.minimum.at(low, family, graph.level)
    np.maximum.at(high, family, graph.level)
    sizes = np.bincount(family, minlength=count)
    of_arc = np.repeat(family, np.diff(graph.child_ptr))
    classes = [
        _class_counts(getattr(graph, part), of_arc if part == "complementary" else family, count) for part in COMPONENTS
    ]
    root = int(family[graph.root])
    return tuple(
        Family(
            sites=sites,
            name=name,
            vertices=int(sizes[i]),
            levels=(int(low[i]), int(high[i])),
            classes=(int(classes[0][i]), int(classes[1][i]), int(classes[2][i])),
            root=i == root,
        )
        for i, (sites, name) in enumerate(paths)
    )


def _class_counts(classes: Classes, family: Ints, count: int) -> Ints:
    """How many different classes the sites of each family have."""
    used = classes.of >= 0
    pairs = np.unique(family[used] * max(len(classes), 1) + classes.of[used])
    return np.bincount(pairs // max(len(classes), 1), minlength=count)


def _arcs(graph: Graph, box: Ints) -> tuple[tuple[int, int, int], ...]:
    boxes = int(box.max()) + 1
    parent = np.repeat(box[graph.leaf_count :], np.diff(graph.child_ptr))
    codes, counts = np.unique(parent * boxes + box[graph.child], return_counts=True)
    return tuple((int(c) // boxes, int(c) % boxes, int(n)) for c, n in zip(codes, counts, strict=True))
