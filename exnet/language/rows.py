"""Lines in the making: a text, clauses that may stand beside it, a comment at the end; and their alignment."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 120
KEPT = 80  # a comment column beyond this is not kept
GAP = 2


@dataclass(slots=True)
class Row:
    """One line.

    Args:
        text: what stands first, with its indentation.
        tail: clauses beside it; they are aligned within a paragraph.
        tail_column: where the clauses stood in the source, counted from 0; 0 if they did not stand on that line.
        comment: at the end of the line; comments are aligned within a paragraph.
        comment_column: where the comment stood in the source.
        below: whether these are clauses on a line of their own.
    """

    text: str
    tail: str = ""
    tail_column: int = 0
    comment: str = ""
    comment_column: int = 0
    below: bool = False


def fits(text: str, tail: str = "") -> bool:
    """Whether a text and the clauses beside it are no wider than a line."""
    return len(text) + (GAP + len(tail) if tail else 0) <= WIDTH


def align_tails(rows: Sequence[Row]) -> None:
    """Put the clauses of a paragraph below each other, where the width allows it, and make them part of the text.

    A column that the source used is kept, so that a layout made by hand with wider gaps stays as it is.
    """
    tailed = [row for row in rows if row.tail]
    needed = max((len(row.text) + GAP for row in tailed), default=0)
    widest = max((len(row.tail) for row in tailed), default=0)
    kept = max((row.tail_column for row in tailed), default=0)
    columns = [c for c in (max(needed, kept), needed) if c + widest <= WIDTH]
    for row in tailed:
        column = columns[0] if columns else len(row.text) + GAP
        row.text = row.text.ljust(column) + row.tail
        row.tail = ""


def align_comments(rows: Sequence[Row]) -> None:
    """Put the comments at line ends below each other and make them part of the text."""
    commented = [row for row in rows if row.comment]
    needed = max((len(row.text) + GAP for row in commented), default=0)
    kept = max((row.comment_column for row in commented if row.comment_column <= KEPT), default=0)
    for row in commented:
        row.text = row.text.ljust(max(needed, kept)) + row.comment
        row.comment = ""
