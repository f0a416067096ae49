"""Times of contestants that take turns, and the speed of a matrix product in the same rounds.

A round has several turns. In each turn every contestant runs for a while, until it has filled its time of the round
(long ones do so in the first turn). The first of several runs in a turn does not count: it finds the caches full of
somebody else's numbers. The time of the round is the median of the others. Ratios are taken within a round; a figure
is the median of the rounds, its spread the lowest and the highest round. With one thread, time is that of the process
on its processor, which other programs on the machine disturb less; with more threads it is time on the wall.
"""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import times
from statistics import median
from time import perf_counter, process_time

import torch

SIZE = 1024
"""Of the square matrices whose product says what the machine can do."""
LEAST = 0.5
"""Seconds that a contestant runs for in a round, at least."""
TURNS = 5
"""In which these seconds are spread over the round, so that a disturbance meets all contestants alike."""
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
    everybody = {PEAK: product(), **contestants}
    found: dict[str, list[float]] = {name: [] for name in everybody}
    for action in everybody.values():
        action()
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, time in one_round(everybody, least).items():
                found[name].append(2 * SIZE**3 / time if name == PEAK else time)
    finally:
        gc.enable()
    return Times(found)


def one_round(contestants: Mapping[str, Action], least: float) -> dict[str, float]:
    """The median time of a run of each contestant."""
    found: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(TURNS):
        for name, action in contestants.items():
            if not found[name] or sum(found[name]) < least:
                found[name] += one_turn(action, least / TURNS)
                gc.collect()
    return {name: median(runs) for name, runs in found.items()}


def one_turn(action: Action, least: float) -> list[float]:
    """The times of as many runs as fill the least time, without the first one where there are several."""
    now, found = clock(), list[float]()
    while not found or sum(found) < least:
        start = now()
        action()
        found.append(now() - start)
    return found[1:] or found


def system_share(action: Action) -> float:
    """The part of a run's time that the system needs, here for handing out memory."""
    before = times()
    action()
    after = times()
    own, system = after.user - before.user, after.system - before.system
    return system / max(own + system, 1e-9)


def product() -> Action:
    """One float32 matrix product that shows what the machine can do."""
    a, b, out = torch.randn(SIZE, SIZE), torch.randn(SIZE, SIZE), torch.empty(SIZE, SIZE)
    return lambda: torch.mm(a, b, out=out)
