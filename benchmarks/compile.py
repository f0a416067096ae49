"""What it costs to compile: seconds and memory from text to plan, for nets of a million vertices and more.

    python benchmarks/compile.py [--rounds 3] [--quick] [--page docs/performance-compile.md]

Every point runs in a process of its own, `--rounds` times, points interleaved. Before the clock starts the process has
imported everything and compiled a net of four leaves. Printed: the smallest wall and processor seconds of all rounds,
and the peak of resident memory beyond what the process held before. Ways:

    symbolic     `compile_source`, as everybody calls it; arrays are made when something reads them
    plan         the same with symbolic graphs switched off: every vertex is enumerated; without the hashes and the
                 groups of the local update, which are made when they are first read
    everything   the same, and then every array of the plan is read
    networkx     a fair reader of networkx: arcs into a DiGraph, longest paths over its topological order, vertices
                 grouped by level and class. No plan.

Nets: the standard tree over n leaves; two layers of attention over n elements and a tree; the standard chain; a chain
that skips an element now and then, whose levels have no closed form. V counts internal vertices. The slope is that of
log seconds over log V, least squares, from about 10^5 to 10^7 vertices.
"""

import argparse
import json
import math
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

HEAD = "exnet t\ninput x[{n}] : real[4]\noutput y : class[10]\n"
NETS = {
    "tree": "root tree(x)\n",
    "attention": (
        "let h[0, i: 0..{n}] = x[i]\nlet h[l: 1..=2, i: 0..{n}] = attention(h[l-1, :])[i]\nroot tree(h[2, :])\n"
    ),
    "chain": "root chain(x)[{n}-1]\n",
    "irregular": "let h[0] = x[0]\nvertex h[i: 1..={n}] = (h[i-1-(i%7)//6], x[i-1]) share all\nroot h[{n}]\n",
}
MUST = (
    ("tree", 2**20, "symbolic"),
    ("tree", 2**20, "plan"),
    ("tree", 2**20, "everything"),
    ("tree", 2**20, "networkx"),
    ("attention", 512, "symbolic"),
    ("attention", 512, "plan"),
    ("attention", 512, "everything"),
    ("attention", 512, "networkx"),
    ("irregular", 1_170_000, "plan"),
)
FLAT = tuple(("tree", 2**k, "symbolic") for k in (17, 20, 23)) + tuple(("chain", 10**k, "symbolic") for k in (5, 6, 7))
GROWTH = (
    *(("tree", 2**k, "plan") for k in (17, 20, 23)),
    *(("attention", n, "plan") for n in (158, 500, 1581)),
    *(("chain", 10**k, "plan") for k in (5, 6, 7)),
)


@dataclass(frozen=True)
class Point:
    """One net, compiled one way: the best of its rounds."""

    net: str
    size: int
    way: str
    vertices: int
    wall: float
    processor: float
    megabytes: float


def peak() -> float:
    """The largest resident memory of this process so far, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def measured(net: str, size: int, way: str) -> Point:
    """One round of one point, in this process."""
    work = by_networkx if way == "networkx" else compiled
    work(net, 4, way)
    before, wall, processor = peak(), time.perf_counter(), time.process_time()
    vertices = work(net, size, way)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    return Point(net, size, way, vertices, wall, processor, peak() - before)


def compiled(net: str, size: int, way: str) -> int:
    """Compiles a net; its number of vertices."""
    from exnet.compiler import compile_source
    from exnet.graph.elaborate import NEVER, elaborate
    from exnet.graph.limits import Limits
    from exnet.plan.arrays import arrays_of
    from exnet.plan.make import plan_spec
    from exnet.source import Source
    from exnet.spec import analyse_source

    limits = Limits(vertices=10**8, arcs=10**9, scanned=10**9, deep_levels=10**8)
    source = Source("<benchmark>", (HEAD + NETS[net]).format(n=size))
    if way == "symbolic":
        return compile_source(source, None, limits).unwrap().plan.vertices
    spec = analyse_source(source).unwrap()
    graph = elaborate(spec, limits, NEVER).unwrap()
    plan = plan_spec(spec, graph, limits).unwrap()
    if way == "everything":
        arrays_of(plan)
    return plan.vertices


def tree_arcs(leaves: list[int], new: int, name: object) -> Iterator[tuple[int, object, tuple[int, int]]]:
    """Vertex, class and children of a binary tree; vertices are numbered from `new` on, the root last."""
    level = 1
    while len(leaves) > 1:
        above = list[int]()
        for left, right in zip(leaves[::2], leaves[1::2], strict=False):
            yield new, (name, level), (left, right)
            above.append(new)
            new += 1
        leaves, level = above + leaves[len(leaves) - len(leaves) % 2 :], level + 1


def attention_arcs(n: int) -> Iterator[tuple[int, object, tuple[int, int]]]:
    """The same of two layers of attention and a tree."""
    inputs, new = list(range(n)), n
    for layer in (1, 2):
        outputs = list[int]()
        for i in range(n):
            pairs = list(range(new, new + n))
            for j, vertex in enumerate(pairs):
                yield vertex, (layer, "pair"), (inputs[i], inputs[j])
            for vertex, kind, children in tree_arcs(pairs, new + n, layer):
                yield vertex, kind, children
                new = vertex + 1
            outputs.append(new - 1)
        inputs = outputs
    yield from tree_arcs(inputs, new, "top")


def by_networkx(net: str, size: int, way: str) -> int:
    """The graph, its levels and its groups as somebody would find them with networkx; the number of vertices."""
    import networkx

    del way
    graph, kinds = networkx.DiGraph(), dict[int, object]()
    found = tree_arcs(list(range(size)), size, "tree") if net == "tree" else attention_arcs(size)
    for vertex, kind, children in found:
        kinds[vertex] = kind
        graph.add_edges_from((vertex, child) for child in children)
    level: dict[int, int] = {}
    for node in reversed(list(networkx.topological_sort(graph))):
        level[node] = max((1 + level[child] for child in graph.successors(node)), default=0)
    groups: dict[tuple[int, object], list[int]] = defaultdict(list)
    for vertex, kind in kinds.items():
        groups[level[vertex], kind].append(vertex)
    return len(kinds)


# All points


def best(points: list[Point]) -> Point:
    """The smallest figures of some rounds of one point."""
    one = points[0]
    least: Callable[[str], float] = lambda name: min(getattr(p, name) for p in points)  # noqa: E731
    return Point(
        one.net, one.size, one.way, one.vertices, least("wall"), least("processor"), round(least("megabytes"), 1)
    )


def run(wanted: list[tuple[str, int, str]], rounds: int) -> list[Point]:
    """All points, interleaved."""
    found: dict[tuple[str, int, str], list[Point]] = {key: [] for key in wanted}
    for number in range(rounds):
        for net, size, way in wanted:
            if number and size > 1_300_000 and way == "plan":
                continue  # the largest points once
            command = [sys.executable, __file__, "--point", net, str(size), way]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            found[net, size, way].append(Point(**json.loads(done.stdout)))
            print(f"{number + 1}/{rounds} {net} {size} {way}", file=sys.stderr)
    return [best(points) for points in found.values()]


def slope(points: list[Point]) -> float:
    """Of log processor seconds over log vertices."""
    xs, ys = [math.log(p.vertices) for p in points], [math.log(p.processor) for p in points]
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True)) / sum((x - mx) ** 2 for x in xs)


def page(points: list[Point]) -> str:
    """The tables."""
    known = {(p.net, p.size, p.way): p for p in points}
    lines = [
        "| net | internal vertices | way | wall s | processor s | MB | networkx / this (processor) |",
        "|" + "---|" * 7,
    ]
    for key in (key for key in MUST if key in known):
        p, peer = known[key], known.get((key[0], key[1], "networkx"))
        ratio = f"{peer.processor / p.processor:,.0f}x" if peer and p is not peer else ""
        lines.append(_row(p) + f" {ratio} |")
    lines += ["", "| net | internal vertices | way | wall s | processor s | MB |", "|" + "---|" * 6]
    lines += [_row(known[key]) for key in (*FLAT, *GROWTH) if key in known]
    for net in ("tree", "attention", "chain"):
        grown = [known[key] for key in GROWTH if key[0] == net and key in known]
        if len(grown) == 3:
            lines.append(f"\nSlope of {net}, enumerated: {slope(grown):.2f}.")
    return "\n".join(lines) + "\n"


def _row(p: Point) -> str:
    return f"| {p.net} | {p.vertices:,} | {p.way} | {p.wall:.3f} | {p.processor:.3f} | {p.megabytes:,.0f} |"


def main() -> None:
    """Measures, prints, writes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="without the growth of enumeration")
    parser.add_argument("--page", type=Path, help="put the tables between the marks of this page")
    parser.add_argument("--point", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.point:
        net, size, way = given.point
        print(json.dumps(asdict(measured(net, int(size), way))))
        return
    wanted = list(dict.fromkeys([*MUST, *FLAT, *(() if given.quick else GROWTH)]))
    points = run(wanted, given.rounds)
    home = Path(__file__).parent / "results"
    home.mkdir(exist_ok=True)
    (home / "compile.json").write_text(json.dumps([asdict(p) for p in points], indent=1) + "\n")
    text = page(points)
    print(text)
    if given.page:
        before, _, rest = given.page.read_text().partition("<!-- figures -->\n")
        after = rest.partition("<!-- end -->\n")[2]
        given.page.write_text(f"{before}<!-- figures -->\n{text}<!-- end -->\n{after}")


if __name__ == "__main__":
    main()
