"""One token. It has the one attribute that the parser reads (`type`) and what is needed to make spans."""

from exnet.source import Source, Span


class Token:
    """A word, number, sign or string of a source; `type` names its terminal in the grammar."""

    __slots__ = ("end", "source", "start", "text", "type")

    def __init__(self, type: str, text: str, source: Source, start: int, end: int) -> None:
        self.type = type
        self.text = text
        self.source = source
        self.start = start
        self.end = end

    @property
    def span(self) -> Span:
        """Its characters in the source."""
        return Span(self.source, self.start, self.end)

    @property
    def line(self) -> int:
        """The number of its line, from 1."""
        return self.source.position(self.start).line

    def __repr__(self) -> str:
        return f"Token({self.type}, {self.text!r})"
