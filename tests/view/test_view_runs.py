"""What is read from the folder of a run, and what is said where it is damaged, empty or something else."""

import json
from pathlib import Path

import pytest

from exnet.view.curves import curves
from exnet.view.curves_svg import curves_svg
from exnet.view.runs import History, read_runs

RECORDED = Path(__file__).parent / "recorded" / "tree"


def run_of(tmp_path: Path, *lines: object, about: object = None) -> Path:
    """A folder with these lines of metrics: texts as they are, all else as JSON."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (tmp_path / "metrics.jsonl").write_text("".join(text + "\n" for text in texts))
    if about is not None:
        (tmp_path / "run.json").write_text(about if isinstance(about, str) else json.dumps(about))
    return tmp_path


def only(folder: Path) -> History:
    found = read_runs(folder)
    assert found.diagnostics == ()
    (history,) = found.unwrap().histories
    return history


def test_seeds_of_a_recorded_run() -> None:
    runs = read_runs(RECORDED).unwrap()
    assert [history.name for history in runs.histories] == ["seed 0", "seed 1", "seed 2"]
    record = runs.histories[0].records[-1]
    assert record.at == 12
    assert sorted(record.root) == ["accuracy", "loss", "rate", "seconds", "validation_accuracy", "validation_loss"]
    assert sorted(record.levels) == [0, 1, 2, 3, 4]
    assert {"loss", "accuracy", "primary.norm", "complementary.rank"} <= set(record.levels[2])


def test_figures_that_are_no_numbers(tmp_path: Path) -> None:
    line = '{"epoch": 1, "step": 5, "loss": NaN, "accuracy": null, "rate": Infinity, "note": "x", "ok": true, "n": 3}'
    record = only(run_of(tmp_path, line)).records[0]
    assert record.root == {"loss": None, "accuracy": None, "rate": None, "n": 3.0}


def test_figures_of_absurd_size_are_drawn(tmp_path: Path) -> None:
    lines = ['{"epoch": 1, "loss": 1e308, "a": 5e-324}', '{"epoch": 2, "loss": -1e308, "a": 1}']
    lines.append(f'{{"epoch": 3, "loss": {10**400}, "b": 9e299}}')
    lines.append('{"epoch": 9007199254740991, "loss": 1, "b": -9e299}')
    runs = read_runs(run_of(tmp_path, *lines)).unwrap()
    assert [record.root.get("loss") for record in runs.histories[0].records] == [None, None, None, 1]
    assert runs.histories[0].records[0].root["a"] == 0
    assert curves_svg(curves(runs)).startswith("<svg ")


def test_a_run_without_levels_and_without_steps(tmp_path: Path) -> None:
    history = only(run_of(tmp_path, {"epoch": 1, "loss": 2}, {"epoch": 2, "loss": 1}))
    assert [(record.at, record.levels) for record in history.records] == [(1, {}), (2, {})]


def test_an_epoch_that_was_cut_short_has_a_fraction(tmp_path: Path) -> None:
    lines = [{"epoch": 1, "step": 20, "loss": 2}, {"epoch": 1, "step": 25, "loss": 1, "unfinished": True}]
    assert [record.at for record in only(run_of(tmp_path, *lines)).records] == [1, 1.25]


def test_a_resumed_run_replaces_what_it_repeats(tmp_path: Path) -> None:
    lines = [
        {"epoch": 1, "step": 20, "loss": 2},
        {"epoch": 1, "step": 25, "loss": 9, "unfinished": True},
        {"epoch": 2, "step": 40, "loss": 8},
        {"epoch": 2, "step": 40, "loss": 1},
        {"epoch": 3, "step": 60, "loss": 0},
    ]
    found = [(record.at, record.root["loss"]) for record in only(run_of(tmp_path, *lines)).records]
    assert found == [(1, 2), (2, 1), (3, 0)]


@pytest.mark.parametrize(
    "line",
    [
        '{"epoch": 2, "step": 40, "los',
        "[1, 2]",
        '{"step": 40}',
        '{"epoch": true}',
        '{"epoch": -1}',
        '{"epoch": 2, "levels": 3}',
        '{"epoch": 2, "levels": [{"loss": 1}]}',
        '{"epoch": 2, "levels": [7]}',
        "\x00\x01",
        "[" * 100_000,
    ],
)
def test_a_damaged_line_is_left_out_and_named(tmp_path: Path, line: str) -> None:
    found = read_runs(run_of(tmp_path, {"epoch": 1, "loss": 2}, line, {"epoch": 3, "loss": 1}))
    (said,) = found.diagnostics
    assert (said.code, said.is_error) == ("EXN772", False)
    assert said.span is not None
    assert said.span.first == (2, 1)
    assert [record.at for record in found.unwrap().histories[0].records] == [1, 3]


def test_numbers_beyond_all_bounds(tmp_path: Path) -> None:
    line = f'{{"epoch": 1, "loss": 1{"0" * 400}, "rate": 1e999}}'
    assert only(run_of(tmp_path, line)).records[0].root == {"loss": None, "rate": None}


@pytest.mark.parametrize("about", ["[]", "{", "\x00", '"run"'])
def test_a_damaged_run_file_does_not_matter(tmp_path: Path, about: str) -> None:
    found = read_runs(run_of(tmp_path, {"epoch": 1, "loss": 2}, about=about))
    assert [said.code for said in found.diagnostics] == ["EXN773"]
    assert found.unwrap().about == {}


def test_a_run_before_its_first_epoch(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"status": "running"}')
    assert [said.code for said in read_runs(tmp_path).diagnostics] == ["EXN771"]


@pytest.mark.parametrize("name", ["", "missing", "file"])
def test_what_is_no_run(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "seed-0").mkdir()
    found = read_runs(tmp_path / name)
    assert found.value is None
    assert [said.code for said in found.diagnostics] == ["EXN770"]


def test_a_seed_that_failed_early_is_left_out(tmp_path: Path) -> None:
    for seed in range(2):
        (tmp_path / f"seed-{seed}").mkdir()
        (tmp_path / f"seed-{seed}" / "run.json").write_text(json.dumps({"seed": seed, "status": "failed"}))
    (tmp_path / "seed-1" / "metrics.jsonl").write_text('{"epoch": 1, "loss": 2}\n')
    assert [history.name for history in read_runs(tmp_path).unwrap().histories] == ["seed 1"]
