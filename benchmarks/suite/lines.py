"""Which rows a workload gives: the lines of the target table, and what else is worth knowing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter

import torch

from suite.common_rows import (
    against,
    backprop_by_hand,
    check,
    fraction,
    milliseconds,
    modules_with_adam,
    own_backprop,
    recurrence,
    small_products,
    to_backprop,
)
from suite.contestants import Field
from suite.dispatch import dispatch_share
from suite.measuring import LEAST, Action, Figure, Times, interleaved, system_share
from suite.rows import Row, row
from suite.workloads import QUICK, STANDARD, Ours, Workload


@dataclass(frozen=True)
class Options:
    """How the rows are made.

    Attributes:
        rounds: of every contestant.
        least: seconds that a contestant runs for in a round.
        quick: small sizes in float64, only to see that everything runs and agrees.
    """

    rounds: int = 5
    least: float = LEAST
    quick: bool = False

    def workload(self, name: str) -> Workload:
        """The workload at its size."""
        return (QUICK if self.quick else STANDARD)[name]

    def field(self, name: str, *peers: str) -> Field:
        """exnet and its peers at a workload."""
        return Field(self.workload(name), peers, torch.float64 if self.quick else torch.float32)

    def times(self, contestants: Mapping[str, Action]) -> Times:
        """All of them in turn."""
        return interleaved(contestants, self.rounds, self.least)


Line = Callable[[Options], list[Row]]


def w1(options: Options) -> list[Row]:
    """The shared tree."""
    field = options.field("w1", "modules", "PyG", "PyG bipartite", "backprop", "backprop modules")
    checked = check("W1", field)
    if checked.met != "must":
        return [checked]
    times = options.times(field.actions())
    share, shares = dispatch_share(field.ours.step, options.rounds)
    return [
        checked,
        against(times, "W1", "modules", must=5.0, goal=8.0),
        against(times, "W1", "modules", part=" forward"),
        against(times, "W1", "PyG", must=4.0, goal=7.0),
        against(times, "W1", "PyG", part=" forward", must=6.0, goal=12.0),
        against(times, "W1", "PyG bipartite"),
        against(times, "W1", "PyG bipartite", part=" forward"),
        fraction(times, field, "W1", must=0.28, goal=0.45),
        to_backprop(times, "W1", must=2.2, goal=2.0),
        own_backprop(times, "W1"),
        backprop_by_hand(times, "W1"),
        Row("W1", "share of Python dispatch in a step", share, (min(shares), max(shares)), "%", 0.08, target="most"),
    ]


def w2(options: Options) -> list[Row]:
    """The unshared tree."""
    field = options.field("w2", "modules", "vmap", "backprop", "backprop modules")
    checked = check("W2", field)
    if checked.met != "must":
        return [checked]
    times = options.times({**field.actions(), "exnet with Adam": field.ours.step_with_adam})
    return [
        checked,
        against(times, "W2", "modules", must=5.0, goal=8.0),
        against(times, "W2", "modules", part=" forward"),
        against(times, "W2", "vmap", must=1.4, goal=2.2),
        against(times, "W2", "vmap", part=" forward"),
        fraction(times, field, "W2", must=0.24, goal=0.38),
        row(
            "W2", "step with Adam / without", times.ratio("exnet with Adam", "exnet"), must=1.2, goal=1.1,
            target="most", detail=milliseconds(times, "exnet with Adam", "exnet"),
        ),
        to_backprop(times, "W2"),
        own_backprop(times, "W2"),
        backprop_by_hand(times, "W2"),
    ]  # fmt: skip


def w3(options: Options) -> list[Row]:
    """The shared chain of 256."""
    field = options.field("w3", "modules", "backprop")
    checked = check("W3", field)
    if checked.met != "must":
        return [checked]
    times = options.times({**field.actions(), "passes": field.ours.passes, "small product": small_products})
    return [
        checked,
        against(times, "W3", "modules", must=2.4, goal=6.0),
        to_backprop(times, "W3", must=0.80, goal=0.35),
        own_backprop(times, "W3"),
        fraction(times, field, "W3"),
        recurrence(times, field, "W3"),
    ]


def w4(options: Options) -> list[Row]:
    """The unshared chain of 256."""
    field = options.field("w4", "modules", "backprop")
    checked = check("W4", field)
    if checked.met != "must":
        return [checked]
    times = options.times(
        {
            **field.actions(),
            "exnet with Adam": field.ours.step_with_adam,
            "modules with Adam": modules_with_adam(field),
            "passes": field.ours.passes,
            "small product": small_products,
        }
    )
    both = ("modules with Adam", "exnet with Adam")
    return [
        checked,
        against(times, "W4", "modules", must=2.8, goal=6.0),
        to_backprop(times, "W4", must=0.75, goal=0.35),
        own_backprop(times, "W4"),
        row(
            "W4", "modules with Adam / exnet with Adam, step", times.ratio(*both), must=5.0, goal=10.0,
            detail=milliseconds(times, *both),
        ),
        fraction(times, field, "W4"),
        recurrence(times, field, "W4"),
    ]  # fmt: skip


def w5(options: Options) -> list[Row]:
    """Attention."""
    field = options.field("w5", "modules", "gathers", "backprop")
    checked = check("W5", field)
    if checked.met != "must":
        return [checked]
    times = options.times(field.actions())
    return [
        checked,
        against(times, "W5", "gathers", must=2.0, goal=4.0),
        against(times, "W5", "gathers", part=" forward"),
        to_backprop(times, "W5", must=4.4, goal=3.0),
        own_backprop(times, "W5"),
        against(times, "W5", "modules"),
        fraction(times, field, "W5"),
    ]


def long_chains(options: Options) -> list[Row]:
    """Chains of 1,024, shared and unshared."""
    found = list[Row]()
    for name, must in (("w3 1024", 0.90), ("w4 1024", 0.85)):
        field, title = options.field(name, "backprop"), f"{name[:2].upper()}, T = 1,024"
        checked = check(title, field)
        found.append(checked)
        if checked.met == "must":
            times = options.times(field.actions())
            found += [to_backprop(times, title, must=must, goal=0.35), own_backprop(times, title)]
    return found


def growth(options: Options) -> list[Row]:
    """Time for a vertex and an instance on trees of 65,535 and 4,095 vertices, B = 16, d = 16."""
    dtype = torch.float64 if options.quick else torch.float32
    small, large = (Ours(options.workload(name), dtype) for name in ("w1 4095", "w1 65535"))
    times = options.times({"small": small.step, "large": large.step})
    rows = [ours.net.plan.vertices * ours.workload.batch for ours in (small, large)]
    per_row = [[1e9 * t / n for t in times.rounds[name]] for name, n in zip(("small", "large"), rows, strict=True)]
    ratio = Figure.of([big / little for little, big in zip(*per_row, strict=True)])
    nanoseconds = ", ".join(f"{Figure.of(found).value:.0f}" for found in reversed(per_row))
    shares = f"of the large step {100 * system_share(large.step):.0f} % are the system's, for memory"
    name = "time per vertex and instance, 65,535 / 4,095 vertices"
    return [row("growth", name, ratio, must=1.1, target="most", detail=f"{nanoseconds} ns; {shares}")]


def compiled(options: Options) -> list[Row]:
    """Modules under `torch.compile`, on a tree of 15 vertices: more would take too long to compile."""
    title = "W1, 15 vertices"
    field = options.field("w1 15", "modules", "compiled modules")
    start = perf_counter()
    checked = check(title, field)
    took = perf_counter() - start
    if checked.met != "must":
        return [checked]
    times = options.times(field.actions())
    pair = ("modules", "compiled modules")
    return [
        checked,
        Row(title, "compiling the modules", took, unit="s", detail="on the wall, with the first step"),
        against(times, title, "compiled modules"),
        against(times, title, "modules"),
        row(title, "modules / compiled modules, step", times.ratio(*pair), detail=milliseconds(times, *pair)),
    ]


LINES: Mapping[str, Line] = {
    "w1": w1,
    "w2": w2,
    "w3": w3,
    "w4": w4,
    "w5": w5,
    "chains": long_chains,
    "growth": growth,
    "compiled": compiled,
}
"""What `--only` chooses from."""
ASKED = ("compiled",)
"""Those that run only if they are asked for: minutes of compiling, and a C++ compiler."""
