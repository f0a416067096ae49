"""Sharing classes: (component, pool, frame key, own key), numbered by pool and key."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from exnet.graph import rules
from exnet.graph.children import Children
from exnet.graph.clauses import Clauses, clauses_of
from exnet.graph.domain import encode, ranges_of
from exnet.graph.frames import Rows
from exnet.graph.integers import Array, Column
from exnet.graph.mistakes import mistake
from exnet.graph.model import Classes, Hashes, StackShape
from exnet.graph.randomness import hash_text, mix
from exnet.graph.rightside import integer
from exnet.graph.tables import first_of_runs
from exnet.language import syntax
from exnet.source import Label

if TYPE_CHECKING:
    from exnet.graph.elaborate import Elaboration


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """The vertices of one equation that the root reaches: their rows, first vertex id, and numbers of children."""

    rows: Rows
    first: int
    count: "int | Array"
    networks: tuple[str, str, str]
    clauses: Clauses

    @property
    def statement(self) -> syntax.Vertex:
        """The equation."""
        assert isinstance(self.rows.statement, syntax.Vertex)
        return self.rows.statement


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """The call sites of one equation: site ids, key columns with their labels, and what their shapes depend on."""

    kept: Kept
    sites: Array
    owner: Array | None
    columns: list[Column]
    labels: list[str]
    frame_columns: int
    pool: str
    network: str

    def children(self) -> "int | Array":
        """Number of children of the vertex of each site."""
        if isinstance(self.kept.count, int) or self.owner is None:
            return self.kept.count
        return self.kept.count[self.owner]


def classes(
    work: "Elaboration", component: str, kept: Sequence[Kept], ptr: Array, child: Array, leaves: int
) -> Classes:
    """The sharing classes of a component over all kept equations, which stand in canonical order.

    Raises:
        Mistake: a key has no value.
    """
    at = ("primary", "complementary", "trainer").index(component)
    members = [m for k in kept if (m := _member(component, at, k, ptr, child, leaves)) is not None]
    sites = len(child) if component == "complementary" else len(ptr) - 1
    pools: dict[tuple[str, int, int], list[Member]] = {}
    for member in members:
        key = (member.pool, len(member.columns), member.frame_columns)
        pools.setdefault(key, []).append(member)
    return _numbered(work, component, sorted(pools.items()), sites)


def _member(component: str, at: int, kept: Kept, ptr: Array, child: Array, leaves: int) -> Member | None:
    rows, owner = kept.rows, None
    sites: Array = np.arange(kept.first, kept.first + rows.count)
    slot = Column.constant(0)
    if component == "complementary":
        found = _arcs(kept, ptr, child, leaves)
        if found is None:
            return None
        sites, owner, slot = found
        if owner is not None and component in kept.clauses.keys:
            rows, owner_of = _spread(rows, owner), None
        else:
            owner_of = owner
    else:
        owner_of = None
    frame = rows.frame
    pool = frame.pools[component]
    columns = [frame.outer[c].take(rows.instance) for c in pool.columns]
    labels = [frame.outer_names[c] for c in pool.columns]
    own, own_labels = _own_key(component, kept, rows, slot)
    if owner_of is not None:  # a key that knows no slots is the same for all arcs of a vertex
        arcs = Column(owner_of, 0, kept.rows.count)
        columns, own = [c.take(arcs) for c in columns], [c if c is slot else c.take(arcs) for c in own]
    name = ".".join([*pool.path, kept.clauses.alias or kept.statement.head.name.id])
    return Member(kept, sites, owner, [*columns, *own], [*labels, *own_labels], len(columns), name, kept.networks[at])


def _arcs(kept: Kept, ptr: Array, child: Array, leaves: int) -> "tuple[Array, Array | None, Column] | None":
    """The arcs of an equation into vertices: ids, the row that each belongs to, and slots."""
    first, last = int(ptr[kept.first]), int(ptr[kept.first + kept.rows.count])
    inner = np.flatnonzero(child[first:last] >= leaves)
    if not len(inner):
        return None
    if isinstance(kept.count, int):
        return inner + first, inner // kept.count, Column.of(inner % kept.count)
    owner = np.repeat(np.arange(kept.rows.count), kept.count)[inner]
    slots = inner + first - ptr[kept.first + owner]
    return inner + first, owner, Column.of(slots)


def _spread(rows: Rows, owner: Array) -> Rows:
    columns = {name: column.take(owner) for name, column in rows.columns.items()}
    index = tuple(column.take(owner) if column is not None else None for column in rows.index)
    return replace(rows, count=len(owner), instance=rows.instance.take(owner), columns=columns, index=index)


def _own_key(component: str, kept: Kept, rows: Rows, slot: Column) -> tuple[list[Column], list[str]]:
    item = kept.clauses.key(component)
    arc = component == "complementary"
    named = arc and component in kept.clauses.keys
    if item is None or item.kind == "none":
        columns = [column for column in rows.index if column is not None]
        labels = [b.name.id if b.name else b.span.text for b in kept.statement.head.binders]
        return ([*columns, slot], [*labels, "slot"]) if arc else (columns, labels)
    if named:
        rows = replace(rows, columns={**rows.columns, "slot": slot})
    keys = item.key if item.kind == "by" else ()
    columns = [integer(key, rows) for key in keys]
    labels = [" ".join(key.span.text.split()) for key in keys]
    columns = [_as_integer(c) for c in columns]
    return ([*columns, slot], [*labels, "slot"]) if arc and not named else (columns, labels)


def _as_integer(column: Column) -> Column:
    if isinstance(column.data, np.ndarray) and column.data.dtype == np.bool_:
        return Column(column.data.astype(np.int64), 0, 1)
    return column


def _numbered(
    work: "Elaboration", component: str, pools: Sequence[tuple[tuple[str, int, int], list[Member]]], sites: int
) -> Classes:
    of = np.full(sites, -1, dtype=np.int32)
    names, labels, keys, hashes, pool_of = (
        list[str](),
        list[tuple[str, ...]](),
        list[Array](),
        list[Array](),
        list[Array](),
    )
    shapes: list[tuple[Array, list[str], Array]] = []
    first = 0
    for (name, _, frame_columns), members in pools:
        group, firsts = _grouped(members)
        _check_shapes(work, members, group, firsts)
        _place(of, members, group, first)
        key = _key_table(members, firsts)
        names.append(name)
        labels.append(_labels(members))
        keys.append(key)
        hashes.append(_hashes(component, name, frame_columns, key))
        pool_of.append(np.full(len(firsts), len(names) - 1, dtype=np.int32))
        shapes.append(_shapes(members, firsts))
        first += len(firsts)
    stack, stacks = _stacks(component, shapes)
    none = np.zeros(0, np.int32)
    return Classes(
        component=component,
        of=of,
        stack=stack,
        stacks=stacks,
        pool=np.concatenate(pool_of) if pool_of else none,
        pools=tuple(names),
        key=tuple(keys),
        labels=tuple(labels),
        hash=np.concatenate(hashes) if hashes else np.zeros(0, np.uint64),
    )


def _grouped(members: Sequence[Member]) -> tuple[Array, Array]:
    """The class of each site (members one after the other) and the first site of each class, classes by key."""
    counts = [len(m.sites) for m in members]
    ranges = ranges_of([m.columns for m in members])
    if ranges is None:
        table = np.concatenate([_table(m.columns, n) for m, n in zip(members, counts, strict=True)])
        _, firsts, group = np.unique(table, axis=0, return_index=True, return_inverse=True)
        return group.reshape(-1), firsts
    codes = np.concatenate([encode(m.columns, n, ranges) for m, n in zip(members, counts, strict=True)])
    steps = np.diff(codes)
    if (steps > 0).all():
        return np.arange(len(codes)), np.arange(len(codes))
    if (steps >= 0).all():
        firsts = first_of_runs(codes)
        return np.repeat(np.arange(len(firsts)), np.diff(np.append(firsts, len(codes)))), firsts
    distinct = int(codes.max()) + 1
    if distinct <= 4 * len(codes) + 1024:
        return _counted(codes, distinct)
    _, firsts, group = np.unique(codes, return_index=True, return_inverse=True)
    return group, firsts


def _counted(codes: Array, distinct: int) -> tuple[Array, Array]:
    """As `numpy.unique` for small codes, without sorting."""
    first, starts = np.full(distinct, -1), first_of_runs(codes)[::-1]
    first[codes[starts]] = starts
    used = first >= 0
    number = np.cumsum(used) - 1
    return number.take(codes), first[used]


def _table(columns: Sequence[Column], count: int) -> Array:
    if not columns:
        return np.zeros((count, 0), np.int64)
    return np.stack([column.array(count) for column in columns], axis=1)


def _place(of: Array, members: Sequence[Member], group: Array, first: int) -> None:
    start = 0
    for member in members:
        stop = start + len(member.sites)
        sites = member.sites  # they rise
        whole = len(sites) and sites[-1] - sites[0] == len(sites) - 1
        of[slice(sites[0], sites[-1] + 1) if whole else sites] = group[start:stop] + first
        start = stop


def _parts(members: Sequence[Member], firsts: Array) -> "Iterator[tuple[Member, Array | slice, Array]]":
    """For each member: which classes it represents, and its rows that do."""
    start = 0
    for member in members:
        stop = start + len(member.sites)
        classes_here = np.flatnonzero((firsts >= start) & (firsts < stop)) if len(members) > 1 else slice(None)
        yield member, classes_here, firsts[classes_here] - start
        start = stop


def _key_table(members: Sequence[Member], firsts: Array) -> Array:
    key = np.empty((len(firsts), len(members[0].columns)), np.int64)
    for member, here, rows in _parts(members, firsts):
        for at, column in enumerate(member.columns):
            key[here, at] = column.take(rows).data
    return key


def _labels(members: Sequence[Member]) -> tuple[str, ...]:
    """The text of each column; where the first equation has a bare number, the name that the next one has there."""
    texts = list(members[0].labels)
    for at, text in enumerate(texts):
        if not text.isidentifier():
            texts[at] = next((m.labels[at] for m in members if m.labels[at].isidentifier()), text)
    return tuple(texts)


def _hashes(component: str, pool: str, frame_columns: int, key: Array) -> Hashes:
    start = mix(hash_text(f"{component} {pool}"), frame_columns)
    state = np.broadcast_to(np.asarray(start, dtype=np.uint64), key.shape[:1])
    for column in key.T:
        state = mix(state, column)
    return np.array(state, dtype=np.uint64)


def _shapes(members: Sequence[Member], firsts: Array) -> tuple[Array, list[str], Array]:
    """Of each class: number of children, and the index of its network in a list of names."""
    count, network = np.empty(len(firsts), np.int64), np.empty(len(firsts), np.int64)
    names = sorted({m.network for m in members})
    for member, here, rows in _parts(members, firsts):
        found = member.children()
        count[here] = found if isinstance(found, int) else found[rows]
        network[here] = names.index(member.network)
    return count, names, network


def _stacks(component: str, shapes: Sequence[tuple[Array, list[str], Array]]) -> tuple[Array, tuple[StackShape, ...]]:
    pairs = [_pairs(count, network) for count, _, network in shapes]
    named = [{(k, names[n]) for k, n in found} for found, (_, names, _) in zip(pairs, shapes, strict=True)]
    ordered = sorted(set().union(*named))
    number = {pair: at for at, pair in enumerate(ordered)}
    parts = [np.zeros(0, np.int32)]
    for found, (count, names, network) in zip(pairs, shapes, strict=True):
        part = np.zeros(len(count), np.int32)
        for k, n in found:
            part[(count == k) & (network == n) if len(found) > 1 else slice(None)] = number[k, names[n]]
        parts.append(part)
    return np.concatenate(parts), tuple(StackShape(component, k, name) for k, name in ordered)


def _pairs(count: Array, network: Array) -> list[tuple[int, int]]:
    """The distinct (number of children, network) of some classes."""
    if len(count) and (count == count[0]).all() and (network == network[0]).all():
        return [(int(count[0]), int(network[0]))]
    return [(int(k), int(n)) for k, n in np.unique(np.stack([count, network], axis=1), axis=0)]


# Shape agreement


def _check_shapes(work: "Elaboration", members: Sequence[Member], group: Array, firsts: Array) -> None:
    first = members[0]
    if all(isinstance(m.kept.count, int) and m.kept.count == first.kept.count for m in members) and all(
        m.network == first.network for m in members
    ):
        return
    if len(firsts) == len(group):
        return
    count, names, network = _shapes(members, firsts)
    start = 0
    for member in members:
        stop = start + len(member.sites)
        mine = group[start:stop]
        wrong = np.flatnonzero((count[mine] != member.children()) | (network[mine] != names.index(member.network)))
        if len(wrong):
            _unequal(work, members, firsts, member, int(wrong[0]), int(mine[wrong[0]]))
            return
        start = stop


def _unequal(
    work: "Elaboration", members: Sequence[Member], firsts: Array, member: Member, site: int, number: int
) -> None:
    starts = np.cumsum([0, *(len(m.sites) for m in members)])
    at = int(np.searchsorted(starts, firsts[number], side="right")) - 1
    other, seen = members[at], int(firsts[number] - starts[at])
    names, sizes = [], []
    for m, s in ((other, seen), (member, site)):
        row = s if m.owner is None else int(m.owner[s])
        found = m.kept.count
        sizes.append(found if isinstance(found, int) else int(found[row]))
        names.append(m.kept.rows.reader(row))
    key = ", ".join(str(c.at(site)) for c in member.columns)
    if sizes[0] != sizes[1]:
        child = "child" if sizes[0] == 1 else "children"
        what = f"`{names[0]}` has {sizes[0]} {child}, `{names[1]}` has {sizes[1]}"
    else:
        what = f"`{names[0]}` uses `{other.network}`, `{names[1]}` uses `{member.network}`"
    where = f"of `{member.pool}`" if other is not member else ""
    message = f"{what}, and both have the key `({key})`{' ' + where if where else ''}"
    indices = [b.name.id for b in member.kept.statement.head.binders if b.name]
    hint = (
        f"`share by {indices[-1]}`, or `share none`" if indices and other is member else "use different names or keys"
    )
    clause = next((c for c in member.kept.statement.clauses if isinstance(c, syntax.Share)), None)
    span = clause.span if clause else member.kept.statement.head.span
    labels = () if other is member else (Label(other.kept.statement.head.span, f"`{names[0]}` is made here"),)
    row = site if member.owner is None else int(member.owner[site])
    work.tell(mistake(rules.SHARING_UNEQUAL_SHAPES, member.kept.rows, row, span, message, help=hint, labels=labels))


def kept_of(rows: Rows, first: int, children: Children, keep: Array | None, networks: tuple[str, str, str]) -> Kept:
    """The kept rows of an equation; `keep` are their numbers, None for all."""
    count = children.count
    if keep is not None:
        rows = _spread(rows, keep)
        count = count if isinstance(count, int) else count[keep]
    assert isinstance(rows.statement, syntax.Vertex)
    return Kept(rows, first, count, networks, clauses_of(rows.statement))
