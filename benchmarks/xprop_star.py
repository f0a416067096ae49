"""Xprop* beside Xprop on a tree: at equal steps, and at equal local updates.

    python benchmarks/xprop_star.py [--epochs 10] [--seeds 0,1] [--out benchmarks/results/xprop_star.json]

specs/tree_digits.exn: 15 vertices on 4 levels, shared by level. A local update is one vertex on one batch: a step of
Xprop, and of Xprop* with the whole graph as one group, makes 15; one of Xprop* by levels 8, 4, 2 or 1, in the mean of
a sweep 15 / 4. So at equal updates Xprop* by levels takes four times as many steps. Adam 2e-3, cosine decay over the
whole run, batch 64. The figures are of a fifth of the training part that was held out; the test part is not touched.
"""

import argparse
import json
from pathlib import Path
from time import perf_counter
from typing import Any

import torch

import exnet
from exnet import data
from exnet.learn.loop import Run
from exnet.learn.options import choose_rule

SPEC = Path(__file__).parents[1] / "specs" / "tree_digits.exn"
LEVELS = 4
RULES = (
    "xprop",
    "xprop_star",
    "xprop_star(steps: 20)",
    "xprop_star(steps: 5)",
    "xprop_star(steps: 1)",
    "xprop_star(order: down, steps: 5)",
    "xprop_star(order: random, steps: 5)",
    "xprop_star(steps: 5, refresh: average, rate: 0.05)",
    "xprop_star(group: whole)",
    "xprop_star(group: whole, steps: 5)",
    "xprop_star(group: whole, refresh: average, rate: 0.05)",
)
"""All at equal steps; Xprop and those by levels once more at four times as many."""


def one_run(rule: str, epochs: int, seed: int) -> dict[str, Any]:
    """Figures of the last epoch."""
    net = exnet.build(SPEC, seed=seed)
    fitted = data.fit(net.spec, data.load("digits(part: tuning)"))
    start = perf_counter()
    result = Run(net, fitted, choose_rule(net.spec.learn, rule, epochs=epochs), seed).train()
    assert result.test is not None
    figures = {"loss": result.test.loss, "accuracy": result.test.accuracy}
    return {"rule": rule, "epochs": epochs, "seed": seed, **figures, "seconds": round(perf_counter() - start, 1)}


def main() -> None:
    """Runs everything, prints a table and writes the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--seeds", default="0,1")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "xprop_star.json")
    options = parser.parse_args()
    torch.set_num_threads(1)
    seeds = [int(seed) for seed in options.seeds.split(",")]
    longer = [rule for rule in RULES if "whole" not in rule]
    rows = [(rule, options.epochs) for rule in RULES] + [(rule, LEVELS * options.epochs) for rule in longer]
    found = list[dict[str, Any]]()
    print("| rule | epochs | accuracy | loss | seconds |\n|---|---|---|---|---|")
    for rule, epochs in rows:
        runs = [one_run(rule, epochs, seed) for seed in seeds]
        found += runs
        accuracy = ", ".join(f"{100 * run['accuracy']:.1f}" for run in runs)
        loss = ", ".join(f"{run['loss']:.3f}" for run in runs)
        seconds = sum(run["seconds"] for run in runs) / len(runs)
        print(f"| `{rule}` | {epochs} | {accuracy} % | {loss} | {seconds:.1f} |", flush=True)
    options.out.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
