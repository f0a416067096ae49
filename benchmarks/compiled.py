"""What `--compile` brings on chains: blocks of 16 steps made by `torch.compile`, against the loop.

    python benchmarks/compiled.py [--only w3,w4] [--rounds 5] [--json benchmarks/results/speed.json]

Each workload runs in two processes, one after the other, which share a cache that is empty at first: the first compiles
C++, the second finds it there. Gradients of a step with and without blocks are compared (to 1e-4 of the largest of a
parameter) before anything is timed, then both take turns, as in benchmarks/speed.py. Printed: microseconds for a step
of the recurrence (both passes, by the number of steps of both), milliseconds of a whole training step, and seconds for
the first call of each process. One thread.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from suite.measuring import interleaved
from suite.rows import Row, row, store
from suite.workloads import STANDARD, Ours

from exnet.nets.dropout import Moment
from exnet.passing.blocks import Blocks, fusing
from exnet.passing.tape import Tape

RESULTS = Path(__file__).parent / "results" / "speed.json"
WORKLOADS = ("w3", "w4")


def measured(name: str, rounds: int) -> list[Row]:
    """The rows of one workload, in this process."""
    ours, blocks = Ours(STANDARD[name]), Blocks()
    eager, made = gradients(ours), fused(blocks, lambda: gradients(ours))()
    if blocks.failure is not None:
        raise SystemExit(f"nothing was compiled: {blocks.failure}")
    apart = max(((a - b).abs().max() / b.abs().max()).item() for a, b in zip(made, eager, strict=True))
    if apart > 1e-4:
        raise SystemExit(f"the gradients differ by {apart:.1e}")
    both = passes(ours)
    times = interleaved(
        {"loop": both, "blocks": fused(blocks, both), "step": ours.step, "fused": fused(blocks, ours.step)}, rounds
    )
    per = {k: 1e3 * times.milliseconds(k).value / (2 * ours.net.plan.vertices) for k in ("loop", "blocks")}
    steps = [times.milliseconds(k).value for k in ("step", "fused")]
    label = name.upper()
    passed = f"{label}: {per['loop']:.1f}, {per['blocks']:.1f} µs for a step; gradients differ by {apart:.0e}"
    workload = "chain" if name == "w3" else label
    return [
        row(workload, "eager / compiled blocks, both passes", times.ratio("loop", "blocks"), must=2.0, goal=4.0,
            detail=passed),
        row(label, "step eager / with compiled blocks", times.ratio("step", "fused"),
            detail=f"{steps[0]:.1f}, {steps[1]:.1f} ms"),
        Row(label, "compiling blocks", blocks.seconds, unit="s"),
    ]  # fmt: skip


def gradients(ours: Ours) -> list[torch.Tensor]:
    """Of one step."""
    ours.step()
    return [parameter.grad.clone() for parameter in ours.net.parameters() if parameter.grad is not None]


def passes(ours: Ours) -> Callable[[], object]:
    """Both passes, with what the way back reads."""
    net, tape = ours.net, Tape()
    moment = Moment(0, np.arange(len(ours.x)))
    draws, inputs = net.draws(0, torch.arange(len(ours.x))), {net.inputs[0].name: ours.x}

    def run() -> object:
        tape.begin()
        return net.passes(inputs, draws, moment=moment, tape=tape)

    return run


def fused(blocks: Blocks, action: Callable[[], object]) -> Callable:
    """The action with compiled blocks."""

    def run() -> object:
        with fusing(blocks):
            return action()

    return run


def both_runs(name: str, rounds: int) -> list[Row]:
    """The rows of a workload: the first process only compiles, the second measures."""
    with tempfile.TemporaryDirectory() as cache:
        first, second = (child(name, count, cache) for count in (1, rounds))
    seconds = next(r.figure for r in first if r.unit == "s")
    *rows, again = second
    return [
        *rows,
        Row(again.workload, "compiling blocks, first process", seconds, unit="s", detail="on the wall"),
        Row(again.workload, "compiling blocks, next process", again.figure, unit="s", detail="from torch's cache"),
    ]


def child(name: str, rounds: int, cache: str) -> list[Row]:
    """The rows that a process of its own has measured."""
    command = [sys.executable, __file__, "--child", name, "--rounds", str(rounds)]
    environment = {**os.environ, "TORCHINDUCTOR_CACHE_DIR": cache}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return [Row(**fields) for fields in json.loads(done.stdout.splitlines()[-1])]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default=",".join(WORKLOADS))
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--json", type=Path, default=RESULTS)
    options.add_argument("--child", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    torch.set_num_threads(1)
    if chosen.child:
        print(json.dumps([asdict(r) for r in measured(chosen.child, chosen.rounds)]))
        return
    for name in chosen.only.split(","):
        rows = both_runs(name, chosen.rounds)
        for found in rows:
            print("  ".join(found.cells), " ", found.detail, flush=True)
        store(chosen.json, rows)


if __name__ == "__main__":
    main()
