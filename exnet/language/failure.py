"""The place where a chunk leaves the grammar, and what stands around it."""

from dataclasses import dataclass
from functools import cached_property

from exnet.language.chunks import CLOSING, OPENING, STATEMENT_WORDS, Chunk
from exnet.language.token import Token
from exnet.source import Span

EXPRESSION = frozenset({"INT", "FLOAT", "STRING", "TRUE", "FALSE", "SLOT", "NAME", "LPAR", "LSQB", "MINUS", "NOT"})
VALUES = frozenset({"INT", "FLOAT", "STRING", "TRUE", "FALSE", "SLOT", "NAME"})
CLAUSES = frozenset({"SHARE", "PER", "WITH"})
MATCHING: dict[str, str] = dict(zip(OPENING, CLOSING, strict=True))


@dataclass(frozen=True)
class Failure:
    """A chunk, the position of its first token that cannot stand there, and the terminals that could."""

    chunk: Chunk
    at: int
    accepts: frozenset[str]

    @cached_property
    def token(self) -> Token:
        """The token that cannot stand there; where the chunk stops too early, the token after it."""
        return self.chunk.tokens[self.at] if self.at < len(self.chunk.tokens) else self.chunk.end

    @property
    def ended(self) -> bool:
        """Whether the chunk stops too early."""
        return self.at >= len(self.chunk.tokens)

    @cached_property
    def before(self) -> Token | None:
        """The token before."""
        return self.chunk.tokens[self.at - 1] if self.at else None

    def after(self, distance: int = 1) -> Token:
        """A token further on."""
        at = self.at + distance
        return self.chunk.tokens[at] if at < len(self.chunk.tokens) else self.chunk.end

    @cached_property
    def place(self) -> Span:
        """What to underline: the token, or the gap after the last token of a chunk that stops too early."""
        if self.ended and self.before is not None:
            return Span(self.before.source, self.before.end, self.before.end)
        return Span(self.token.source, self.token.start, min(self.token.end, self.token.start + 80))

    @cached_property
    def open(self) -> tuple[Token, ...]:
        """The brackets that are open, the innermost last."""
        stack = list[Token]()
        for token in self.chunk.tokens[: self.at]:
            if token.type in OPENING:
                stack.append(token)
            elif token.type in CLOSING and stack:
                stack.pop()
        return tuple(stack)

    @cached_property
    def statement(self) -> str:
        """The word of the statement that is being read, or the empty string."""
        words = [t for t in self.chunk.tokens[: self.at] if t.type in STATEMENT_WORDS]
        return words[0].text if words else ""

    @property
    def first_of_line(self) -> bool:
        """Whether the token is the first of its line."""
        return self.before is None or self.before.line != self.token.line

    @property
    def wants_expression(self) -> bool:
        """Whether an expression could begin here."""
        return "INT" in self.accepts and "LPAR" in self.accepts

    @property
    def statement_complete(self) -> bool:
        """Whether a new statement could begin here."""
        return "LET" in self.accepts or "YIELD" in self.accepts

    def since_bracket(self, kind: str) -> bool:
        """Whether a token of a kind stands between the innermost open bracket and the failure."""
        if not self.open:
            return False
        return any(t.type == kind and t.start > self.open[-1].start for t in self.chunk.tokens[: self.at])

    def where(self) -> str:
        """Before what the chunk stops too early."""
        return f"before `{self.token.text}`" if self.token.text else "before the end of the text"
