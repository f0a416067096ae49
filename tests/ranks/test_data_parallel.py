"""Data-parallel training equals one process, to rounding: every rule, both modes, uneven and empty slices."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
import torch
from processes import Processes
from rank_toys import DAG, SHARED, fitted
from torch import Tensor

import exnet
from exnet.data import Fitted
from exnet.learn.data_parallel import DataTeam, bounds
from exnet.learn.loop import Result, Run
from exnet.learn.observer import Observer
from exnet.learn.state import State
from exnet.learn.team import Team
from exnet.passing.net import ExtractionNet
from exnet.ranks.peers import Peers

RULES = {
    "xprop": "xprop(batch: 5, epochs: 2, clip: 0.5)",
    "deterministic": "xprop(batch: 5, epochs: 2, optimiser: sgd(lr: 0.1, momentum: 0.9))",
    "xprop_star": "xprop_star(group: level, steps: 2, batch: 5, epochs: 2)",
    "backprop": "backprop(batch: 5, epochs: 2)",
}


class Lines(Observer):
    """Remembers the lines of metrics."""

    def __init__(self) -> None:
        self.lines: list[Mapping[str, Any]] = []
        self.state: State | None = None
        self.optimiser: Mapping[str, Tensor] = {}

    def epoch_ended(self, record: Mapping[str, Any], net: ExtractionNet, state: State) -> None:
        self.lines.append(record)
        self.optimiser = {name: value.clone() for name, value in state.optimiser.items()}

    def stopped(self, record: Mapping[str, Any], net: ExtractionNet, state: State) -> None:
        self.state = state


@dataclass
class Ran:
    """How a run ended."""

    result: Result
    lines: list[Mapping[str, Any]]
    tensors: dict[str, Tensor]
    state: State | None


def text_of(name: str) -> str:
    mode = "deterministic()" if name == "deterministic" else "stochastic()"
    return (SHARED if name == "backprop" else DAG).replace("{mode}", mode).replace("{learn}", RULES[name])


def net_of(name: str) -> ExtractionNet:
    return exnet.build(text_of(name), dtype=torch.float64)


def run(team: Team, data: Fitted, stop_at: int = 10**9, start: State | None = None, **options: Any) -> Ran:
    lines, steps = Lines(), 0

    def stop() -> bool:
        nonlocal steps
        steps += 1
        return steps >= stop_at

    made = Run(team.net, data, team.net.spec.learn, 0, lines, stop, start=start or State(), team=team, **options)
    result = made.train()
    tensors = {name: value.detach().clone() for name, value in team.whole.state_dict().items()}
    tensors |= lines.optimiser
    return Ran(result, lines.lines, tensors, lines.state)


def on_ranks(peers: Peers, names: list[str]) -> dict[str, Ran]:
    return {name: run(DataTeam(net_of(name), peers), fitted(net_of(name).spec)) for name in names}


@pytest.mark.parametrize("size", [2, 3])
def test_loss_curve_equals_that_of_one_process(processes: Processes, size: int) -> None:
    found = processes.together(size, on_ranks, list(RULES))
    for name in RULES:
        one = run(Team(net_of(name)), fitted(net_of(name).spec))
        leading = found[0][name]
        same_lines(one.lines, leading.lines)
        same_tensors(one.tensors, leading.tensors, 1e-10)
        assert one.result.test is not None
        assert leading.result.test is not None
        assert abs(one.result.test.loss - leading.result.test.loss) < 1e-10
        for other in found[1:]:  # all ranks hold the same bits
            assert other[name].result.test is None
            assert all(torch.equal(value, other[name].tensors[key]) for key, value in leading.tensors.items())


def same_lines(one: list[Mapping[str, Any]], several: list[Mapping[str, Any]]) -> None:
    assert len(one) == len(several)
    for a, b in zip(one[1:], several[1:], strict=True):
        assert b["ranks"]["bytes"] > 0
        assert (a["epoch"], a["step"], a["rate"]) == (b["epoch"], b["step"], b["rate"])
        close(a["loss"], b["loss"])
        close(a["accuracy"], b["accuracy"])
        for x, y in zip(a["levels"], b["levels"], strict=True):
            for key in ("loss", "accuracy", "draw_entropy"):
                close(x.get(key), y.get(key))


def close(a: float | None, b: float | None) -> None:
    assert (a is None) == (b is None)
    assert a is None or b is None or abs(a - b) < 1e-10


def same_tensors(one: Mapping[str, Tensor], several: Mapping[str, Tensor], most: float) -> None:
    assert set(one) == set(several)
    for name, value in one.items():
        apart = (value - several[name]).abs().max() if value.numel() else torch.zeros(())
        assert float(apart) <= most * max(1.0, float(value.abs().max())), name


def test_every_rank_has_a_share_and_all_instances_are_there() -> None:
    for count in range(9):
        for size in range(1, 5):
            rows = np.concatenate([np.arange(count)[bounds(count, rank, size)] for rank in range(size)])
            assert rows.tolist() == list(range(count))


def stopped_and_resumed(peers: Peers, name: str) -> tuple[Ran, Ran]:
    """A run that stops after step 8, for the last rank alone asks for it, and the rest of it."""
    data = fitted(net_of(name).spec)
    first = run(DataTeam(net_of(name), peers), data, stop_at=9 if peers.rank == peers.size - 1 else 10**9)
    net = net_of(name)
    if peers.leads:
        net.load_state_dict({key: first.tensors[key] for key in net.state_dict()})
    team = DataTeam(net, peers)
    start = team.spread(first.state if peers.leads and first.state is not None else State())
    return first, run(team, data, start=start)


def test_a_stop_is_agreed_on_and_the_run_goes_on(processes: Processes) -> None:
    for name in ("xprop", "xprop_star"):
        one = run(Team(net_of(name)), fitted(net_of(name).spec))
        found = processes.together(2, stopped_and_resumed, name)
        assert [first.result.step for first, _ in found] == [8, 8]
        assert not found[0][0].result.finished
        leading = found[0][1]
        same_tensors(one.tensors, leading.tensors, 1e-10)
        same_lines([one.lines[0], *one.lines[2:]], [one.lines[0], *leading.lines])


def with_validation(peers: Peers | None, name: str = "xprop") -> Ran:
    data = fitted(net_of(name).spec)
    data = replace(data, validation=data.test)
    net = net_of(name)
    return run(Team(net) if peers is None else DataTeam(net, peers), data, patience=1)


def test_early_stopping_is_decided_once(processes: Processes) -> None:
    one, found = with_validation(None), processes.together(2, with_validation)
    assert [ran.result.epoch for ran in found] == [one.result.epoch] * 2
    assert found[0].result.best == one.result.best
    close(one.lines[-1]["validation_loss"], found[0].lines[-1]["validation_loss"])
