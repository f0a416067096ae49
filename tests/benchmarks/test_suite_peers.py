"""Every peer of the speed suite computes what exnet computes: all gradients, and predictions, in float64."""

import pytest
import torch
from suite.cells import cells_of, error, gradients_of
from suite.common_rows import check
from suite.contestants import Field
from suite.lines import Options, w3
from suite.naive import PerVertex
from suite.workloads import QUICK, STANDARD, Ours

from exnet.compiler import compile_any
from exnet.plan.cost import cost

PEERS = {
    "w1": ("modules", "PyG", "PyG bipartite", "gathers", "backprop", "backprop modules"),
    "w2": ("modules", "vmap", "backprop", "backprop modules"),
    "w3": ("modules", "gathers", "backprop", "backprop modules"),
    "w4": ("modules", "backprop", "backprop modules"),
    "w5": ("modules", "gathers", "backprop", "backprop modules"),
}
GFLOP = {"w1": 5.61, "w2": 5.61, "w3": 0.348, "w4": 0.348, "w5": 6.44}


@pytest.mark.parametrize("name", PEERS)
def test_all_gradients_are_those_of_exnet(name: str) -> None:
    found = Field(QUICK[name], PEERS[name], torch.float64).check()
    assert found.keys() == set(PEERS[name])
    assert max(found.values()) < 1e-10, found


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")  # torch's own, while it traces
def test_modules_still_agree_once_they_are_compiled() -> None:
    found = Field(QUICK["w1 15"], ("compiled modules",), torch.float64).check()
    assert found["compiled modules"] < 1e-10


@pytest.mark.parametrize("name", ["w1", "w2", "w5"])
def test_predictions_are_those_of_exnet(name: str) -> None:
    field = Field(QUICK[name], tuple(peer for peer in PEERS[name] if "backprop" not in peer), torch.float64)
    wanted = field.ours.forward()
    for peer in field.peers.values():
        assert peer.forward is not None
        made = peer.forward()
        assert isinstance(made, torch.Tensor)
        if peer.name != "gathers":  # which stops at the root's extraction
            assert torch.allclose(made, wanted, rtol=0, atol=1e-12), peer.name


def test_a_peer_with_other_parameters_is_found_out() -> None:
    ours, graph = Ours(QUICK["w5"], torch.float64), QUICK["w5"].graph()
    cells = cells_of(ours.net)
    cells["x.attention.pair/complementary[l=2, slot=1]"]["b1"][0] += 1e-3
    peer = PerVertex(graph, cells, "gelu")
    ours.step()
    peer.step(ours.x, ours.y)
    assert error(gradients_of(ours.net), peer.gradients()) > 1e-6


def test_classes_that_one_side_lacks_are_refused() -> None:
    with pytest.raises(KeyError, match="classes of one side only"):
        error({"a": {}}, {"a": {}, "b": {}})


def test_a_workload_whose_peers_disagree_gives_no_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Field, "check", lambda _: {"modules": 1e-3})
    (only,) = w3(Options(1, 0.0, quick=True))
    assert only.met == "no"


def test_a_line_has_its_targets() -> None:
    rows = {row.name: row for row in w3(Options(1, 0.0, quick=True))}
    assert (rows["modules / exnet, step"].must, rows["modules / exnet, step"].goal) == (2.4, 6.0)
    backprop = rows["exnet / fair backprop, step"]
    assert (backprop.must, backprop.goal, backprop.target) == (0.80, 0.35, "most")
    assert all(row.figure is not None and row.figure > 0 for row in rows.values())


def test_the_check_names_the_worst_peer() -> None:
    row = check("W4", Field(QUICK["w4"], ("modules", "backprop"), torch.float64))
    assert row.met == "must"
    assert "modules" in row.detail
    assert "backprop" in row.detail


@pytest.mark.parametrize("name", GFLOP)
def test_standard_sizes_are_those_of_the_targets(name: str) -> None:
    workload = STANDARD[name]
    plan = compile_any(workload.path, workload.sizes).unwrap().plan
    graph = workload.graph()
    assert (len(graph), graph.leaves) == (plan.vertices, plan.leaves)
    assert cost(plan).step * workload.batch / 1e9 == pytest.approx(GFLOP[name], rel=2e-3)
