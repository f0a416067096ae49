"""The example package: it lints without torch, verifies, trains, and is listed."""

import json
import sys
from pathlib import Path

import pytest
from packages import EXAMPLE, Run

import exnet
from exnet.source import ExnetError

RINGS = EXAMPLE / "rings.exn"
pytestmark = pytest.mark.usefixtures("example")


def test_a_spec_can_name_what_is_installed() -> None:
    spec = exnet.parse(RINGS.read_text(), "rings.exn")
    network, (source,), (output,) = spec.networks["pair"], spec.inputs, spec.outputs
    assert (network.kind, network.scale) == ("bilinear", 0.5)  # type: ignore[attr-defined]
    assert [part.kind for part in source.tokeniser] == ["fourier", "position"]
    assert (output.loss.kind, output.loss.gamma) == ("focal", 1.0)  # type: ignore[attr-defined]
    assert exnet.parse(spec.text) == spec


def test_the_declarations_refuse_what_they_cannot_do() -> None:
    text = RINGS.read_text().replace("default vertex", "space primary = 31, complementary = 31\ndefault vertex")
    with pytest.raises(ExnetError) as caught:
        exnet.parse(text)
    (said,) = caught.value.diagnostics
    assert said.message == "`fourier` makes pairs, and a primary extraction has 31 numbers"
    with pytest.raises(ExnetError, match="`scale` must be greater than"):
        exnet.parse(RINGS.read_text().replace("0.5", "-0.5"))
    single = (
        "exnet t input x[2] : real[1] output y : class[2] net b = bilinear vertex r = (x[0]) with (primary: b) root r"
    )
    with pytest.raises(ExnetError, match="multiplies two operands, and there is one"):
        exnet.build(single + "\n")


def test_lint_and_plugins_load_no_torch(example: Path, tmp_path: Path) -> None:
    import subprocess

    code = (
        "import sys; from exnet.cli.app import run; a = run(['lint', sys.argv[1]]); b = run(['plugins', '--json']);"
        "print('torch' in sys.modules, 'exnet_example.declared' in sys.modules, a, b, file=sys.stderr)"
    )
    environment = {"PYTHONPATH": str(example), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code, str(RINGS)], env=environment, capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == "False True 0 0"
    listed = {entry["name"]: entry for entry in json.loads(done.stdout)}
    assert set(listed) == {"bilinear", "fourier", "focal", "rings"}
    assert all(entry["problem"] == "" and entry["package"] == "exnet-example 1.0.0" for entry in listed.values())
    assert listed["bilinear"]["implemented"] == ["exnet.nets", "exnet.reference"]


def test_it_is_verified(command: Run) -> None:
    done = command("compile", str(RINGS), "--verify", "--json")
    verified = json.loads(done.stdout)["verified"]
    assert done.returncode == 0
    assert verified["equal"] is True
    assert set(verified["deviations"]) >= {"up", "down", "losses", "xprop gradients", "backprop gradients"}


def test_it_trains_and_is_loaded_again(command: Run, tmp_path: Path) -> None:
    done = command("train", str(RINGS), "--data", "rings:3", "--epochs", "8", "--out", "run")
    assert done.returncode == 0, done.stderr
    last = json.loads((tmp_path / "run" / "run.json").read_text())
    assert last["test"]["accuracy"] > 0.6  # chance is 1/3
    again = command("eval", "run")
    assert again.returncode == 0, again.stderr


def test_seeds_decide_the_tokeniser() -> None:
    import torch

    x = torch.randn(5, 2, 1)
    one, same, other = (exnet.build(str(RINGS), seed=seed) for seed in (0, 0, 1))
    assert torch.equal(one.tokenise(x), same.tokenise(x))
    assert not torch.equal(one.tokenise(x), other.tokenise(x))


def test_a_net_whose_package_is_gone_says_so(command: Run, tmp_path: Path) -> None:
    assert command("compile", str(RINGS), "-o", "rings.net").returncode == 0
    import shutil

    shutil.rmtree(tmp_path / "site" / "exnet_example-1.0.0.dist-info")
    done = command("compile", str(RINGS))
    assert done.returncode == 1
    assert "there is no network called `bilinear`" in done.stderr
    assert "there is no tokeniser called `fourier`" in done.stderr
    assert "there is no loss called `focal`" in done.stderr
