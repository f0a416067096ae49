"""The graphs of the workloads as a peer would write them down: vertices one by one, with the names of their classes.

Nothing here asks exnet. The names are those that exnet gives its sharing classes, so that a peer can be handed the
parameters of exnet's net; that graph and names agree is shown by the gradients, which must be equal.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Graph:
    """Nodes are numbered: leaves first, then vertices, children before parents. The last one is the root.

    Attributes:
        leaves: L.
        children: of each vertex, two node numbers.
        primary, trainer: the class of each vertex.
        complementary: of each vertex, the classes of the arcs to its two children (not used for leaves).
    """

    leaves: int
    children: list[tuple[int, int]] = field(default_factory=list)
    primary: list[str] = field(default_factory=list)
    trainer: list[str] = field(default_factory=list)
    complementary: list[tuple[str, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.children)

    def add(self, pair: tuple[int, int], pool: str, key: str, arcs: tuple[str, str]) -> int:
        """The number of a new vertex; `key` is that of phi and psi, `arcs` are those of the two slots."""
        self.children.append(pair)
        self.primary.append(f"{pool}/primary{bracket(key)}")
        self.trainer.append(f"{pool}/trainer{bracket(key)}")
        self.complementary.append(
            (f"{pool}/complementary{bracket(arcs[0])}", f"{pool}/complementary{bracket(arcs[1])}")
        )
        return self.leaves + len(self.children) - 1


def bracket(key: str) -> str:
    """`[key]`, or nothing."""
    return f"[{key}]" if key else ""


def slots(key: str) -> tuple[str, str]:
    """The default keys of the two arcs: the parent's, and the slot."""
    lead = f"{key}, " if key else ""
    return f"{lead}slot=0", f"{lead}slot=1"


def tree(depth: int, shared: bool) -> Graph:
    """W1 (shared by level, both slots alike) and W2."""
    graph = Graph(2**depth)
    below = list(range(2**depth))
    for level in range(1, depth + 1):
        keys = [f"l={level}" if shared else f"l={level}, i={i}" for i in range(len(below) // 2)]
        pairs = [(below[2 * i], below[2 * i + 1]) for i in range(len(keys))]
        below = [
            graph.add(pair, "h", key, (key, key) if shared else slots(key))
            for pair, key in zip(pairs, keys, strict=True)
        ]
    return graph


def chain(length: int, shared: bool) -> Graph:
    """W3 (all shared) and W4: vertex t joins what came before with token t."""
    graph, last = Graph(length + 1), 0
    for t in range(1, length + 1):
        key = "" if shared else f"t={t}"
        last = graph.add((last, t), "h", key, slots(key))
    return graph


def attention(n: int, layers: int = 2) -> Graph:
    """W5: in each layer all pairs of positions and a tree over the pairs of each position; a tree over the last."""
    graph = Graph(n)
    below = list(range(n))
    for layer in range(1, layers + 1):
        key = f"l={layer}"
        pairs = [[graph.add((a, b), "x.attention.pair", key, slots(key)) for b in below] for a in below]
        below = joined(graph, pairs, "x.attention.out.tree.h", f"l={layer}, ")
    joined(graph, [below], "root.tree.h", "")
    return graph


def joined(graph: Graph, rows: list[list[int]], pool: str, lead: str) -> list[int]:
    """A complete tree over each row, all shared by level: the tops."""
    level = 0
    while len(rows[0]) > 1:
        level += 1
        key = f"{lead}l={level}"
        rows = [[graph.add((row[i], row[i + 1]), pool, key, slots(key)) for i in range(0, len(row), 2)] for row in rows]
    return [row[0] for row in rows]
