"""A broken text cut into chunks that can be read alone, and what is wrong with the braces between them."""

from dataclasses import dataclass, field

from exnet.language.rules import BRACE, HEADER, MISPLACED
from exnet.language.scan import Tokens
from exnet.language.token import Token
from exnet.source import Diagnostic, Fix, Label, Span, nearest

BODY_WORDS = ("LET", "VERTEX", "YIELD")
FILE_WORDS = (
    *("IMPORT", "CONST", "PARAM", "SPACE", "INPUT", "OUTPUT", "NET", "TOKENISE"),
    *("DEFAULT", "MODE", "LEARN", "ROOT", "BLOCK", "EXNET"),
)
STATEMENT_WORDS = frozenset(BODY_WORDS + FILE_WORDS)
WORDS = tuple(word.lower() for word in sorted(STATEMENT_WORDS))
OPENING = ("LPAR", "LSQB", "LBRACE")
CLOSING = ("RPAR", "RSQB", "RBRACE")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Tokens that are read alone.

    Args:
        start: the rule of the grammar that they must follow.
        tokens: the tokens themselves.
        end: the token that ends the chunk: the next statement's word, a brace, or the end of the text.
    """

    start: str
    tokens: list[Token]
    end: Token


@dataclass(slots=True)
class Cutter:
    """The state of the walk over the tokens."""

    tokens: Tokens
    chunks: list[Chunk] = field(default_factory=list)
    found: list[Diagnostic] = field(default_factory=list)
    current: list[Token] = field(default_factory=list)
    start: str = "file"
    braces: list[Token] = field(default_factory=list)
    depth: int = 0

    @property
    def level(self) -> str:
        """The rule for the statements of the scope that is open."""
        return "parts" if self.braces else "statements"


def split(tokens: Tokens) -> tuple[list[Chunk], list[Diagnostic]]:
    """The chunks of a text, and the mistakes that lie between them."""
    cutter = Cutter(tokens)
    check_header(cutter)
    all_tokens = cutter.tokens.tokens
    lines = [token.line for token in all_tokens]
    for i, token in enumerate(all_tokens):
        before = all_tokens[i - 1] if i else None
        first = before is None or lines[i - 1] != lines[i] or before.type in ("LBRACE", "RBRACE")
        take(cutter, token, i, first)
    cutter.found += [unclosed_brace(brace, tokens.end) for brace in cutter.braces]
    close(cutter, tokens.end, "statements")
    return cutter.chunks, cutter.found


def take(cutter: Cutter, token: Token, i: int, first: bool) -> None:
    """One token: it begins a chunk, ends one, or goes into the current one."""
    following = cutter.tokens.tokens[i + 1] if i + 1 < len(cutter.tokens.tokens) else cutter.tokens.end
    if (first and begins(cutter, token, following)) or (token.type == "BLOCK" and following.type == "NAME"):
        lost_brace(cutter, token, i)
        close(cutter, token, cutter.level)
        enter(cutter, token, i)
    elif token.type == "LBRACE" and opens_block(cutter, following):
        cutter.start = "block_head" if cutter.current and cutter.current[0].type == "BLOCK" else cutter.start
        close(cutter, token, "parts")
        cutter.braces.append(token)
        return
    elif token.type == "RBRACE" and cutter.depth == 0:
        right_brace(cutter, token)
        return
    cutter.depth += (token.type == "LBRACE") - (token.type == "RBRACE")
    cutter.current.append(token)


def begins(cutter: Cutter, token: Token, following: Token) -> bool:
    """Whether the first token of a line begins a statement, be it misspelt."""
    if token.type in STATEMENT_WORDS:
        return True
    if token.type != "NAME" or following.type not in ("NAME", "STRING", "VERTEX"):
        return False
    return nearest(token.text, WORDS) is not None or brackets_closed(cutter.current)


def brackets_closed(tokens: list[Token]) -> bool:
    """Whether all brackets of a run of tokens are closed."""
    return sum((t.type in OPENING) - (t.type in CLOSING) for t in tokens) <= 0


def opens_block(cutter: Cutter, following: Token) -> bool:
    """Whether `{` begins the body of a block."""
    return bool(cutter.current and cutter.current[0].type == "BLOCK") or following.type in BODY_WORDS


def close(cutter: Cutter, end: Token, start: str) -> None:
    """End the current chunk; the next one follows the rule `start`."""
    if cutter.current:
        cutter.chunks.append(Chunk(cutter.start, cutter.current, end))
    cutter.current, cutter.start, cutter.depth = [], start, 0


def enter(cutter: Cutter, token: Token, i: int) -> None:
    """A statement word was met: does it belong where it stands?"""
    if token.type == "EXNET":
        cutter.start = "file"
        if i == 0:
            return
        cutter.found.append(misplaced(token, "`exnet` can only stand at the head of the file"))
    elif cutter.braces and token.type in FILE_WORDS:
        if closes_later(cutter.tokens.tokens, i, len(cutter.braces)):
            cutter.found.append(misplaced(token, f"`{token.text}` cannot stand inside a block"))
        else:
            cutter.found.append(unclosed_brace(cutter.braces.pop(), token))
        cutter.start = "statements"
    elif not cutter.braces and token.type == "YIELD":
        cutter.found.append(misplaced(token, "`yield` can only stand inside a block"))
        cutter.start = "parts"


def lost_brace(cutter: Cutter, token: Token, i: int) -> None:
    """The head of a block without `{`, and its first statement: go on as if the brace were there."""
    head = cutter.current
    if head and head[0].type == "BLOCK" and token.type in BODY_WORDS and closes_later(cutter.tokens.tokens, i, 1):
        gap = Span(head[-1].source, head[-1].end, head[-1].end)
        cutter.found.append(BRACE.at(gap, "`{` is missing after the head of the block", help="write `{` here"))
        cutter.start = "block_head"
        cutter.chunks.append(Chunk("block_head", head, token))
        cutter.current = []
        cutter.braces.append(head[0])


def closes_later(tokens: list[Token], i: int, depth: int) -> bool:
    """Whether enough `}` follow to close what is open."""
    for token in tokens[i:]:
        depth += (token.type == "LBRACE") - (token.type == "RBRACE")
        if depth == 0:
            return True
    return False


def right_brace(cutter: Cutter, token: Token) -> None:
    """`}` ends a block, or closes nothing."""
    head = cutter.current[0] if cutter.current else None
    if cutter.braces:
        cutter.braces.pop()
    elif head is not None and head.type == "BLOCK":
        cutter.start = "block_head"
    else:
        message = "`}` closes nothing: no block is open here"
        cutter.found.append(BRACE.at(token.span, message, help="remove it, or put `{` after the head of the block"))
    close(cutter, token, cutter.level)


def unclosed_brace(brace: Token, end: Token) -> Diagnostic:
    """The message about a block without its end."""
    where = f"before `{end.text}`" if end.text else "before the end of the file"
    return BRACE.at(
        brace.span,
        f"`{{` of line {brace.span.shown.first.line} is not closed {where}",
        help="write `}` after the `yield` of the block",
        labels=(Label(end.span, "the block should end before this"),) if end.text else (),
    )


def misplaced(token: Token, message: str) -> Diagnostic:
    """The message about a statement in the wrong scope."""
    helps = {"yield": "remove it, or use `root`", "exnet": "remove this line, or move it to a file of its own"}
    return MISPLACED.at(token.span, message, help=helps.get(token.text, "move it to the level of the file"))


def check_header(cutter: Cutter) -> None:
    """A file begins with `exnet NAME`."""
    first = cutter.tokens.tokens[0] if cutter.tokens.tokens else cutter.tokens.end
    if first.type == "EXNET":
        return
    cutter.start = "statements"
    if first.type == "NAME" and nearest(first.text, ("exnet",)) == "exnet":
        fix = Fix(first.span, "exnet")
        message = f"`{first.text}`: a file begins with `exnet` and its name"
        cutter.found.append(HEADER.at(first.span, message, help="did you mean `exnet`?", fix=fix))
        cutter.tokens = Tokens(cutter.tokens.tokens[2:], cutter.tokens.comments, cutter.tokens.end)
        return
    message = "a file begins with `exnet` and its name"
    cutter.found.append(HEADER.at(first.span, message, help="write a first line such as `exnet my_net`"))
    if first.type == "NAME" and (len(cutter.tokens.tokens) == 1 or cutter.tokens.tokens[1].type in STATEMENT_WORDS):
        cutter.tokens = Tokens(cutter.tokens.tokens[1:], cutter.tokens.comments, cutter.tokens.end)  # a name alone
