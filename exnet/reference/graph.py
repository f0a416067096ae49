"""The graph of a spec, by reading its equations backwards from the root: plain dictionaries and lists of names."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from exnet.language import syntax
from exnet.reference.classes import CallSite, call_site, class_names
from exnet.reference.domains import Row
from exnet.reference.frames import Host, Place, View, file_frame, indices
from exnet.reference.integers import NotDefined
from exnet.reference.naming import Naming, leaf, lineage
from exnet.reference.values import Evaluator
from exnet.spec.model import COMPONENTS, Spec


@dataclass(frozen=True)
class ReferenceVertex:
    """One internal vertex.

    Attributes:
        name: its path, such as `x[1, _].attention.out[3].tree.h[2, 0]`.
        children: names of vertices and leaves, in slot order.
        primary, trainer: names of its sharing classes.
        complementary: the class of each slot's arc; None for an arc into a leaf.
        networks: names of the networks, by component.
    """

    name: str
    children: tuple[str, ...]
    primary: str
    trainer: str
    complementary: tuple[str | None, ...]
    networks: dict[str, str]


@dataclass(frozen=True)
class ReferenceGraph:
    """All that the root can reach.

    Attributes:
        leaves: every leaf of every input, grids of leaves by name, each in row-major order.
        vertices: by name, children before parents.
        root: the name of the root.
    """

    leaves: tuple[str, ...]
    vertices: dict[str, ReferenceVertex]
    root: str

    def incoming(self) -> dict[str, list[tuple[str, int]]]:
        """The arcs (parent, slot) into each vertex."""
        arcs: dict[str, list[tuple[str, int]]] = {name: [] for name in self.vertices}
        for vertex in self.vertices.values():
            for slot, child in enumerate(vertex.children):
                if child in self.vertices:
                    arcs[child].append((vertex.name, slot))
        return arcs


def interpret(spec: Spec) -> ReferenceGraph:
    """The graph of a spec.

    Raises:
        NotDefined: if an equation has no meaning.
    """
    with _deep_recursion():
        return _Interpreter(spec).graph()


@contextmanager
def _deep_recursion() -> Generator[None]:
    """Room for long chains of array names. The graph itself is walked with a stack of its own."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, 100_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


class _Interpreter:
    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self._evaluator = Evaluator(spec)
        self._file = file_frame(spec)
        self._naming = Naming(self._evaluator, self._file)
        self._nodes: dict[Place, Place] = {}

    def graph(self) -> ReferenceGraph:
        root = self._evaluator.value(self._spec.root.value, self._file, self._spec.root, {})
        if not isinstance(root, Place):
            raise NotDefined("the root is not one vertex")
        top = self._node(root)
        if self._row(top) is None:
            raise NotDefined("the root is a leaf")
        children = self._explore(top)
        grids = sorted((grid for i in self._spec.inputs for grid in i.grids), key=lambda grid: grid.name)
        leaves = tuple(leaf(grid.name, index) for grid in grids for index in indices(grid.shape))
        order = _children_first(top, children)
        sites = {place: self._sites(place, children[place]) for place in order}
        called = class_names(self._naming, (site for found in sites.values() for site in found if site is not None))
        names = {place: [None if s is None else called(s) for s in found] for place, found in sites.items()}
        vertices = [self._vertex(place, children[place], names[place]) for place in order]
        return ReferenceGraph(leaves, {v.name: v for v in vertices}, self._naming.vertex(top))

    def _row(self, place: Place) -> Row | None:
        return place.frame.family(place.family)[place.index]

    def _node(self, place: Place) -> Place:
        """Follows `let` until a vertex or a leaf is met."""
        passed: list[Place] = []
        while place not in self._nodes:
            row = self._row(place)
            if row is None or isinstance(row.statement, syntax.Vertex):
                self._nodes[place] = place
                break
            passed.append(place)
            value = self._evaluator.value(row.statement.value, place.frame, row.statement, row.names)
            if not isinstance(value, Place) or value in passed:
                raise NotDefined(f"`{place.family}{list(place.index)}` names no vertex")
            place = value
        node = self._nodes[place]
        self._nodes.update(dict.fromkeys(passed, node))
        return node

    def _children(self, place: Place) -> tuple[Place, ...]:
        row = self._row(place)
        assert row is not None
        right = row.statement.value
        items = right.items if isinstance(right, syntax.Tuple) else (right,)
        found: list[Place] = []
        for item in items:
            value = self._evaluator.value(item, place.frame, row.statement, row.names)
            if isinstance(value, View):
                found += [value.at((i,)) for i in range(value.shape[0])]
            elif isinstance(value, Place):
                found.append(value)
            else:
                raise NotDefined(f"`{item.span.text}` is a number, not a vertex")
        return tuple(self._node(child) for child in found)

    def _explore(self, top: Place) -> dict[Place, tuple[Place, ...]]:
        """The children of every vertex that the root can reach."""
        children: dict[Place, tuple[Place, ...]] = {}
        waiting = [top]
        while waiting:
            place = waiting.pop()
            if place not in children and self._row(place) is not None:
                children[place] = self._children(place)
                waiting += children[place]
        return children

    def _sites(self, place: Place, children: tuple[Place, ...]) -> list[CallSite | None]:
        """The call sites at a vertex: primary, trainer, and each slot's arc (None into a leaf)."""
        arcs = [
            None if self._row(child) is None else call_site(self._naming, "complementary", place, slot)
            for slot, child in enumerate(children)
        ]
        return [*(call_site(self._naming, component, place) for component in ("primary", "trainer")), *arcs]

    def _vertex(self, place: Place, children: tuple[Place, ...], classes: list[str | None]) -> ReferenceVertex:
        primary, trainer, *arcs = classes
        assert primary is not None
        assert trainer is not None
        return ReferenceVertex(
            name=self._naming.vertex(place),
            children=tuple(self._naming.vertex(child) for child in children),
            primary=primary,
            trainer=trainer,
            complementary=tuple(arcs),
            networks={component: self._network(component, place) for component in COMPONENTS},
        )

    def _network(self, component: str, place: Place) -> str:
        """The innermost `with` that names it: the equation's own, then those of the applications around it."""
        row = self._row(place)
        assert row is not None
        hosts: list[Host] = [row.statement, *(a.host for a in reversed(lineage(place.frame)))]
        for host in hosts:
            clauses = () if isinstance(host, syntax.Yield) else host.clauses
            for clause in clauses:
                for arg in clause.args if isinstance(clause, syntax.With) else ():
                    if arg.name is not None and arg.name.id == component and isinstance(arg.value, syntax.Name):
                        return arg.value.id
        return str(getattr(self._spec.defaults, component))


def _children_first(top: Place, children: dict[Place, tuple[Place, ...]]) -> list[Place]:
    """All vertices, children before parents."""
    order: list[Place] = []
    state: dict[Place, str] = {}
    stack = [top]
    while stack:
        place = stack[-1]
        if state.get(place) is None and place in children:
            state[place] = "open"
            stack += [child for child in children[place] if state.get(child) is None]
            if any(state.get(child) == "open" for child in children[place]):
                raise NotDefined(f"`{place.family}{list(place.index)}` is its own descendant")
            continue
        stack.pop()
        if place in children and state[place] == "open":
            state[place] = "done"
            order.append(place)
    return order
