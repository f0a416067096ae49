"""Recall of the first token at the end of a chain: Xprop against backprop, several kinds of propagators, and a GRU.

    python benchmarks/chain.py [--lengths 64,256] [--cells plain,residual,gated,residual-identity,gated-identity,gru]
                               [--rules xprop,backprop] [--seeds 0] [--steps 600] [--jobs 2]

Task: sequences of uniform tokens 0..4; the class is the first one (chance 25 %). Every net is a chain of one shared
primary propagator, one complementary one for each slot, and one trainer; widths d = 32, hidden 64; batch 64 of fresh
sequences; Adam with cosine decay; one seed if no more are given. The GRU (hidden 32, trained by backprop) starts, as
the chain does, from the first token (its embedding is the first state) and has the bias of its update gate at
log(length), so that it keeps its state from the start: a strong baseline that knows the length.

Printed for each run: accuracy on 2,000 fresh sequences after the last step, the first step (of those tested, every 25)
with at least 99 % of the batch right before that step. Nothing is selected: every run is in the table. The JSON also
holds the confusion matrix of each run (a plateau whose rows are zeros and ones is a merged state) and its time.
"""

import argparse
import json
import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, fields
from multiprocessing import get_context
from pathlib import Path

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

SPEC = """
exnet chain_recall
param  length = {length}, d = 32
input  tokens[length] : index[4]
output first          : class[4]
space  primary = d, complementary = d
net    cell  = {cell}
net    judge = mlp(hidden: [2*d])
tokenise tokens with embedding
default vertex (primary: cell, complementary: cell, trainer: judge)
let    h[0]              = tokens[0]
vertex h[t: 1..length]   = (h[t-1], tokens[t]) share all
root   h[length-1]
mode   deterministic
learn  {rule}
"""
CELLS = {
    "plain": "mlp(hidden: [2*d], norm: layer)",
    "residual": "mlp(hidden: [2*d], residual: true, step: 0.1)",
    "gated": "gated(hidden: [2*d], bias: -2)",
    "residual-identity": "mlp(hidden: [2*d], residual: true, step: 0.1, start: identity)",
    "gated-identity": "gated(hidden: [2*d], bias: -2, start: identity)",
}
RATES = (5e-4, 2e-3, 5e-3)
BATCH, CLASSES, WIDTH, TESTED = 64, 4, 32, 25


@dataclass(frozen=True)
class Run:
    """What one run is."""

    length: int
    cell: str
    rule: str
    lr: float
    steps: int
    seed: int = 0


@dataclass(frozen=True)
class Result:
    """What came out of it."""

    accuracy: float
    first_step: int | None
    seconds: float
    predicted: list[list[int]]


class Gru(torch.nn.Module):
    """A GRU with its update bias at log(length), and a linear read-out of its last state."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self.embed = torch.nn.Embedding(CLASSES, WIDTH)
        self.gru = torch.nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.read = torch.nn.Linear(WIDTH, CLASSES)
        with torch.no_grad():
            self.gru.bias_ih_l0[WIDTH : 2 * WIDTH] = math.log(length)
            self.gru.bias_hh_l0[WIDTH : 2 * WIDTH] = 0.0

    def forward(self, tokens: Tensor) -> Tensor:
        vectors = self.embed(tokens)
        states, _ = self.gru(vectors[:, 1:], vectors[None, :, 0].contiguous())
        return self.read(states[:, -1])


def batches(run: Run) -> Iterator[tuple[Tensor, Tensor]]:
    """Fresh sequences, the same ones for every run of a length and seed."""
    generator = torch.Generator().manual_seed(run.length + 10**6 * run.seed)
    for _ in range(run.steps):
        tokens = torch.randint(CLASSES, (BATCH, run.length), generator=generator)
        yield tokens, tokens[:, 0]


def train(run: Run) -> Result:
    """One run on one thread."""
    torch.set_num_threads(1)
    torch.manual_seed(run.seed)
    predict, step, parameters = gru(run) if run.cell == "gru" else chain(run)
    optimiser = torch.optim.Adam(parameters, lr=run.lr)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, run.steps)
    first, start = None, time.perf_counter()
    for i, (tokens, label) in enumerate(batches(run)):
        if i % TESTED == 0 and first is None and accuracy(predict, tokens, label) >= 0.99:
            first = i
        step(tokens, label, i)
        optimiser.step()
        schedule.step()
    seconds = time.perf_counter() - start
    tokens = torch.randint(CLASSES, (2000, run.length), generator=torch.Generator().manual_seed(12345))
    with torch.no_grad():
        guess = torch.cat([predict(part).argmax(-1) for part in tokens.split(500)])
    counts = torch.zeros(CLASSES, CLASSES, dtype=torch.long)
    counts.index_put_((tokens[:, 0], guess), torch.ones(len(guess), dtype=torch.long), accumulate=True)
    return Result((guess == tokens[:, 0]).double().mean().item(), first, seconds, counts.tolist())


def accuracy(predict: Callable[[Tensor], Tensor], tokens: Tensor, label: Tensor) -> float:
    with torch.no_grad():
        return (predict(tokens).argmax(-1) == label).double().mean().item()


def gru(run: Run) -> tuple[Callable, Callable, list]:
    net = Gru(run.length)

    def step(tokens: Tensor, label: Tensor, _: int) -> None:
        net.zero_grad()
        cross_entropy(net(tokens), label).backward()

    return net, step, list(net.parameters())


def chain(run: Run) -> tuple[Callable, Callable, list]:
    import exnet
    from exnet.learn.loop import make_rule

    net = exnet.build(SPEC.format(length=run.length, cell=CELLS[run.cell], rule=run.rule), seed=run.seed)
    rule = make_rule(net, net.spec.learn)

    def step(tokens: Tensor, label: Tensor, i: int) -> None:
        rule.step(net, tokens, {"first": label}, i, torch.arange(len(tokens)))

    return net, step, list(net.parameters())


def runs(lengths: list[int], cells: list[str], only: list[str], steps: int, seeds: list[int]) -> list[Run]:
    """All of them, longest first."""
    found = []
    for length in sorted(lengths, reverse=True):
        found += [Run(length, c, r, lr, steps, s) for c in cells for r in rules(c) for s in seeds for lr in RATES]
    return [run for run in found if run.rule in only]


def rules(cell: str) -> tuple[str, ...]:
    return ("backprop",) if cell == "gru" else ("xprop", "backprop")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--lengths", default="64,256")
    options.add_argument("--cells", default=",".join([*CELLS, "gru"]))
    options.add_argument("--rules", default="xprop,backprop")
    options.add_argument("--seeds", default="0")
    options.add_argument("--steps", type=int, default=600)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--out", type=Path, default=Path("benchmarks/results/chain.json"))
    chosen = options.parse_args()
    lengths, seeds = ([int(n) for n in text.split(",")] for text in (chosen.lengths, chosen.seeds))
    todo = runs(lengths, chosen.cells.split(","), chosen.rules.split(","), chosen.steps, seeds)
    print("| length | propagators | rule | seed | learning rate | accuracy | first step at 99 % |")
    print("|---|---|---|---|---|---|---|")
    with ProcessPoolExecutor(chosen.jobs, mp_context=get_context("spawn")) as pool:
        for run, result in zip(todo, pool.map(train, todo), strict=True):
            save(chosen.out, [asdict(run) | asdict(result)])
            first = "" if result.first_step is None else result.first_step
            row = (run.length, run.cell, run.rule, run.seed, f"{run.lr:g}", f"{result.accuracy:.1%}", first)
            print("|", " | ".join(map(str, row)), "|", flush=True)


def save(path: Path, rows: list[dict]) -> None:
    """Puts the runs in the place of those of like settings; others that the file has stay."""
    key = [field.name for field in fields(Run)]
    kept = {tuple(row.get(k, 0) for k in key): row for row in (json.loads(path.read_text()) if path.exists() else [])}
    kept |= {tuple(row[k] for k in key): row for row in rows}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([kept[k] for k in sorted(kept)], indent=1) + "\n")


if __name__ == "__main__":
    main()
