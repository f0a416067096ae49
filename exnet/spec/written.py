"""Statements that a program wrote: the text of each, and where every word of it was said.

A *piece* is what the program gave: a name, an expression, a clause. It must be one piece of the language, so that it
cannot bring in anything that its place does not show. Between the pieces stands what the builder adds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from exnet.language import syntax
from exnet.source import Diagnostic, Source, Span
from exnet.spec.callsite import CallSite, Label
from exnet.spec.rules import NOT_ONE_PIECE
from exnet.spec.walk import nodes


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """`text` at `start` of its statement, said in argument `label` of `site` as `value`; `number` equal ones before it.

    `what` says what it must be, for the message if it is not: `an expression`.
    """

    text: str
    start: int
    what: str
    site: CallSite
    label: Label
    value: object
    number: int

    @property
    def end(self) -> int:
        """Just after it."""
        return self.start + len(self.text)

    def place(self, start: int, end: int) -> Span | None:
        """Where the characters from `start` to `end` of the statement were said, as exactly as can be."""
        found = self.site.literal(self.label, self.value, self.number)
        if found is None:
            return self.site.argument(self.label) or self.site.span
        span, exact = found
        if not exact:
            return span
        first, last = (min(max(at - self.start, 0), len(self.text)) for at in (start, end))
        return Span(span.source, span.start + first, span.start + max(last, first))


@dataclass(eq=False)
class Statement:
    """One statement while it is written."""

    site: CallSite
    text: str = ""
    pieces: list[Piece] = field(default_factory=list[Piece])
    wrong: list[Diagnostic] = field(default_factory=list[Diagnostic])

    def glue(self, text: str) -> "Statement":
        """Adds what the builder itself writes."""
        self.text += text
        return self

    def piece(self, text: str, what: str, label: Label, value: object, site: CallSite | None = None) -> "Statement":
        """Adds what the program gave. Line ends count as spaces, so that a statement stays on its line."""
        site = site or self.site
        plain = text.replace("\r", " ").replace("\n", " ")
        equal = [p for p in self.pieces if p.site is site and p.label == label and p.value == value]
        self.pieces.append(Piece(plain, len(self.text), what, site, label, value, len(equal)))
        self.text += plain
        return self

    def place(self, start: int, end: int) -> Span | None:
        """Where a part of the statement was said: its pieces from the first to the last that it touches."""
        touched = [p for p in self.pieces if (p.start < end and p.end > start) or p.start <= start == end <= p.end]
        if start == 0 and end >= len(self.text):
            return self.site.span
        if not touched:
            before = [p for p in self.pieces if p.end <= start]
            return before[-1].place(before[-1].start, before[-1].end) if before else self.site.span
        first, last = touched[0].place(start, end), touched[-1].place(start, end)
        if first is None or last is None or first.source is not last.source or last.end < first.start:
            return first
        return first.to(last)


@dataclass(frozen=True, eq=False, repr=False)
class WrittenSource(Source):
    """The text of some statements, one on each line; messages about it name the program's own lines."""

    statements: tuple[tuple[int, Statement], ...] = ()

    def shown(self, span: Span) -> Span:
        """Where a place was said. Without the program's text: its file and line, and the statement as it reads."""
        start, statement = next(((s, w) for s, w in reversed(self.statements) if s <= span.start), self.statements[0])
        place = statement.place(span.start - start, span.end - start)
        return place or _unseen(statement, span.start - start, span.end - start)


def written(name: str, statements: Sequence[Statement]) -> WrittenSource:
    """The text of all statements, each on a line of its own, with an empty line between paragraphs."""
    text, placed, before, inside = "", list[tuple[int, Statement]](), None, False
    for statement in statements:
        kind = _PARAGRAPHS.get(statement.text.split(None, 1)[0], before)
        text += "\n" if placed and not inside and kind != before else ""
        placed.append((len(text), statement))
        text += f"{statement.text}\n"
        inside = statement.text.endswith("{") or (inside and statement.text != "}")
        before = kind
    return WrittenSource(name, text, tuple(placed))


_PARAGRAPHS = {
    **dict.fromkeys(("const", "param", "space"), 0),
    **dict.fromkeys(("input", "output"), 1),
    **dict.fromkeys(("net", "tokenise", "default"), 2),
    **dict.fromkeys(("let", "vertex", "root"), 3),
    **dict.fromkeys(("mode", "learn"), 4),
    "block": 5,
}
"""Statements that stand together, by their first word."""


def strange_pieces(source: WrittenSource, file: syntax.File) -> list[Diagnostic]:
    """The pieces that are not one piece of the language."""
    whole = {(node.span.start, node.span.end) for node in nodes((file.name, file.statements))}
    whole |= {_after_keyword(node) for node in nodes(file.statements) if isinstance(node, syntax.Share | syntax.Per)}
    said = list[Diagnostic]()
    for at, statement in source.statements:
        for piece in statement.pieces:
            text = piece.text.strip()
            start = at + piece.start + len(piece.text) - len(piece.text.lstrip())
            if piece.what == "a path" or (start, start + len(text)) in whole:
                continue
            message = f"`{text}` is not {piece.what}" if text else f"an empty text is not {piece.what}"
            place = Span(source, start, start + len(text))
            said.append(NOT_ONE_PIECE.at(place, message, help="give what belongs to other arguments there"))
            break  # the pieces behind it may have been swallowed
    return said


def _after_keyword(clause: syntax.Share | syntax.Per) -> tuple[int, int]:
    """What follows the word `share` or `per`."""
    text = clause.span.text
    rest = text[5 if isinstance(clause, syntax.Share) else 3 :]
    return clause.span.end - len(rest.lstrip()), clause.span.end


def _unseen(statement: Statement, start: int, end: int) -> Span:
    first = statement.site.first - 1
    return Span(Source(statement.site.file, "\n" * first + statement.text), first + start, first + end)
