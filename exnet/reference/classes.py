"""Sharing classes: which call sites share their parameters, and what a class is called.

A class is (component, pool, frame key, own key). Its name shows the values of both keys, such as
`x.attention.pair/primary[l=1]`. Each column is labelled as the first equation of the pool labels it (equations are
ordered by path, family and smallest index), or, where that has a bare number, as the next one that has a name there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from exnet.reference.domains import Statement
from exnet.reference.frames import Frame, Place
from exnet.reference.naming import Naming, lineage
from exnet.reference.sharing import Key, frame_key, own_key, share_alias


@dataclass(frozen=True)
class CallSite:
    """One use of a component.

    Attributes:
        component, pool: where its class belongs.
        outer: frame key. own: the equation's key.
        statement, frame: the equation.
    """

    component: str
    pool: str
    outer: Key
    own: Key
    statement: Statement
    frame: Frame

    @property
    def columns(self) -> tuple[str, str, int, int]:
        """What sites must agree on to have the same columns in their keys."""
        return self.component, self.pool, len(self.outer), len(self.own)


def call_site(naming: Naming, component: str, place: Place, slot: int | None = None) -> CallSite:
    """The use of a component at a vertex, or (complementary) at one of its slots."""
    row = place.frame.family(place.family)[place.index]
    assert row is not None
    pool = naming.pool(place.frame, share_alias(row.statement) or place.family)
    outer = frame_key(component, ((a.host, a.lifted) for a in lineage(place.frame)))
    own = own_key(component, place.frame, row, place.index, slot)
    return CallSite(component, pool, outer, own, row.statement, place.frame)


def class_names(naming: Naming, sites: Iterable[CallSite]) -> Callable[[CallSite], str]:
    """What the class of each of these sites is called."""
    pools: dict[tuple[str, str, int, int], dict[int, CallSite]] = {}
    for site in sites:
        pools.setdefault(site.columns, {}).setdefault(id(site.statement), site)
    labels = {pool: _labels(naming, list(members.values())) for pool, members in pools.items()}

    def name(site: CallSite) -> str:
        values = [value for _, value in (*site.outer, *site.own)]
        inside = ", ".join(f"{label}={value}" for label, value in zip(labels[site.columns], values, strict=True))
        return f"{site.pool}/{site.component}" + (f"[{inside}]" if inside else "")

    return name


def _labels(naming: Naming, members: list[CallSite]) -> list[str]:
    if len(members) > 1:
        members = sorted(members, key=lambda site: naming.order(site.frame, site.statement))
    texts = [[label for label, _ in (*site.outer, *site.own)] for site in members]
    return [next((t for t in column if t.isidentifier()), column[0]) for column in zip(*texts, strict=True)]
