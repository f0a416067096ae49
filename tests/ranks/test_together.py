"""The verb on several processes: one speaks and writes, errors end all of them, a stopped run goes on."""

import json
import os
import signal
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from processes import Processes

from exnet.cli.app import run as verb
from exnet.cli.together import one_of_several
from exnet.cli.train import Order
from exnet.cli.training import Stopper
from exnet.export.checkpoint import read_checkpoint
from exnet.ranks.peers import Peers

TREE = """exnet small
input x[16] : real[4]
output y : class[10]
space primary = 6, complementary = 5
root tree(x)
learn xprop(epochs: 2, batch: 100)
"""


def order(spec: Path, out: Path | None, **options: Any) -> Order:
    nothing: dict[str, Any] = dict.fromkeys(Order.__dataclass_fields__)
    plain = {"overrides": {}, "overwrite": False, "resume": False, "tensorboard": False, "json": True}
    return Order(**{**nothing, **plain, "spec": str(spec), "data": "digits", "out": out, **options})


def carried(peers: Peers, wanted: Order, stop_at: int | None = None) -> tuple[int, str, str]:
    """Exit code and what was written; rank 1 is told to stop when a run asks it for the `stop_at`th time."""
    asked, plain = 0, Stopper.__call__

    def stops(self: Stopper) -> bool:
        nonlocal asked
        asked += 1
        if asked == stop_at and peers.rank == 1:
            self.caught = signal.SIGTERM
        return plain(self)

    written, said = StringIO(), StringIO()
    Stopper.__call__ = stops
    try:
        with redirect_stdout(written), redirect_stderr(said):
            code = one_of_several(wanted, peers)
    finally:
        Stopper.__call__ = plain
    return code, written.getvalue(), said.getvalue()


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "small.exn"
    path.write_text(TREE)
    return path


def test_the_first_speaks_and_writes(processes: Processes, spec: Path, tmp_path: Path) -> None:
    (code, written, said), silent = processes.together(2, carried, order(spec, tmp_path / "two", parallel="data"))
    assert (code, silent) == (0, (0, "", ""))
    assert verb(["train", str(spec), "--data", "digits", "--out", str(tmp_path / "one"), "--json"]) == 0
    assert "2 processes, data-parallel" in said
    assert json.loads(written)["runs"][0]["test"]["count"] == 359
    record = json.loads((tmp_path / "two/run.json").read_text())
    assert (record["parallel"], record["ranks"], record["status"]) == ("data", 2, "finished")
    one, two = (read_checkpoint(tmp_path / name / "checkpoint.safetensors")[0] for name in ("one", "two"))
    assert set(one) == set(two)
    assert max(float((one[name] - two[name]).abs().max()) for name in one) < 1e-5


def test_a_stopped_run_goes_on(processes: Processes, spec: Path, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    processes.together(2, carried, order(spec, whole, parallel="data", seeds=(0, 1)))
    found = processes.together(2, carried, order(spec, parts, parallel="data", seeds=(0, 1)), 10)
    assert [code for code, _, _ in found] == [143, 143]
    assert json.loads((parts / "run.json").read_text())["status"] == "stopped"
    refused = processes.together(3, carried, order(parts, None, resume=True, data=None))
    assert [code for code, _, _ in refused] == [2, 2, 2]
    assert "there are 3 processes, and the run was begun with 2" in refused[0][2]
    assert [said for _, _, said in refused[1:]] == ["", ""]
    found = processes.together(2, carried, order(parts, None, resume=True, data=None))
    assert [code for code, _, _ in found] == [0, 0]
    for seed in (0, 1):
        name = f"seed-{seed}/checkpoint.safetensors"
        assert (whole / name).read_bytes() == (parts / name).read_bytes()


def test_alone_a_run_of_two_is_refused(
    processes: Processes, spec: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    processes.together(2, carried, order(spec, tmp_path / "two", parallel="data", epochs=1))
    assert verb(["train", str(tmp_path / "two"), "--resume"]) == 2
    assert "there is 1 process, and the run was begun with 2" in capsys.readouterr().err
    assert verb(["train", str(spec), "--data", "digits", "--parallel", "data"]) == 2
    assert "EXN663" in capsys.readouterr().err


def test_diverging_seeds_do_not_end_the_others(processes: Processes, spec: Path, tmp_path: Path) -> None:
    spec.write_text(TREE.replace("epochs: 2", "optimiser: sgd(lr: 1e30), epochs: 2"))
    found = processes.together(2, carried, order(spec, tmp_path / "two", parallel="data", seeds=(0, 1)))
    assert [code for code, _, _ in found] == [1, 1]
    assert found[0][2].count("error[EXN640]") == 2
    assert found[1][1:] == ("", "")
    assert json.loads((tmp_path / "two/seed-1/run.json").read_text())["error"] == "EXN640"


def carried_elsewhere(peers: Peers, wanted: Order, broken: int) -> tuple[int, str, str]:
    """As `carried`; on rank `broken` the spec is not there."""
    if peers.rank == broken:
        wanted = order(Path("nowhere.exn"), wanted.out, parallel="data")
    return carried(peers, wanted)


@pytest.mark.parametrize("broken", [0, 1])
def test_an_error_of_one_ends_all(processes: Processes, spec: Path, tmp_path: Path, broken: int) -> None:
    found = processes.together(2, carried_elsewhere, order(spec, tmp_path / "two", parallel="data"), broken)
    assert all(code for code, _, _ in found)
    assert "nowhere.exn" in found[broken][2]
    if broken == 1:
        assert "rank 1 of 2:" in found[1][2]
        assert "EXN664" in found[0][2]
        assert "nowhere.exn" in found[0][2]  # what rank 1 said


def both_wrong(peers: Peers, wanted: Order) -> tuple[int, str, str]:
    return carried(peers, wanted)


def test_an_error_that_all_have_is_told_once(processes: Processes, tmp_path: Path) -> None:
    found = processes.together(2, both_wrong, order(tmp_path / "nowhere.exn", None, parallel="data"))
    assert found[0][0] == found[1][0] == 2
    assert "nowhere.exn" in found[0][2]
    assert found[1][2] == ""


UNSHARED = TREE.replace(
    "root tree(x)",
    """let h[0, i: 0..16] = x[i]
vertex h[l: 1..=4, i: 0..16 >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])
root h[4, 0]""",
)


def test_vertices_are_divided_and_the_run_is_the_same(processes: Processes, spec: Path, tmp_path: Path) -> None:
    spec.write_text(UNSHARED)
    two, one = tmp_path / "two", tmp_path / "one"
    found = processes.together(2, carried, order(spec, two, parallel="vertex"), 9)
    assert [code for code, _, _ in found] == [143, 143]
    found = processes.together(2, carried, order(two, None, resume=True, data=None))
    assert [code for code, _, _ in found] == [0, 0]
    assert verb(["train", str(spec), "--data", "digits", "--out", str(one), "--json"]) == 0
    a, b = (read_checkpoint(folder / "checkpoint.safetensors")[0] for folder in (one, two))
    assert set(a) == set(b)
    assert max(float((a[name] - b[name]).abs().max()) for name in a) < 1e-5
    assert verb(["eval", str(two)]) == 0
    line = json.loads((two / "metrics.jsonl").read_text().splitlines()[-1])
    assert (line["ranks"]["parallel"], line["ranks"]["count"], line["ranks"]["messages"]) == ("vertex", 2, 1)


def test_shared_nets_are_not_cut(processes: Processes, spec: Path, tmp_path: Path) -> None:
    found = processes.together(2, carried, order(spec, tmp_path / "two", parallel="vertex"))
    assert [code for code, _, _ in found] == [2, 2]
    assert "error[EXN661] parted-class" in found[0][2]
    assert "`root.tree.h/primary[l=1]`" in found[0][2]
    assert found[1][2] == ""
    spec.write_text(UNSHARED)
    for rule in ("backprop", "xprop_star"):
        found = processes.together(2, carried, order(spec, tmp_path / "two", parallel="vertex", rule=rule))
        assert "error[EXN662] not-by-vertices" in found[0][2]


@pytest.mark.full
def test_torchrun_starts_it(spec: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone", "-m", "exnet"]
    command += ["train", str(spec), "--data", "digits", "--out", str(tmp_path / "two"), "--json"]
    environment = {**os.environ, "EXNET_RANK_SECONDS": "60"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["runs"]) == 1
