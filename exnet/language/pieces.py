"""Strings of the language inside another text: each is read alone, where it stands, by the one grammar."""

from collections.abc import Sequence
from typing import Any

from lark.exceptions import UnexpectedToken

from exnet.language.bounds import bracket_bound, literal_bounds
from exnet.language.chunks import STATEMENT_WORDS, Chunk
from exnet.language.failure import CLAUSES, Failure
from exnet.language.grammar import building_parser
from exnet.language.recover import check
from exnet.language.rules import ESCAPED, GOES_ON, LONG_TEXT
from exnet.language.scan import LARGEST_TEXT, scan
from exnet.language.sentences import sentence
from exnet.language.token import Token
from exnet.source import Diagnostic, Source, Span

BEFORE: dict[str, tuple[tuple[str, str], ...]] = {
    "head": (("LET", "let"),),
    "expr": (("CONST", "const"), ("NAME", "it"), ("EQUAL", "=")),
    "side": (("LET", "let"), ("NAME", "it"), ("EQUAL", "=")),
    "type": (("OUTPUT", "output"), ("NAME", "it"), ("COLON", ":")),
    "share": (("LET", "let"), ("NAME", "it"), ("EQUAL", "="), ("NAME", "it")),
}
"""What would stand before a piece in an `.exn` file, so that its mistakes are described as they are there."""
RULES = {"side": "expr"}
ENDS = frozenset({"COMMA", "COLON", "RANGE", "AS", "EQUAL", *CLAUSES, *STATEMENT_WORDS})


class Pieces:
    """Reads pieces of one text; what is wrong gathers in `said`."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.said: list[Diagnostic] = []
        self._count = 0

    def read(self, kind: str, region: Span, prefix: Sequence[Token] = ()) -> Any:
        """The node of a piece, or None after a message.

        Args:
            kind: `head`, `side` (a right side), `expr`, `type`, `formal`, `share` or `arg`.
            region: its characters.
            prefix: tokens of the piece that stand before the region, such as the name of an option.
        """
        deep = bracket_bound(self.source, region)
        if deep:
            return self._say(deep)
        tokens = scan(self.source, region)
        self._count += len(tokens.tokens)
        if self._count > LARGEST_TEXT:
            message = f"the strings of this file have more than {LARGEST_TEXT:,} words and signs"
            return self._say(LONG_TEXT.at(_start(region), message, help="write families with indices"))
        if tokens.comments:
            message, way_out = "a comment stands inside a string of the language", "close the quote before the `#`"
            return self._say(ESCAPED.at(tokens.comments[0].span, message, help=way_out))
        bounds = literal_bounds(tokens.tokens)
        if bounds:
            self.said += bounds
            return None
        return self._parse(kind, [*prefix, *tokens.tokens], tokens.end)

    def tokens(self, region: Span) -> list[Token]:
        """The tokens of a region, for what is a single word."""
        return scan(self.source, region).tokens

    def _parse(self, kind: str, tokens: list[Token], end: Token) -> Any:
        rule = RULES.get(kind, kind)
        try:
            parser: Any = building_parser().parse_interactive(start=rule)
            for token in tokens:
                parser.feed_token(token)
            return parser.feed_token(end)
        except UnexpectedToken:
            return self._say(failure_of(kind, Chunk(rule, tokens, end)))

    def _say(self, diagnostic: Diagnostic) -> None:
        self.said.append(diagnostic)


def failure_of(kind: str, chunk: Chunk) -> Diagnostic:
    """What to say about a piece that is not right: as of a statement, if the mistake is one there too."""
    own = check(chunk)
    assert own is not None, "the checking parser and the building parser have one grammar"
    if own.token.type == "COLON" and ends_before(own):
        return goes_on(own)
    before = [made(*word, chunk) for word in BEFORE.get(kind, ())]
    whole = check(Chunk("statements", [*before, *chunk.tokens], chunk.end)) if before else None
    if whole is not None and whole.at - len(before) <= own.at:
        return sentence(whole)
    return goes_on(own) if ends_before(own) else sentence(own)


def made(kind: str, text: str, chunk: Chunk) -> Token:
    """A token without any characters, at the start of a piece."""
    first = chunk.tokens[0] if chunk.tokens else chunk.end
    return Token(kind, text, first.source, first.start, first.start)


def ends_before(f: Failure) -> bool:
    """Whether a piece is whole before the token that fails, and that token belongs to something else."""
    if f.token.type not in ENDS or f.ended:
        return False
    return check(Chunk(f.chunk.start, f.chunk.tokens[: f.at], f.chunk.end)) is None


def goes_on(f: Failure) -> Diagnostic:
    """The message about a string that holds more than one thing."""
    word = f.token.text
    if f.token.type in CLAUSES:
        way_out = f"`{word}` has a key of its own in the equation"
    elif f.token.type == "EQUAL":
        way_out = "the right side of an equation stands under `is`"
    elif f.token.type in STATEMENT_WORDS:
        way_out = "give every statement a key of its own"
    else:
        way_out = "write one thing here; lists and options are lists and mappings of YAML"
    return GOES_ON.at(f.place, f"this string should end before `{word}`", help=way_out)


def _start(region: Span) -> Span:
    return Span(region.source, region.start, min(region.end, region.start + 40))
