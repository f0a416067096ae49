"""A source text and places in it. A place is a pair of offsets; line and column are computed when asked for."""

from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple


class Position(NamedTuple):
    """A place as people count it: both numbers start at 1, columns count characters."""

    line: int
    column: int


@dataclass(frozen=True, eq=False)
class Source:
    r"""The text of one file.

    Args:
        name: what messages call it: a path as the user wrote it, or `<text>`.
        text: the whole text, line ends normalised to `\n`, without a byte-order mark.
    """

    name: str
    text: str

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """The offset of the first character of each line."""
        return (0, *(i + 1 for i, c in enumerate(self.text) if c == "\n"))

    def position(self, offset: int) -> Position:
        """The line and column of an offset."""
        line = bisect_right(self.line_starts, offset)
        return Position(line, offset - self.line_starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The text of line `number` (from 1), without its line end."""
        start = self.line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start:] if end < 0 else self.text[start:end]

    def shown(self, span: "Span") -> "Span":
        """The place to name in a message about `span`: elsewhere, if this text was written by a program."""
        return span

    def __repr__(self) -> str:
        return f"Source({self.name!r})"


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """The characters `start <= i < end` of a source."""

    source: Source
    start: int
    end: int

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.source.text[self.start : self.end]

    @property
    def first(self) -> Position:
        """The position of the first character."""
        return self.source.position(self.start)

    @property
    def last(self) -> Position:
        """The position just after the last character."""
        return self.source.position(self.end)

    @property
    def shown(self) -> "Span":
        """The place that people see: this one, or where the program that wrote this text said it."""
        return self.source.shown(self)

    def to(self, other: "Span") -> "Span":
        """The span from the start of this one to the end of `other`."""
        return Span(self.source, self.start, max(self.end, other.end))

    def __repr__(self) -> str:
        line, column = self.first
        return f"Span({self.source.name}:{line}:{column}, {self.text!r})"
