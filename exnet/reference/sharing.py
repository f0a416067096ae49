"""Sharing: the key of a call site. Two call sites share their parameters if component, pool and key are equal."""

from collections.abc import Iterator

from exnet.language import syntax
from exnet.reference.domains import Row
from exnet.reference.frames import Frame, Host
from exnet.reference.integers import number

Key = tuple[tuple[str, int], ...]
"""The columns of a key: what it is made of, and its value."""


def own_key(component: str, frame: Frame, row: Row, index: tuple[int, ...], slot: int | None) -> Key:
    """What the equation's own `share` says of one call site; `slot` for complementary propagators."""
    item, named = _item(row.statement, component)
    arc: Key = () if slot is None else (("slot", slot),)
    if item is None or item.kind == "none":
        return (*_all_indices(row.statement, index), *arc)
    names = {**frame.numbers, **row.names} | ({} if slot is None else {"slot": slot})
    key = tuple((_label(k), int(number(k, names))) for k in item.key) if item.kind == "by" else ()
    return key if named else (*key, *arc)


def _item(host: Host, component: str) -> tuple[syntax.ShareItem | None, bool]:
    """What is said of a component, and whether a complementary key is complete. Unnamed, it follows the primary."""
    items = {i.component.id if i.component else "": i for i in share_items(host) if i.kind != "over"}
    if component == "complementary" and component in items:
        return items[component], True
    for name in (component, "", "primary"):
        if name in items:
            return items[name], component != "complementary"
    return None, component != "complementary"


def _all_indices(statement: syntax.Let | syntax.Vertex, index: tuple[int, ...]) -> Key:
    names = [b.name.id if b.name is not None else b.span.text for b in statement.head.binders]
    return tuple(zip(names, index, strict=True))


def _label(key: syntax.Expr) -> str:
    return " ".join(key.span.text.split())


def frame_key(component: str, path: Iterator[tuple[Host, tuple[tuple[str, int], ...]]]) -> Key:
    """The lifted indices of all enclosing applications, outermost first, without those of `share over`."""
    return tuple(
        (name, int(value)) for host, lifted in path for name, value in lifted if name not in _over(host, component)
    )


def _over(host: Host, component: str) -> set[str]:
    items = [i for i in share_items(host) if i.kind == "over" and (not i.component or i.component.id == component)]
    return {name.id for item in items for name in item.names}


def share_items(host: Host) -> tuple[syntax.ShareItem, ...]:
    """Everything that the `share` clauses of a statement say."""
    clauses = () if isinstance(host, syntax.Yield) else host.clauses
    return tuple(item for clause in clauses if isinstance(clause, syntax.Share) for item in clause.items)


def share_alias(host: Host) -> str | None:
    """The NAME of `share as NAME`."""
    clauses = () if isinstance(host, syntax.Yield) else host.clauses
    names = [clause.alias.id for clause in clauses if isinstance(clause, syntax.Share) and clause.alias]
    return names[0] if names else None
