"""Arrays of nodes as views: cutting, flattening, turning. They cost nothing and copy nothing."""

from typing import TypeAlias

from exnet.language import syntax
from exnet.reference.frames import Place, View, indices
from exnet.reference.integers import Names, NotDefined, bounds, number

Bound: TypeAlias = int | range | None
"""A subscript: an index, a range of indices, or None for all of them."""


def bound(subscript: syntax.Expr | syntax.Range | syntax.All, names: Names) -> Bound:
    """The value of one subscript."""
    if isinstance(subscript, syntax.All):
        return None
    if isinstance(subscript, syntax.Range):
        return bounds(subscript, names)
    return int(number(subscript, names))


def extent(subscript: range | None, values: list[int]) -> range:
    """The indices that a kept axis covers: those asked for, or from the lowest to the highest that exist."""
    if subscript is not None:
        return subscript if len(subscript) else range(0)
    return range(min(values), max(values) + 1) if values else range(0)


def cut(view: View, subscripts: list[Bound]) -> Place | View:
    """`view[subscripts]`, where every axis starts at 0."""
    if len(subscripts) != len(view.shape):
        raise NotDefined(f"an array of shape {view.shape} has {len(subscripts)} subscripts")
    spans = [range(n) if s is None else s for s, n in zip(subscripts, view.shape, strict=True)]
    for span, size in zip(spans, view.shape, strict=True):
        inside = 0 <= span < size if isinstance(span, int) else not span or (span[0] >= 0 and span[-1] < size)
        if not inside:
            raise NotDefined(f"{span} is outside of 0..{size}")
    kept = [axis for axis, span in enumerate(spans) if isinstance(span, range)]

    def at(index: tuple[int, ...]) -> Place:
        inner = iter(index)
        return view.at(tuple(span if isinstance(span, int) else span[next(inner)] for span in spans))

    return View(tuple(len(span) for span in spans if isinstance(span, range)), at) if kept else at(())


def flatten(view: View) -> View:
    """The elements in row-major order."""
    order = indices(view.shape)
    return View((len(order),), lambda index: view.at(order[index[0]]))


def reverse(view: View) -> View:
    """The first axis backwards."""
    last = view.shape[0] - 1
    return View(view.shape, lambda index: view.at((last - index[0], *index[1:])))


def transpose(view: View) -> View:
    """The axes in the opposite order."""
    return View(view.shape[::-1], lambda index: view.at(index[::-1]))


ARRAY_FUNCTIONS = {"flatten": flatten, "reverse": reverse, "transpose": transpose}
