"""Over random specs: the compiled graph is the reference graph, its levels are right; order plays no part."""

import json
import os
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest

from exnet.graph import elaborate
from exnet.graph.model import Graph
from exnet.learn.compare_graphs import graph_problems
from exnet.plan import make_plan
from exnet.plan.arrays import arrays_of
from exnet.reference import interpret
from exnet.spec import parse
from exnet.testing import permuted, random_spec


def compiled(text: str) -> Graph:
    return elaborate(parse(text)).unwrap()


def test_compiled_graph_is_the_reference_graph(seed: int) -> None:
    text = random_spec(seed)
    problems = list(graph_problems(compiled(text), interpret(parse(text))))
    assert not problems, "\n".join([*problems[:5], text])


def test_levels_are_those_of_networkx(seed: int) -> None:
    graph = compiled(random_spec(seed))
    oracle = nx.MultiDiGraph()
    oracle.add_nodes_from(range(graph.leaf_count + graph.vertex_count))
    for vertex in range(graph.vertex_count):
        for arc in range(graph.child_ptr[vertex], graph.child_ptr[vertex + 1]):
            oracle.add_edge(int(graph.child[arc]), graph.leaf_count + vertex)
    for level, nodes in enumerate(nx.topological_generations(oracle)):
        for node in nodes:
            assert (0 if node < graph.leaf_count else graph.level[node - graph.leaf_count]) == level


def test_permuting_statements_changes_no_name(seed: int) -> None:
    text = random_spec(seed)
    problems = list(graph_problems(compiled(permuted(text, seed)), interpret(parse(text))))
    assert not problems


def test_permuting_statements_changes_no_plan(seed: int) -> None:
    texts = random_spec(seed), permuted(random_spec(seed), seed)
    one, other = (arrays_of(make_plan(parse(text), compiled(text))) for text in texts)
    assert list(one) == list(other)
    assert not [name for name in one if not np.array_equal(one[name], other[name])]


STORE_PLANS = """
import json, sys, tempfile
from hashlib import sha256
from pathlib import Path
from exnet.graph import elaborate
from exnet.plan import make_plan
from exnet.plan.store import save_plan
from exnet.spec import parse
from exnet.testing import random_spec
for seed in json.loads(sys.argv[1]):
    spec = parse(random_spec(seed))
    with tempfile.TemporaryDirectory() as folder:
        save_plan(folder, spec, make_plan(spec, elaborate(spec).unwrap()))
        print(seed, [(p.name, sha256(p.read_bytes()).hexdigest()) for p in sorted(Path(folder).iterdir())])
"""


def stored_plans(seeds: list[int], hash_seed: str) -> str:
    run = subprocess.run(
        [sys.executable, "-c", STORE_PLANS, json.dumps(seeds)],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout


@pytest.mark.parametrize("first", [0, pytest.param(50, marks=pytest.mark.full)])
def test_stored_plan_is_the_same_in_every_run(first: int) -> None:
    seeds = list(range(first, first + 50))
    assert stored_plans(seeds, "0") == stored_plans(seeds, "4242")
