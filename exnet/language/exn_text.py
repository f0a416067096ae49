"""A file that was not read from `.exn` text, written as such: statements in their order, with their comments."""

from collections.abc import Sequence
from dataclasses import replace

from exnet.language import syntax as s
from exnet.language import text as t
from exnet.language.format import format_file
from exnet.language.layout import Columns, Header, rows_of
from exnet.language.parse import parse_exn
from exnet.language.placed import Placed, placed
from exnet.source import Source

PARAGRAPHS: tuple[tuple[type, ...], ...] = (
    (s.Import,),
    (s.Settings,),
    (s.Input, s.Output),
    (s.Net, s.Tokenise, s.Default),
    (s.Let, s.Vertex, s.Root),
    (s.Mode, s.Learn),
)
"""Statements that need no empty line between them."""


def exn_text(file: s.File) -> str:
    """The canonical `.exn` text of a file, whatever form it was read from."""
    first = Header(file.name, file.edition, file.name.span)
    nodes: list[s.Statement | Header] = [first, *(part for x in file.statements for part in split(x, file.comments))]
    found, rest = placed(nodes, file.comments)
    header = next(one for one in found if one.node is first)
    header.above[:] = filter(None, header.above)
    lines = [*header.above, *statement_lines(header)]
    others = [one for one in found if one is not header]
    for before, one in zip([None, *others], others, strict=False):
        if "" not in one.above and not together(before, one):
            lines.append("")
        lines += [*one.above, *statement_lines(one)]
    source = Source("<converted>", "\n".join([*lines, *rest]).lstrip("\n") + "\n")
    return format_file(parse_exn(source).unwrap())


def split(statement: s.Statement, comments: Sequence[s.Comment]) -> list[s.Statement]:
    """Settings that have comments between them, one by one; any other statement as it is."""
    if not isinstance(statement, s.Settings) or len(statement.settings) == 1:
        return [statement]
    first, last = statement.settings[0].span.start, statement.span.end
    if not any(first <= c.span.start < last for c in comments):
        return [statement]
    return [replace(statement, settings=(one,), span=one.span) for one in statement.settings]


def together(before: Placed[s.Statement | Header] | None, one: Placed[s.Statement | Header]) -> bool:
    """Whether two statements belong to one paragraph."""
    if before is None:
        return False
    return any(isinstance(before.node, kinds) and isinstance(one.node, kinds) for kinds in PARAGRAPHS)


def statement_lines(one: Placed[s.Statement | s.Yield | Header], indent: int = 0) -> list[str]:
    """The lines of a statement; their layout is not yet the canonical one."""
    if isinstance(one.node, s.Block):
        lines = block_lines(one.node, one.inside)
    else:
        lines = [f"{row.text} {row.tail}".rstrip() for row in rows_of(one.node, Columns(indent, 0))]
    lines[-1] += "".join(f"  {comment}" for comment in one.after)
    return lines


def block_lines(block: s.Block, comments: Sequence[s.Comment]) -> list[str]:
    """The lines of a block."""
    found, rest = placed(block.body, comments)
    lines = [f"block {block.name.id}({', '.join(map(t.formal, block.formals))}) {{"]
    for i, one in enumerate(found):
        above = one.above if i else [*filter(None, one.above)]
        lines += [*(f"  {line}".rstrip() for line in above), *statement_lines(one, 2)]
    return [*lines, *(f"  {line}" for line in rest if line), "}"]
