"""Colours and letters of all pictures, for light and for dark surroundings.

Rules are written out twice instead of using variables, which programs that convert SVG do not know. Every class begins
with `xn-`, so that a picture inside a page leaves the page alone. Series have the colours of Okabe and Ito, which
people with any kind of colour vision tell apart; levels run through a ramp whose lightness rises evenly.
"""

from colorsys import hls_to_rgb

from exnet.view.fonts import MONO, SANS

SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#b8a800")
"""Colours of unlike things."""
RAMP = ((68, 1, 84), (65, 68, 135), (42, 120, 142), (34, 168, 132), (122, 209, 81), (210, 200, 40))
"""Colours of things in an order, lowest first."""

_LETTERS = f"""\
text{{font-family:{SANS};font-size:12px}}
.xn-name{{font-size:14px;font-weight:bold}}
.xn-panel{{font-size:13px;font-weight:bold}}
.xn-head{{font-size:17px;font-weight:bold}}
.xn-code{{font-family:{MONO};font-size:11px}}
.xn-small{{font-size:11px}}
.xn-frame{{stroke-dasharray:5 4}}
.xn-arrow,.xn-back,.xn-link,.xn-axis,.xn-grid,.xn-line{{fill:none}}
.xn-arrow,.xn-back{{stroke-width:1.3}}
.xn-root{{stroke-width:2.6}}
.xn-link{{stroke-width:1}}
.xn-line{{stroke-width:1.8;stroke-linejoin:round}}
.xn-thin{{stroke-width:.8;stroke-opacity:.55}}
.xn-dashed{{stroke-dasharray:5 3}}
.xn-band{{fill-opacity:.16;stroke:none}}
"""
_LIGHT = {
    "ground": "fill:#ffffff",
    "text": "fill:#1f2328",
    "muted": "fill:#57606a",
    "box": "fill:#f4f6f8;stroke:#7d8590",
    "input": "fill:#e2f3ee;stroke:#3d8f79",
    "output": "fill:#fdf1d3;stroke:#b58a1b",
    "root": "stroke:#0969da",
    "top": "stroke:#1f2328;stroke-width:2.6",
    "frame": "fill:#8c959f;fill-opacity:.07;stroke:#8c959f",
    "arrow": "stroke:#57606a",
    "back": "stroke:#bc4c00",
    "tip": "fill:#57606a",
    "back-tip": "fill:#bc4c00",
    "link": "stroke:#8c959f;stroke-opacity:.75",
    "axis": "stroke:#7d8590",
    "grid": "stroke:#d8dee4",
}
_DARK = {
    "ground": "fill:#0d1117",
    "text": "fill:#e6edf3",
    "muted": "fill:#9da7b3",
    "box": "fill:#1b222c;stroke:#768390",
    "input": "fill:#10302a;stroke:#4fb49a",
    "output": "fill:#362b0d;stroke:#d0a63c",
    "root": "stroke:#58a6ff",
    "top": "stroke:#e6edf3;stroke-width:2.6",
    "frame": "fill:#8c959f;fill-opacity:.09;stroke:#6e7681",
    "arrow": "stroke:#9da7b3",
    "back": "stroke:#ff9a57",
    "tip": "fill:#9da7b3",
    "back-tip": "fill:#ff9a57",
    "link": "stroke:#768390;stroke-opacity:.75",
    "axis": "stroke:#768390",
    "grid": "stroke:#262d36",
}


def _rules(colours: dict[str, str]) -> str:
    return "".join(f".xn-{name}{{{rule}}}\n" for name, rule in colours.items())


STYLE = f"{_LETTERS}{_rules(_LIGHT)}@media (prefers-color-scheme:dark){{\n{_rules(_DARK)}}}\n"
"""The style sheet of every picture."""


def series_colour(at: int) -> str:
    """The colour of the n-th of unlike things. Beyond the palette hues go round in golden angles."""
    return SERIES[at] if at < len(SERIES) else _of_hue((at * 0.381966) % 1.0, 0.42 + 0.14 * (at % 2))


def ink(colour: str) -> str:
    """Black or white, whichever is easier to read on a colour (relative luminance of WCAG 2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return "#ffffff" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.25 else "#000000"


def ramp_colour(share: float) -> str:
    """The colour at a place between lowest (0) and highest (1)."""
    at = min(max(share, 0.0), 1.0) * (len(RAMP) - 1)
    low = min(int(at), len(RAMP) - 2)
    mixed = (a + (b - a) * (at - low) for a, b in zip(RAMP[low], RAMP[low + 1], strict=True))
    return "#" + "".join(f"{round(channel):02x}" for channel in mixed)


def _of_hue(hue: float, lightness: float) -> str:
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in hls_to_rgb(hue, lightness, 0.6))
