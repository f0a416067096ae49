"""From the measured step to nets of 10^9 vertices on many machines: a model, printed with its assumptions.

compute    v c / (k r)                      v vertices of a rank, c measured, k threads, r measured contention
exchange   2 log2(R) (latency + m / w)      the tops of R subtrees, level by level, up and down; m bytes of one e
stragglers s sqrt(2 ln R) of the compute    s measured spread of a step, if it were normal and independent
memory     v (16 P + 4 B (p + q))           P parameters of a vertex with their gradient and both moments of Adam
"""

import resource
from dataclasses import dataclass
from math import ceil, log, log2, sqrt
from time import process_time
from typing import Any

from exnet.compiler import compile_source
from exnet.plan.cut import cut
from exnet.plan.share import share
from exnet.source import Source

THREADS, MEMORY = 64, 512e9
"""Of a machine, assumed."""
BANDWIDTH, LATENCY = 3e9, 5e-5
"""Of its network, assumed: bytes in a second, and seconds for a message."""
SIZES = (10**6, 10**7, 10**8, 10**9)
PROBE = 2**19
"""Leaves of the tree whose compilation is measured."""
TREE = """exnet probe
const n = {leaves}
input  x[n] : real[4]
output y : class[10]
space  primary = 4, complementary = 4
let    h[0, i: 0..n] = x[i]
vertex h[l: 1..=ceil_log2(n), i: 0..n >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])
root   h[ceil_log2(n), 0]
"""


@dataclass(frozen=True)
class Measured:
    """What the stored measurement says about W2.

    Attributes:
        vertex: seconds of one thread for a vertex and a batch.
        contention: speed of a process while another runs, over its speed alone.
        spread: standard deviation of a step over its mean, from the range of the rounds.
        parameters, width, batch: of the net. efficiency: measured, vertex-parallel.
    """

    vertex: float
    contention: float
    spread: float
    parameters: float
    width: int
    batch: int
    efficiency: float

    @property
    def message(self) -> int:
        """Bytes of the extractions of one vertex."""
        return 4 * self.batch * self.width

    @property
    def memory(self) -> float:
        """Bytes of a vertex: parameter, gradient, two moments; both extractions."""
        return 16 * self.parameters + 2 * self.message


def of(found: dict[str, Any]) -> Measured:
    """The figures of W2."""
    net = found["nets"]["w2"]
    rows = {row["case"]: row for row in found["rows"] if row["workload"] == "w2"}
    one, low, high = rows["one process"]["ms"], *rows["one process"]["spread"]
    return Measured(
        vertex=one / 1e3 / net["vertices"],
        contention=min(1.0, rows["the same on each, nothing sent"]["efficiency"]),
        spread=(high - low) / one / (2 * sqrt(2 * log(found["rounds"]))),
        parameters=net["parameters"] / net["vertices"],
        width=net["width"],
        batch=net["batch"],
        efficiency=rows["vertex-parallel"]["efficiency"],
    )


def extrapolation(found: dict[str, Any]) -> str:
    """Two tables and what they rest on."""
    measured, (seconds, memory) = of(found), compiling()
    head = (
        "| vertices | machines | parameters and Adam | step | waiting for messages | stragglers | sent by a machine |"
    )
    lines = [head, "|---|---|---|---|---|---|---|"]
    lines += [line(measured, vertices) for vertices in SIZES]
    gradients = ["| vertices | gradients of a step, data-parallel | seconds to sum them | compiling, each process |"]
    gradients += ["|---|---|---|---|"]
    for vertices in SIZES:
        size = 4 * measured.parameters * vertices
        cost = f"{vertices * seconds:,.0f} s, {amount(vertices * memory)}"
        gradients.append(
            f"| {vertices:.0e} | {amount(size)} | {2 * size / BANDWIDTH:,.1f} | {cost} |".replace("e+0", "e")
        )
    return "\n".join([*lines, "", *gradients, "", words(measured, seconds, memory)])


def line(measured: Measured, vertices: int) -> str:
    """A step of an unshared tree on the fewest machines whose memory holds it."""
    machines = max(2, ceil(vertices * measured.memory / MEMORY))
    compute = vertices / machines * measured.vertex / (THREADS * measured.contention)
    waiting = 2 * ceil(log2(machines)) * (LATENCY + measured.message / BANDWIDTH)
    late = compute * measured.spread * sqrt(2 * log(machines))
    sent = 2 * measured.message
    cells = (
        f"{vertices:.0e}".replace("e+0", "e"),
        f"{machines:,}",
        amount(vertices * measured.memory),
        f"{compute + waiting + late:.1f} s",
        f"{waiting * 1e3:.2f} ms",
        f"{late:.2f} s",
        f"{amount(sent)} to each neighbour",
    )
    return f"| {' | '.join(cells)} |"


def compiling() -> tuple[float, float]:
    """Seconds and bytes that a vertex of an unshared tree costs, from text to a rank's part."""
    compile_source(Source("warm.exn", TREE.format(leaves=1024))).unwrap()
    before, began = resident(), process_time()
    made = compile_source(Source("probe.exn", TREE.format(leaves=PROBE))).unwrap()
    share(made.plan, cut(made.plan, 2), 0)  # a tree is compiled in closed form; a rank's part needs its arrays
    taken = process_time() - began
    return taken / made.plan.vertices, max(0, resident() - before) / made.plan.vertices


def resident() -> int:
    """The most memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def amount(size: float) -> str:
    """Bytes in the largest unit that leaves at least one."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 1000 or unit == "TB":
            return f"{size:,.1f} {unit}"
        size /= 1000
    raise AssertionError


def words(measured: Measured, seconds: float, memory: float) -> str:
    """The assumptions."""
    return (
        f"Measured: {measured.vertex * 1e6:.0f} us of one thread for a vertex and a batch of {measured.batch} "
        f"({measured.parameters:,.0f} parameters), {measured.contention:.2f} of it beside another process,\n"
        f"spread of a step {measured.spread:.3f}, a message of {measured.message:,} bytes, vertex-parallel efficiency "
        f"{measured.efficiency:.2f}, compiling and cutting {seconds * 1e6:.2f} us and {memory:,.0f} bytes a vertex.\n"
        f"Assumed: machines of {THREADS} threads and {MEMORY / 1e9:.0f} GB, a network of {BANDWIDTH / 1e9:.0f} GB/s "
        f"and {LATENCY * 1e6:.0f} us for a message."
    )
