"""How values of options are written: plain, in double quotes where a comma or bracket is part of them, or as a list.

target=species        folder: "a, b"        drop: [id, "first name"]
"""

import re
from typing import Annotated

from pydantic import BeforeValidator

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PIECE = re.compile(rf'(?:{_QUOTED}|\[(?:{_QUOTED}|[^"\]])*\]|[^,"\[]|(?<=[^=:\s\[,])\[)*', re.DOTALL)
_WHOLE_QUOTED = re.compile(_QUOTED, re.DOTALL)


def pieces(text: str) -> list[str]:
    """The text between commas that stand outside quotes and lists, without blanks around it.

    Raises:
        ValueError: a quote or a list is not closed; its argument is the text from there on.
    """
    found, at = list[str](), 0
    while at <= len(text):
        match = _PIECE.match(text, at)
        end = match.end() if match else at
        if end < len(text) and text[end] != ",":
            raise ValueError(text[end:])
        found.append(text[at:end].strip())
        at = end + 1
    return found


def unquoted(text: str) -> str:
    r"""The value that a text writes: without the quotes around it, `\"` and `\\` in them read."""
    text = text.strip()
    return re.sub(r'\\(["\\])', r"\1", text[1:-1]) if _WHOLE_QUOTED.fullmatch(text) else text


def listed(value: object) -> object:
    """The tuple of names that a text writes: a list in square brackets, or one name. Other values stay."""
    if isinstance(value, list):
        return tuple(value)
    if not isinstance(value, str):
        return value
    text = value.strip()
    if text.startswith("[") and text.endswith("]"):
        return tuple(unquoted(piece) for piece in pieces(text[1:-1]) if piece)
    return (unquoted(text),) if text else ()


Names = Annotated[tuple[str, ...], BeforeValidator(listed)]
"""Names of columns or arrays."""
