"""Graphs made by hand, for tests of the plan that must not depend on the language."""

from collections.abc import Callable, Hashable, Sequence
from typing import ClassVar

import numpy as np

from exnet.graph.model import Classes, Equation, Graph, LeafBlock, StackShape
from exnet.graph.randomness import hash_text
from exnet.language import syntax
from exnet.source import Source, Span
from exnet.spec.loss import CrossEntropy
from exnet.spec.model import Components, Mode, Output, OutputType, Spec
from exnet.spec.network import Initial, Network, Parameter, Signature
from exnet.spec.rule import Xprop

TEXT = Source("hand.exn", "exnet hand\n")
SPAN = Span(TEXT, 0, 5)


class Toy(Network):
    """y = [operands] W."""

    kind: ClassVar[str] = "toy"
    residual: bool = False

    def parameters(self, signature: Signature) -> tuple[Parameter, ...]:
        return (Parameter("w", (sum(signature.operands), signature.out), Initial("constant", 0.0)),)

    def flops(self, signature: Signature) -> int:
        return 2 * sum(signature.operands) * signature.out

    def problem(self, signature: Signature) -> str | None:
        fits = not self.residual or signature.operands[0] == signature.out
        return None if fits else "its widths differ"


def spec(p: int = 8, q: int = 4, residual: str = "") -> Spec:
    networks = {name: Toy(residual=name == residual) for name in ("primary", "complementary", "trainer")}
    name = syntax.Name("hand", SPAN)
    return Spec(
        name="hand",
        constants={},
        parameters=frozenset(),
        inputs=(),
        outputs=(Output("y", OutputType(kind="class", sizes=(3,)), 1.0, CrossEntropy(), SPAN),),
        primary=p,
        complementary=q,
        networks=dict(networks),
        defaults=Components("primary", "complementary", "trainer"),
        mode=Mode(),
        learn=Xprop(),
        equations=(),
        root=syntax.Root(name, (), SPAN),
        blocks=(),
        visible={},
        overrides={},
        file=syntax.File(name, None, (), (), SPAN),
        source=TEXT,
    )


Key = Callable[..., Hashable]


def graph(
    leaves: int,
    children: Sequence[Sequence[int]],
    key: Key = lambda v: v,
    arc_key: Key | None = None,
    trainer_key: Key | None = None,
) -> Graph:
    """A graph whose last vertex is the root; children are node numbers; keys make the sharing classes."""
    counts = np.array([len(row) for row in children])
    ptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    child = np.array([c for row in children for c in row], np.int32)
    level, depth = _levels(leaves, children), _depths(leaves, children)
    arcs = [(v, j) for v, row in enumerate(children) for j, c in enumerate(row)]
    k = counts.tolist()
    own = [key(v) for v in range(len(children))]
    below = [None if children[v][j] < leaves else (arc_key(v, j) if arc_key else (own[v], j)) for v, j in arcs]
    trained = [trainer_key(v) for v in range(len(children))] if trainer_key else own
    equation = Equation(
        "h",
        (),
        (),
        0,
        len(k),
        np.arange(len(k))[:, None],
        np.zeros((len(k), 0), np.int64),
        counts.astype(np.int32),
        ("primary", "complementary", "trainer"),
        SPAN,
        (),
    )
    return Graph(
        leaves=(LeafBlock("x", (leaves,), 0, leaves),),
        equations=(equation,),
        child_ptr=ptr,
        child=child,
        level=level,
        depth=depth,
        root=len(children) - 1,
        primary=_classes("primary", own, k),
        complementary=_classes("complementary", below, [k[v] for v, _ in arcs]),
        trainer=_classes("trainer", trained, k),
        hash=np.array([hash_text(f"h[{v}]") for v in range(len(k))], np.uint64),
    )


def _levels(leaves: int, children: Sequence[Sequence[int]]) -> np.ndarray:
    level = [0] * leaves
    for row in children:
        level.append(1 + max(level[c] for c in row))
    return np.array(level[leaves:], np.int32)


def _depths(leaves: int, children: Sequence[Sequence[int]]) -> np.ndarray:
    depth = [0] * len(children)
    for v in reversed(range(len(children))):
        for c in children[v]:
            if c >= leaves:
                depth[c - leaves] = max(depth[c - leaves], depth[v] + 1)
    return np.array(depth, np.int32)


def _classes(component: str, keys: Sequence[Hashable], children: Sequence[int]) -> Classes:
    first: dict[Hashable, int] = {}
    for site, key in enumerate(keys):
        if key is not None:
            first.setdefault(key, site)
    number = {key: i for i, key in enumerate(first)}
    of = np.array([-1 if key is None else number[key] for key in keys], np.int32)
    shapes = sorted({(component, children[site], component) for site in first.values()})
    stacks = tuple(StackShape(*shape) for shape in shapes)
    stack = np.array([shapes.index((component, children[site], component)) for site in first.values()], np.int32)
    count = len(first)
    return Classes(
        component=component,
        of=of,
        stack=stack,
        stacks=stacks,
        pool=np.zeros(count, np.int32),
        pools=("h",),
        key=(np.arange(count, dtype=np.int64)[:, None],),
        labels=(("n",),),
        hash=np.array([hash_text(f"{component}{i}") for i in range(count)], np.uint64),
    )


def tree(leaves: int, key: Key = lambda v: v) -> Graph:
    """A binary tree, vertices level by level."""
    nodes, children, following = list(range(leaves)), list[tuple[int, ...]](), leaves
    while len(nodes) > 1:
        pairs = [tuple(nodes[i : i + 2]) for i in range(0, len(nodes), 2)]
        nodes = []
        for pair in pairs:
            if len(pair) == 1:
                nodes.append(pair[0])
            else:
                children.append(pair)
                nodes.append(following)
                following += 1
    return graph(leaves, children, key)


def chain(leaves: int, key: Key = lambda v: 0) -> Graph:
    """h[0] = (x[0], x[1]), h[t] = (h[t-1], x[t+1])."""
    children = [(0, 1), *((leaves + t, t + 2) for t in range(leaves - 2))]
    return graph(leaves, children, key)


def random_graph(seed: int) -> Graph:
    """A random DAG of at most 40 vertices with 1 to 4 children each and random sharing by number of children."""
    rng = np.random.default_rng(seed)
    leaves, count = int(rng.integers(1, 6)), int(rng.integers(1, 40))
    children, unread = list[list[int]](), set[int]()
    for v in range(count):
        row = [int(c) for c in rng.integers(max(0, leaves + v - 8), leaves + v, size=int(rng.integers(1, 5)))]
        unread -= set(row)
        unread.add(leaves + v)
        children.append(row)
    children.append([int(rng.integers(0, leaves)), *sorted(unread)])
    kinds = int(rng.integers(1, 6))
    mark, marks = rng.integers(0, kinds, count + 1), rng.integers(0, kinds, (count + 1, count + 2))
    width = [len(row) for row in children]
    return graph(
        leaves,
        children,
        key=lambda v: (width[v], int(mark[v])),
        arc_key=lambda v, j: (width[v], int(marks[v, j])),
        trainer_key=lambda v: (width[v], int(mark[v]) // 2),
    )
