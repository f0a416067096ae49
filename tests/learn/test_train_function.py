"""`exnet.train`: a net that has learned, from a spec and a value of Python."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import exnet
from exnet.learn.observer import Observer, Progress
from exnet.source import ExnetError

TEXT = """exnet toy
input x[4] : real[2]
output y : class[3]
space primary = 8, complementary = 6
root tree(x)
learn xprop(optimiser: adam(lr: 1e-2), batch: 8, epochs: 3)
"""


def toy(rows: int = 60) -> dict[str, Any]:
    rng = np.random.default_rng(1)
    x = rng.normal(3.0, 2.0, size=(rows, 8))
    return {"x": x, "y": (x[:, 0] > 3).astype(np.int64) + (x[:, 5] > 3)}


class Counter(Observer):
    def __init__(self) -> None:
        self.steps = 0
        self.closed = False

    def stepped(self, progress: Progress) -> None:
        self.steps += 1

    def close(self) -> None:
        self.closed = True


def test_arrays_are_learned_in_silence(capfd: pytest.CaptureFixture[str]) -> None:
    counter = Counter()
    trained = exnet.train(TEXT, toy(), epochs=60, observer=counter)
    assert trained.result.test is not None
    assert trained.result.test.accuracy is not None
    assert trained.result.test.accuracy > 0.7  # chance is a half
    assert trained.result.test.count == 12
    assert (counter.steps, counter.closed) == (60 * 6, True)
    assert trained.folder is None
    assert not torch.are_deterministic_algorithms_enabled()
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")


def test_predictions_take_raw_numbers() -> None:
    given = toy()
    trained = exnet.train(TEXT, given, test=0.5, epochs=40)
    said = trained.predict(given["x"])["y"]
    assert said.names == ("0", "1", "2")
    assert said.probabilities is not None
    np.testing.assert_allclose(said.probabilities.sum(1), 1.0, rtol=1e-6)
    np.testing.assert_array_equal(said.probabilities.argmax(1), said.values)
    assert (said.values == given["y"]).mean() > 0.7
    scale = trained.task.fitted.scales["x"]
    raw = torch.tensor((given["x"] - scale.mean) / scale.deviation, dtype=torch.float32).view(-1, 4, 2)
    with torch.no_grad():
        expected = trained.net.eval()(raw).double().softmax(-1).numpy()
    np.testing.assert_allclose(said.probabilities, expected, rtol=1e-5)
    one = trained.predict({"x": torch.tensor(given["x"][7:8])}, by="mean")["y"]
    all_of_them = trained.predict(given["x"], by="mean")["y"]
    assert one.values.shape == (1,)
    assert all_of_them.probabilities is not None
    assert not np.allclose(all_of_them.probabilities, said.probabilities)


def test_numbers_come_back_in_their_own_units() -> None:
    given = toy(200)
    target = 1000.0 + 50.0 * given["x"][:, 0]
    text = TEXT.replace("class[3]", "real[1]")
    trained = exnet.train(text, {"x": given["x"], "y": target}, epochs=60)
    assert trained.result.test is not None
    figures = trained.result.test.outputs["y"]
    assert figures["r2"] > 0.9
    assert 1.0 < figures["rmse"] < 40.0  # the target's deviation is 100
    said = trained.predict(given["x"])["y"].values[:, 0]
    assert np.corrcoef(said, target)[0, 1] > 0.95
    assert abs(said.mean() - target.mean()) < 20.0


def test_saved_nets_load(tmp_path: Path) -> None:
    trained = exnet.train(TEXT, toy(), epochs=1, dtype="bfloat16")
    trained.save(tmp_path / "net")
    loaded, x = exnet.load(tmp_path / "net").eval(), torch.randn(5, 4, 2)
    assert loaded.stacks.dtype == torch.bfloat16
    assert torch.equal(loaded(x), trained.net.eval()(x))
    with pytest.raises(ExnetError) as caught:
        trained.save(tmp_path / "net")
    assert caught.value.code == "EXN754"


def test_a_kept_run_is_that_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from exnet.cli.app import run

    monkeypatch.chdir(tmp_path)
    Path("toy.exn").write_text(TEXT)
    np.savez("toy.npz", **toy())
    exnet.train("toy.exn", "npz:toy.npz", seed=4, epochs=2, out="a", validation=0.2)
    command = ["train", "toy.exn", "--data", "npz:toy.npz", "--seed", "4", "--epochs", "2", "--out", "b"]
    assert run([*command, "--validation", "0.2"]) == 0
    for name in ("checkpoint.safetensors", "optimiser.safetensors"):
        assert Path("a", name).read_bytes() == Path("b", name).read_bytes()
    assert run(["eval", "a"]) == 0


def test_balance_makes_rare_classes_count() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(300) < 0.06).astype(np.int64)
    x = rng.normal(size=(300, 8)) + 0.8 * y[:, None]
    text = TEXT.replace("class[3]", "class[2]")
    recall = []
    for balance in (False, True):
        trained = exnet.train(text, {"x": x, "y": y}, epochs=10, balance=balance)
        recall.append(trained.predict(x)["y"].values[y == 1].mean())
    assert recall[1] > recall[0] + 0.2


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ({"lr": -1.0}, "EXN621", "lr"),
        ({"epochs": "many"}, "EXN621", "epochs"),
        ({"seed": -1}, "EXN621", "seed"),
        ({"seed": "0"}, "EXN621", "seed"),
        ({"validation": 1.0}, "EXN621", "validation"),
        ({"validation": "a"}, "EXN621", "validation"),
        ({"patience": 3}, "EXN631", "--validation 0.1"),
        ({"patience": 0, "validation": 0.1}, "EXN621", "patience"),
        ({"device": "tpu"}, "EXN621", "`auto`"),
        ({"dtype": "int8"}, "EXN621", "`bfloat16`"),
        ({"rule": "xprob"}, "EXN620", "did you mean `xprop`?"),
        ({"overrides": {"e": 1}}, None, "e"),
    ],
)
def test_mistakes_are_messages(options: dict[str, Any], code: str | None, says: str) -> None:
    with pytest.raises(ExnetError) as caught:
        exnet.train(TEXT, toy(), **options)
    assert code in (None, caught.value.code)
    assert says in str(caught.value)


def test_a_missing_gpu_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ExnetError) as caught:
        exnet.train(TEXT, toy(), device="cuda")
    assert caught.value.code == "EXN630"
    assert exnet.train(TEXT, toy(), device="auto", epochs=1).net.device == torch.device("cpu")


def test_data_that_do_not_fit() -> None:
    given = toy()
    for value, code in (
        ({"x": given["x"][:, :7], "y": given["y"]}, "EXN604"),
        ({"x": given["x"], "y": given["y"] + 1}, "EXN605"),
        (3, "EXN652"),
    ):
        with pytest.raises(ExnetError) as caught:
            exnet.train(TEXT, value)
        assert caught.value.code == code
    trained = exnet.train(TEXT, given, epochs=1)
    for x, code in ((given["x"][:, :5], "EXN604"), ([[1], [2, 3]], "EXN650")):
        with pytest.raises(ExnetError) as caught:
            trained.predict(x)
        assert caught.value.code == code


def test_narrow_numbers_learn_as_wide_ones_do() -> None:
    text = """exnet digits
input x[16] : real[4]
output y : class[10]
space primary = 16, complementary = 16
root tree(x)
learn xprop(optimiser: adam(lr: 5e-3), epochs: 8)
"""
    wide, narrow = (exnet.train(text, "digits", dtype=dtype).result.test for dtype in ("float32", "bfloat16"))
    assert wide is not None
    assert narrow is not None
    assert narrow.accuracy is not None
    assert narrow.accuracy > 0.85
    assert narrow.loss == pytest.approx(wide.loss, abs=0.1)
    assert narrow.loss != wide.loss
