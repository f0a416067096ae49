"""What a training step holds in memory: measured, predicted, and beside backprop.

    python benchmarks/memory.py            # the table of docs/performance.md
    python benchmarks/memory.py --json benchmarks/results/memory.json

Measured is the largest sum of live tensors during a step, from the allocator's own events (torch.profiler), beyond what
is alive before it; parameters, gradients and the state of the optimiser are added as counted. Backprop is exnet's own
rule on the same graph; what its tape saves is counted by `saved_tensors_hooks`.
"""

import argparse
import json
from pathlib import Path

import torch
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


def measure(title: str, workload: str, values: dict[str, int]) -> dict[str, object]:
    """One line of the table."""
    made: dict[str, object] = {"net": title}
    spec = WORKLOADS / f"{workload}.exn"
    net = exnet.build(spec, overrides=values)
    batch, options = net.spec.learn.batch, net.spec.learn
    assert isinstance(options, Xprop)
    fixed = 4 * 4 * sum(p.numel() for p in net.parameters())  # parameters, gradients, two moments of Adam
    for parts in PARTS:
        rule = XpropRule(net, options)
        rule._parts = parts
        found = memory(net.plan, net.spec.mode, options, batch, parts=parts)
        measured = fixed + peak_of_step(net, rule, batch) + arena_of(rule)
        made[f"parts {parts}"] = {"predicted": found.peak, "measured": measured, "beyond": measured - fixed, "ratio": found.peak / measured}
        del rule
    backprop = peak_of_step(net, BackpropRule(net), batch)
    made["backprop"] = {"beyond": backprop, "saved": saved_by_backprop(net, batch)}
    return made


def arena_of(rule: XpropRule) -> int:
    """Bytes of the block that a step uses again; it is alive before the step begins."""
    block = rule._tape.arena._block
    return 0 if block is None else block.nbytes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    print("| net | keep: predicted, measured MiB | 64 parts: predicted, measured MiB | backprop beyond parameters, saved |")
    rows = []
    for case in CASES:
        row = measure(*case)
        rows.append(row)
        cells = [f"{row[f'parts {p}']['predicted'] / MIB:.1f}, {row[f'parts {p}']['measured'] / MIB:.1f} ({row[f'parts {p}']['ratio']:.2f})" for p in PARTS]
        beyond = [f"{row[f'parts {p}']['beyond'] / MIB:.1f}" for p in PARTS]
        b = row["backprop"]
        print(f"| {row['net']} | {cells[0]} | {cells[1]} | beyond: {beyond} bp {b['beyond'] / MIB:.1f}, {b['saved'] / MIB:.1f} |")
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
