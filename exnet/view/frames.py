"""Boxes inside the frames of their applications, for languages that nest them."""

from collections.abc import Callable, Iterator, Sequence

from exnet.view.captions import frame_caption
from exnet.view.quotient import Quotient

Opened = Callable[[int, str], str]
"""The line that opens a frame, from its number and its title."""


def framed(picture: Quotient, boxes: Sequence[str], opened: Opened, closed: str) -> Iterator[str]:
    """The lines of all families. `boxes` are theirs; a frame is opened once and holds its inner frames."""
    inside = dict[tuple[str, ...], list[int]]()
    inner = dict[tuple[str, ...], list[int]]()
    for i, family in enumerate(picture.families):
        inside.setdefault(family.sites, []).append(i)
    for n, frame in enumerate(picture.frames):
        inner.setdefault(frame.sites[:-1], []).append(n)

    def draw(path: tuple[str, ...], indent: str) -> Iterator[str]:
        for i in inside.get(path, ()):
            yield indent + boxes[i]
        for n in inner.get(path, ()):
            yield indent + opened(n, frame_caption(picture.frames[n]))
            yield from draw(picture.frames[n].sites, indent + "  ")
            yield indent + closed

    return draw((), "  ")
