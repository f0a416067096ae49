"""Text to tokens. The scanner never fails: what it cannot read becomes a token of a kind that no rule accepts."""

from dataclasses import dataclass

from exnet.language.grammar import reserved_words, scanner
from exnet.language.syntax import Comment
from exnet.language.token import Token
from exnet.source import Source, Span

LARGEST_TEXT = 250_000  # tokens; ten thousand equations have half as many


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a source, its comments, and its end as a token of its own.

    `excess` is the first token beyond the limit, where the scanner stopped.
    """

    tokens: list[Token]
    comments: tuple[Comment, ...]
    end: Token
    excess: Token | None = None


def scan(source: Source, region: Span | None = None) -> Tokens:
    """All tokens of a text, or of a part of it, in order. Comments are kept apart; white space is dropped."""
    words, tokens, comments = reserved_words(), list[Token](), list[Comment]()
    first, last = (region.start, region.end) if region else (0, len(source.text))
    for match in scanner().finditer(source.text, first, last):
        kind = match.lastgroup or "ODD"
        if kind == "SPACES":
            continue
        text = match.group()
        if kind == "COMMENT":
            comments.append(Comment(text.rstrip(), Span(source, match.start(), match.start() + len(text.rstrip()))))
            continue
        if kind == "NAME":
            kind = words.get(text, "NAME")
        token = Token(kind, text, source, match.start(), match.end())
        if len(tokens) == LARGEST_TEXT:
            return Tokens(tokens, tuple(comments), token, token)
        tokens.append(token)
    return Tokens(tokens, tuple(comments), Token("$END", "", source, last, last))
