"""Doubts: what a spec may say, but hardly means."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from exnet.graph import rules
from exnet.graph.clauses import applications, clauses_of, lifted_names
from exnet.graph.integers import Array
from exnet.graph.mistakes import mistake
from exnet.graph.model import LeafBlock
from exnet.graph.program import Program
from exnet.graph.scope import Scope
from exnet.language import syntax
from exnet.source import Diagnostic, Label
from exnet.spec.learned import LeafGrid
from exnet.spec.walk import called_names, nodes, used_names

if TYPE_CHECKING:
    from exnet.graph.elaborate import Elaboration, Made


def unreachable(work: "Elaboration", made: "Sequence[Made]", rows: "Sequence[Array | None]") -> None:
    """`unreachable-vertices`, by equation of the text."""
    groups: dict[int, list[tuple[Made, Array]]] = {}
    tokenising = {id(item.equation) for item in work.spec.inputs}
    for m, keep in zip(made, rows, strict=True):
        if keep is not None and id(m.table.statement) not in tokenising:
            groups.setdefault(id(m.table.statement), []).append((m, keep))
    whole: dict[int, int] = {}
    for m in made:
        whole[id(m.table.statement)] = whole.get(id(m.table.statement), 0) + m.table.domain.count
    for key, parts in groups.items():
        first, keep = parts[0]
        total = whole[key]
        lost = sum(m.table.domain.count - len(k) for m, k in parts)
        moved = np.flatnonzero(keep != np.arange(len(keep)))
        row = int(moved[0]) if len(moved) else len(keep)
        statement = first.table.statement
        assert statement is not None
        name = statement.head.name.id
        verb = "reaches" if lost == 1 else "reach"
        what = f"{lost} of {total} vertices of `{name}` never {verb} the root and"
        is_are = "is" if lost == 1 else "are"
        message = f"{what} {is_are} dropped, first `{first.rows.path(row)}`"
        hint = "read them, or make the domain smaller"
        work.tell(mistake(rules.UNREACHABLE_VERTICES, first.rows, row, statement.head.span, message, help=hint))


def unused_leaves(work: "Elaboration", leaves: Sequence[LeafBlock], child: Array) -> None:
    """`unused-leaf`, by input; of a learned tokeniser's leaves those whose vertex is dropped."""
    count = sum(block.leaves for block in leaves)
    used = np.zeros(count, dtype=bool)
    used[child[child < count]] = True
    for item in work.spec.inputs:
        block = work.leaves[item.grids[-1].name]
        read = used[block.first : block.first + block.leaves].reshape(item.leaves, -1).any(axis=1)
        unused = np.flatnonzero(~read)
        if not len(unused):
            continue
        first = LeafGrid(item.name, item.shape).leaf_name(int(unused[0]))
        verb = "is" if len(unused) == 1 else "are"
        message = f"{len(unused)} of {item.leaves} leaves of `{item.name}` {verb} never read, first `{first}`"
        work.report.add(rules.UNUSED_LEAF.at(item.span, message, help="read them, or make the input smaller"))


def doubts_of_text(program: Program) -> Iterator[Diagnostic]:
    """Doubts that the text alone gives: about the file and the blocks in it."""
    for scope in (program.file, *program.blocks):
        if scope.block is None or scope.block.origin == "file":
            yield from _idle_indices(scope)
            yield from _repeated(program, scope)
            yield from _unused_families(program, scope)
    yield from _unused_names(program)


def _idle_indices(scope: Scope) -> Iterator[Diagnostic]:
    """`index-without-effect`: an index of a `let` that nothing on its right side uses, though a block is applied."""
    for statement in scope.statements():
        calls = list(applications(statement, scope.visible))
        if not isinstance(statement, syntax.Let) or not calls:
            continue
        used = {name.id for name in used_names(statement.value)} | set(clauses_of(statement).per)
        for binder in statement.head.binders:
            if binder.name is None or binder.name.id in used or _is_single(binder):
                continue
            if isinstance(statement.head.guard, syntax.When) and binder.name.id in {
                n.id for n in used_names(statement.head.guard.condition)
            }:
                continue
            name, family, block = binder.name.id, statement.head.name.id, calls[0].function.id
            message = f"the {family}[..] of every `{name}` are one vertex: `{block}` is applied once"
            hint = f"`per {name}` makes one `{block}` for each"
            yield rules.INDEX_WITHOUT_EFFECT.at(binder.name.span, _one_vertex(statement, binder) or message, help=hint)


def _is_single(binder: syntax.Binder) -> bool:
    domain = binder.domain
    if not isinstance(domain, syntax.Range) or not isinstance(domain.lo, syntax.Int):
        return False
    end = domain.hi.value + domain.inclusive if isinstance(domain.hi, syntax.Int) else None
    return end is not None and end - domain.lo.value <= 1


def _one_vertex(statement: syntax.Let, binder: syntax.Binder) -> str:
    domain, name = binder.domain, statement.head.name.id
    if len(statement.head.binders) != 1 or not isinstance(domain, syntax.Range):
        return ""
    if not isinstance(domain.lo, syntax.Int) or not isinstance(domain.hi, syntax.Int):
        return ""
    last = domain.hi.value - (not domain.inclusive)
    return f"`{name}[{domain.lo.value}]`..`{name}[{last}]` are one vertex"


def _repeated(program: Program, scope: Scope) -> Iterator[Diagnostic]:
    """`repeated-application`: equal texts in one equation, or without indices anywhere in one scope."""
    seen: dict[tuple[syntax.Call, int], syntax.Call] = {}
    hosts: list[syntax.Let | syntax.Vertex | syntax.Root | syntax.Yield] = list(scope.statements())
    if scope.block is None:
        hosts.append(program.spec.root)
    else:
        hosts += [s for s in scope.block.block.body if isinstance(s, syntax.Yield)]
    places = [(call, host) for host in hosts for call in applications(host, scope.visible)]
    for call, host in sorted(places, key=lambda pair: pair[0].span.start):
        names: list[str] = []
        if isinstance(host, syntax.Let | syntax.Vertex):
            names = [b.name.id for b in host.head.binders if b.name]
        per = () if isinstance(host, syntax.Yield) else clauses_of(host).per
        where = id(host) if lifted_names(call, names, per) else 0
        first = seen.setdefault((call, where), call)
        if first is not call:
            message = f"`{call.span.text}` is applied twice: two sets of vertices"
            labels = (Label(first.span, "applied here"),)
            hint = "if one is meant, give it a name with `let`"
            yield rules.REPEATED_APPLICATION.at(call.span, message, help=hint, labels=labels)


def _unused_families(program: Program, scope: Scope) -> Iterator[Diagnostic]:
    """`unused-name`: a `let` family that nothing reads. (Of vertices the graph itself tells.)"""
    ends: list[syntax.Root | syntax.Yield] = [program.spec.root]
    if scope.block is not None:
        ends = [s for s in scope.block.block.body if isinstance(s, syntax.Yield)]
    reads = {n.id for end in ends for n in used_names(end.value)}
    for statement in scope.statements():
        reads |= {n.id for n in used_names(statement.value)} - {statement.head.name.id}
    for name, family in scope.families.items():
        if name not in reads and all(isinstance(s, syntax.Let) for s in family.equations):
            span = family.equations[0].head.name.span
            yield rules.UNUSED_NAME.at(span, f"nothing reads `{name}`", help="leave it out")


def _unused_names(program: Program) -> Iterator[Diagnostic]:
    """`unused-name`: consts, params, nets and blocks of the file that nothing mentions.

    Blocks of a library, whose root comes from elsewhere, are there for others.
    """
    spec = program.spec
    bodies = [s for s in spec.file.statements if isinstance(s, syntax.Block)]
    values = {name.id for s in spec.file.statements if not isinstance(s, syntax.Block) for name in _mentioned(s)}
    inside = {name.id for block in bodies for name in _mentioned(block)}
    called = called_names(spec.file)
    for statement in spec.file.statements:
        match statement:
            case syntax.Settings(keyword="const" | "param"):
                for setting in statement.settings:
                    if setting.name.id not in values:
                        message = f"nothing uses the {statement.keyword} `{setting.name.id}`"
                        yield rules.UNUSED_NAME.at(setting.name.span, message, help="leave it out")
            case syntax.Net():
                if statement.name.id not in values | inside:
                    hint = f"choose it: `default vertex (primary: {statement.name.id})`"
                    message = f"nothing uses the network `{statement.name.id}`"
                    yield rules.UNUSED_NAME.at(statement.name.span, message, help=hint)
            case syntax.Block():
                if statement.name.id not in called and statement.span.source is spec.root.span.source:
                    message = f"nothing applies the block `{statement.name.id}`"
                    yield rules.UNUSED_NAME.at(statement.name.span, message, help="leave it out")
            case _:
                pass


def _mentioned(statement: object) -> Iterator[syntax.Name]:
    """Names that stand as values anywhere in a statement: neither what it defines nor names of options."""
    skipped = set[int]()
    for node in nodes(statement):
        match node:
            case syntax.Call():
                skipped.add(id(node.function))
            case syntax.Arg() | syntax.Setting() | syntax.Net() | syntax.Binder() | syntax.Formal() | syntax.Block():
                skipped.add(id(node.name))
            case syntax.Head() | syntax.Input() | syntax.Output() | syntax.Type():
                skipped.add(id(node.name))
            case syntax.Name() if id(node) not in skipped:
                yield node
            case _:
                pass
