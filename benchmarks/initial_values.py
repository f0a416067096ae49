"""How a net starts, and what that does to Xprop and to backprop on deep graphs.

    python benchmarks/initial_values.py [--seeds 0,1] [--out benchmarks/results/initial_values.json]

`exnet`: weights uniform in +-sqrt(3 / in), biases zero. `linear`: as torch.nn.Linear starts, both uniform in
+-1 / sqrt(in). Specs, rates and epochs as shipped. The figures are accuracies on a fifth of the training part that was
held out; the test part is not touched. One thread.
"""

import argparse
import json
from pathlib import Path

import torch

import exnet
from exnet import data
from exnet.learn.loop import Run
from exnet.learn.options import choose_rule

SPECS = Path(__file__).parents[1] / "specs"
NAMES, RULES = ("multilayer_digits", "attention"), ("xprop", "backprop")


def start_as_linear(net: torch.nn.Module, seed: int) -> None:
    """Gives the layers the start of torch.nn.Linear."""
    generator = torch.Generator().manual_seed(seed)
    parameters = dict(net.named_parameters())
    with torch.no_grad():
        for name, parameter in parameters.items():
            stem, _, last = name.rpartition(".")
            if last[0] in "wb" and last[1:].isdigit():
                bound = parameters[f"{stem}.w{last[1:]}"].shape[1] ** -0.5
                parameter.uniform_(-bound, bound, generator=generator)


def held_out(name: str, rule: str, start: str, seed: int) -> float:
    """Accuracy of one run on the held-out fifth."""
    net = exnet.build(SPECS / f"{name}.exn", seed=seed)
    if start == "linear":
        start_as_linear(net, seed)
    fitted = data.fit(net.spec, data.load("digits(part: tuning)"))
    test = Run(net, fitted, choose_rule(net.spec.learn, rule), seed).train().test
    assert test is not None
    assert test.accuracy is not None
    return test.accuracy


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", default="0,1")
    options.add_argument("--out", type=Path, default=Path("benchmarks/results/initial_values.json"))
    chosen = options.parse_args()
    torch.set_num_threads(1)
    seeds = [int(seed) for seed in chosen.seeds.split(",")]
    print("| spec | rule | start | held-out accuracy |")
    print("|---|---|---|---|")
    rows = list[dict]()
    for name in NAMES:
        for rule in RULES:
            for start in ("linear", "exnet"):
                found = [held_out(name, rule, start, seed) for seed in seeds]
                rows.append({"spec": name, "rule": rule, "start": start, "seeds": seeds, "accuracy": found})
                print(f"| {name} | {rule} | {start} | {', '.join(f'{a:.1%}' for a in found)} |", flush=True)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
