"""`exnet convert` and `exnet schema`, and the other verbs on the YAML form."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import GOOD

Run = Callable[..., "subprocess.CompletedProcess[str]"]
YAML = 'exnet: t\n\ninput: {x: {shape: [4], type: "real[2]"}}\noutput: {y: "class[2]"}\n\nroot: "tree(x)"\n'


def test_both_ways(exnet: Run, tmp_path: Path) -> None:
    done = exnet("convert", "good.exn")
    assert (done.returncode, done.stdout, done.stderr) == (0, YAML, "")
    assert exnet("convert", "good.exn", "-o", "good.exn.yaml").stdout == ""
    assert (tmp_path / "good.exn.yaml").read_text() == YAML
    assert exnet("convert", "good.exn.yaml").stdout == GOOD
    assert exnet("convert", "good.exn", "--to", "exn").stdout == GOOD
    assert exnet("convert", "good.exn.yaml", "--to", "yaml").stdout == YAML


def test_standard_input(exnet: Run) -> None:
    assert exnet("convert", "-", stdin=GOOD).stdout == YAML
    assert exnet("convert", "-", "-o", "-", stdin=YAML).stdout == GOOD
    done = exnet("convert", "-", "--from", "yaml", stdin="exnet: [\n")
    assert (done.returncode, done.stdout) == (1, "")
    assert "<stdin>" in done.stderr
    assert "EXN450" in done.stderr


def test_nothing_is_replaced_unasked(exnet: Run, tmp_path: Path) -> None:
    (tmp_path / "there.exn.yaml").write_text("mine")
    done = exnet("convert", "good.exn", "-o", "there.exn.yaml")
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, "error: `there.exn.yaml` exists")
    assert (tmp_path / "there.exn.yaml").read_text() == "mine"
    assert exnet("convert", "good.exn", "-o", "there.exn.yaml", "--overwrite").returncode == 0
    assert (tmp_path / "there.exn.yaml").read_text() == YAML


def test_what_cannot_be(exnet: Run) -> None:
    assert exnet("convert", "none.exn").returncode == 2
    assert exnet("convert", "good.exn", "-o", "no/folder.yaml").returncode == 2
    done = exnet("convert", "good.exn", "--to", "yaml", "-o", "x.exn")
    assert (done.returncode, "named as exn" in done.stderr) == (2, True)
    done = exnet("convert", "-", stdin="exnet t mode stochastic mode stochastic")
    assert (done.returncode, "EXN459" in done.stderr) == (1, True)
    assert exnet("convert", "good.exn", "--to", "exn", "--modeline", "a.json").returncode == 2


def test_modeline_comes_first_and_stays(exnet: Run, tmp_path: Path) -> None:
    line = "# yaml-language-server: $schema=exnet.schema.json\n"
    done = exnet("convert", "good.exn", "--modeline", "exnet.schema.json")
    assert done.stdout == line + YAML
    (tmp_path / "m.exn.yaml").write_text(done.stdout)
    assert exnet("fmt", "--check", "m.exn.yaml").returncode == 0
    assert exnet("convert", "m.exn.yaml").stdout == line + GOOD


def test_fmt_writes_the_canonical_layout(exnet: Run, tmp_path: Path) -> None:
    (tmp_path / "u.exn.yml").write_text(YAML.replace('{y: "class[2]"}', "\n  y: class[2] # two"))
    assert exnet("fmt", "--check", ".").returncode == 1
    assert '+output: {y: "class[2]"}  # two' in exnet("fmt", "--diff", "u.exn.yml").stdout
    assert exnet("fmt", "u.exn.yml").stderr == "reformatted u.exn.yml\n"
    assert '"class[2]"}  # two\n' in (tmp_path / "u.exn.yml").read_text()
    assert exnet("fmt", "--check", ".").returncode == 0


def test_lint_finds_yaml_specs_in_folders(exnet: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.exn").unlink()
    (tmp_path / "broken.exn.yaml").write_text(YAML.replace("tree(x)", "tree(z)"))
    (tmp_path / "compose.yaml").write_text("services: {}\n")
    done = exnet("lint", ".", "--format", "concise")
    assert done.returncode == 1
    assert done.stdout.startswith("broken.exn.yaml:6:13: error[")
    assert "compose" not in done.stdout
    assert exnet("lint", "compose.yaml").returncode == 1


def test_other_verbs_take_it(exnet: Run, tmp_path: Path) -> None:
    (tmp_path / "y.yaml").write_text(YAML)
    assert json.loads(exnet("compile", "y.yaml", "--json").stdout)["vertices"] == 3
    assert exnet("info", "y.yaml").returncode == 0


def test_imports_from_and_of_yaml(exnet: Run, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    block = 'exnet: parts\nblock:\n  pair: {formals: ["xs[n]"], equations: [{vertex: v, is: xs}], yield: v}\n'
    (tmp_path / "parts.exn.yaml").write_text(block)
    (tmp_path / "a.exn").write_text(
        GOOD.replace("tree(x)", "pair(x)").replace("\n\ninput", '\nimport "parts.exn.yaml"\ninput')
    )
    (tmp_path / "b.exn.yaml").write_text(YAML.replace("tree(x)", "pair(x)") + 'import: ["parts.exn.yaml"]\n')
    for name in ("a.exn", "b.exn.yaml", "parts.exn.yaml"):
        done = exnet("lint", name)
        assert (done.returncode, done.stdout) == (0, ""), done.stdout


def test_schema_is_json(exnet: Run) -> None:
    done = exnet("schema")
    assert done.returncode == 0
    assert json.loads(done.stdout)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
