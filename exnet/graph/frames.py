"""Frames: one application path each, with a table of instances. Rows: the table in which an expression is evaluated."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from exnet.graph.clauses import Clausal
from exnet.graph.integers import Array, Column
from exnet.graph.scope import Scope
from exnet.graph.tables import FamilyTable
from exnet.graph.views import View
from exnet.language import syntax
from exnet.source import Span

Value: TypeAlias = View | Array
"""What a node expression is for the rows of a table: an array for each row, or one slot for each."""
Host: TypeAlias = Clausal | syntax.Yield


@dataclass(frozen=True, slots=True)
class Pool:
    """How the classes of a component are called in a frame: path of sites, and the lifted indices in the key."""

    path: tuple[str, ...] = ()
    columns: tuple[int, ...] = ()


@dataclass(slots=True, eq=False)
class Frame:
    """All instances of one application path.

    Attributes:
        scope: whose equations it has.
        count: number of instances.
        outer: the lifted indices of the enclosing applications, outermost first: names, and one column for each.
        ints: formal integers and sizes, for each instance.
        arrays: formal arrays and vertices, for each instance.
        families: its tables. whole: values of `let name = array`, made when they are first read; None while they are.
        sites, hosts, applied: as in `exnet.graph.model.Equation`.
        pools, networks: by component.
        call, arguments, host: the application, its arguments by formal, and the rows (one for each instance) around it.
        site_names: what the applications in it are called.
    """

    scope: Scope
    count: int = 1
    outer: tuple[Column, ...] = ()
    outer_names: tuple[str, ...] = ()
    ints: dict[str, Column] = field(default_factory=dict)
    arrays: dict[str, Value] = field(default_factory=dict)
    families: dict[str, FamilyTable] = field(default_factory=dict)
    whole: dict[str, Value | None] = field(default_factory=dict)
    sites: tuple[str, ...] = ()
    hosts: tuple[tuple[int | None, ...], ...] = ()
    applied: tuple[Span, ...] = ()
    pools: Mapping[str, Pool] = field(default_factory=dict)
    networks: Mapping[str, str] = field(default_factory=dict)
    call: syntax.Call | None = None
    arguments: Mapping[str, syntax.Expr] = field(default_factory=dict)
    host: "Rows | None" = None
    site_names: dict[int, str] = field(default_factory=dict)

    def rows(self, statement: "Host | None" = None) -> "Rows":
        """One row for each instance."""
        instance = Column.constant(0) if self.count == 1 else _numbers(self.count)
        return Rows(self, self.count, instance, {}, (), statement)

    def instance_path(self, instance: int) -> str:
        """`x[1, _].attention.out[3].tree` of one instance."""
        parts: list[str] = []
        for site, pattern in zip(self.sites, self.hosts, strict=True):
            host, _, block = site.partition(".")
            inside = ", ".join("_" if at is None else str(self.outer[at].at(instance)) for at in pattern)
            parts.append(f"{host}[{inside}].{block}" if pattern else f"{host}.{block}")
        return ".".join(parts)


def _numbers(count: int) -> Column:
    import numpy as np

    return Column.of(np.arange(count))


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows in which an expression is evaluated: instance and indices of each.

    `index` holds the indices of the head for naming a row; None stands for one that differs within a row.
    """

    frame: Frame
    count: int
    instance: Column
    columns: Mapping[str, Column]
    index: tuple[Column | None, ...]
    statement: "Host | None" = None

    def name(self, id: str) -> Column:
        """The column of an integer name."""
        if id in self.columns:
            return self.columns[id]
        return self.frame.ints[id].take(self.instance)

    def take(self, rows: Array, kept: tuple[str, ...]) -> "Rows":
        """Some rows, in which only the indices `kept` keep their meaning."""
        columns = {name: self.columns[name].take(rows) for name in kept}
        binders = self.statement.head.binders if isinstance(self.statement, syntax.Let | syntax.Vertex) else ()
        index = tuple(columns.get(b.name.id) if b.name else None for b in binders)
        return replace(self, count=len(rows), instance=self.instance.take(rows), columns=columns, index=index)

    def reader(self, row: int) -> str:
        """What a message calls the vertex or name that a row stands for, such as `h[1, 8]`."""
        match self.statement:
            case syntax.Let() | syntax.Vertex():
                inside = ", ".join("_" if c is None else str(c.at(row)) for c in self.index)
                name = self.statement.head.name.id
                return f"{name}[{inside}]" if inside else name
            case syntax.Root():
                return "root"
            case _:
                return self.frame.scope.name

    def path(self, row: int) -> str:
        """The whole path of a row's vertex."""
        above = self.frame.instance_path(self.instance.at(row)) if self.frame.sites else ""
        return f"{above}.{self.reader(row)}" if above else self.reader(row)
