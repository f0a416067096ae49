"""Ranges and ticks of axes."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

STEPS = (1, 2, 5, 10)
"""Distances between ticks, times a power of ten."""
LEAST = 0.02
"""An axis covers at least this part of its largest figure, so that rounding does not look like movement."""
WIDE = 50.0
"""From this ratio of the largest to the smallest figure on, an axis is logarithmic."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A range, its ticks with their texts, and whether it is logarithmic."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    logarithmic: bool = False

    def share(self, value: float) -> float:
        """Where a value lies: 0 at the low end, 1 at the high end."""
        if self.logarithmic:
            return (log10(max(value, 1e-300)) - log10(self.low)) / (log10(self.high) - log10(self.low))
        return (value - self.low) / (self.high - self.low)


def axis(values: Iterable[float], *, share: bool = False, zero: bool = False, most: int = 5) -> Axis:
    """An axis for some figures.

    Args:
        values: what it must hold; those that are not finite do not count.
        share: they lie between 0 and 1, and are written in percent.
        zero: it starts at 0, unless it is logarithmic.
        most: about how many ticks.
    """
    found = [value for value in values if isfinite(value)]
    low, high = (min(found), max(found)) if found else (0.0, 1.0)
    if share and low >= 0 and high <= 1:
        return _linear(*_percent_range(low, high), most, percent=True)
    if low > 0 and high / low > WIDE:
        return _logarithmic(low, high)
    if 0 <= low <= 0.35 * high or (zero and low > 0):
        low = 0.0
    room = (LEAST * max(abs(low), abs(high)) - (high - low)) / 2
    return _linear(low - max(room, 0.0), high + max(room, 0.0), most)


def epochs(first: float, last: float) -> Axis:
    """An axis for epochs, with ticks at whole numbers: from the first to the last, or from 0 where they are one."""
    low, high = (first, last) if last > first else (0.0, max(last, 1.0))
    step = max(1.0, nice_step((high - low) / 6))
    ticks = [at * step for at in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]
    return Axis(low, high, tuple((at, f"{at:.0f}") for at in ticks))


def _percent_range(low: float, high: float) -> tuple[float, float]:
    """From the lowest tenth that is at least a little below, to 1 if that is near."""
    return floor(low * 10 - 1e-9) / 10 if low >= 0.1 else 0.0, 1.0 if high > 0.8 else high


def _linear(low: float, high: float, most: int, *, percent: bool = False) -> Axis:
    if high <= low:
        low, high = low - 1.0, high + 1.0
    step = nice_step((high - low) / most)
    first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
    ticks = [at * step for at in range(first, last + 1)]
    text = _percent if percent else _scientific if _is_far(max(map(abs, ticks))) else _decimal
    return Axis(ticks[0], ticks[-1], tuple((at, text(at, step)) for at in ticks))


def nice_step(least: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below `least`."""
    power = 10.0 ** floor(log10(max(least, 1e-300)))
    return next(step * power for step in STEPS if step * power >= least * (1 - 1e-9))


def _logarithmic(low: float, high: float) -> Axis:
    """Whole powers of ten at both ends, and at most seven ticks."""
    first, last = floor(log10(low) + 1e-9), ceil(log10(high) - 1e-9)
    stride = max(1, ceil((last - first) / 6))
    ticks = tuple(
        (10.0**at, (_scientific if _is_far(10.0**at) else _decimal)(10.0**at, 10.0**at))
        for at in range(first, last + 1, stride)
    )
    return Axis(10.0**first, 10.0**last, ticks, True)


def _is_far(value: float) -> bool:
    """Whether numbers of this size are better written with an exponent."""
    return not 1e-3 <= value < 1e5


def _percent(value: float, step: float) -> str:
    return f"{_decimal(100 * value, 100 * step)} %"


def _decimal(value: float, step: float) -> str:
    """With as many digits as the distance to the next tick needs."""
    return f"{value:.{max(0, -floor(log10(step) + 1e-9))}f}"


def _scientific(value: float, step: float) -> str:
    """`1.25e5`, and `0` for nothing."""
    if abs(value) < step / 2:
        return "0"
    digits = max(0, floor(log10(abs(value)) + 1e-9) - floor(log10(step) + 1e-9))
    mantissa, _, exponent = f"{value:.{digits}e}".partition("e")
    return f"{mantissa}e{int(exponent)}"
