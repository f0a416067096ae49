"""The standard suite on a GPU: a step of Xprop as a part of what the card does in a matrix product.

    python benchmarks/speed_gpu.py [--only w1,w2] [--batches 64,1024] [--rounds 5] [--json speed_gpu.json]

For W1 to W5, B = 64 and 1,024, and three kinds of numbers: float32 with full products, float32 with TF32 products, and
bfloat16. A step is measured in two forms, in the same rounds: launched, every kernel by the processor, and captured,
all kernels by one replay of a graph. The card's speed is that of `torch.mm` of 8192^3 in the same kind, measured in the
same rounds. Useful operations are counted as in benchmarks/speed.py. Times are on the wall, the card synchronised
before and after; the check of the inputs is part of a step, the optimiser is not. Torch is not asked for deterministic
algorithms, as `exnet train` asks for them.

Where torch sees no GPU it says so and ends. As long as benchmarks/results/speed_gpu.json is not there, this has never
run on a card; what a CPU can run of it is tested.
"""

import argparse
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import torch
from suite.measuring import Figure
from suite.rows import Row, markdown, row, store
from suite.workloads import STANDARD, Ours, Workload, with_batch

import exnet
from exnet.learn.captured import Recorder, cuda_graph

RESULTS = Path(__file__).parent / "results" / "speed_gpu.json"
WORKLOADS = ("w1", "w2", "w3", "w4", "w5")
LEAST = 0.3
"""Seconds that a step runs for in a round, at least."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of numbers.

    Attributes:
        name: as the table has it.
        dtype: of the net.
        precision: of float32 products, as `torch.set_float32_matmul_precision` has it.
    """

    name: str
    dtype: torch.dtype
    precision: str = "highest"


KINDS = (Kind("float32", torch.float32), Kind("TF32", torch.float32, "high"), Kind("bfloat16", torch.bfloat16))


@contextmanager
def products(kind: Kind) -> Generator[None]:
    """Float32 products are made as the kind says."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(kind.precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)


def wait(device: str) -> None:
    """Until the card has done what it was given."""
    if device != "cpu":
        torch.cuda.synchronize()


def seconds(action: Callable[[], object], device: str, least: float = LEAST) -> float:
    """The median time of a run, after one that does not count."""
    action()
    found = list[float]()
    while not found or sum(found) < least:
        wait(device)
        start = perf_counter()
        action()
        wait(device)
        found.append(perf_counter() - start)
    return median(found)


def product_speed(kind: Kind, device: str, size: int, least: float = LEAST) -> float:
    """Operations per second of a matrix product of that size."""
    a, b = (torch.randn(size, size, device=device, dtype=kind.dtype) for _ in range(2))
    out = torch.empty_like(a)
    return 2 * size**3 / seconds(lambda: torch.mm(a, b, out=out), device, least)


def measured(
    workload: Workload,
    kind: Kind,
    device: str,
    rounds: int = 5,
    size: int = 8192,
    least: float = LEAST,
    record: Recorder = cuda_graph,
) -> list[Row]:
    """A step of Xprop at one workload, launched and captured: as parts of the product's speed, and in milliseconds."""
    remarks, speeds = list[str](), list[float]()
    with products(kind):
        launched, captured = (Ours(workload, kind.dtype, device) for _ in range(2))
        captured.capture(record, remarks.append)
        captured.step()
        forms = {"launched": launched} if remarks else {"launched": launched, "captured": captured}
        times: dict[str, list[float]] = {form: [] for form in forms}
        for _ in range(rounds):
            speeds.append(product_speed(kind, device, size, least))
            for form, ours in forms.items():
                times[form].append(seconds(ours.step, device, least))
    title = f"{workload.name.upper()}, B = {workload.batch:,}, {kind.name}"
    return [*rows_of(title, launched.flops, speeds, times), *(Row(title, "captured", None, detail=r) for r in remarks)]


def rows_of(title: str, flops: float, speeds: Sequence[float], times: Mapping[str, Sequence[float]]) -> Iterator[Row]:
    """The rows of one workload, from operations a step, operations a second of a product, and seconds of each form."""
    detail = f"{flops / 1e9:.3g} GFLOP, product at {median(speeds) / 1e12:.3g} TFLOP/s"
    for form, found in times.items():
        parts = Figure.of([flops / t / speed for t, speed in zip(found, speeds, strict=True)])
        yield row(title, f"part of the speed of a matrix product, step {form}", parts, unit="%", detail=detail)
        yield row(title, f"time of a step {form}", Figure.of([1e3 * t for t in found]), unit="ms")
    if "captured" in times:
        ratios = [a / b for a, b in zip(times["launched"], times["captured"], strict=True)]
        yield row(title, "launched / captured, step", Figure.of(ratios))


def run(names: Sequence[str], batches: Sequence[int], rounds: int, path: Path) -> None:
    """Everything, on the first card."""
    device = "cuda"
    about = {"exnet": exnet.__version__, "torch": torch.__version__, "card": torch.cuda.get_device_name()}
    rows = list[Row]()
    for name in names:
        for batch in batches:
            for kind in KINDS:
                rows += measured(with_batch(STANDARD[name], batch), kind, device, rounds)
                store(path, rows, {**about, "rounds": rounds})
    print(markdown(rows))


def main() -> None:
    """Runs, or says why not."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(WORKLOADS))
    parser.add_argument("--batches", default="64,1024")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, default=RESULTS)
    chosen = parser.parse_args()
    names = chosen.only.split(",")
    if unknown := [name for name in names if name not in WORKLOADS]:
        parser.error(f"`--only {','.join(unknown)}`: choose from {', '.join(WORKLOADS)}")
    if not torch.cuda.is_available():
        print("skipped: torch sees no GPU on this machine, and this benchmark measures nothing else")
        return
    run(names, [int(text) for text in chosen.batches.split(",")], chosen.rounds, chosen.json)


if __name__ == "__main__":
    main()
