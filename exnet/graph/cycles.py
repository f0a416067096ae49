"""What is said about a cycle: its vertices, the read that closes it, the names that lie on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from exnet.graph import rules
from exnet.graph.alias import made_of, read_of, slot_name
from exnet.graph.integers import Array
from exnet.graph.levels import Dag
from exnet.graph.mistakes import mistake
from exnet.language import syntax
from exnet.spec.walk import nodes

if TYPE_CHECKING:
    from exnet.graph.elaborate import Elaboration, Made


@dataclass(frozen=True, slots=True, eq=False)
class Circle:
    """Where a cycle was found: the graph, its equations in canonical order, which vertices were kept (None: all), and
    for every slot what it was written as and what it means.
    """

    dag: Dag
    made: "Sequence[Made]"
    keep: Array | None
    written: Array
    meant: Array

    def slot(self, vertex: int) -> int:
        """The slot of a vertex."""
        rest = int(np.flatnonzero(self.keep)[vertex]) if self.keep is not None else vertex
        for m in self.made:
            if rest < m.table.domain.count:
                return m.table.first + rest
            rest -= m.table.domain.count
        raise KeyError(vertex)

    def position(self, vertex: int, other: int) -> int:
        """At which place a vertex reads another one."""
        kids = self.dag.child[self.dag.ptr[vertex] : self.dag.ptr[vertex + 1]]
        return int(np.flatnonzero(kids == other + self.dag.leaves)[0])


def report_cycle(work: "Elaboration", where: Circle, circle: list[int]) -> None:
    """Reports a cycle of vertices, reader before read."""
    slots = [where.slot(v) for v in circle[:8]]
    names = [f"`{slot_name(work, s)}`" for s in slots]
    shown = names if len(circle) <= 7 else [*names[:6], "..", f"`{slot_name(work, where.slot(circle[-1]))}`"]
    number = f" ({len(circle)} vertices)" if len(circle) > 3 else ""
    message = f"{' -> '.join([*shown, names[0]])}{number}"
    begin, row = made_of(work, slots[0])
    expr = read_of(begin, where.position(circle[0], circle[1 % len(circle)]))
    passed = _passed(work, where, circle)
    hint = _other_layer(work, passed) or "a vertex may only read what does not read it"
    found = mistake(rules.CYCLE, begin.rows, row, expr, message, help=hint)
    assert found.diagnostic is not None
    through = (f"through the names {', '.join(f'`{n}`' for n in passed[:8])}",) if passed else ()
    work.report.add(replace(found.diagnostic, notes=(*found.diagnostic.notes, *through)))


def _passed(work: "Elaboration", where: Circle, circle: list[int]) -> list[str]:
    """The second names that lie on a cycle, at most a few."""
    names: list[str] = []
    for at, vertex in enumerate(circle[:8]):
        made, row = made_of(work, where.slot(vertex))
        assert made.children is not None
        count = made.children.count
        start = row * count if isinstance(count, int) else int(np.sum(count[:row]))
        target = int(made.children.slots[start + where.position(vertex, circle[(at + 1) % len(circle)])])
        while target != where.meant[target] and len(names) < 16:
            names.append(slot_name(work, target))
            target = int(where.written[target])
    return list(dict.fromkeys(names))


def _other_layer(work: "Elaboration", names: Sequence[str]) -> str:
    """`did you mean x[l-1, :]?` where a family of the file applies a block to itself at the same index."""
    for family in work.program.file.families.values():
        for statement in family.equations:
            if not isinstance(statement, syntax.Let) or not any(n.startswith(f"{family.name}[") for n in names):
                continue
            first = statement.head.binders[0].name if statement.head.binders else None
            for read in _reads(statement.value, family.name):
                sub = read.subscripts[0]
                if first and isinstance(sub, syntax.Name) and sub.id == first.id:
                    rest = ", ".join([f"{first.id}-1", *(s.span.text for s in read.subscripts[1:])])
                    return f"did you mean `{family.name}[{rest}]`?"
    return ""


def _reads(value: syntax.Expr, family: str) -> list[syntax.Subscript]:
    """The reads of a family in an expression."""
    found = [n for n in nodes(value) if isinstance(n, syntax.Subscript)]
    return [n for n in found if isinstance(n.base, syntax.Name) and n.base.id == family]
