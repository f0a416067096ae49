"""Levels, depths, reach and cycles of random graphs, against networkx."""

import networkx as nx
import numpy as np
import pytest

from exnet.graph import levels, narrow
from exnet.graph.levels import Cyclic, Dag, Deep, find_cycle, guess_levels, levels_and_depths, reachable

LEAVES = 3


def random_dag(rng: np.random.Generator, vertices: int) -> tuple[Dag, nx.MultiDiGraph]:
    """Vertices in random order, each reading some that come before it in that order; the last one is the root."""
    order = rng.permutation(vertices)
    children: list[list[int]] = [[] for _ in range(vertices)]
    for place, vertex in enumerate(order):
        for _ in range(rng.integers(1, 5)):
            low = max(0, place - int(rng.integers(1, 12)))
            node = int(rng.integers(low, place)) if place and rng.random() < 0.8 else -1
            leaf = int(rng.integers(LEAVES))
            children[vertex].append(leaf if node < 0 else LEAVES + int(order[node]))
    ptr = np.concatenate([[0], np.cumsum([len(c) for c in children])])
    child = np.array([c for row in children for c in row], dtype=np.int32)
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(LEAVES + vertices))
    graph.add_edges_from((LEAVES + v, c) for v in range(vertices) for c in children[v])
    return Dag(ptr, child, LEAVES, int(order[-1]), list), graph


def reached(dag: Dag, graph: nx.MultiDiGraph) -> np.ndarray:
    below = nx.descendants(graph, LEAVES + dag.root) | {LEAVES + dag.root}
    return np.array([LEAVES + v in below for v in range(dag.vertices)])


def part(dag: Dag, keep: np.ndarray) -> Dag:
    number = np.cumsum(keep) - 1
    rows = np.flatnonzero(keep)
    child = dag.child[dag.arcs(rows)]
    child = np.where(child < LEAVES, child, LEAVES + number[np.maximum(child - LEAVES, 0)]).astype(np.int32)
    ptr = np.concatenate([[0], np.cumsum(np.diff(dag.ptr)[rows])])
    return Dag(ptr, child, LEAVES, int(number[dag.root]), list)


@pytest.mark.parametrize("wide", [3, 10_000])
@pytest.mark.parametrize("seed", range(20))
def test_random_graphs_by_lists(seed: int, wide: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same by lists from the eighth round on, whether they end the walk or hand it back."""
    monkeypatch.setattr(levels, "FIRST_GUESS", 1)
    monkeypatch.setattr(narrow, "WIDE", wide)
    test_random_graphs(seed)


def test_lists_find_cycles_and_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain of 2,000 with short cuts; the same too deep, and with a start that reads further up."""
    child = np.array([[v - 1, max(v - 1 - v * v % 5, -1)] for v in range(2000)]) + 1
    dag = Dag(np.arange(0, 4001, 2), child.ravel().astype(np.int32), 1, 1999, list)
    level, depth = levels_and_depths(dag, 10_000)
    assert level.tolist() == list(range(1, 2001))
    assert depth.tolist() == list(range(2000))[::-1]
    with pytest.raises(Deep):
        levels_and_depths(dag, 1000)
    looped = child.copy()
    looped[0, 1] = 101
    with pytest.raises(Cyclic) as found:
        levels_and_depths(Dag(dag.ptr, looped.ravel().astype(np.int32), 1, 1999, list), 10_000)
    assert 50 in found.value.left
    assert 1500 not in found.value.left


@pytest.mark.parametrize("seed", range(60))
def test_random_graphs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    dag, graph = random_dag(rng, int(rng.integers(1, 120)))
    wanted = reached(dag, graph)
    found = reachable(dag)
    assert np.array_equal(np.ones(dag.vertices, bool) if found is None else found, wanted)
    level, depth = levels_and_depths(part(dag, wanted), 10_000)
    kept = LEAVES + np.flatnonzero(wanted)
    inside = graph.subgraph([*range(LEAVES), *kept.tolist()])
    longest: dict[int, int] = {}
    for node in reversed(list(nx.topological_sort(inside))):
        longest[node] = max((1 + longest[c] for c in inside.successors(node)), default=0)
    assert level.tolist() == [longest[int(k)] for k in kept]
    for far, generation in enumerate(nx.topological_generations(inside.subgraph(kept.tolist()))):
        assert {int(depth[np.flatnonzero(kept == node)[0]]) for node in generation} == {far}


@pytest.mark.parametrize("seed", range(30))
def test_a_cycle_is_found(seed: int) -> None:
    rng = np.random.default_rng(1000 + seed)
    dag, graph = random_dag(rng, 60)
    dag = part(dag, reached(dag, graph))
    low = int(rng.integers(dag.vertices))
    dag.child[dag.ptr[low]] = LEAVES + dag.root
    with pytest.raises(Cyclic) as caught:
        levels_and_depths(dag, 1000)
    circle = find_cycle(dag, caught.value.left)
    for reader, read in zip(circle, [*circle[1:], circle[0]], strict=True):
        assert LEAVES + read in dag.child[dag.ptr[reader] : dag.ptr[reader + 1]]
    assert circle[0] == min(circle)


def chain(n: int) -> Dag:
    child = np.column_stack([np.arange(n, dtype=np.int32), np.zeros(n, np.int32)]).reshape(-1)
    table = np.arange(n).reshape(-1, 1)
    return Dag(np.arange(0, 2 * n + 1, 2), child, 1, n - 1, lambda: [(0, table)])


def test_long_chains_have_a_closed_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(levels, "_levels", None)
    level, depth = levels_and_depths(chain(100_000), 1000)
    assert np.array_equal(level, np.arange(1, 100_001))
    assert np.array_equal(depth, np.arange(100_000)[::-1])


def test_a_closed_form_is_proved_before_it_is_believed() -> None:
    dag = chain(1000)
    dag.child[2 * 700] = 3
    assert guess_levels(dag, 6) is None
    dag = chain(1000)
    dag.child[2 * 10] = 900
    assert guess_levels(dag, 6) is None


def test_depth_without_a_closed_form_is_limited() -> None:
    dag = chain(1000)
    dag.child[2 * 700 + 1] = 350
    dag.features = list
    with pytest.raises(Deep):
        levels_and_depths(dag, 500)
