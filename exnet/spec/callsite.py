"""A place in a user's Python program: the call that said something, and the literals in it.

The call is found by its frame; its text by `linecache`, which knows files, cells of notebooks and, from Python 3.13,
what was typed at the prompt. Where there is no text, file and line are still named.
"""

import ast
import linecache
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from inspect import currentframe
from itertools import islice
from typing import TypeAlias

from exnet.source import Source, Span

Label: TypeAlias = int | str
"""An argument of a call: the position, or the keyword."""


@dataclass(frozen=True, eq=False)
class CallSite:
    """One call.

    Attributes:
        file: the name of its file, as Python says it.
        first, last: lines, from 1.
        start, end: columns in bytes of UTF-8, as Python counts them; None where Python does not know them.
    """

    file: str
    first: int
    last: int
    start: int | None
    end: int | None

    @cached_property
    def span(self) -> Span | None:
        """The whole call; None where there is no text of the program."""
        source = _text(self.file)
        if source is None or not 1 <= self.first <= self.last <= len(source.line_starts):
            return None
        start = _offset(source, self.first, self.start or 0)
        end = _offset(source, self.last, self.end if self.end is not None else sys.maxsize)
        text = source.text[start:end]
        return Span(source, start + len(text) - len(text.lstrip()), start + len(text.rstrip()))

    def argument(self, label: Label) -> Span | None:
        """The place of an argument."""
        found = self._argument(label)
        return None if found is None else self._span_of(found)

    def literal(self, label: Label, value: object, number: int = 0) -> tuple[Span, bool] | None:
        """The place of the literal that gave a value, and whether its characters are those of the value, one by one.

        Args:
            label: the argument in which it stands.
            value: what it gave; a text may also be the name of a keyword.
            number: how many equal ones stand before it in the same argument.
        """
        argument = self._argument(label)
        found = [] if argument is None else list(_equal(argument, value))
        if label == value and isinstance(value, str):
            found = [*(node for node in self._keywords if node.arg == value), *found]
        node = found[min(number, len(found) - 1)] if found else None
        span = None if node is None else self._span_of(node)
        if span is None:
            return None
        if isinstance(node, ast.keyword):
            return Span(span.source, span.start, span.start + len(str(value))), True
        inside = _inside(span, value) if isinstance(value, str) else None
        return (span, False) if inside is None else (inside, True)

    @cached_property
    def _call(self) -> ast.Call | None:
        """The syntax of the call, read from brackets around its text."""
        if self.span is None:
            return None
        try:
            body = ast.parse(f"({self.span.text}\n)", mode="eval").body
        except (SyntaxError, ValueError):
            return None
        return body if isinstance(body, ast.Call) else None

    @property
    def _keywords(self) -> list[ast.keyword]:
        return [] if self._call is None else self._call.keywords

    def _argument(self, label: Label) -> ast.expr | None:
        if self._call is None:
            return None
        if isinstance(label, str):
            return next((keyword.value for keyword in self._keywords if keyword.arg == label), None)
        before = self._call.args[: label + 1]
        if len(before) <= label or any(isinstance(node, ast.Starred) for node in before):
            return None
        return before[label]

    def _span_of(self, node: ast.expr | ast.keyword) -> Span | None:
        if self.span is None or node.end_lineno is None or node.end_col_offset is None:
            return None
        part = Source("", self.span.text)
        start, end = (
            _offset(part, line, column - (1 if line == 1 else 0))
            for line, column in ((node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset))
        )
        return Span(self.span.source, self.span.start + start, self.span.start + end)


def call_site() -> CallSite:
    """The call by which the user's program entered exnet."""
    frame = currentframe()
    while frame is not None and str(frame.f_globals.get("__name__", "")).split(".")[0] == "exnet":
        frame = frame.f_back
    if frame is None:
        return CallSite("<unknown>", 1, 1, None, None)
    linecache.lazycache(frame.f_code.co_filename, frame.f_globals)
    positions = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), (None,) * 4)
    first = positions[0] or frame.f_lineno
    return CallSite(frame.f_code.co_filename, first, max(positions[1] or first, first), positions[2], positions[3])


def _text(file: str) -> Source | None:
    lines = tuple(linecache.getlines(file))
    return _source(file, lines) if lines else None


@cache
def _source(file: str, lines: tuple[str, ...]) -> Source:
    return Source(file, "".join(lines))


def _offset(source: Source, line: int, column: int) -> int:
    """The offset in characters of a column that is counted in bytes of UTF-8."""
    data = source.line(line).encode()[: max(column, 0)]
    return source.line_starts[line - 1] + len(data.decode(errors="replace"))


def _equal(root: ast.expr, value: object) -> Iterator[ast.expr | ast.keyword]:
    """The literals and keywords under a node that say a value, in the order of the text."""
    found = [node for node in ast.walk(root) if isinstance(node, ast.expr | ast.keyword) and _says(node, value)]
    yield from sorted(found, key=lambda node: (node.lineno, node.col_offset))


def _says(node: ast.expr | ast.keyword, value: object) -> bool:
    match node:
        case ast.keyword():
            return node.arg == value
        case ast.Constant():
            return type(node.value) is type(value) and node.value == value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as size)):
            return type(size) is type(value) and -size == value
        case _:
            return False


_OPENING = re.compile(r"[A-Za-z]*(\"\"\"|'''|\"|')")


def _inside(literal: Span, value: str) -> Span | None:
    """The characters of a literal between its quotes, if they are those of its value."""
    opening = _OPENING.match(literal.text)
    if opening is None or literal.text[opening.end() :] != value + opening[1]:
        return None
    start = literal.start + opening.end()
    return Span(literal.source, start, start + len(value))
