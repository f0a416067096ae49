"""Text as a terminal may show it: no control codes, no reordering marks, no halves of characters; known widths."""

import unicodedata

TAB = "    "
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """The text with each character that cannot be seen replaced by its number, such as `<U+202E>`."""
    return text if text.isascii() and text.isprintable() else "".join(map(shown, text))


def shown(character: str) -> str:
    """What is drawn for one character."""
    if character == "\t":
        return TAB
    if unicodedata.category(character) in HIDDEN:
        return f"<U+{ord(character):04X}>"
    return character


def width(text: str) -> int:
    """How many columns a visible text takes: wide characters two, combining ones none."""
    return len(text) if text.isascii() else sum(map(character_width, text))


def character_width(character: str) -> int:
    """How many columns one character takes."""
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
