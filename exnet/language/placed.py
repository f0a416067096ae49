"""Statements with what stands around them, for writers that lay a file out anew: comments and empty lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from exnet.language import syntax as s
from exnet.language.trivia import Node, attach
from exnet.source import Span

N = TypeVar("N", bound=Node)
Covariant = TypeVar("Covariant", bound=Node, covariant=True)
EMPTY_LINE = re.compile(r"\n[ \t]*\n")


@dataclass(frozen=True, slots=True)
class Placed(Generic[Covariant]):
    """A statement, the lines above it (comments, and "" for an empty line), and the comments at its end.

    `inside` holds the comments of a block that stand in its body.
    """

    node: Covariant
    above: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    inside: list[s.Comment] = field(default_factory=list)


def placed(nodes: Sequence[N], comments: Sequence[s.Comment]) -> tuple[list[Placed[N]], list[str]]:
    """Statements in the order of the text, and the lines after the last one.

    A comment belongs to the statement that it stands above or beside; one in the midst of a statement stands above it.
    """
    nodes = sorted(nodes, key=lambda node: node.span.start)
    attached, rest = attach(nodes, comments)
    found, before = list[Placed[N]](), None
    for node, own in zip(nodes, attached, strict=True):
        above, before = _lines(own.above, before)
        above += [""] if _apart(before, node.span) else []
        keeps = isinstance(node, s.Block)
        above += [] if keeps else [c.text for c in own.inside]
        found.append(Placed(node, above, [c.text for c in own.after], own.inside if keeps else []))
        before = own.after[-1].span if own.after else node.span
    return found, _lines(rest, before)[0]


def _lines(comments: Sequence[s.Comment], before: Span | None) -> tuple[list[str], Span | None]:
    """Comments with the empty lines before them, and the place that they end at."""
    lines = list[str]()
    for comment in comments:
        lines += ["", comment.text] if _apart(before, comment.span) else [comment.text]
        before = comment.span
    return lines, before


def _apart(before: Span | None, after: Span) -> bool:
    """Whether an empty line stands between two places of one text."""
    if before is None or before.source is not after.source:
        return False
    return EMPTY_LINE.search(before.source.text, before.end, after.start) is not None
