"""Tokens that no sentence may hold -> what to say about them."""

import unicodedata

from exnet.language.failure import Failure
from exnet.language.rules import FOREIGN, SLASH, STRING, UNEXPECTED
from exnet.source import Diagnostic, Fix

CHOICE = "instead of a choice write two equations, one with `when` and one with `otherwise` in its head"
FOREIGN_OPERATORS = {
    "&&": "and",
    "&": "and",
    "||": "or",
    "|": "or",
    "!": "not",
    "~": "not",
    "===": "==",
    "!==": "!=",
    "<>": "!=",
    "^": "**",
}
"""Operators of other languages, and what they are called here."""
FOREIGN_SIGNS = {
    ";": ("statements need no `;`", "remove it", ""),
    "->": ("an equation is written with `=`", "write `=`", "="),
    "=>": ("an equation is written with `=`", "write `=`; the comparison is `>=`", ""),
    ":=": ("an equation is written with `=`", "write `=`", "="),
    "..<": ("the end of `a..b` is left out anyway", "write `..`", ".."),
    "...": ("a range is written with two dots", "write `..`, or `..=` to include the end", ""),
    "...=": ("a range that includes its end is written `..=`", "write `..=`", "..="),
}
"""Other signs of other languages: what is said, the help, and the safe edit if there is one."""


def mistake(f: Failure) -> Diagnostic | None:
    """The message about a token that no sentence may hold, if the failure is at one."""
    if f.ended:
        return None
    match f.token.type:
        case "SLASH":
            way_out = "write `//`, which rounds down"
            return SLASH.at(
                f.place, "indices are integers, and `/` is no operator", help=way_out, fix=Fix(f.place, "//")
            )
        case "FOREIGN":
            return foreign(f)
        case "OPEN_STRING":
            return STRING.at(f.place, "a text in quotes ends on the line it begins on", help='write `"` where it ends')
        case "QUOTED":
            return quoted(f)
        case "WRONG_NUMBER":
            return wrong_number(f)
        case "ODD":
            return odd(f)
        case _:
            return None


def foreign(f: Failure) -> Diagnostic:
    """An operator or a sign of another language."""
    text = f.token.text[:40]
    if text == "?":
        return FOREIGN.at(f.place, "`?` is no operator: an expression makes no choices", help=CHOICE)
    if text in FOREIGN_OPERATORS:
        own = FOREIGN_OPERATORS[text]
        edit = own + " " if text in "!~" and not f.token.source.text[f.token.end : f.token.end + 1].isspace() else own
        return FOREIGN.at(f.place, f"`{text}` is no operator", help=f"write `{own}`", fix=Fix(f.place, edit))
    if text in FOREIGN_SIGNS:
        message, way_out, edit = FOREIGN_SIGNS[text]
        return UNEXPECTED.at(f.place, message, help=way_out, fix=Fix(f.place, edit) if edit else None)
    if text in ("++", "+=", "-=", "*=", "/=", "%="):
        return FOREIGN.at(f.place, f"`{text}` is no operator: nothing here ever changes", help="write a new equation")
    return UNEXPECTED.at(f.place, f"`{text}` has no meaning in this language", help="remove it")


def quoted(f: Failure) -> Diagnostic:
    """A text in single quotes."""
    text = f.token.text.strip("'")
    fix = Fix(f.place, f'"{text}"') if f.token.text.endswith("'") and '"' not in text else None
    return UNEXPECTED.at(f.place, "a text stands in double quotes", help='write `"..."`', fix=fix)


def wrong_number(f: Failure) -> Diagnostic:
    """Digits that make no number."""
    text = f.token.text
    if text.startswith("."):
        way_out = f"write `0{text[:20]}`"
    elif text.endswith("."):
        way_out = f"write `{text[:20]}0`, or without the point"
    else:
        way_out = "a number is written `12`, `1_000`, `0.5` or `2e-3`; a name begins with a letter"
    return UNEXPECTED.at(f.place, f"`{text[:40]}` is neither a number nor a name", help=way_out)


def odd(f: Failure) -> Diagnostic:
    """A character that has no place in specs."""
    character = f.token.text[0]
    name = unicodedata.name(character, "").lower()
    shown = f" `{character}`" if character.isprintable() else ""
    what = f"the character{shown} (U+{ord(character):04X}{', ' + name if name else ''}) has no place here"
    if character.isalpha():
        way_out = "names have the letters a to z, digits and `_`; other letters may stand in comments"
    elif character in "\u201c\u201d\u201e":
        way_out = 'write the plain quote `"`'
    elif character in "\u2013\u2014\u2212":
        way_out = "write the plain minus `-`"
    else:
        way_out = "remove it; other characters may stand in comments"
    return UNEXPECTED.at(f.place, what, help=way_out)
