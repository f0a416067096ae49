"""Vertex-parallel training equals one process: parameters, figures, state; what crosses is what the cut says."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from processes import Processes
from rank_toys import fitted
from test_data_parallel import Ran, run, same_lines, same_tensors

from exnet.compiler import Compiled, compile_source
from exnet.learn.optimiser import optimiser_tensors
from exnet.learn.state import State
from exnet.learn.team import Team
from exnet.learn.vertex_parallel import VertexTeam
from exnet.passing.net import ExtractionNet
from exnet.plan.cut import cut
from exnet.ranks.peers import Peers
from exnet.source import Source

HEAD = """exnet t
input x[n] : real[2]
output y : class[3]
space primary = 5, complementary = 4
mode {mode}
learn xprop(batch: 5, epochs: 2, clip: 0.5)
"""
TREE = "param n = 8\n" + HEAD.partition("\n")[2]
GRAPHS = {
    "tree": (4, "let h[0, i: 0..n] = x[i]\nvertex h[l: 1..=2, i: 0..n >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])\nroot h[2, 0]\n"),
    "multilayer": (4, "let h[0, i: 0..n] = x[i]\nvertex h[l: 1..n, i: 0..n-l] = (h[l-1, i], h[l-1, i+1])\nroot h[n-1, 0]\n"),
    "chain": (4, "let h[0] = x[0]\nvertex h[t: 1..n] = (h[t-1], x[t])\nroot h[n-1]\n"),
    "attention": (4, """let z[0, i: 0..n] = x[i]
vertex p[l: 1..=2, i: 0..n, j: 0..n] = (z[l-1, i], z[l-1, j])
vertex t[l: 1..=2, i: 0..n] = (p[l, i, 0], p[l, i, 1], p[l, i, 2], p[l, i, 3])
let z[l: 1..=2, i: 0..n] = t[l, i]
vertex r = (z[2, 0], z[2, 1], z[2, 2], z[2, 3])
root r
"""),
}
MODES = ("stochastic()", "deterministic()", "deterministic(combine: max)")


def compiled(name: str, mode: str) -> Compiled:
    n, body = GRAPHS[name]
    head = HEAD.replace("{mode}", mode).replace("input", f"param n = {n}\ninput", 1)
    return compile_source(Source(name, head + body)).unwrap()


def one_process(name: str, mode: str, dtype: torch.dtype) -> Ran:
    made = compiled(name, mode)
    return run(Team(ExtractionNet(made.spec, made.plan, dtype=dtype)), fitted(made.spec, columns=dtype))


def team_of(peers: Peers, name: str, mode: str, dtype: torch.dtype) -> tuple[Compiled, VertexTeam]:
    made = compiled(name, mode)
    parted = cut(made.plan, peers.size, 5)
    kinds: dict[str, Any] = {"seed": 0, "dtype": dtype, "device": torch.device("cpu")}
    return made, VertexTeam(made.spec, made.plan, parted, peers, **kinds)


def on_ranks(peers: Peers, names: list[str], mode: str, dtype: torch.dtype) -> dict[str, Ran]:
    found = dict[str, Ran]()
    for name in names:
        made, team = team_of(peers, name, mode, dtype)
        found[name] = run(team, fitted(made.spec, columns=dtype))
    return found


@pytest.mark.parametrize(("size", "dtype", "most"), [(2, torch.float64, 1e-10), (3, torch.float64, 1e-10), (2, torch.float32, 1e-6)])
@pytest.mark.parametrize("mode", MODES)
def test_parameters_and_figures_equal_those_of_one_process(
    processes: Processes, size: int, dtype: torch.dtype, most: float, mode: str
) -> None:
    found = processes.together(size, on_ranks, list(GRAPHS), mode, dtype)
    for name in GRAPHS:
        one, leading = one_process(name, mode, dtype), found[0][name]
        same_tensors({k: v for k, v in one.tensors.items()}, leading.tensors, most)
        if dtype == torch.float64:
            same_lines(one.lines, leading.lines)
            same_extractions(one.lines, leading.lines)


def same_extractions(one: list[Mapping[str, Any]], several: list[Mapping[str, Any]]) -> None:
    for a, b in zip(one[1:], several[1:], strict=True):
        for x, y in zip(a["levels"], b["levels"], strict=True):
            assert set(x) == set(y)
            for kind in ("primary", "complementary"):
                assert x.get(kind) == pytest.approx(y.get(kind), abs=1e-6)
