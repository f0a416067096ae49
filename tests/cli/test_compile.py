"""`exnet compile`, `exnet info` and `exnet graph`: numbers, files, exit codes, and nothing heavy."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from exnet.cli.app import run
from exnet.plan import load_plan

SPEC = """exnet small
param  n = 8, d = 16
input  x[n] : real[2]
output y : class[3]
space  primary = d, complementary = d
root   tree(x)
"""


@pytest.fixture
def spec(tmp_path: Path) -> str:
    path = tmp_path / "small.exn"
    path.write_text(SPEC)
    return str(path)


def mlp(operands: int, hidden: int, out: int) -> int:
    return operands * hidden + hidden + hidden * out + out


def test_compile_prints_the_numbers(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compile", spec]) == 0
    captured = capsys.readouterr()
    shown = re.sub(r"[0-9.]+ s", "T s", captured.out)
    parameters = 3 * (2 * mlp(32, 32, 16) + mlp(32, 32, 3)) + (2 - 1) * 0
    assert "vertices (internal)  7\n" in shown
    assert "leaves               8\n" in shown
    assert "arcs                 14 (6 into vertices)\n" in shown
    assert "levels               3\n" in shown
    assert "sharing classes      3 primary, 4 complementary, 3 trainer\n" in shown
    assert f"parameters           {parameters + mlp(32, 32, 16):,}\n" in shown
    assert "batched products     3 up, " in shown
    assert "compiled in          T s\n" in shown
    assert captured.err == ""


def test_json_is_one_object(spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compile", spec, "--set", "n=16", "-o", str(tmp_path / "out"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["vertices"], found["leaves"], found["levels"]) == (15, 16, 4)
    assert found["classes"] == {"primary": 4, "complementary": 6, "trainer": 4}
    loaded, plan = load_plan(tmp_path / "out")
    assert loaded.constants["n"] == 16
    assert plan.vertices == 15
    assert plan.vertex_name(14) == "root.tree.h[4, 0]"


def test_two_runs_write_the_same_bytes(spec: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        assert run(["compile", spec, "-o", str(tmp_path / name)]) == 0
    for file in ("spec.exn", "plan.json", "plan.safetensors"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_compiled_spec_compiles_to_the_same_plan(spec: str, tmp_path: Path) -> None:
    assert run(["compile", spec, "--set", "n=16", "-o", str(tmp_path / "a")]) == 0
    assert run(["compile", str(tmp_path / "a" / "spec.exn"), "-o", str(tmp_path / "b")]) == 0
    assert (tmp_path / "a/spec.exn").read_bytes() == (tmp_path / "b/spec.exn").read_bytes()
    assert (tmp_path / "a/plan.safetensors").read_bytes() == (tmp_path / "b/plan.safetensors").read_bytes()


def test_after_a_pass(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compile", spec, "--after", "order-vertices"]) == 0
    assert capsys.readouterr().out.startswith("small after order-vertices\n")


@pytest.mark.parametrize("more", [["--json"], ["-o", "out"]])
def test_after_stands_alone(spec: str, more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compile", spec, "--after", "order-vertices", *more]) == 2
    out, err = capsys.readouterr()
    assert (out, "leave out `-o`" in err) == ("", True)


def test_after_an_unknown_pass(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compile", spec, "--after", "order-vertex"]) == 2
    assert "did you mean `order-vertices`?" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["compile", "info", "graph"])
def test_mistakes_limits_and_missing_files(verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = tmp_path / "bad.exn"
    bad.write_text(SPEC.replace("tree(x)", "tree(z)"))
    assert run([verb, str(bad)]) == 1
    assert "EXN104" in capsys.readouterr().err
    bad.write_text(SPEC.replace("n = 8", "n = 1_000_000_000"))
    assert run([verb, str(bad)]) == 3
    assert "EXN9" in capsys.readouterr().err
    assert run([verb, str(tmp_path / "nowhere.exn")]) == 2
    assert run([verb, str(tmp_path)]) == 2
    out = capsys.readouterr()
    assert "does not exist" in out.err
    assert out.out == ""


def test_parameter_limit_is_exit_3_and_can_be_raised(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compile", spec, "--max-params", "100"]) == 3
    assert "EXN960" in capsys.readouterr().err
    assert run(["compile", spec, "--set", "d=100000"]) == 3
    assert run(["compile", spec, "--set", "d=100000", "--max-params", "10**9"]) == 2
    assert run(["compile", spec, "--set", "d=20000", "--max-params", "1000000000000"]) == 0


def test_unwritable_folder(spec: str, tmp_path: Path) -> None:
    assert run(["compile", spec, "-o", spec]) == 2


UNSHARED = """exnet u
input  x[8] : real[2]
output y    : class[2]
space  primary = 4, complementary = 4
let    h[0, i: 0..8] = x[i]
vertex h[l: 1..=3, i: 0..8 >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])
root   h[3, 0]
"""


def test_info_of_ranks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "u.exn"
    path.write_text(UNSHARED)
    assert run(["info", str(path), "--ranks", "2", "--batch", "10", "--json"]) == 0
    numbers = json.loads(capsys.readouterr().out)
    found = numbers["ranks"]
    assert [part["vertices"] for part in found["parts"]] == [3, 4]
    assert sum(part["parameters"] for part in found["parts"]) == numbers["parameters"]
    assert sum(part["step_flops"] for part in found["parts"]) == numbers["flops"]["step"]
    sent = [(part["messages"], part["bytes_up"], part["bytes_down"]) for part in found["parts"]]
    assert sent == [(1, 10 * 4 * 4, 0)] * 2
    assert found["bytes"] == {"vertex": 160, "data": numbers["bytes"]["parameters"]}
    assert 0.5 < found["efficiency"] <= found["balance"] < 1
    assert run(["info", str(path), "--ranks", "2", "--batch", "10"]) == 0
    shown = capsys.readouterr().out
    assert "cut by vertices (every level is divided)" in shown
    assert "160 bytes of extractions" in shown
    assert run(["info", str(path), "--ranks", "8"]) == 2
    assert "EXN660" in capsys.readouterr().err


def test_info_names_what_ranks_would_share(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["info", spec, "--ranks", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["ranks"]
    assert found["parallel"]["kind"] == "data"
    assert found["parted"]["count"] > 0
    assert "/primary" in found["parted"]["names"][0]


def test_info(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["info", spec, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    first, second, third = 2 * 32 * 32, 2 * 32 * 16, 2 * 32 * 3
    step = 7 * (2 * first + 3 * second) + 6 * (2 * first + 3 * second) + 7 * (3 * first + 3 * third)
    assert found["flops"] == {"up": 7 * (first + second), "down": 6 * (first + second), "step": step}
    assert found["bytes"]["parameters"] == 4 * found["parameters"]
    assert found["bytes"]["extractions"] == 4 * found["batch"] * (15 * 16 + 7 * 16)
    assert sum(stack["parameters"] for stack in found["stacks"]) == found["parameters"]
    assert sum(stack["step_flops"] for stack in found["stacks"]) == step
    assert found["depth"] == 2
    assert run(["info", spec, "--batch", "1"]) == 0
    shown = capsys.readouterr().out
    assert "primary/2/primary" in shown
    assert f"{step:,} training step" in shown


def test_graph_to_a_file_and_as_json(spec: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["graph", spec, "--format", "dot", "-o", str(tmp_path / "g.dot")]) == 0
    assert (tmp_path / "g.dot").read_text().startswith('digraph "small" {')
    assert run(["graph", spec, "-o", str(tmp_path / "no/where")]) == 2
    capsys.readouterr()
    assert run(["graph", spec]) == 0
    assert capsys.readouterr().out.startswith("flowchart TD\n")
    assert run(["graph", spec, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["families"][0]["vertices"] == 7


def test_verify_agrees_with_the_reference(spec: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch_geometric")
    assert run(["compile", spec, "--verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verified"]["equal"] is True


@pytest.mark.parametrize(
    "arguments", [["compile", "-o", "out"], ["compile", "--after", "group-up"], ["info"], ["graph"]]
)
def test_verbs_load_nothing_heavy(arguments: list[str], spec: str, tmp_path: Path) -> None:
    code = (
        "import sys; from exnet.cli.app import run; code = run(sys.argv[1:])\n"
        "heavy = [m for m in ('torch', 'torch_geometric', 'networkx', 'sklearn', 'scipy') if m in sys.modules]\n"
        "print(code, heavy, file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, arguments[0], spec, *arguments[1:]]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stderr.strip() == "0 []"
