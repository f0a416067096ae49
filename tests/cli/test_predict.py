"""`exnet predict` and `exnet eval` on runs of small tables."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

from exnet.cli.app import run

SPEC = """exnet flowers
input n[4] : real[1]
output kind : class[3]
space primary = 6, complementary = 6
root tree(n)
learn xprop(optimiser: adam(lr: 1e-2), batch: 16, epochs: 12)
"""
DATA = 'csv(file: "flowers.csv", target: "kind")'
NAMES = ("daisy", "rose", "tulip")


def rows(count: int = 150) -> tuple[np.ndarray, list[str]]:
    rng = np.random.default_rng(0)
    kind = rng.integers(0, 3, count)
    x = rng.normal(size=(count, 4)) * [1.0, 10.0, 0.1, 5.0] + 100.0
    x[:, 1] += 60.0 * kind
    return x, [NAMES[i] for i in kind]


def write(path: str, x: np.ndarray, kind: list[str] | None) -> None:
    with Path(path).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["a", "b", "c", "d", *([] if kind is None else ["kind"])])
        for i, numbers in enumerate(x):
            writer.writerow([*map(repr, map(float, numbers)), *([] if kind is None else [kind[i]])])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("predict")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("flowers.exn").write_text(SPEC)
        write("flowers.csv", *rows())
        assert run(["train", "flowers.exn", "--data", DATA, "--out", "r", "--threads", "1"]) == 0
    return folder


@pytest.fixture(autouse=True)
def there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_rows_without_targets_get_names(capsys: pytest.CaptureFixture[str]) -> None:
    x, kind = rows()
    write("new.csv", x[::10], None)
    assert run(["predict", "r", "csv:new.csv"]) == 0
    said = table(capsys.readouterr().out)
    assert list(said[0]) == ["instance", "kind", "p(kind=daisy)", "p(kind=rose)", "p(kind=tulip)"]
    assert [row["instance"] for row in said] == [str(i) for i in range(15)]
    assert sum(row["kind"] == wanted for row, wanted in zip(said, kind[::10], strict=True)) >= 13
    for row in said:
        shares = {name: float(row[f"p(kind={name})"]) for name in NAMES}
        assert sum(shares.values()) == pytest.approx(1.0, abs=1e-4)
        assert max(shares, key=shares.__getitem__) == row["kind"]


def test_a_file_is_predicted_row_by_row_and_parts_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    counts = {}
    for part in ([], ["--part", "all"], ["--part", "test"], ["--part", "train"]):
        assert run(["predict", "r", "csv:flowers.csv", *part]) == 0
        counts[" ".join(part)] = len(table(capsys.readouterr().out))
    assert counts == {"": 150, "--part all": 150, "--part test": 30, "--part train": 120}


def test_forms_of_the_answer_agree(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["predict", "r", "csv:flowers.csv"]) == 0
    said = table(capsys.readouterr().out)
    assert run(["predict", "r", "csv:flowers.csv", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["count"], found["part"], found["by"]) == (150, "all", "root")
    assert [entry["kind"]["value"] for entry in found["predictions"]] == [row["kind"] for row in said]
    assert run(["predict", "r", "csv:flowers.csv", "-o", "said.npz"]) == 0
    printed = capsys.readouterr()
    assert (printed.out, "said.npz: 150 predictions" in printed.err) == ("", True)
    with np.load("said.npz") as arrays:
        assert sorted(arrays) == ["kind", "kind_names", "kind_probabilities"]
        assert [str(name) for name in arrays["kind_names"][arrays["kind"]]] == [row["kind"] for row in said]
        assert arrays["kind_probabilities"].shape == (150, 3)
    assert run(["predict", "r", "csv:flowers.csv", "-o", "said.csv"]) == 0
    assert table(Path("said.csv").read_text()) == said


def test_the_mean_of_all_vertices_says_something_else(capsys: pytest.CaptureFixture[str]) -> None:
    texts = []
    for by in ("root", "mean"):
        assert run(["predict", "r", "csv:flowers.csv", "--by", by]) == 0
        texts.append(capsys.readouterr().out)
    assert texts[0] != texts[1]
    assert texts[0].splitlines()[0] == texts[1].splitlines()[0]


def test_eval_class_by_class(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["eval", "r"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("r: loss ")
    lines = [line.split() for line in printed.splitlines()]
    assert ["class", "precision", "recall", "F1", "support"] in lines
    assert ["is", "\\", "said", *NAMES] in lines
    assert run(["eval", "r", "--json", "--part", "all", "--by", "mean"]) == 0
    found = json.loads(capsys.readouterr().out)["runs"][0]
    assert (found["count"], found["part"], found["by"]) == (150, "all", "mean")
    assert [entry["name"] for entry in found["outputs"]["kind"]["classes"]] == list(NAMES)
    assert sum(map(sum, found["outputs"]["kind"]["confusion"])) == 150


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["predict", "none"], 2, "none"),
        (["predict", "r", "csv:none.csv"], 2, "none.csv"),
        (["predict", "r", "digits"], 1, "EXN604"),
        (["predict", "r", "-o", "said.txt"], 2, ".npz"),
        (["predict", "r", "-o", "said.npz", "--json"], 2, "two things"),
        (["predict", "r", "--by", "leaf"], 2, "root"),
        (["predict", "r", "-o", "no/such/said.csv"], 2, "EXN750"),
        (["eval", "r", "--part", "half"], 2, "train"),
        (["eval", "r", "--data", "digits"], 1, "EXN604"),
    ],
)
def test_mistakes(arguments: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == code
    printed = capsys.readouterr()
    assert says in printed.err
    assert printed.out == ""


def test_compiled_nets_and_several_seeds_are_no_runs_to_predict_with(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compile", "flowers.exn", "-o", "compiled"]) == 0
    assert run(["predict", "compiled", "csv:flowers.csv"]) == 2
    assert "there is no run in `compiled`" in capsys.readouterr().err
    command = ["train", "flowers.exn", "--data", DATA, "--epochs", "1", "--threads", "1"]
    assert run([*command, "--seeds", "0,1", "--out", "many"]) == 0
    assert run(["predict", "many"]) == 2
    assert "many/seed-0" in capsys.readouterr().err


def test_another_table_is_judged_by_all_of_its_rows(capsys: pytest.CaptureFixture[str]) -> None:
    x, kind = rows()
    write("three.csv", x[:3], kind[:3])
    np.savez("three.npz", n=x[:3], kind=kind[:3])
    for name in ("csv:three.csv", "npz(file: three.npz, targets: kind)"):
        assert run(["eval", "r", "--data", name, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)["runs"][0]
        assert (found["part"], found["count"]) == ("all", 3)
        assert sum(map(sum, found["outputs"]["kind"]["confusion"])) == 3
    assert run(["eval", "r", "--data", "csv:three.csv", "--part", "test"]) == 1
    assert "EXN651" in capsys.readouterr().err
    for name, count in (("csv:./flowers.csv", 30), ("csv(file: flowers.csv, test_file: three.csv)", 3)):
        assert run(["eval", "r", "--data", name, "--json"]) == 0
        found = json.loads(capsys.readouterr().out)["runs"][0]
        assert (found["part"], found["count"]) == ("test", count)
    assert run(["eval", "r", "--data", "csv(file: flowers.csv, test_file: three.csv)", "--part", "all", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["runs"][0]["count"] == 153


def test_targets_are_not_looked_at_where_there_is_something_to_predict(capsys: pytest.CaptureFixture[str]) -> None:
    x, _ = rows()
    write("gaps.csv", x[:3], ["", "?", "orchid"])
    assert run(["predict", "r", "csv:gaps.csv"]) == 0
    assert len(table(capsys.readouterr().out)) == 3
    assert run(["eval", "r", "--data", "csv:gaps.csv"]) == 1
    assert "EXN607" in capsys.readouterr().err


def test_data_made_at_every_step_have_no_training_part(capsys: pytest.CaptureFixture[str]) -> None:
    text = "exnet t input x[5] : index[4] output y : class[4] root tree(x) learn xprop(epochs: 1)"
    Path("recall.exn").write_text(text)
    name = "recall(length: 5, steps: 2, test: 30)"
    assert run(["train", "recall.exn", "--data", name, "--out", "fresh", "--threads", "1"]) == 0
    assert run(["predict", "fresh"]) == 0
    for verb in ("predict", "eval"):
        assert run([verb, "fresh", "--part", "train"]) == 2
        assert "EXN760" in capsys.readouterr().err


def test_regression_in_its_own_units(capsys: pytest.CaptureFixture[str]) -> None:
    x, _ = rows(200)
    with Path("price.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["a", "b", "c", "d", "price"])
        writer.writerows([*map(float, r), 5000.0 + 20.0 * float(r[1])] for r in x)
    Path("price.exn").write_text(SPEC.replace("output kind : class[3]", "output price : real[1]"))
    data = 'csv(file: "price.csv", target: "price")'
    assert run(["train", "price.exn", "--data", data, "--out", "price", "--threads", "1", "--epochs", "30"]) == 0
    capsys.readouterr()
    assert run(["eval", "price"]) == 0
    shown = capsys.readouterr().out
    rmse = float(shown.partition("RMSE ")[2].partition(",")[0])
    assert 10 < rmse < 2000
    assert run(["eval", "price", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)["runs"][0]["outputs"]["price"]
    assert figures["rmse"] == pytest.approx(rmse, rel=1e-5)
    assert run(["predict", "price", data]) == 0
    said = [float(row["price"]) for row in table(capsys.readouterr().out)]
    assert np.corrcoef(said, 5000.0 + 20.0 * x[:, 1])[0, 1] > 0.9
    assert 6000 < np.mean(said) < 10000


# TensorBoard and validation from the command line


def test_tensorboard_gets_the_curves() -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    command = ["train", "flowers.exn", "--data", DATA, "--epochs", "3", "--out", "board"]
    assert run([*command, "--tensorboard", "--validation", "0.2", "--patience", "9", "--threads", "1"]) == 0
    lines = [json.loads(line) for line in Path("board/metrics.jsonl").read_text().splitlines()]
    events = EventAccumulator("board/tensorboard")
    events.Reload()
    tags = set(events.Tags()["scalars"])
    assert {"loss", "accuracy", "validation_loss", "level-1/loss", "level-2/primary_norm"} <= tags
    for tag in ("loss", "validation_loss"):
        points = events.Scalars(tag)
        assert [p.step for p in points] == [line["step"] for line in lines]
        assert [p.value for p in points] == pytest.approx([line[tag] for line in lines], rel=1e-6)
    assert json.loads(Path("board/run.json").read_text())["best_epoch"] in (1, 2, 3)
    assert Path("board/best.safetensors").is_file()
    assert run([*command, "--overwrite", "--threads", "1"]) == 0
    assert not Path("board/tensorboard").exists()
    assert not Path("board/best.safetensors").exists()


def test_a_missing_tensorboard_is_said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "tensorboard" else real(name, *a))
    assert run(["train", "flowers.exn", "--data", DATA, "--out", "x", "--tensorboard"]) == 2
    printed = capsys.readouterr()
    assert "EXN641" in printed.err
    assert "pip install 'exnet[tensorboard]'" in printed.err
    assert not Path("x").exists()


def test_a_table_that_has_changed_since_training_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    before = Path("flowers.csv").read_bytes()
    try:
        x, kind = rows()
        write("flowers.csv", np.concatenate((x, x[:20])), kind + kind[:20])
        for part in ([], ["--part", "train"]):
            assert run(["eval", "r", *part]) == 1
            assert "EXN761" in capsys.readouterr().err
        Path("other.csv").write_bytes(Path("flowers.csv").read_bytes())
        assert run(["eval", "r", "--data", 'csv(file: "other.csv", target: "kind")']) == 0
    finally:
        Path("flowers.csv").write_bytes(before)
    for dtype in ("float32", "float64", "bfloat16"):
        words = ["--epochs", "1", "--dtype", dtype, "--validation", "0.2", "--threads", "1"]
        assert run(["train", "flowers.exn", "--data", DATA, "--out", f"as-{dtype}", *words]) == 0
        assert run(["eval", f"as-{dtype}"]) == 0
