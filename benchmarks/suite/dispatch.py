"""How much of a step passes outside of torch's operators: in Python and on the way into them."""

import os
from statistics import median
from time import perf_counter
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from suite.measuring import Action


def dispatch_share(action: Action, runs: int = 5) -> tuple[float, list[float]]:
    """1 - (time within operators) / (time on the wall), while the profiler looks on: the median and all runs.

    An operator is whatever has a namespace of operators (`aten::`, `mkldnn::`, or a library's own); nodes of autograd
    around them count as dispatch. The profiler's own work counts as dispatch too, so that this is an upper bound.
    """
    os.environ.setdefault("KINETO_LOG_LEVEL", "99")
    action()
    found = [_share(action) for _ in range(runs)]
    return median(found), found


def _share(action: Action) -> float:
    with profile(activities=[ProfilerActivity.CPU]) as watch, torch.profiler.record_function("step"):
        start = perf_counter()
        action()
        wall = perf_counter() - start
    return 1.0 - sum(_own(event) for event in watch.key_averages()) / wall


def _own(event: Any) -> float:
    """Seconds within an operator, without those of operators that it calls."""
    space = str(event.key).partition("::")[0]
    return event.self_cpu_time_total / 1e6 if "::" in event.key and space != "autograd" else 0.0
