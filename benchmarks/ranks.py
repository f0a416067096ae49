"""Several processes: what a training step costs on two, data-parallel and vertex-parallel, and what it sends.

    python benchmarks/ranks.py [--rounds 9] [--ranks 2] [--json benchmarks/results/ranks.json] [--write-docs]
    python benchmarks/ranks.py --extrapolate [--write-docs]

One thread for each process. All cases take turns within one run on the same processes; a case of one process runs while
the others wait. A time is that of the slowest rank, from a barrier to its own last operation, gradients included,
optimiser not; the table has medians over the rounds, and ratios are medians of those of single rounds. Efficiency =
time of one process / (N x time of N) at the same total work, and where each process has a whole batch time of one
process / time of N. By the clock it suffers from whatever else the machine does, which the second line of a workload
shows: "against independent" takes the time of that line, N processes that send nothing, instead of the time of one
that runs alone; "by processor" counts the processor time of the busiest rank, in which waiting is free.

`--extrapolate` reads the stored measurement and predicts steps of 10^6 to 10^9 vertices (see the words in its output).
"""

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import torch
import torch.distributed as dist
from ranks_extrapolated import extrapolation
from torch import Tensor

from exnet.compiler import Compiled, compile_source, read_source
from exnet.learn.data_parallel import DataTeam
from exnet.learn.loop import make_rule
from exnet.learn.team import Team
from exnet.learn.vertex_parallel import VertexTeam
from exnet.passing.net import ExtractionNet
from exnet.plan.cost import cost
from exnet.plan.cut import cut
from exnet.ranks.peers import Peers, joined

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "ranks.json"
PAGE = ROOT / "docs" / "scaling.md"
BATCH = 64


@dataclass(frozen=True)
class Case:
    """One line of the table.

    Attributes:
        name: what runs. workload: `w1` or `w2`. step: one training step of this process.
        alone: whether the first process runs it and the others wait.
        work: batches of `BATCH` instances that a step of all processes sees.
    """

    name: str
    workload: str
    step: Callable[[], None]
    alone: bool = False
    work: int = 1


class Workload:
    """A net in all the ways in which it is trained here."""

    def __init__(self, name: str, peers: Peers, cut_too: bool) -> None:
        self.name, self._peers = name, peers
        self.made = compiled(name)
        self.alone = Team(ExtractionNet(self.made.spec, self.made.plan, dtype=torch.float32))
        self.data = DataTeam(self.alone.net, peers)
        self.vertex = None if not cut_too else self._cut()

    def cases(self) -> list[Case]:
        """What is timed."""
        size = self._peers.size
        whole, wide = batch_of(self.alone.net, BATCH), batch_of(self.alone.net, BATCH * size)
        found = [
            Case("one process", self.name, stepper(self.alone, whole), alone=True),
            Case("the same on each, nothing sent", self.name, stepper(self.alone, whole), work=0),
            Case("data-parallel, weak", self.name, stepper(self.data, wide), work=size),
            Case("data-parallel, strong", self.name, stepper(self.data, whole)),
        ]
        return (
            found if self.vertex is None else [*found, Case("vertex-parallel", self.name, stepper(self.vertex, whole))]
        )

    def _cut(self) -> VertexTeam:
        made = self.made
        parted = cut(made.plan, self._peers.size, BATCH)
        device = torch.device("cpu")
        return VertexTeam(made.spec, made.plan, parted, self._peers, seed=0, dtype=torch.float32, device=device)


def compiled(name: str) -> Compiled:
    """A workload of the standard suite."""
    return compile_source(read_source(str(ROOT / "benchmarks" / "workloads" / f"{name}.exn"))).unwrap()


def batch_of(net: ExtractionNet, rows: int) -> tuple[dict[str, Tensor], dict[str, Tensor], Tensor]:
    """Inputs, targets and numbers of random instances."""
    generator, (source,), (output,) = torch.Generator().manual_seed(0), net.spec.inputs, net.spec.outputs
    x = torch.randn(rows, source.leaves, source.type.width, generator=generator)
    y = torch.randint(output.type.width, (rows,), generator=generator)
    return {source.name: x}, {output.name: y}, torch.arange(rows)


def stepper(team: Team, batch: tuple[Any, Any, Tensor]) -> Callable[[], None]:
    """One training step without the optimiser, as the loop makes it: the processes agree that it went well."""
    rule = team.rule(make_rule(team.net, team.net.spec.learn))

    def step() -> None:
        rule.step(team.net, batch[0], batch[1], 0, batch[2])
        team.check(lambda: None, bool)

    return step


def measure(rank: int, size: int, meeting: str, rounds: int, steps: int, where: str) -> None:
    """The life of one process; the first one writes what was measured."""
    torch.set_num_threads(1)
    with joined(method=meeting, rank=rank, size=size) as peers:
        loads = [Workload("w1", peers, False), Workload("w2", peers, True)]
        cases = [case for load in loads for case in load.cases()]
        found = [Times(case) for case in cases]
        peak = 0.0
        for turn in range(rounds + 1):  # the first is for warming up
            for times in found:
                times.take(peers, steps, kept=turn > 0)
            peak = max(peak, matrix_product())
        if peers.leads:
            about = {"peak": peak, "rounds": rounds, "steps": steps, "ranks": size, "nets": facts(loads, size)}
            Path(where).write_text(json.dumps({**about, "rows": [row(times, found, size) for times in found]}))


@dataclass(eq=False)
class Times:
    """What was measured of a case: milliseconds of a step at the slowest rank, by the clock and of its processor."""

    case: Case
    clock: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    sent: int = 0

    def take(self, peers: Peers, steps: int, kept: bool) -> None:
        """One round."""
        dist.barrier()
        sent, began, spent = peers.sent, perf_counter(), process_time()
        if not self.case.alone or peers.leads:
            for _ in range(steps):
                self.case.step()
        taken = [(perf_counter() - began) * 1e3 / steps, (process_time() - spent) * 1e3 / steps]
        every = peers.gathered((*taken, (peers.sent - sent) // steps))
        if kept:
            chosen = every[:1] if self.case.alone else every
            self.clock.append(max(one[0] for one in chosen))
            self.busy.append(max(one[1] for one in chosen))
            self.sent = max(one[2] for one in chosen)


def facts(loads: Sequence[Workload], size: int) -> dict[str, Any]:
    """What the extrapolation needs to know of the nets."""
    made = {}
    for load in loads:
        plan, parted = load.made.plan, cut(load.made.plan, size, BATCH)
        prices = cost(plan)
        facts = {
            "vertices": plan.vertices,
            "parameters": prices.parameters,
            "flops": prices.step,
            "width": plan.primary,
        }
        made[load.name] = {**facts, "balance": parted.balance, "efficiency": parted.efficiency, "batch": BATCH}
    return made


def matrix_product(size: int = 1024) -> float:
    """GFLOP/s of one product of two square matrices."""
    a, b = torch.randn(size, size), torch.randn(size, size)
    began = perf_counter()
    torch.mm(a, b)
    return 2 * size**3 / (perf_counter() - began) / 1e9


def row(times: Times, every: Sequence[Times], size: int) -> dict[str, Any]:
    """A line of the table; ratios are medians of those of single rounds."""
    case = times.case
    one = next(other for other in every if other.case.workload == case.workload and other.case.alone)
    both = next(other for other in every if other.case.workload == case.workload and other.case.work == 0)
    speed, share = ratio(one.clock, times.clock), ratio(one.busy, times.busy)
    work = case.work / size  # whole batches of each process
    return {
        "workload": case.workload,
        "case": case.name,
        "ms": median(times.clock),
        "spread": [min(times.clock), max(times.clock)],
        "busy": median(times.busy),
        "speedup": None if case.alone or case.work == 0 else speed * case.work,
        "efficiency": None if case.alone else speed * (work or 1.0),
        "fair_efficiency": None if case.alone else ratio(both.clock, times.clock) * (work or 1.0),
        "busy_efficiency": None if case.alone else share * (work or 1.0),
        "bytes": times.sent,
    }


def ratio(one: Sequence[float], several: Sequence[float]) -> float:
    """How many times faster."""
    return median(a / b for a, b in zip(one, several, strict=True))


HEAD = ("workload", "case", "ms", "range", "speed-up", "efficiency", "against independent", "by processor", "bytes")


def table(found: dict[str, Any]) -> str:
    """The rows as markdown."""
    lines = [f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|"]
    for one in found["rows"]:
        ratios = [shown(one[name]) for name in ("speedup", "efficiency", "fair_efficiency", "busy_efficiency")]
        low, high = one["spread"]
        times = (f"{one['ms']:.1f}", f"{low:.1f} to {high:.1f}")
        cells = (one["workload"], one["case"], *times, *ratios, f"{one['bytes']:,}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def shown(value: float | None) -> str:
    """With two digits, or nothing."""
    return "" if value is None else f"{value:.2f}"


def run(ranks: int, rounds: int, steps: int) -> dict[str, Any]:
    """Starts the processes and waits for them."""
    context = get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        where, meeting = f"{folder}/found.json", f"file://{folder}/meeting"
        arguments = [(rank, ranks, meeting, rounds, steps, where) for rank in range(ranks)]
        processes = [context.Process(target=measure, args=one) for one in arguments]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        return {**json.loads(Path(where).read_text()), **about()}


def about() -> dict[str, Any]:
    """Where the figures were made."""
    processor = f"{os.cpu_count()} cores, {torch.backends.cpu.get_cpu_capability()}"
    return {
        "torch": torch.__version__,
        "python": platform.python_version(),
        "processor": processor,
        "date": date.today().isoformat(),
    }


def put(name: str, text: str) -> None:
    """Replaces what stands between the two marks of a part of the page."""
    start, end, page = f"<!-- {name}: -->\n", f"<!-- :{name} -->", PAGE.read_text()
    before, rest = page.split(start)
    PAGE.write_text(f"{before}{start}\n{text}\n\n{end}{rest.split(end)[1]}")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ranks", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--json", type=Path, default=RESULTS)
    parser.add_argument("--extrapolate", action="store_true")
    parser.add_argument("--write-docs", action="store_true")
    given = parser.parse_args()
    if not given.extrapolate:
        found = run(given.ranks, given.rounds, given.steps)
        given.json.write_text(json.dumps(found, indent=1) + "\n")
    found = json.loads(given.json.read_text())
    shown = extrapolation(found) if given.extrapolate else f"{table(found)}\n\n{words(found)}"
    print(shown)
    if given.write_docs:
        put("extrapolation" if given.extrapolate else "measured", shown)


def words(found: dict[str, Any]) -> str:
    """How the table was made."""
    made = f"{found['date']}, torch {found['torch']}, {found['processor']}, {found['ranks']} processes of one thread"
    turns = f"medians of {found['rounds']} rounds of {found['steps']} steps"
    return f"Made on {made}: {turns}; matrix product {found['peak']:.0f} GFLOP/s."


if __name__ == "__main__":
    main()
