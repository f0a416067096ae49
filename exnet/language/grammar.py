"""The grammar, loaded once: `grammar/exnet.lark` as a parser and as the scanner's table of terminals."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from lark import Lark, Transformer

from exnet.language.build import Builder

STARTS = ("file", "header", "statements", "parts", "block_head", "mistake")
PIECES = ("expr", "head", "type", "formal", "share", "arg")
"""What stands alone in a string of the YAML form, or on the command line."""


def grammar_text() -> str:
    """The text of the grammar: the package's resource, or in a source checkout the file beside the package."""
    packaged = files("exnet.language").joinpath("exnet.lark")
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parents[2] / "grammar" / "exnet.lark").read_text(encoding="utf-8")


@cache
def building_parser() -> Lark:
    """The parser that makes nodes of `exnet.language.syntax` while it reads; nothing recurses."""
    return load(Builder())


@cache
def checking_parser() -> Lark:
    """The parser that only says whether a text follows the grammar."""
    return load(None)


def load(transformer: Transformer[object, object] | None) -> Lark:
    """An LALR parser of the grammar that hands every token to the rule that it stands in."""
    return Lark(
        grammar_text(),
        parser="lalr",
        lexer="basic",
        start=[*STARTS, *PIECES],
        keep_all_tokens=True,
        maybe_placeholders=False,
        transformer=transformer,
    )


@cache
def reserved_words() -> dict[str, str]:
    """From each reserved word to the name of its terminal."""
    found = dict[str, str]()
    for terminal in checking_parser().terminals:
        text = terminal.pattern.value
        if terminal.pattern.type == "str" and text.isidentifier():
            found[text] = terminal.name
    return found


@cache
def scanner() -> re.Pattern[str]:
    """One alternative for each terminal that is not a word, in the order of the grammar's priorities."""
    words = set(reserved_words().values())
    terminals = [t for t in checking_parser().terminals if t.name not in words]
    terminals.sort(key=lambda t: -t.priority)
    return re.compile("|".join(f"(?P<{t.name}>{t.pattern.to_regexp()})" for t in terminals))
