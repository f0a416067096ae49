"""Recovery: a text that does not follow the grammar is cut into chunks, and each chunk is read alone.

A chunk begins at a statement word that is the first of its line, whatever brackets are open, or after a brace. So one
mistake costs one statement, and independent mistakes are all reported. Braces are balanced apart from that.
"""

from collections.abc import Iterable
from typing import Any

from lark.exceptions import UnexpectedToken

from exnet.language.chunks import Chunk, split
from exnet.language.failure import Failure
from exnet.language.grammar import checking_parser
from exnet.language.scan import Tokens
from exnet.language.sentences import sentence
from exnet.language.token import Token
from exnet.source import Diagnostic

SHOWN = 100  # messages about one text


def file_errors(tokens: Tokens, bounds: Iterable[Diagnostic] = ()) -> tuple[Diagnostic, ...]:
    """All independent syntax errors of a file, in the order of the text."""
    chunks, frame = split(tokens)
    found = [*bounds, *frame]
    for chunk in chunks:
        failure = check(chunk)
        if failure is not None:
            found.append(sentence(failure))
        if len(found) >= SHOWN:
            break
    return in_order(found or whole(tokens))


def whole(tokens: Tokens) -> list[Diagnostic]:
    """The first error of a text whose chunks are right, each for itself."""
    failure = check(Chunk("file", tokens.tokens, tokens.end))
    return [sentence(failure)] if failure else []


def expression_errors(tokens: Tokens, bounds: Iterable[Diagnostic] = ()) -> tuple[Diagnostic, ...]:
    """The syntax error of an expression that stands alone."""
    failure = check(Chunk("expr", tokens.tokens, tokens.end))
    return in_order([*bounds, *([sentence(failure)] if failure else [])])


def check(chunk: Chunk) -> Failure | None:
    """Where a chunk leaves the grammar, or None."""
    parser: Any = checking_parser().parse_interactive(start=chunk.start)
    for i, token in enumerate([*chunk.tokens, Token("$END", "", chunk.end.source, chunk.end.start, chunk.end.end)]):
        try:
            parser.feed_token(token)
        except UnexpectedToken:
            return Failure(chunk, i, frozenset(parser.accepts()))
    return None


def in_order(found: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The first ones by place; those without a place lead."""
    return tuple(sorted(found, key=lambda d: d.span.start if d.span else -1)[:SHOWN])
