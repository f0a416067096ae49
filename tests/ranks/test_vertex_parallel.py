"""Vertex-parallel training equals one process: parameters, figures, state; what crosses is what the cut says."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from processes import Processes
from rank_toys import GRAPHS, compiled, fitted
from test_data_parallel import Ran, run, same_lines, same_tensors

from exnet.compiler import Compiled
from exnet.learn.state import State
from exnet.learn.team import Team
from exnet.learn.vertex_parallel import VertexTeam
from exnet.passing.net import ExtractionNet
from exnet.plan.crossing import crossings
from exnet.plan.cut import cut, parted_classes
from exnet.ranks.peers import Peers
from exnet.source import ExnetError

MODES = ("stochastic()", "deterministic()", "deterministic(combine: max)", "stochastic(draw: batch)")
DOUBLE, SINGLE = (torch.float64, 1e-10), (torch.float32, 1e-6)
KINDS = [(2, DOUBLE, mode) for mode in MODES] + [(3, DOUBLE, mode) for mode in MODES[:2]] + [(2, SINGLE, MODES[0])]


LONG = ("longer chain", "ladder")
"""Chains that are scanned: a scan that the cut divides has other last bits, which forty vertices carry on."""


def one_process(made: Compiled, dtype: torch.dtype) -> Ran:
    return run(Team(ExtractionNet(made.spec, made.plan, dtype=dtype)), fitted(made.spec, columns=dtype))


def team_of(peers: Peers, made: Compiled, dtype: torch.dtype = torch.float64) -> VertexTeam:
    parted = cut(made.plan, peers.size, 5)
    device = torch.device("cpu")
    return VertexTeam(made.spec, made.plan, parted, peers, seed=0, dtype=dtype, device=device)


def on_ranks(peers: Peers, texts: list[tuple[str, str]], dtype: torch.dtype) -> list[Ran]:
    nets = [compiled(*text) for text in texts]
    return [run(team_of(peers, made, dtype), fitted(made.spec, columns=dtype)) for made in nets]


@pytest.mark.parametrize(("size", "kind", "mode"), KINDS)
def test_parameters_and_figures_equal_those_of_one_process(
    processes: Processes, size: int, kind: tuple[torch.dtype, float], mode: str
) -> None:
    dtype, most = kind
    texts = [(name, mode) for name in GRAPHS if dtype == torch.float64 or name not in LONG]
    for text, leading in zip(texts, processes.together(size, on_ranks, texts, dtype)[0], strict=True):
        one = one_process(compiled(*text), dtype)
        same_tensors(one.tensors, leading.tensors, most)
        if dtype == torch.float64:
            same_lines(one.lines, leading.lines)
            same_extractions(one.lines, leading.lines)


def same_extractions(one: list[Mapping[str, Any]], several: list[Mapping[str, Any]]) -> None:
    for a, b in zip(one[1:], several[1:], strict=True):
        for x, y in zip(a["levels"], b["levels"], strict=True):
            assert set(x) == set(y)
            for kind in ("primary", "complementary"):
                assert x.get(kind) == pytest.approx(y.get(kind), abs=1e-6)


@pytest.mark.parametrize("size", [2, 3])
def test_random_nets_equal_those_of_one_process(processes: Processes, size: int) -> None:
    texts = [("random", mode, seed) for seed in range(6) for mode in MODES[:2]]
    texts = [text for text in texts if fits(compiled(*text), size)]
    assert len(texts) > 6
    for text, leading in zip(texts, processes.together(size, on_ranks, texts, torch.float64)[0], strict=True):
        same_tensors(one_process(compiled(*text), torch.float64).tensors, leading.tensors, 1e-10)


def fits(made: Compiled, size: int) -> bool:
    try:
        return not parted_classes(made.plan, cut(made.plan, size, 5).owner)
    except ExnetError:
        return False


BRANCHED = """let h[0] = x[0]
vertex h[t: 1..12] = (h[t-1], x[t % n]) with (primary: plain)
vertex side = (h[11], x[0])
vertex h[12] = (h[11], x[1]) with (primary: plain)
vertex h[t: 13..30] = (h[t-1], x[t % n]) with (primary: plain)
vertex h[30] = (h[29], side) with (primary: plain)
root h[30]
"""


def branched(peers: Peers, mode: str) -> Ran:
    """The chain belongs to rank 0, but for `side`, which reads it in the middle."""
    made = compiled(BRANCHED, mode)
    plan = made.plan
    owner = np.array([plan.vertex_name(row) == "side" for row in range(plan.vertices)], np.int32)
    parted = replace(cut(plan, 2, 5), owner=owner, crossings=crossings(plan, owner))
    team = VertexTeam(made.spec, plan, parted, peers, seed=0, dtype=torch.float64, device=torch.device("cpu"))
    return run(team, fitted(made.spec))


def test_scans_stop_where_other_ranks_are_sent_to(processes: Processes) -> None:
    for mode in MODES[:2]:
        leading = processes.together(2, branched, mode)[0]
        same_tensors(one_process(compiled(BRANCHED, mode), torch.float64).tensors, leading.tensors, 1e-10)


def stopped_and_resumed(peers: Peers, name: str) -> tuple[Ran, Ran]:
    """A run that stops within its second epoch, asked by the last rank alone, and the rest of it."""
    made = compiled(name, "stochastic()")
    first = run(team_of(peers, made), fitted(made.spec), stop_at=9 if peers.rank == peers.size - 1 else 10**9)
    team = team_of(peers, made)
    if peers.leads:
        team.whole.load_state_dict({key: first.tensors[key] for key in team.whole.state_dict()})
    start = team.spread(first.state if peers.leads and first.state is not None else State())
    return first, run(team, fitted(made.spec), start=start)


@pytest.mark.parametrize("name", ["multilayer", "attention"])
def test_a_stopped_run_goes_on(processes: Processes, name: str) -> None:
    one = one_process(compiled(name, "stochastic()"), torch.float64)
    found = processes.together(3, stopped_and_resumed, name)
    assert [first.result.step for first, _ in found] == [8, 8, 8]
    leading = found[0][1]
    same_tensors(one.tensors, leading.tensors, 1e-10)
    same_lines([one.lines[0], *one.lines[2:]], [one.lines[0], *leading.lines])
    same_extractions(one.lines[1:], [one.lines[0], *leading.lines])


@pytest.mark.parametrize("size", [2, 3])
def test_what_is_sent_is_what_the_cut_says(processes: Processes, size: int) -> None:
    """Batches of 5, and one of 1 in each epoch of 6 steps: 26 instances."""
    found = processes.together(size, on_ranks, [(name, "deterministic()") for name in GRAPHS], torch.float64)[0]
    for name, ran in zip(GRAPHS, found, strict=True):
        plan = compiled(name, "deterministic()").plan
        sent = cut(plan, size, 5).crossings.sent(size)
        each = 8 * (plan.primary * sent.primary + plan.complementary * sent.complementary)
        assert ran.lines[-1]["ranks"]["bytes"] == int((each * 26).max()) // 6
        assert ran.lines[-1]["ranks"]["parallel"] == "vertex"
