"""The quotient of a graph by its families: one box for each family, however many vertices it has."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from exnet.graph.model import Classes, Equation, Graph, Ints, StackShape
from exnet.plan.signatures import signature
from exnet.spec.model import COMPONENTS, Spec
from exnet.view.reads import Words, words_of


@dataclass(frozen=True, slots=True)
class Leaves:
    """The box of an input."""

    name: str
    leaves: int
    type: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The box of an output."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Component:
    """What a family has of one component.

    Attributes:
        name: `primary`, `complementary` or `trainer`.
        networks: the distinct networks with their widths, such as `mlp 64-64-32`; none if there is no call site.
        classes: how many sharing classes.
    """

    name: str
    networks: tuple[str, ...]
    classes: int


@dataclass(frozen=True, slots=True)
class Family:
    """The box of a family.

    Attributes:
        sites: the applications that it stands in, outermost first.
        name: of the family.
        domains: index domains of its equations, in the words of the spec; one without indices has none.
        vertices: how many it has.
        levels: the lowest and the highest.
        components: primary and complementary propagators and trainers.
        root: whether the root is among them.
    """

    sites: tuple[str, ...]
    name: str
    domains: tuple[str, ...]
    vertices: int
    levels: tuple[int, int]
    components: tuple[Component, ...]
    root: bool

    @property
    def classes(self) -> tuple[int, ...]:
        """Sharing classes of its primary and complementary propagators and of its trainers."""
        return tuple(component.classes for component in self.components)


@dataclass(frozen=True, slots=True)
class Frame:
    """An application: the path to it, and how many instances there are of it."""

    sites: tuple[str, ...]
    instances: int


@dataclass(frozen=True, slots=True)
class Arcs:
    """The arcs from the vertices of one box to the nodes of another.

    Attributes:
        parents, children: numbers of the boxes.
        count: how many arcs.
        slots: runs of slots that they fill, first and last.
        reads: the reads that make them, in the words of the spec.
    """

    parents: int
    children: int
    count: int
    slots: tuple[tuple[int, int], ...]
    reads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quotient:
    """Boxes and the arcs between them.

    Attributes:
        name: of the spec. leaves, families: the boxes, numbered in this order.
        outputs: what the root predicts. frames: the applications around families, outer ones first.
        arcs: sorted by parents, then children.
    """

    name: str
    leaves: tuple[Leaves, ...]
    families: tuple[Family, ...]
    outputs: tuple[Answer, ...]
    frames: tuple[Frame, ...]
    arcs: tuple[Arcs, ...]

    @property
    def root(self) -> int:
        """The number of the box that holds the root."""
        return len(self.leaves) + next(i for i, family in enumerate(self.families) if family.root)


def quotient(spec: Spec, graph: Graph) -> Quotient:
    """The quotient of an elaborated spec."""
    paths = list(dict.fromkeys((e.sites, e.family) for e in graph.equations))
    number = {path: i for i, path in enumerate(paths)}
    own = np.array([number[e.sites, e.family] for e in graph.equations], np.int64)
    words = words_of(spec, graph)
    return Quotient(
        name=spec.name,
        leaves=_leaves(spec, graph),
        families=_families(spec, graph, paths, own, words),
        outputs=tuple(Answer(o.name, _type(o.type.kind, o.type.sizes)) for o in spec.outputs),
        frames=tuple(_frames(graph.equations)),
        arcs=_arcs(graph, own, words),
    )


def _leaves(spec: Spec, graph: Graph) -> tuple[Leaves, ...]:
    types = dict[str, str]()
    for entry in spec.inputs:
        written = _type(entry.type.kind, (*entry.type.sizes, *(entry.type.stride or ())))
        types |= {grid.name: "fixed" if grid.name.endswith(".position") else written for grid in entry.grids}
    return tuple(Leaves(block.name, block.leaves, types.get(block.name, "")) for block in graph.leaves)


def _type(kind: str, sizes: Iterable[int]) -> str:
    return f"{kind}[{', '.join(map(str, sizes))}]"


# Families


def _families(
    spec: Spec, graph: Graph, paths: Sequence[tuple[tuple[str, ...], str]], own: Ints, words: Sequence[Words]
) -> tuple[Family, ...]:
    count = len(paths)
    family = np.repeat(own, [e.rows for e in graph.equations])
    low, high = np.full(count, np.iinfo(np.int32).max), np.zeros(count, np.int64)
    np.minimum.at(low, family, graph.level)
    np.maximum.at(high, family, graph.level)
    sizes = np.bincount(family, minlength=count)
    of_arc = np.repeat(family, np.diff(graph.child_ptr))
    parts = [
        _components(spec, getattr(graph, name), of_arc if name == "complementary" else family, count)
        for name in COMPONENTS
    ]
    root = int(family[graph.root])
    said = [dict.fromkeys(w.domain for w, o in zip(words, own, strict=True) if o == i) for i in range(count)]
    return tuple(
        Family(
            sites=sites,
            name=name,
            domains=tuple(text for text in said[i] if text),
            vertices=int(sizes[i]),
            levels=(int(low[i]), int(high[i])),
            components=tuple(part[i] for part in parts),
            root=i == root,
        )
        for i, (sites, name) in enumerate(paths)
    )


def _components(spec: Spec, classes: Classes, family: Ints, count: int) -> list[Component]:
    """What each family has of one component: its classes, and the networks of their stacks."""
    used, total = classes.of >= 0, max(len(classes), 1)
    pairs = _distinct(family[used] * total + classes.of[used], count * total)
    owner, member = pairs // total, pairs % total
    sizes = np.bincount(owner, minlength=count)
    stacks = np.unique(np.stack([owner, classes.stack[member]], axis=1), axis=0) if len(pairs) else pairs.reshape(0, 2)
    found: list[list[StackShape]] = [[] for _ in range(count)]
    for i, stack in stacks.tolist():
        found[i].append(classes.stacks[stack])
    return [
        Component(classes.component, tuple(dict.fromkeys(_network(spec, shape) for shape in shapes)), int(sizes[i]))
        for i, shapes in enumerate(found)
    ]


def _network(spec: Spec, shape: StackShape) -> str:
    """`mlp 64-64-32`, or `mix = mlp 64-64-32` if the spec gave the network a name."""
    network, widths = spec.networks[shape.network], signature(spec, shape)
    inner = getattr(network, "widths", None)
    sizes = inner(widths) if callable(inner) else (sum(widths.operands), widths.out)
    text = f"{network.kind} {'-'.join(map(str, sizes))}"  # type: ignore[call-overload]
    return text if shape.network in (*COMPONENTS, network.kind) else f"{shape.network} = {text}"


def _distinct(codes: Ints, size: int) -> Ints:
    """As `numpy.unique`, without sorting where the codes are below a moderate `size`."""
    if size > 4 * len(codes) + 1024:
        return np.unique(codes)
    seen = np.zeros(size, np.bool_)
    seen[codes] = True
    return np.flatnonzero(seen)


# Frames


def _frames(equations: Sequence[Equation]) -> Iterator[Frame]:
    """Every application around a family; its instances are told apart by the indices that lift it."""
    inside = dict[tuple[str, ...], list[Equation]]()
    for equation in equations:
        for depth in range(1, len(equation.sites) + 1):
            inside.setdefault(equation.sites[:depth], []).append(equation)
    for sites in sorted(inside):
        yield Frame(sites, _instances(inside[sites], len(sites)))


def _instances(equations: Sequence[Equation], depth: int) -> int:
    tables = list[Ints]()
    for equation in equations:
        lifted = sorted({at for pattern in equation.hosts[:depth] for at in pattern if at is not None})
        tables.append(equation.outer[:, lifted])
    table = np.concatenate(tables)
    code = np.zeros(len(table), np.int64)
    for column in table.T:
        span = int(column.max()) - int(column.min()) + 1
        if span * (int(code.max()) + 1) < 2**62:
            code = code * span + (column - column.min())
        else:
            return len(np.unique(table, axis=0))
    return len(_distinct(code, int(code.max()) + 1))


# Arcs


def _arcs(graph: Graph, own: Ints, words: Sequence[Words]) -> tuple[Arcs, ...]:
    """Arcs are gathered by (equation, box of the child, slot, number of children), then by pairs of boxes."""
    boxes = len(graph.leaves) + int(own.max()) + 1
    rows = [e.rows for e in graph.equations]
    family = np.repeat(own, rows) + len(graph.leaves)
    inputs = np.repeat(np.arange(len(graph.leaves)), [block.leaves for block in graph.leaves])
    degree = np.diff(graph.child_ptr)
    wide = int(degree.max()) + 1
    slot = np.arange(graph.arc_count) - np.repeat(graph.child_ptr[:-1], degree)
    code = (
        np.repeat(np.repeat(np.arange(len(rows)), rows), degree) * boxes + np.concatenate([inputs, family])[graph.child]
    )
    codes, counts = np.unique(code * wide + slot, return_counts=True)
    found = dict[tuple[int, int], _Gathered]()
    for value, count in zip(codes.tolist(), counts.tolist(), strict=True):
        equation, child, at = value // wide // boxes, value // wide % boxes, value % wide
        gathered = found.setdefault((int(own[equation]) + len(graph.leaves), child), _Gathered(set(), {}))
        gathered.count += count
        gathered.slots.add(at)
        children = graph.equations[equation].children
        same = children if isinstance(children, int) else None
        gathered.reads[words[equation].read(at, same)] = None
    return tuple(
        Arcs(a, b, gathered.count, tuple(_runs(gathered.slots)), tuple(filter(None, gathered.reads)))
        for (a, b), gathered in sorted(found.items())
    )


@dataclass(slots=True)
class _Gathered:
    """Arcs between two boxes while they are counted."""

    slots: set[int]
    reads: dict[str, None]
    count: int = 0


def _runs(slots: set[int]) -> Iterator[tuple[int, int]]:
    """(first, last) of each run of numbers without a hole."""
    ordered = sorted(slots)
    starts = [s for s in ordered if s - 1 not in slots]
    return zip(starts, (s for s in ordered if s + 1 not in slots), strict=True)
