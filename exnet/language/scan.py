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


def scan(source: Source) -> Tokens:
    """All tokens in the order of the text. Comments are kept apart; white space is dropped."""
    words, tokens, comments = reserved_words(), list[Token](), list[Comment]()
    for match in scanner().finditer(source.text):
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
    at = len(source.text)
    return Tokens(tokens, tuple(comments), Token("$END", "", source, at, at))
