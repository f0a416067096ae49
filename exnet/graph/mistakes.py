"""Mistakes found in arrays: which index, in which instance, and where the user can put it right."""

from collections.abc import Sequence

import numpy as np

from exnet.graph.frames import Frame, Rows
from exnet.graph.integers import Array, Column, Fault
from exnet.graph.rules import INTEGER_OVERFLOW, NOT_A_POWER_OF_TWO, READ_OUTSIDE_DOMAIN
from exnet.graph.tables import EquationTable, FamilyTable
from exnet.language import syntax
from exnet.source import Diagnostic, Label, Rule, Span
from exnet.spec.walk import used_names


class Mistake(Exception):  # noqa: N818  (a mistake of the user is a value that travels, no error of the program)
    """An expression without a value. `diagnostic` is None if the reason was reported before."""

    def __init__(self, diagnostic: Diagnostic | None = None) -> None:
        super().__init__()
        self.diagnostic = diagnostic


def more(others: int) -> str:
    """The end of a message that speaks of the first of several failing indices."""
    return f" (and {others} more)" if others else ""


def mistake(
    rule: Rule,
    rows: Rows,
    row: int | None,
    expr: "syntax.Expr | syntax.Range | syntax.All | Span",
    message: str,
    *,
    help: str = "",
    labels: Sequence[Label] = (),
) -> Mistake:
    """A mistake at a read. Inside a standard block the place is the argument at the application in the user's file."""
    span = expr if isinstance(expr, Span) else expr.span
    at = 0 if row is None else row
    notes = (f"in `{rows.path(at)}`",) if rows.frame.sites and row is not None else ()
    found = [*labels]
    frame, here, primary, names = rows.frame, rows, span, _names(expr)
    while frame.call is not None and frame.host is not None:
        arguments, call = frame.arguments, frame.call
        instance = here.instance.at(at) if here.count else 0
        if frame.scope.is_library:
            blamed = next((n for n in names if n in arguments), None) or next(iter(arguments), None)
            argument = arguments[blamed] if blamed else call
            if primary is span:
                found.append(Label(span, f"read here, in `{frame.scope.name}`"))
            primary, names = argument.span, _names(argument)
        else:
            found.append(Label(call.span, f"applied here{_values(frame, instance)}"))
        frame, here, at = frame.host.frame, frame.host, instance
    return Mistake(rule.at(primary, message, help=help, labels=tuple(found), notes=notes))


def _names(expr: "syntax.Expr | syntax.Range | syntax.All | Span") -> list[str]:
    return [] if isinstance(expr, Span) else [name.id for name in used_names(expr)]


def _values(frame: Frame, instance: int) -> str:
    own = len(frame.outer_names) - len(frame.host.frame.outer_names if frame.host else ())
    pairs = list(zip(frame.outer_names, frame.outer, strict=True))[len(frame.outer_names) - own :]
    text = ", ".join(f"{name} = {column.at(instance)}" for name, column in pairs)
    return f", with {text}" if text else ""


def of_fault(fault: Fault, rows: Rows, expr: syntax.Expr) -> Mistake:
    """The mistake of an integer expression without a value."""
    row = fault.row if fault.row is not None else (0 if rows.count else None)
    message, hint = fault.message, fault.help
    if fault.rule is NOT_A_POWER_OF_TWO:
        message, hint = _power_of_two(fault, rows, row or 0)
    elif fault.rule is not INTEGER_OVERFLOW and (fault.row is not None or (rows.index and row is not None)):
        message += f" at `{rows.reader(row or 0)}`"
    return mistake(fault.rule, rows, row, _inside(expr, fault.span), message + more(fault.others), help=hint)


def _inside(expr: syntax.Expr, span: Span) -> "Span | syntax.Expr":
    return expr if expr.span.start == span.start and expr.span.end == span.end else span


def _power_of_two(fault: Fault, rows: Rows, row: int) -> tuple[str, str]:
    message, hint = fault.message, fault.help
    block = rows.frame.scope.block
    inside = fault.span.text.partition("(")[2].rstrip(")").strip()
    if block is None or inside not in rows.frame.ints:
        return message, hint
    size = rows.name(inside).at(row)
    for formal in block.block.formals:
        axes = [d.id for d in formal.dims or () if isinstance(d, syntax.Name)]
        if inside in axes and formal.name.id in rows.frame.arguments:
            text = rows.frame.arguments[formal.name.id].span.text
            up = 1 << max(size - 1, 0).bit_length()
            wide = " x ".join([str(up)] * len(axes))
            other = ", or use `grid`" if block.block.name.id.startswith("quadtree") else ""
            return f"{message}, where {inside} = {size} is the size of `{text}`", f"pad the input to {wide}{other}"
    return message, hint


# Reads outside a domain


def outside(table: FamilyTable, rows: Rows, missing: Array, index: Sequence[Column], expr: syntax.Expr) -> Mistake:
    """A read of a family at an index that does not exist. `missing` are the failing rows."""
    row = int(missing[0])
    wanted = [c.at(row) for c in index]
    instance = rows.instance.at(row)
    exists, axis = extents_text(table, instance, wanted)
    read = f"{table.name}[{', '.join(map(str, wanted))}]"
    return _outside(table, rows, missing, read, exists, axis, wanted[axis] if wanted else 0, expr)


def outside_slice(
    table: FamilyTable, rows: Rows, missing: Array, axes: Sequence[tuple[bool, Column]], expr: syntax.Expr
) -> Mistake:
    """A slice whose fixed indices do not exist."""
    row = int(missing[0])
    wanted = [None if keep else c.at(row) for keep, c in axes]
    read = f"{table.name}[{', '.join(':' if w is None else str(w) for w in wanted)}]"
    exists, axis = extents_text(table, rows.instance.at(row), wanted)
    return _outside(table, rows, missing, read, exists, axis, wanted[axis] or 0, expr)


def _outside(
    table: FamilyTable, rows: Rows, missing: Array, read: str, exists: str, axis: int, value: int, expr: syntax.Expr
) -> Mistake:
    row = int(missing[0])
    hint = advice(table, rows, row, axis, value, expr)
    reader = f"`{rows.reader(row)}`" if isinstance(rows.statement, syntax.Let | syntax.Vertex) else _who(rows)
    message = f"{reader} reads `{read}`; {exists}{more(len(missing) - 1)}"
    labels = _defined(table, expr)
    return mistake(READ_OUTSIDE_DOMAIN, rows, row, expr, message, help=hint, labels=labels)


def _who(rows: Rows) -> str:
    return "the root" if isinstance(rows.statement, syntax.Root) else f"what `{rows.frame.scope.name}` yields"


def _defined(table: FamilyTable, expr: syntax.Expr) -> list[Label]:
    spans = [s.head.span for s in table.family.equations] if table.family else []
    spans = [s for s in spans if not (s.source is expr.span.source and s.start <= expr.span.start <= s.end)]
    return [Label(s, "defined here") for s in spans[:3]]


def extents_text(table: FamilyTable, instance: int, wanted: Sequence[int | None]) -> tuple[str, int]:
    """Which indices exist at the longest prefix of `wanted` that does, and the axis of which that speaks."""
    columns = [
        (np.flatnonzero(t.domain.instance.array(t.domain.count) == instance), t)
        for t in table.equations
        if t.domain.count
    ]
    alive = [(rows, t) for rows, t in columns if len(rows)]
    if not alive:
        return f"`{table.name}` has no index here", 0
    for axis in range(table.rank):
        parts = [t.domain.index[axis].array(t.domain.count)[r] for r, t in alive]
        if wanted[axis] is not None:
            left = [(r[part == wanted[axis]], t) for (r, t), part in zip(alive, parts, strict=True)]
            left = [(r, t) for r, t in left if len(r)]
            if not left:
                values = np.unique(np.concatenate(parts))
                return _exists(table, [t for _, t in alive], wanted, axis, values), axis
            alive = left
    return f"`{table.name}` has no such slice", table.rank - 1


def _exists(
    table: FamilyTable, alive: Sequence[EquationTable], wanted: Sequence[int | None], axis: int, values: Array
) -> str:
    name = table.index_name(axis)
    before = [str(w) if w is not None else ":" for w in wanted[:axis]]
    inside = ", ".join([*before, name, *([".."] if axis + 1 < table.rank else [])])
    return f"`{table.name}[{inside}]` exists for {name} in {runs(values, inclusive=is_inclusive(alive, axis))}"


def is_inclusive(tables: Sequence[EquationTable], axis: int) -> bool:
    """Whether one of some equations writes this axis with `..=`."""
    heads = [t.statement.head.binders[axis].domain for t in tables if t.statement is not None]
    return any(isinstance(domain, syntax.Range) and domain.inclusive for domain in heads)


def runs(values: Array, *, inclusive: bool = False) -> str:
    """`0..3 and 5..8` for sorted values."""
    cuts = np.flatnonzero(np.diff(values) > 1) + 1
    parts = [(int(part[0]), int(part[-1])) for part in np.split(values, cuts)]
    texts = [f"{a}..={b}" if inclusive else f"{a}..{b + 1}" for a, b in parts]
    if len(texts) > 4:
        texts = [*texts[:3], "..", texts[-1]]
    return " and ".join(texts) if len(texts) < 3 else ", ".join(texts)


def advice(table: FamilyTable | None, rows: Rows, row: int, axis: int, value: int, expr: syntax.Expr) -> str:
    """The way out of a read outside a domain, where the head of the reader shows one."""
    statement = rows.statement
    if not isinstance(statement, syntax.Let | syntax.Vertex) or not isinstance(expr, syntax.Subscript):
        return "indices do not count from the end" if value < 0 else ""
    sub = expr.subscripts[axis] if axis < len(expr.subscripts) else None
    used = {n.id for n in used_names(sub)} if sub is not None and not isinstance(sub, syntax.All) else set[str]()
    binders = statement.head.binders
    for at, binder in enumerate(binders):
        domain = binder.domain
        if not binder.name or not isinstance(domain, syntax.Range):
            continue
        name, column = binder.name.id, rows.columns.get(binder.name.id)
        if value < 0 and name in used:
            return _start_later(table, statement, at, -value)
        if value > 0 and name in used and domain.inclusive and column is not None:
            return _end_earlier(rows, row, domain, column)
    return "indices do not count from the end" if value < 0 else ""


def _start_later(table: FamilyTable | None, statement: "syntax.Let | syntax.Vertex", at: int, by: int) -> str:
    binder = statement.head.binders[at]
    assert binder.name is not None
    assert isinstance(binder.domain, syntax.Range)
    lo, dots, hi = binder.domain.lo, "..=" if binder.domain.inclusive else "..", binder.domain.hi.span.text
    first = lo.value if isinstance(lo, syntax.Int) else None
    start = str(first + by) if first is not None else f"{lo.span.text}+{by}"
    begin = lo.span.text
    others = [begin if k == at else b.span.text for k, b in enumerate(statement.head.binders)]
    name = statement.head.name.id
    if table is not None and table.name == name:
        return f"start at `{binder.name.id}: {start}{dots}{hi}` and add `let {name}[{', '.join(others)}] = ..`"
    where = f"`{name}[{begin}]`" if len(others) == 1 else f"`{name}[{', '.join(others)}]`"
    text = f"start at `{binder.name.id}: {start}{dots}{hi}` and define {where}"
    return f"indices do not count from the end; {text}"


def _end_earlier(rows: Rows, row: int, domain: syntax.Range, column: Column) -> str:
    lo, hi = domain.lo.span.text, domain.hi.span.text
    outer = [n for n in (x.id for x in used_names(domain.hi)) if n in rows.columns]
    at = f" when {', '.join(f'{n} = {rows.columns[n].at(row)}' for n in dict.fromkeys(outer))}" if outer else ""
    return f"write `{lo}..{hi}`: it ends at {column.at(row) - 1}{at}"
