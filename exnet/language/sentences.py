"""Where a chunk leaves the grammar -> what to say about it."""

from dataclasses import dataclass

from exnet.language.chunks import Chunk
from exnet.language.rules import UNEXPECTED
from exnet.language.token import Token
from exnet.source import Diagnostic


@dataclass(frozen=True)
class Failure:
    """A chunk, the position of its first token that cannot stand there, and the terminals that could."""

    chunk: Chunk
    at: int
    accepts: frozenset[str]

    @property
    def token(self) -> Token:
        """The token that cannot stand there; at the end of the chunk, the token after it."""
        return self.chunk.tokens[self.at] if self.at < len(self.chunk.tokens) else self.chunk.end


def sentence(failure: Failure) -> Diagnostic:
    """The message about a failure."""
    token = failure.token
    return UNEXPECTED.at(token.span, f"`{token.text}` cannot stand here")
