"""Phrases that many messages share."""

from collections.abc import Iterable

from exnet.source import nearest


def listed(words: Iterable[str]) -> str:
    """`a`, `b`, `c`."""
    return ", ".join(f"`{word}`" for word in words)


def suggestion(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """Did you mean the nearest of `known`, if one is near; else `otherwise`."""
    near = nearest(name, known)
    return f"did you mean `{near}`?" if near else otherwise
