"""Where comments belong: above a statement, at the end of one of its lines, or on a line of their own."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from exnet.language import syntax as s
from exnet.source import Span

BRACE = re.compile(r"#[^\n]*|\{")


class Node(Protocol):
    """Anything that has a place."""

    @property
    def span(self) -> Span:
        """Its place."""
        ...


@dataclass(slots=True)
class Attached:
    """The comments of one statement.

    Args:
        above: on lines of their own before it, among them those that stood in its midst.
        inside: in its midst, where its layout may keep them at a line end.
        after: at the end of its last line.
    """

    above: list[s.Comment] = field(default_factory=list)
    inside: list[s.Comment] = field(default_factory=list)
    after: list[s.Comment] = field(default_factory=list)


def attach(nodes: Sequence[Node], comments: Sequence[s.Comment]) -> tuple[list[Attached], list[s.Comment]]:
    """For each node of a scope its comments, and those that follow the last node. Nothing is lost."""
    attached = [Attached() for _ in nodes]
    rest = list[s.Comment]()
    starts = [node.span.start for node in nodes]
    for comment in comments:
        at = bisect_right(starts, comment.span.start) - 1
        if at >= 0 and comment.span.start < nodes[at].span.end:
            attached[at].inside.append(comment)
        elif at >= 0 and nodes[at].span.last.line == comment.span.first.line:
            attached[at].after.append(comment)
        elif at + 1 < len(nodes):
            attached[at + 1].above.append(comment)
        else:
            rest.append(comment)
    return attached, rest


def body_start(block: s.Block) -> int:
    """The offset just after the `{` of a block."""
    last = block.formals[-1].span if block.formals else block.name.span
    for match in BRACE.finditer(last.source.text, last.end):
        if match.group() == "{":
            return match.end()
    return last.end


def blank_between(before: Span, after: Span) -> bool:
    """Whether an empty line stands between two places of one text."""
    return before.source is after.source and after.first.line - before.last.line > 1
