"""How wide a text will be, without a font: estimates that err on the wide side, so that boxes fit their text.

The advance widths, in ems, are roughly those of DejaVu Sans, the widest of the usual sans-serif fonts.
"""

SANS = "Helvetica, Arial, 'DejaVu Sans', sans-serif"
MONO = "ui-monospace, 'SFMono-Regular', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
BOLD = 1.14
"""How much wider bold letters are."""
_MONO = 0.605
_WIDE = 1.0
_GROUPS = {
    "iljI|'.,:; ": 0.335,
    'ftr()[]/\\-!"': 0.42,
    "mw%@MW": 1.0,
    "=+<>~#^": 0.84,
    "ABCDEFGHJKLNOPQRSTUVXYZ_&": 0.79,
}
_ADVANCE = {character: width for characters, width in _GROUPS.items() for character in characters}
_USUAL = 0.64


def text_width(text: str, size: float, *, bold: bool = False, mono: bool = False) -> float:
    """The width of one line in pixels at a font size."""
    ems = sum(_advance(character, mono) for character in text)
    return ems * size * (BOLD if bold and not mono else 1.0)


def _advance(character: str, mono: bool) -> float:
    if ord(character) >= 0x1100:
        return _WIDE
    return _MONO if mono else _ADVANCE.get(character, _USUAL)
