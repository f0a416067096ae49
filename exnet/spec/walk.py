"""What a piece of syntax mentions."""

from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from typing import Any

from exnet.language import syntax


def nodes(root: object) -> Iterator[Any]:
    """Every syntax node in `root`, itself included, in the order of the text."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple):
            stack.extend(reversed(node))
        elif names := _fields(type(node)):
            yield node
            stack.extend(getattr(node, name) for name in reversed(names))


@cache
def _fields(kind: type) -> tuple[str, ...]:
    if kind.__module__ != syntax.__name__:
        return ()
    return tuple(field.name for field in fields(kind) if field.name != "span")


def used_names(expr: object) -> Iterator[syntax.Name]:
    """The names that stand as values in an expression: not functions, not names of options."""
    skipped = set[int]()
    for node in nodes(expr):
        if isinstance(node, syntax.Call):
            skipped.add(id(node.function))
        elif isinstance(node, syntax.Arg):
            skipped.add(id(node.name))
        elif isinstance(node, syntax.Name) and id(node) not in skipped:
            yield node


def called_names(root: object) -> set[str]:
    """The names that are applied somewhere in `root`: blocks and functions."""
    return {node.function.id for node in nodes(root) if isinstance(node, syntax.Call)}
