"""The formatter: syntax tree and comments -> the one layout.

Order never changes, every comment is kept, and at most one empty line stands between two statements. A paragraph is a
run of statements without an empty line or a block between them; alignment happens within paragraphs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from exnet.language import syntax as s
from exnet.language import text as t
from exnet.language.layout import (
    UNPADDED,
    Columns,
    Header,
    Statement,
    broken_before_clauses,
    declared,
    keyword,
    rows_of,
    wide_gap_before,
)
from exnet.language.rows import Row, align_comments, align_tails
from exnet.language.trivia import Attached, attach, blank_between, body_start
from exnet.source import Span


@dataclass(slots=True)
class Entry:
    """A statement with its comments, or a comment on a line of its own (`node` is None)."""

    node: Statement | None
    span: Span
    attached: Attached = field(default_factory=Attached)
    text: str = ""

    @property
    def is_block(self) -> bool:
        """Whether it is a block, which is a paragraph of its own."""
        return isinstance(self.node, s.Block)


def format_file(file: s.File) -> str:
    """The canonical text of a file."""
    end = file.edition.span if file.edition else file.name.span
    header = Header(file.name, file.edition, file.name.span.to(end) if end.source is file.name.span.source else end)
    rows = scope([header, *file.statements], file.comments, 0)
    return "\n".join(row.text.rstrip() for row in rows) + "\n"


def scope(nodes: Sequence[Statement], comments: Sequence[s.Comment], indent: int) -> list[Row]:
    """The rows of a file or of the body of a block."""
    rows = list[Row]()
    for paragraph in paragraphs(entries(nodes, comments)):
        if rows and paragraph.blank_before:
            rows.append(Row(""))
        rows += block_rows(paragraph.entries[0], indent) if paragraph.is_block else plain_rows(paragraph, indent)
    return rows


def entries(nodes: Sequence[Statement], comments: Sequence[s.Comment]) -> list[Entry]:
    """Statements and the comments between them, in the order of the text."""
    attached, rest = attach(nodes, comments) if comments else ([Attached() for _ in nodes], [])
    found = list[Entry]()
    for node, own in zip(nodes, attached, strict=True):
        found += [Entry(None, c.span, text=c.text) for c in own.above]
        hoist(node, own)
        found += [Entry(None, Span(node.span.source, node.span.start, node.span.start), text=c.text) for c in own.above]
        found.append(Entry(node, node.span, own))
    return found + [Entry(None, c.span, text=c.text) for c in rest]


def hoist(node: Statement, own: Attached) -> None:
    """Leave in `above` the comments from the midst of a statement that its layout has no line end for.

    Their order is kept: of an equation either all stay or none.
    """
    keeps = [kept_inside(node, c) for c in own.inside]
    if not isinstance(node, s.Block) and not all(keeps):
        keeps = [False] * len(keeps)
    own.above = [c for c, kept in zip(own.inside, keeps, strict=True) if not kept]
    own.inside = [c for c, kept in zip(own.inside, keeps, strict=True) if kept]


def kept_inside(node: Statement, comment: s.Comment) -> bool:
    """Whether a comment in the midst of a statement keeps its place: in a body, or between right side and clauses."""
    if isinstance(node, s.Block):
        return comment.span.start >= body_start(node)
    if not isinstance(node, s.Let | s.Vertex | s.Root) or not broken_before_clauses(node):
        return False
    end = node.value.span
    return comment.span.start >= end.end and comment.span.first.line == end.last.line


@dataclass(slots=True)
class Paragraph:
    """Entries without an empty line or a block between them."""

    entries: list[Entry]
    blank_before: bool

    @property
    def is_block(self) -> bool:
        """Whether it is a block."""
        return self.entries[0].is_block


def paragraphs(found: Sequence[Entry]) -> list[Paragraph]:
    """The entries, cut at empty lines and around blocks."""
    result = list[Paragraph]()
    for before, entry in zip([None, *found], found, strict=False):
        blank = before is not None and blank_between(before.span, entry.span)
        if before is None or blank or before.is_block or entry.is_block:
            result.append(Paragraph([entry], blank))
        else:
            result[-1].entries.append(entry)
    return result


def plain_rows(paragraph: Paragraph, indent: int) -> list[Row]:
    """The rows of a paragraph of statements and comments, aligned."""
    nodes = [e.node for e in paragraph.entries if e.node is not None]
    widths = [len(keyword(node)) + 1 for node in nodes if keyword(node) not in UNPADDED]
    names = name_widths(nodes)
    rows = list[Row]()
    for entry in paragraph.entries:
        if entry.node is None:
            rows.append(Row(" " * indent + entry.text))
        else:
            columns = Columns(indent, max(widths, default=0), names.get(id(entry.node), 0))
            rows += commented(rows_of(entry.node, columns), entry)
    align_tails(rows)
    align_comments(rows)
    return rows


def name_widths(nodes: Sequence[Statement]) -> dict[int, int]:
    """For each input, output and net the width of the widest name among its neighbours of the same sort."""
    found, run, sort = dict[int, int](), list[Statement](), ""
    for node in [*nodes, None]:
        own = "" if node is None else "type" if isinstance(node, s.Input | s.Output) else keyword(node)
        if own != sort or node is None:
            found |= dict.fromkeys(map(id, run), max((len(declared(n)) for n in run), default=0))
            run, sort = [], own
        if node is not None and declared(node):
            run.append(node)
    return found


def commented(rows: list[Row], entry: Entry) -> list[Row]:
    """Rows with the comments of their statement at their ends."""
    note([row for row in rows if not row.below][-1], entry.attached.inside)
    note(rows[-1], entry.attached.after)
    return rows


def note(row: Row, comments: Sequence[s.Comment]) -> None:
    """Put comments at the end of a row."""
    if comments:
        row.comment = " ".join(filter(None, [row.comment, *(c.text for c in comments)]))
        row.comment_column = wide_gap_before(comments[0].span)


def block_rows(entry: Entry, indent: int) -> list[Row]:
    """The rows of a block: head, body, closing brace."""
    block = entry.node
    assert isinstance(block, s.Block)
    formals = ", ".join(map(t.formal, block.formals))
    head = Row(f"{' ' * indent}block {block.name.id}({formals}) {{")
    inside = entry.attached.inside
    if inside:
        start = block.span.source.position(body_start(block)).line
        first = block.body[0].span.start if block.body else block.span.end
        is_beside = inside[0].span.first.line == start and inside[0].span.start < first
        note(head, inside[:is_beside])
        inside = inside[is_beside:]
    end = Row(" " * indent + "}")
    note(end, entry.attached.after)
    align_comments([head])
    align_comments([end])
    return [head, *scope(block.body, inside, indent + 2), end]
