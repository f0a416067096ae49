"""What `exnet compile` and `exnet info` say of a net, in closed form: counts, levels, classes, products."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from exnet.graph.clauses import Clauses, clauses_of
from exnet.graph.model import StackShape
from exnet.graph.symbolic.lines import Line, Unproved, line_of, shared
from exnet.graph.symbolic.paths import Levels, Span, all_reads, cut, depths, prove_leaves_read, prove_one_parent
from exnet.graph.symbolic.strips import Strip, Strips
from exnet.language import syntax
from exnet.spec.model import COMPONENTS, Spec


@dataclass(frozen=True, slots=True)
class StackFacts:
    """One stack: its shape, rows (sharing classes) and call sites."""

    shape: StackShape
    rows: int
    calls: int


@dataclass(frozen=True, slots=True)
class Facts:
    """A graph and its plan in numbers. Every vertex but the root has one parent.

    Attributes:
        vertices, arcs, inner_arcs, levels, siblings: as in graph and plan; the largest depth is `levels - 1`.
        stacks: by component, number of children, name of the network.
        products: batched products of the up pass, the down pass and the local update.
    """

    vertices: int
    arcs: int
    inner_arcs: int
    levels: int
    siblings: int
    stacks: tuple[StackFacts, ...]
    products: dict[str, int]

    @property
    def classes(self) -> dict[str, int]:
        """Sharing classes of each component."""
        return {c: sum(s.rows for s in self.stacks if s.shape.component == c) for c in COMPONENTS}


class Sites(NamedTuple):
    """Call sites of one component and equation: for each index of `over` one, at the step that `step` says."""

    shape: StackShape
    pool: tuple[int, str, int]
    key: tuple[Line, ...]
    over: range
    step: Line

    @property
    def is_spread(self) -> bool:
        """Whether each site has a class of its own."""
        return len(self.over) > 1 and any(line.slope for line in self.key)


def facts_of(spec: Spec, strips: Strips) -> Facts:
    """The facts of a spec.

    Raises:
        Unproved: something has no closed form.
    """
    levels, reads = Levels(strips), all_reads(strips)
    prove_one_parent(strips, reads)
    prove_leaves_read(strips, reads)
    depth = depths(strips, reads)
    root = strips.root
    (top,) = cut(levels.of(root.strip), range(root.line.base, root.line.base + 1))
    vertices = strips.vertex_strips()
    arcs = sum(len(s.over) * len(strips.read(s)) for s in vertices)
    if arcs > strips.limits.arcs or strips.vertices != sum(len(s.over) for s in vertices):
        raise Unproved
    sites = {c: list(_sites(spec, strips, c, levels, depth)) for c in COMPONENTS}
    local = [_local(_classes(sites[c])) for c in COMPONENTS]
    return Facts(
        vertices=strips.vertices,
        arcs=arcs,
        inner_arcs=strips.vertices - 1,
        levels=top.line.at(root.line.base),
        siblings=sum((s.shape.children - 1) * len(s.over) for s in sites["complementary"]),
        stacks=tuple(stack for c in COMPONENTS for stack in _stacks(sites[c])),
        products={
            "up": _products(sites["primary"]),
            "down": _products(sites["complementary"]),
            "local": sum(local),
        },
    )


# Call sites


def _sites(
    spec: Spec, strips: Strips, component: str, levels: Levels, depth: dict[int, list[Span]]
) -> "Iterable[Sites]":
    for strip in strips.vertex_strips():
        assert isinstance(strip.statement, syntax.Vertex)
        assert strip.frame is not None
        clauses, slots = clauses_of(strip.statement), strips.read(strip)
        shape = StackShape(component, len(slots), _network(spec, strip, clauses, component))
        if component != "complementary":
            key = _key(strip, clauses, component, None)
            for span in levels.of(strip):
                step = span.line if component == "primary" else Line(0, 0)
                yield _site(shape, strip, key, span.over, step)
            continue
        for slot, pieces in enumerate(slots):
            key = _key(strip, clauses, component, slot)
            for p in (p for p in pieces if p.strip.statement is not None):
                for span in cut(depth[id(strip)], p.over):
                    yield _site(shape, strip, key, span.over, Line(span.line.base + 1, span.line.slope))


def _site(shape: StackShape, strip: Strip, key: tuple[Line, ...], over: range, step: Line) -> Sites:
    assert strip.statement is not None
    pool = (id(strip.frame), strip.statement.head.name.id, len(key))
    if len(over) == 1:
        step, key = Line(step.at(over.start), 0), tuple(Line(line.at(over.start), 0) for line in key)
    return Sites(shape, pool, key, over, step)


def _network(spec: Spec, strip: Strip, clauses: Clauses, component: str) -> str:
    assert strip.frame is not None
    chosen = {**strip.frame.frame.networks, **clauses.networks}
    return chosen.get(component) or getattr(spec.defaults, component)


def _key(strip: Strip, clauses: Clauses, component: str, slot: int | None) -> tuple[Line, ...]:
    """The key columns of a component, as `exnet.graph.sharing` has them."""
    item, statement = clauses.key(component), strip.statement
    assert statement is not None
    at_slot = () if slot is None else (Line(slot, 0),)
    if item is None or item.kind == "none":
        last = (Line(0, 1),) if statement.head.binders else ()
        return (*(Line(value, 0) for value in strip.outer), *last, *at_slot)
    named = slot is not None and component in clauses.keys
    names = strip.names.with_slot(slot) if named and slot is not None else strip.names
    own = tuple(line_of(expr, names) for expr in (item.key if item.kind == "by" else ()))
    return own if named else (*own, *at_slot)


# Sharing classes


@dataclass(slots=True)
class Class:
    """A sharing class, or as many as `count` that are alike: its sites by step, and on how many further steps one."""

    shape: StackShape
    count: int = 0
    at: dict[int, int] = field(default_factory=dict)
    along: list[range] = field(default_factory=list)
    sites: int = 0


def _classes(sites: Sequence[Sites]) -> list[Class]:
    """Classes of equal shape and history as one entry.

    Raises:
        Unproved: it cannot be told which sites share.
    """
    shared_ones: dict[tuple[object, ...], Class] = {}
    found = list[Class]()
    for site in sites:
        if site.is_spread:
            one = Class(site.shape, count=len(site.over), sites=1)
            found.append(one)
        else:
            key = (site.pool, tuple(line.base for line in site.key))
            one = shared_ones.setdefault(key, Class(site.shape, count=1))
            one.sites += len(site.over)
        if one.shape != site.shape:
            raise Unproved
        _remember(one, site)
    _prove_apart(sites)
    return [*found, *shared_ones.values()]


def _remember(one: Class, site: Sites) -> None:
    """A spread class keeps the steps of all its likes: each has one site at one of them."""
    if site.step.slope == 0:
        each = 1 if site.is_spread else len(site.over)
        one.at[site.step.base] = one.at.get(site.step.base, 0) + each
    else:
        low, high = site.step.ends(site.over)
        one.along.append(range(low, high + 1))


def _prove_apart(sites: Sequence[Sites]) -> None:
    """Sites with classes of their own share with no others."""
    spread = [site for site in sites if site.is_spread]
    by_pool: dict[tuple[object, ...], list[Sites]] = {}
    for site in sites:
        by_pool.setdefault(site.pool, []).append(site)
    if len(spread) * max(map(len, by_pool.values()), default=0) > 200_000:
        raise Unproved
    for site in spread:
        for other in by_pool[site.pool]:
            if other is not site and not _apart(site, other):
                raise Unproved


def _apart(a: Sites, b: Sites) -> bool:
    for mine, theirs in zip(a.key, b.key, strict=True):
        (low, high), (from_, to) = mine.ends(a.over), theirs.ends(b.over)
        if high < from_ or to < low:
            return True
    return False


def _stacks(sites: Sequence[Sites]) -> list[StackFacts]:
    rows: dict[StackShape, int] = {}
    calls: dict[StackShape, int] = {}
    for one in _classes(sites):
        rows[one.shape] = rows.get(one.shape, 0) + one.count
    for site in sites:
        calls[site.shape] = calls.get(site.shape, 0) + len(site.over)
    return [StackFacts(s, rows[s], calls[s]) for s in sorted(rows, key=lambda s: (s.children, s.network))]


def _local(classes: Sequence[Class]) -> int:
    """Products of the local update: one for each stack and number of sites."""
    return len({(one.shape, one.sites) for one in classes})


def _products(sites: Sequence[Sites]) -> int:
    """Products of a pass: one for each step, stack and number of sites that a class has there."""
    single: dict[StackShape, list[range]] = {}
    several = set[tuple[StackShape, int, int]]()
    for one in _classes(sites):
        if len(one.along) + (len(one.at) if one.along else 0) > 1:
            _prove_steps(one)
        single.setdefault(one.shape, []).extend(one.along)
        for step, members in one.at.items():
            if members == 1:
                single[one.shape].append(range(step, step + 1))
            else:
                several.add((one.shape, step, members))
    return len(several) + sum(_length(parts) for parts in single.values())


def _prove_steps(one: Class) -> None:
    """No step occurs twice among the ranges of steps of one class."""
    parts = [*one.along, *(range(step, step + 1) for step in one.at)]
    if len(parts) > 64 or any(shared(a, b) for at, a in enumerate(parts) for b in parts[:at]):
        raise Unproved


def _length(parts: Sequence[range]) -> int:
    """How many numbers some ranges hold together."""
    total, end = 0, None
    for part in sorted(parts, key=lambda part: part.start):
        start = part.start if end is None else max(part.start, end)
        total += max(part.stop - start, 0)
        end = part.stop if end is None else max(end, part.stop)
    return total
