"""Phrases that many messages share."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType, UnionType
from typing import Any

from exnet.source import ExnetError, nearest
from exnet.spec.rules import WRONG_PYTHON_VALUE

_MUST: Mapping[str, str] = MappingProxyType(
    {
        "greater_than": "must be greater than {gt}",
        "greater_than_equal": "must be at least {ge}",
        "less_than": "must be less than {lt}",
        "less_than_equal": "must be at most {le}",
        "too_long": "must have at most {max_length} entries",
        "too_short": "must have at least {min_length} entries",
        "finite_number": "must be finite",
        "literal_error": "must be one of {expected}",
        **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), "must be an integer"),
        **dict.fromkeys(("float_type", "float_parsing"), "must be a number"),
        **dict.fromkeys(("bool_type", "bool_parsing"), "must be `true` or `false`"),
    }
)


def listed(words: Iterable[str]) -> str:
    """`a`, `b`, `c`."""
    return ", ".join(f"`{word}`" for word in words)


def suggestion(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """Did you mean the nearest of `known`, if one is near; else `otherwise`."""
    near = nearest(name, known)
    return f"did you mean `{near}`?" if near else otherwise


def must(found: Mapping[str, Any]) -> str:
    """What a value must be, `must be at least 1`, by one of the errors of pydantic's `ValidationError`."""
    return _MUST.get(found["type"], "has another range").format(**found.get("ctx", {}))


def check_given(value: object, kinds: type | UnionType, what: str, wanted: str) -> None:
    """Sees to it that what a program gave as `what` is of one of the kinds.

    Raises:
        ExnetError: EXN470, with `wanted` as the way out.
    """
    if not isinstance(value, kinds):
        raise refused(value, what, wanted)


def refused(value: object, what: str, wanted: str) -> ExnetError:
    """EXN470: a program gave a value that cannot be `what`; the way out is to give `wanted`."""
    shown = repr(value) if value is None or isinstance(value, bool | int | float | str) else type(value).__name__
    return ExnetError(WRONG_PYTHON_VALUE.at(None, f"`{shown[:60]}` is no {what}", help=f"give {wanted}"))
