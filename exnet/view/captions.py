"""What stands in the boxes and beside the arrows of a quotient, whatever language draws it."""

import re
import textwrap
from dataclasses import dataclass

from exnet.view.quotient import Answer, Arcs, Component, Family, Frame, Leaves, Quotient

WIDEST = 46
"""Characters of a line of code in a box."""
MOST_LINES = 3
"""Lines of code in a box."""
PIECES = re.compile(r"(?<=,) (?=[A-Za-z_][A-Za-z_0-9]*:)|(?<=\],) | (?=when |otherwise)")
"""The places at which a domain or a list of reads may well be broken."""


@dataclass(frozen=True, slots=True)
class Caption:
    """The text of a box: a title, the words of the spec, figures, and a table of (name, networks, classes)."""

    title: str
    code: tuple[str, ...] = ()
    figures: tuple[str, ...] = ()
    table: tuple[tuple[str, str, str], ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it, for languages that know lines only."""
        return (
            self.title,
            *self.code,
            *self.figures,
            *(f"{name}: {network}, {classes}" for name, network, classes in self.table),
        )


def captions(picture: Quotient) -> list[Caption]:
    """Those of all boxes, in the order of their numbers."""
    return [*map(leaves_caption, picture.leaves), *map(family_caption, picture.families)]


def leaves_caption(leaves: Leaves) -> Caption:
    """`image : patch[2, 2]`, `16 leaves`."""
    return Caption(f"{leaves.name} : {leaves.type}", figures=(counted(leaves.leaves, "leaf", "leaves"),))


def answer_caption(answer: Answer) -> Caption:
    """`digit : class[10]`, `output`."""
    return Caption(f"{answer.name} : {answer.type}", figures=("output",))


def family_caption(family: Family) -> Caption:
    """Name, domains, vertices and levels, components."""
    low, high = family.levels
    level = f"level {low}" if low == high else f"levels {low} to {high}"
    return Caption(
        title=f"{family.name} (root)" if family.root else family.name,
        code=tuple(shortened(family.domains)),
        figures=(f"{counted(family.vertices, 'vertex', 'vertices')}, {level}",),
        table=tuple(_row(component) for component in family.components if component.classes),
    )


def _row(component: Component) -> tuple[str, str, str]:
    networks = component.networks[:2]
    more = len(component.networks) - len(networks)
    text = " | ".join(networks) + (f" | {more} more" if more else "")
    return component.name, clipped(text, 2 * WIDEST), counted(component.classes, "class", "classes")


def frame_caption(frame: Frame) -> str:
    """`x.attention`, or with several instances `x.attention, 2 instances`."""
    return frame.sites[-1] if frame.instances == 1 else f"{frame.sites[-1]}, {frame.instances:,} instances"


def arcs_caption(arcs: Arcs) -> Caption:
    """`512 arcs, slots 0, 1` and the reads that make them."""
    text = f"{counted(arcs.count, 'arc', 'arcs')}, {slots_text(arcs.slots)}"
    return Caption(text, code=tuple(shortened((", ".join(arcs.reads),)) if arcs.reads else ()))


def slots_text(runs: tuple[tuple[int, int], ...]) -> str:
    """`slot 0`, `slots 0 to 3`, `slots 0, 2, 5 and more`."""
    if runs == ((runs[0][0], runs[0][0]),):
        return f"slot {runs[0][0]:,}"
    parts = [f"{a:,}" if a == b else f"{a:,}, {b:,}" if a + 1 == b else f"{a:,} to {b:,}" for a, b in runs[:3]]
    return f"slots {', '.join(parts)}" + (" and more" if len(runs) > 3 else "")


def counted(number: int, one: str, many: str) -> str:
    """`1 leaf`, `1,024 leaves`."""
    return f"{number:,} {one if number == 1 else many}"


def shortened(texts: tuple[str, ...]) -> list[str]:
    """Lines of at most `WIDEST` characters, at most `MOST_LINES` of them, ending in `..` where something is missing."""
    lines = list[str]()
    for text in texts:
        lines += wrapped(text)
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], clipped(lines[MOST_LINES - 1] + " ..", WIDEST)]
    return lines


def wrapped(text: str) -> list[str]:
    """Lines of at most `WIDEST` characters, broken between binders, before a guard, or between reads if possible."""
    lines = list[str]()
    for piece in PIECES.split(text):
        if lines and len(lines[-1]) + 1 + len(piece) <= WIDEST:
            lines[-1] += " " + piece
        else:
            lines += textwrap.wrap(piece, WIDEST, break_on_hyphens=False)
    return lines


def clipped(text: str, most: int) -> str:
    """At most that many characters, ending in `..` where some are missing."""
    return text if len(text) <= most else text[: most - 3].rstrip() + " .."
