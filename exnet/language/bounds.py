"""Bounds on a text that keep every later stage short: nesting, size of literals, length of names."""

import re
from collections.abc import Iterable, Iterator, Sequence
from math import isinf
from typing import Any

from exnet.language.rules import LONG_NAME, LONG_TEXT, NESTING, NUMBER
from exnet.language.scan import LARGEST_TEXT, Tokens
from exnet.language.token import Token
from exnet.source import Diagnostic, Source, Span

BRACKETS = 64  # open brackets at any place
DEPTH = 128  # nodes above each other in the tree of a statement; a bracket is a node and so is an operator
LARGEST = 2**62
NAME_LENGTH = 256
SHOWN = 50  # messages of one kind
SKIMMED = re.compile(r"#[^\n]*|\"[^\"\n]*\"?|[(\[{]|[)\]}]")


def bracket_bound(source: Source, region: Span | None = None) -> Diagnostic | None:
    """The first bracket of a text, or of a part of it, that is nested too deep, found before anything is built."""
    depth = 0
    first, last = (region.start, region.end) if region else (0, len(source.text))
    for match in SKIMMED.finditer(source.text, first, last):
        sign = match.group()
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth = max(depth - 1, 0)
        if depth > BRACKETS:
            place = Span(source, match.start(), match.end())
            return NESTING.at(
                place,
                f"more than {BRACKETS} brackets are open here",
                help="close the brackets, or give the inner part a name with `let`",
            )
    return None


def length_bound(tokens: Tokens) -> Diagnostic | None:
    """The place where a text passes the number of tokens that a file may have."""
    if tokens.excess is None:
        return None
    message = f"this text has more than {LARGEST_TEXT:,} words and signs"
    return LONG_TEXT.at(head_of(tokens.excess), message, help="write families with indices instead of single vertices")


def literal_bounds(tokens: Sequence[Token]) -> tuple[Diagnostic, ...]:
    """Numbers that no later stage could hold, and names that nobody could read."""
    found = list[Diagnostic]()
    for token in tokens:
        if len(token.text) <= 18:
            if token.type == "FLOAT" and isinf(float(token.text.replace("_", ""))):
                found.append(too_large(token))
        elif token.type == "NAME" and len(token.text) > NAME_LENGTH:
            message = f"this name has {len(token.text)} characters; the limit is {NAME_LENGTH}"
            found.append(LONG_NAME.at(head_of(token), message, help="choose a shorter name"))
        elif token.type in ("INT", "FLOAT") and beyond(token):
            found.append(too_large(token))
    return tuple(found[:SHOWN])


def beyond(token: Token) -> bool:
    """Whether a number token is larger than the language's numbers."""
    digits = token.text.replace("_", "")
    if token.type == "FLOAT":
        return len(digits) > 400 or isinf(float(digits))
    return len(digits.lstrip("0")) > 19 or int(digits[-40:]) > LARGEST


def too_large(token: Token) -> Diagnostic:
    """The message about a number beyond the bounds."""
    largest = "2^62" if token.type == "INT" else "1.8e308"
    return NUMBER.at(head_of(token), f"this number is beyond {largest}", help="write a smaller number")


def head_of(token: Token) -> Span:
    """The first characters of a token, as many as a line can show."""
    return Span(token.source, token.start, min(token.end, token.start + 40))


def depth_bound(statements: Iterable[object]) -> Diagnostic | None:
    """The first expression whose tree is too deep, such as a sum of hundreds of terms."""
    for statement in statements:
        span = statement.span  # type: ignore[attr-defined]
        if span.end - span.start <= DEPTH:  # a level takes at least one character
            continue
        for node, depth in walk(statement):
            if depth > DEPTH:
                message = f"this expression is nested more than {DEPTH} deep"
                return NESTING.at(node.span, message, help="give a part of it a name with `const` or `let`")
    return None


def walk(root: Any) -> Iterator[tuple[Any, int]]:
    """All nodes below a node with their depth, without recursion."""
    stack = [(root, 1)]
    while stack:
        node, depth = stack.pop()
        yield node, depth
        for name in node.__slots__:
            value = getattr(node, name)
            if isinstance(value, tuple):
                stack.extend((item, depth + 1) for item in value if hasattr(item, "span"))
            elif name != "span" and hasattr(value, "span"):
                stack.append((value, depth + 1))
