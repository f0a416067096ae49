import os
import pickle
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from exnet.export.atomic import write_atomically
from exnet.export.tensors import read_tensors, write_tensors
from exnet.source import ExnetError

TENSORS = {
    "b/w0": torch.randn(3, 4),
    "a": torch.arange(5),
    "empty": torch.zeros(0, 3),
    "half": torch.ones(2).bfloat16(),
}
ABOUT = {"kind": "test", "step": 7, "scales": {"x": [0.1, 2.0]}}


def test_what_was_written_is_read(tmp_path: Path) -> None:
    write_tensors(tmp_path / "f", TENSORS, ABOUT)
    tensors, about = read_tensors(tmp_path / "f")
    assert about == ABOUT
    assert list(tensors) == sorted(TENSORS)
    for name, tensor in TENSORS.items():
        assert torch.equal(tensors[name], tensor)
        assert tensors[name].dtype == tensor.dtype


def test_bytes_do_not_depend_on_the_order(tmp_path: Path) -> None:
    write_tensors(tmp_path / "a", TENSORS, ABOUT)
    write_tensors(tmp_path / "b", dict(reversed(TENSORS.items())), dict(reversed(ABOUT.items())))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_no_flipped_byte_and_no_cut_goes_unseen(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_tensors(path, TENSORS, ABOUT)
    whole, rng = path.read_bytes(), random.Random(0)
    damaged = [whole[:at] for at in rng.sample(range(len(whole)), 40)]
    for at in rng.sample(range(len(whole)), min(len(whole), 300)):
        damaged.append(whole[:at] + bytes([whole[at] ^ (1 << rng.randrange(8))]) + whole[at + 1 :])
    for raw in damaged:
        path.write_bytes(raw)
        try:
            tensors, about = read_tensors(path)
        except ExnetError as error:
            assert error.code == "EXN752"  # noqa: PT017
        else:  # only a change that means nothing may pass, such as another space in the header
            assert about == ABOUT
            assert all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)


@pytest.mark.parametrize("what", ["pickle", "text", "foreign", "torch"])
def test_other_files_are_refused(what: str, tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    match what:
        case "pickle":
            path.write_bytes(pickle.dumps({"a": 1}))
        case "text":
            path.write_text("hello")
        case "foreign":
            save_file({"a": torch.zeros(2)}, path)
        case "torch":
            torch.save({"a": torch.zeros(2)}, path)
    with pytest.raises(ExnetError) as caught:
        read_tensors(path)
    assert caught.value.code == "EXN752"
    with pytest.raises(ExnetError) as caught:
        read_tensors(tmp_path / "none")
    assert caught.value.code == "EXN751"


def test_a_failing_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_atomically(path, b"old")
    (tmp_path / ".f.part").mkdir()  # the file beside it cannot be made
    with pytest.raises(ExnetError) as caught:
        write_atomically(path, b"new")
    assert caught.value.code == "EXN750"
    assert path.read_bytes() == b"old"


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ExnetError) as caught:
        write_atomically(tmp_path / "none" / "f", b"new")
    assert caught.value.code == "EXN750"
    assert "no such file" in str(caught.value)


def test_a_full_disk_is_an_error_and_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    write_atomically(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExnetError) as caught:
        write_atomically(path, b"new")
    assert caught.value.code == "EXN750"
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


WRITER = """
import sys
from pathlib import Path
import torch
from exnet.export.tensors import write_tensors
print("ready", flush=True)
step = 0
while True:
    step += 1
    write_tensors(Path(sys.argv[1]), {"w": torch.full((1_000_000,), float(step))}, {"step": step})
"""


def kills(count: int, path: Path) -> None:
    """Kills a process that saves without a pause, again and again; what it leaves must be whole."""
    rng, last = random.Random(count), 0
    for _ in range(count):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            while not path.exists():
                time.sleep(0.005)
            time.sleep(rng.uniform(0.0, 0.15))
            process.send_signal(signal.SIGKILL)
            process.wait()
        tensors, about = read_tensors(path)
        assert (tensors["w"] == about["step"]).all()
        assert set(os.listdir(path.parent)) <= {path.name, f".{path.name}.part"}
        last = max(last, about["step"])
    assert last > 0


def test_kill_during_save_leaves_no_torn_file(tmp_path: Path) -> None:
    kills(3, tmp_path / "f")


@pytest.mark.full
def test_many_kills_during_save_leave_no_torn_file(tmp_path: Path) -> None:
    kills(60, tmp_path / "f")
