"""Integers that are affine in one index, over a range of it: exact, with unbounded integers, and without arrays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from exnet.graph.integers import BOUND, Column, Fault, evaluate
from exnet.language import syntax
from exnet.spec.walk import used_names

FAR = 2**64
"""Beyond every index."""


class Unproved(Exception):  # noqa: N818
    """Something has no closed form here: the equations are enumerated instead."""


class Line(NamedTuple):
    """base + slope * i."""

    base: int
    slope: int

    def at(self, i: int) -> int:
        """The value for one index."""
        return self.base + self.slope * i

    def after(self, inner: "Line") -> "Line":
        """self(inner(i))."""
        return Line(self.base + self.slope * inner.base, self.slope * inner.slope)

    def within(self, over: range, lo: int, hi: int) -> range:
        """The part of `over` in which lo <= value < hi."""
        if self.slope == 0:
            return over if lo <= self.base < hi else range(0)
        first, last = (lo, hi - 1) if self.slope > 0 else (hi - 1, lo)
        start = -((self.base - first) // self.slope)
        stop = (last - self.base) // self.slope + 1
        return shared(over, range(start, max(start, stop)))

    def ends(self, over: range) -> tuple[int, int]:
        """The smallest and the largest value over a range that is not empty."""
        first, last = self.at(over.start), self.at(over.stop - 1)
        return min(first, last), max(first, last)


def shared(a: range, b: range) -> range:
    """The common part of two ranges; `range(0)` if there is none."""
    start, stop = max(a.start, b.start), min(a.stop, b.stop)
    return range(start, stop) if start < stop else range(0)


@dataclass(frozen=True, slots=True)
class Names:
    """What integer names mean: constants, and at most one index that runs over a range."""

    constants: Mapping[str, int]
    index: str | None
    over: range

    def with_slot(self, slot: int) -> "Names":
        """The same, and `slot`."""
        return replace(self, constants={**self.constants, "slot": slot})


def line_of(expr: syntax.Expr, names: Names) -> Line:
    """An integer expression as a line.

    Raises:
        Unproved: it is none, or it has no value.
    """
    if names.index is None or not any(name.id == names.index for name in used_names(expr)):
        return Line(constant(expr, names), 0)
    match expr:
        case syntax.Name():
            return Line(0, 1)
        case syntax.Paren():
            return line_of(expr.inner, names)
        case syntax.Unary(operator="-"):
            a = line_of(expr.operand, names)
            return Line(-a.base, -a.slope)
        case syntax.Binary(operator="+" | "-" | "*"):
            found = _combined(expr.operator, line_of(expr.left, names), line_of(expr.right, names))
        case _:
            raise Unproved
    if names.over and max(map(abs, found.ends(names.over))) > BOUND:
        raise Unproved
    return found


def _combined(operator: str, a: Line, b: Line) -> Line:
    if operator == "+":
        return Line(a.base + b.base, a.slope + b.slope)
    if operator == "-":
        return Line(a.base - b.base, a.slope - b.slope)
    if a.slope and b.slope:
        raise Unproved
    return Line(a.base * b.base, a.slope * b.base + a.base * b.slope)


def constant(expr: syntax.Expr, names: Names) -> int:
    """An expression of constants.

    Raises:
        Unproved: it has no value.
    """

    def column(name: str) -> Column:
        if name not in names.constants:
            raise Unproved
        return Column.constant(names.constants[name])

    try:
        return evaluate(expr, column).at(0)
    except Fault:
        raise Unproved from None


def where(expr: syntax.Expr, names: Names) -> list[range]:
    """The parts of the range in which a condition holds, in ascending order.

    Raises:
        Unproved: they cannot be told.
    """
    if names.index is None or not any(name.id == names.index for name in used_names(expr)):
        return [names.over] if constant(expr, names) else []
    match expr:
        case syntax.Paren():
            return where(expr.inner, names)
        case syntax.Binary(operator="and"):
            return [part for a in where(expr.left, names) for b in where(expr.right, names) if (part := shared(a, b))]
        case syntax.Compare():
            return _compared(expr, names)
        case _:
            raise Unproved


def _compared(expr: syntax.Compare, names: Names) -> list[range]:
    lines = [line_of(operand, names) for operand in expr.operands]
    parts = [names.over]
    for operator, a, b in zip(expr.operators, lines, lines[1:], strict=False):
        step = _combined("-", a, b)
        limits = {"<": [(-FAR, 0)], "<=": [(-FAR, 1)], ">": [(1, FAR)], ">=": [(0, FAR)], "==": [(0, 1)]}
        limits["!="] = [(-FAR, 0), (1, FAR)]
        parts = [piece for part in parts for lo, hi in limits[operator] if (piece := step.within(part, lo, hi))]
    return sorted(parts, key=lambda part: part.start)


def without(over: range, taken: Sequence[range]) -> list[range]:
    """What is left of a range."""
    left, start = list[range](), over.start
    for part in sorted((shared(over, t) for t in taken), key=lambda part: part.start):
        if part:
            if part.start > start:
                left.append(range(start, part.start))
            start = max(start, part.stop)
    return [*left, range(start, over.stop)] if start < over.stop else left
