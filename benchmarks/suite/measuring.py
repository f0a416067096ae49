"""Times of contestants that take turns, and the speed of a matrix product in the same rounds.

In a round every contestant runs in turn, as often as fills a least time, after one run that does not count; its time
of the round is the median of those runs. Ratios are taken within a round; a figure is the median of the rounds, its
spread the lowest and the highest round. With one thread, time is that of the process on its processor, which other
programs on the machine disturb less; with more threads it is time on the wall.
"""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time

import torch

SIZE = 1024
"""Of the square matrices whose product says what the machine can do."""
LEAST = 0.5
"""Seconds that a contestant runs for in a round, at least."""
PEAK = "peak"
"""The name under which the speed of the matrix product stands."""

Action = Callable[[], object]
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Figure:
    """The median of the rounds, and their lowest and highest."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, rounds: list[float]) -> "Figure":
        """The figure of one number for each round."""
        return cls(median(rounds), min(rounds), max(rounds))


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of each contestant in each round; under `PEAK` operations per second of the matrix product."""

    rounds: Mapping[str, list[float]]

    def ratio(self, slow: str, fast: str) -> Figure:
        """How many times as long `slow` takes as `fast`."""
        return Figure.of([a / b for a, b in zip(self.rounds[slow], self.rounds[fast], strict=True)])

    def sums(self, slow: tuple[str, ...], fast: tuple[str, ...]) -> Figure:
        """As `ratio`, for contestants one after the other."""
        above, below = ([sum(parts) for parts in zip(*(self.rounds[n] for n in own))] for own in (slow, fast))  # noqa: B905
        return Figure.of([a / b for a, b in zip(above, below, strict=True)])

    def fraction(self, name: str, flops: int) -> Figure:
        """Operations per second, as a part of the matrix product's."""
        pairs = zip(self.rounds[name], self.rounds[PEAK], strict=True)
        return Figure.of([flops / seconds / peak for seconds, peak in pairs])

    def milliseconds(self, name: str) -> Figure:
        """Of a contestant."""
        return Figure.of([1e3 * seconds for seconds in self.rounds[name]])


def clock() -> Clock:
    """What time is read from, as the module says."""
    return process_time if torch.get_num_threads() == 1 else perf_counter


def interleaved(contestants: Mapping[str, Action], rounds: int, least: float = LEAST) -> Times:
    """The times of all contestants, each warmed up once before the first round."""
    found: dict[str, list[float]] = {PEAK: [], **{name: [] for name in contestants}}
    for action in contestants.values():
        action()
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            found[PEAK].append(peak())
            for name, action in contestants.items():
                found[name].append(seconds(action, least))
                gc.collect()
    finally:
        gc.enable()
    return Times(found)


def seconds(action: Action, least: float) -> float:
    """The median time of a run."""
    now, found = clock(), list[float]()
    action()
    while not found or sum(found) < least:
        start = now()
        action()
        found.append(now() - start)
    return median(found)


def peak(size: int = SIZE, runs: int = 7) -> float:
    """Operations per second of a float32 matrix product, the best of some runs."""
    a, b = torch.randn(size, size), torch.randn(size, size)
    out, now, found = torch.empty(size, size), clock(), list[float]()
    for _ in range(runs):
        start = now()
        torch.mm(a, b, out=out)
        found.append(now() - start)
    return 2 * size**3 / min(found)
