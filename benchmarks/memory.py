"""What a training step holds in memory: measured, predicted, and beside backprop.

    python benchmarks/memory.py            # the table of docs/performance.md
    python benchmarks/memory.py --json benchmarks/results/memory.json

Measured is the largest sum of live tensors during a step, from the allocator's own events (torch.profiler), beyond what
is alive before it; parameters, gradients and the state of the optimiser are added as counted. Backprop is exnet's own
rule on the same graph; what its tape saves is counted by `saved_tensors_hooks`.
"""

import argparse
import json
import resource
from pathlib import Path
from typing import Any

import torch
from suite.rows import Row, store, written
from torch.profiler import ProfilerActivity, profile

import exnet
from exnet.learn.backprop import BackpropRule
from exnet.learn.optimiser import make_optimiser
from exnet.learn.rule import Rule
from exnet.learn.xprop import XpropRule
from exnet.passing.net import ExtractionNet
from exnet.plan.memory import MIB, memory
from exnet.spec.rule import Xprop

WORKLOADS = Path(__file__).parent / "workloads"
CASES = (
    ("W1", "w1", {}),
    ("W2", "w2", {}),
    ("W3", "w3", {}),
    ("W4", "w4", {}),
    ("W5", "w5", {}),
    ("W3, T = 1,024", "w3", {"length": 1024}),
    ("W4, T = 1,024", "w4", {"length": 1024}),
)
PARTS = (1, 64)


def batch_of(net: ExtractionNet, batch: int) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Random inputs and targets."""
    generator = torch.Generator().manual_seed(0)
    x = {i.name: torch.randn(batch, i.leaves, i.type.width, generator=generator) for i in net.inputs}
    y = {o.name: torch.randint(0, o.type.width, (batch,), generator=generator) for o in net.outputs}
    return x, y


def peak_of_step(net: ExtractionNet, rule: Rule, batch: int) -> int:
    """Bytes of tensors that a step holds at its fullest, beyond what was alive when it began."""
    x, y = batch_of(net, batch)
    optimiser = make_optimiser(net.parameters(), net.spec.learn.optimiser)
    for step in (0, 1):  # the block that is used again has its size from the first step, and its place from the second
        rule.step(net, x, y, step, torch.arange(batch))
        optimiser.step()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as found:
        rule.step(net, x, y, 2, torch.arange(batch))
    events = [e for e in found.profiler.kineto_results.events() if e.name() == "[memory]"]  # pyright: ignore
    now = most = 0
    for event in sorted(events, key=lambda e: e.start_ns()):
        now += event.nbytes()
        most = max(most, now)
    return most


def saved_by_backprop(net: ExtractionNet, batch: int) -> int:
    """Bytes that the tape of backprop saves, parameters left out; every storage once."""
    x, y = batch_of(net, batch)
    known = {p.untyped_storage().data_ptr() for p in net.parameters()}
    seen = dict[int, int]()

    def note(value: torch.Tensor) -> torch.Tensor:
        storage = value.untyped_storage()
        if storage.data_ptr() not in known:
            seen[storage.data_ptr()] = storage.nbytes()
        return value

    with torch.autograd.graph.saved_tensors_hooks(note, lambda value: value):
        BackpropRule(net).step(net, x, y, 0, torch.arange(batch))
    return sum(seen.values())


def measure(title: str, workload: str, values: dict[str, int]) -> dict[str, Any]:
    """One line of the table."""
    made: dict[str, Any] = {"net": title}
    spec = WORKLOADS / f"{workload}.exn"
    net = exnet.build(spec, overrides=values)
    batch, options = net.spec.learn.batch, net.spec.learn
    assert isinstance(options, Xprop)
    fixed = 4 * 4 * sum(p.numel() for p in net.parameters())  # parameters, gradients, two moments of Adam
    for parts in PARTS:
        rule = XpropRule(net, options)
        rule.parts = parts
        found = memory(net.plan, net.spec.mode, options, batch, parts=parts)
        measured = fixed + peak_of_step(net, rule, batch) + rule.held
        made[f"parts {parts}"] = {
            "predicted": found.peak,
            "measured": measured,
            "beyond": measured - fixed,
            "ratio": found.peak / measured,
        }
        del rule
    backprop = peak_of_step(net, BackpropRule(net), batch)
    made["backprop"] = {"beyond": backprop, "saved": saved_by_backprop(net, batch)}
    return made


def table(rows: list[dict[str, Any]]) -> str:
    """A line for each net, in MiB."""
    titles = (
        "net",
        "keep: predicted",
        "measured",
        "in 64 parts: predicted",
        "measured",
        "beyond parameters",
        "backprop",
    )
    head = f"| {' | '.join(titles)} | ratio |"
    lines = [head, "|" + " --- |" * 8]
    for row in rows:
        cells = [f"{row[f'parts {p}'][what] / MIB:.1f}" for p in PARTS for what in ("predicted", "measured")]
        held, other = row[f"parts {PARTS[-1]}"]["beyond"], row["backprop"]["beyond"]
        cells += [f"{held / MIB:.1f}", f"{other / MIB:.1f}", f"{held / other:.2f}"]
        lines.append(f"| {row['net']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def keep(rows: list[dict[str, Any]]) -> None:
    """The table into docs/performance.md, the chain of 1,024 among the rows of the suite."""
    home = Path(__file__).parent
    (chain,) = (row for row in rows if row["net"] == "W3, T = 1,024")
    held, saved = chain[f"parts {PARTS[-1]}"]["beyond"], chain["backprop"]["saved"]
    name = "saved bytes, chunked Xprop / fair backprop, T = 1,024"
    detail = f"{held / MIB:.1f} MiB at the fullest moment, {saved / MIB:.1f} MiB saved by exnet's backprop"
    found = Row("memory", name, held / saved, must=0.7, goal=0.45, target="most", detail=detail)
    store(home / "results" / "speed.json", [found])
    page = home.parent / "docs" / "performance.md"
    page.write_text(written(page.read_text(), "memory", table(rows)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--store", action="store_true", help="among the rows of benchmarks/speed.py, and in the docs")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    rows = [measure(*case) for case in CASES]
    print(table(rows))
    print(f"\nresident with torch, PyG and no net: {before} MiB")
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1) + "\n")
    if chosen.store:
        keep(rows)


if __name__ == "__main__":
    main()
