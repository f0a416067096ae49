"""One statement -> its rows: on one line if it fits, else broken before clauses, then after `=`, then at commas."""

from dataclasses import dataclass

from exnet.language import syntax as s
from exnet.language import text as t
from exnet.language.rows import Row, fits
from exnet.source import Span

UNPADDED = frozenset({"exnet", "tokenise", "default", "block"})
ORDER = {s.Share: 0, s.Per: 1, s.With: 2}


@dataclass(frozen=True, slots=True)
class Header:
    """`exnet NAME edition 1`, as a statement among the others."""

    name: s.Name
    edition: s.Int | None
    span: Span


Statement = s.Statement | s.Yield | Header


@dataclass(frozen=True, slots=True)
class Columns:
    """What the neighbours of a statement ask of it.

    Args:
        indent: of the scope.
        keyword: width of the keyword with the space after it.
        name: width of the name, up to the aligned `:` or `=`.
    """

    indent: int
    keyword: int
    name: int = 0


def keyword(node: Statement) -> str:
    """The first word of a statement."""
    match node:
        case s.Settings():
            return node.keyword
        case Header():
            return "exnet"
        case _:
            return type(node).__name__.lower()


def declared(node: Statement) -> str:
    """What stands before the aligned sign of an input, output or net; empty for any other statement."""
    match node:
        case s.Input():
            return node.name.id + t.dims(node.dims)
        case s.Output() | s.Net():
            return node.name.id
        case _:
            return ""


def rows_of(node: Statement, columns: Columns) -> list[Row]:
    """The rows of any statement but a block."""
    if isinstance(node, s.Let | s.Vertex | s.Root):
        return equation(node, columns)
    start = opening(node, columns)
    whole = start + plain(node, columns)
    return [Row(whole)] if fits(whole) else at_commas(start, node, columns)


def opening(node: Statement, columns: Columns) -> str:
    """Indentation and keyword."""
    word = keyword(node)
    width = len(word) + 1 if word in UNPADDED else max(columns.keyword, len(word) + 1)
    return " " * columns.indent + word.ljust(width)


def plain(node: Statement, columns: Columns) -> str:
    """What follows the keyword of a declaration, on one line."""
    match node:
        case Header():
            return node.name.id + (f" edition {t.expression(node.edition)}" if node.edition else "")
        case s.Import():
            return t.expression(node.path)
        case s.Settings():
            return ", ".join(setting(x) for x in node.settings)
        case s.Input() | s.Output():
            return f"{declared(node).ljust(columns.name)} : {t.type_text(node.type)}"
        case s.Net():
            return f"{declared(node).ljust(columns.name)} = {t.expression(node.value)}"
        case s.Tokenise():
            return f"{node.name.id} with {t.expression(node.value)}"
        case s.Default():
            return f"vertex ({t.arguments(node.args)})"
        case s.Mode() | s.Learn() | s.Yield():
            return t.expression(node.value)
        case _:
            raise TypeError(f"{type(node).__name__} has a layout of its own")


def setting(node: s.Setting) -> str:
    """`d = 32`."""
    return f"{node.name.id} = {t.outermost(node.value)}"


def at_commas(start: str, node: Statement, columns: Columns) -> list[Row]:
    """A declaration that is too long: one setting or option on a line, below each other."""
    match node:
        case s.Settings():
            return listed(start, [setting(x) for x in node.settings], "")
        case s.Default():
            return listed(f"{start}vertex (", [t.argument(a) for a in node.args], ")")
        case s.Net() | s.Learn() | s.Mode() if isinstance(node.value, s.Call):
            named = f"{node.name.id} = " if isinstance(node, s.Net) else ""
            return list(map(Row, call_lines(f"{start}{named}", node.value)))
        case _:
            return [Row(start + plain(node, columns))]


def call_lines(start: str, call: s.Call) -> list[str]:
    """An option with options of its own, one of them on a line; those that are too long are broken likewise."""
    start += f"{call.function.id}("
    indent, lines = " " * len(start), list[str]()
    for arg in call.args:
        line = f"{indent if lines else start}{t.argument(arg)},"
        if fits(line) or not isinstance(arg.value, s.Call) or not arg.value.args:
            lines.append(line)
        else:
            before = line.removesuffix(f"{t.expression(arg.value)},")
            lines += call_lines(before, arg.value)
            lines[-1] += ","
    return [*lines[:-1], lines[-1].removesuffix(",") + ")"] if lines else [start + ")"]


def listed(start: str, parts: list[str], end: str) -> list[Row]:
    """Parts below each other, behind the first one's start."""
    indent = " " * len(start)
    lines = [f"{indent if i else start}{part}," for i, part in enumerate(parts)] or [start]
    return [*map(Row, lines[:-1]), Row(lines[-1].removesuffix(",") + end)]


def equation(node: s.Let | s.Vertex | s.Root, columns: Columns) -> list[Row]:
    """`let`, `vertex` and `root`."""
    start = opening(node, columns)
    left = "" if isinstance(node, s.Root) else f"{t.head(node.head)} = "
    clauses = [t.clause(c) for c in sorted(node.clauses, key=lambda c: ORDER[type(c)])]
    tail, broken = " ".join(clauses), broken_before_clauses(node)
    whole = start + left + t.right_side(node.value)
    if fits(whole):
        return with_clauses([Row(whole)], clauses, columns, broken or not fits(whole, tail), tail_column(node))
    rows = right_sides(start, left, node.value)
    return with_clauses(rows, clauses, columns, broken or not fits(rows[-1].text, tail), 0)


def right_sides(start: str, left: str, value: s.Expr) -> list[Row]:
    """A right side on a line of its own, or with one child on a line."""
    first, indent = ([Row(start + left.rstrip())], " " * len(start)) if left else ([], start)
    whole = indent + t.right_side(value)
    if fits(whole) or not isinstance(value, s.Tuple):
        return [*first, Row(whole)]
    children = [t.expression(child) for child in value.items]
    return [*first, *listed(f"{indent}(", children, ")" if len(children) > 1 else ",)")]


def with_clauses(rows: list[Row], clauses: list[str], columns: Columns, below: bool, column: int) -> list[Row]:
    """Clauses beside the last row, or below it, each on its own line."""
    if not clauses:
        return rows
    if not below:
        rows[-1].tail, rows[-1].tail_column = " ".join(clauses), column
        return rows
    indent = " " * (columns.indent + 2)
    return [*rows, *(Row(indent + clause, below=True) for clause in clauses)]


def broken_before_clauses(node: s.Let | s.Vertex | s.Root) -> bool:
    """Whether the source has a line end between the right side and the clauses."""
    if not node.clauses or not in_one_text(node):
        return False
    return min(c.span.first.line for c in node.clauses) > node.value.span.last.line


def tail_column(node: s.Let | s.Vertex | s.Root) -> int:
    """Where the clauses of a statement that stands on one line begin in the source, counted from 0."""
    if not node.clauses or not in_one_text(node) or node.span.first.line != node.span.last.line:
        return 0
    line, column = node.span.first
    if node.span.source.line(line)[: column - 1].strip():
        return 0
    return wide_gap_before(min((c.span for c in node.clauses), key=lambda span: span.start))


def wide_gap_before(span: Span) -> int:
    """The column of a place, counted from 0, if a gap made on purpose stands before it; else 0."""
    column = span.first.column - 1
    return column if span.source.text[max(span.start - 2, 0) : span.start] == "  " else 0


def in_one_text(node: s.Let | s.Vertex | s.Root) -> bool:
    """Whether the parts of a statement come from one text, so that their lines can be compared."""
    return all(c.span.source is node.value.span.source for c in node.clauses)
