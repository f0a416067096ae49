"""Rows that several workloads have: the check, peers beside exnet, the part of the matrix product's speed."""

import torch

from suite.contestants import TOLERANCE, Field
from suite.measuring import PEAK, Action, Figure, Times
from suite.rows import Row, row

CALLS = 1000
"""Of one small product that are timed together."""


def check(title: str, field: Field) -> Row:
    """The largest relative difference of any gradient of any peer from exnet's."""
    found = field.check()
    detail = ", ".join(f"{name} {value:.0e}" for name, value in found.items())
    limit = TOLERANCE[field.dtype]
    name = "gradients of all peers against exnet's, relative"
    return Row(title, name, max(found.values()), None, "", limit, None, "most", True, detail)


def against(times: Times, title: str, peer: str, *, part: str = "", **targets: float) -> Row:
    """How many times as long as exnet's a peer's step takes, or its forward pass."""
    slow, fast = f"{peer}{part}", f"exnet{part}"
    name = f"{peer} / exnet,{part or ' step'}"
    return row(title, name, times.ratio(slow, fast), detail=milliseconds(times, slow, fast), **targets)


def to_backprop(times: Times, title: str, **targets: float) -> Row:
    """How many times as long as a fair step of backprop a step of Xprop takes."""
    detail = milliseconds(times, "exnet", "backprop")
    return row(title, "exnet / fair backprop, step", times.ratio("exnet", "backprop"), target="most", detail=detail,
               **targets)  # fmt: skip


def own_backprop(times: Times, title: str) -> Row:
    """exnet's own rule beside the fair form."""
    pair = ("exnet backprop", "backprop")
    return row(title, "exnet's backprop / fair backprop, step", times.ratio(*pair), detail=milliseconds(times, *pair))


def backprop_by_hand(times: Times, title: str) -> Row:
    """Backprop by one module for each vertex beside the fair form."""
    pair = ("backprop modules", "backprop")
    return row(title, "backprop by modules / fair backprop, step", times.ratio(*pair),
               detail=milliseconds(times, *pair))  # fmt: skip


def fraction(times: Times, field: Field, title: str, **targets: float) -> Row:
    """Useful operations of a step per second, as a part of the matrix product's speed."""
    figure = times.fraction("exnet", field.ours.flops)
    peak = Figure.of(times.rounds[PEAK]).value / 1e9
    detail = f"{field.ours.flops / 1e9:.3g} GFLOP, {milliseconds(times, 'exnet')}, product at {peak:.0f} GFLOP/s"
    return row(title, "part of the speed of a matrix product, step", figure, unit="%", detail=detail, **targets)


def recurrence(times: Times, field: Field, title: str) -> Row:
    """Both passes for one vertex of a chain, in calls of one product [64, 32] by [32, 16]."""
    length = field.ours.net.plan.vertices
    per_step = [seconds / length for seconds in times.rounds["passes"]]
    per_call = [seconds / CALLS for seconds in times.rounds["small product"]]
    figure = Figure.of([a / b for a, b in zip(per_step, per_call, strict=True)])
    parts = f"{1e6 * Figure.of(per_step).value:.1f} µs, {1e6 * Figure.of(per_call).value:.2f} µs"
    return row(title, "both passes of a vertex / one product of 64x32x16", figure, target="most", detail=parts)


def small_products() -> None:
    """The call that a step of a recurrence is measured by, `CALLS` times."""
    a, b, out = torch.ones(64, 32), torch.ones(32, 16), torch.empty(64, 16)
    for _ in range(CALLS):
        torch.mm(a, b, out=out)


def modules_with_adam(field: Field) -> Action:
    """A step by modules, and Adam over their parameters as `torch.optim.Adam(net.parameters())` makes it."""
    assert field.naive is not None
    optimiser, step = torch.optim.Adam(field.naive.parameters()), field.peers["modules"].step

    def both() -> None:
        step()
        optimiser.step()

    return both


def milliseconds(times: Times, *names: str) -> str:
    """The medians behind a figure."""
    values = (times.milliseconds(name).value for name in names)
    return ", ".join(f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" for value in values) + " ms"
