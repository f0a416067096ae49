import numpy as np
import pytest
import torch

import exnet
from exnet import data
from exnet.data import Codes, Dataset, Part, Scale
from exnet.learn.evaluate import evaluate
from exnet.learn.figures import class_figures, label_figures, number_figures
from exnet.learn.predict import answers, columns_of, mean_result, results
from exnet.passing.net import ExtractionNet
from exnet.spec.model import Spec

TEXT = """exnet t
input x[4] : real[2]
output b : labels[3]
output a : class[4]
output c : real[2]
space primary = 5, complementary = 4
vertex v[i: 0..3] = (x[i], x[i+1])
vertex w[i: 0..2] = (v[i], v[i+1])
root tree(w)
"""


def test_figures_of_classes_counted_by_hand() -> None:
    said, so = np.array([0, 0, 1, 2, 2, 2]), np.array([0, 1, 1, 2, 2, 0])
    found = class_figures(said, so, ("a", "b", "c", "d"))
    assert found["accuracy"] == pytest.approx(4 / 6)
    assert found["confusion"] == [[1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 2, 0], [0, 0, 0, 0]]
    wanted = [
        ("a", 1 / 2, 1 / 2, 1 / 2, 2),
        ("b", 1.0, 1 / 2, 2 / 3, 2),
        ("c", 2 / 3, 1.0, 4 / 5, 2),
        ("d", 0, 0, 0, 0),
    ]
    for entry, (name, precision, recall, f1, support) in zip(found["classes"], wanted, strict=True):
        assert (entry["name"], entry["support"]) == (name, support)
        assert (entry["precision"], entry["recall"], entry["f1"]) == pytest.approx((precision, recall, f1))
    assert found["macro_f1"] == pytest.approx((1 / 2 + 2 / 3 + 4 / 5) / 3)  # d does not occur


def test_figures_agree_with_scikit_learn() -> None:
    from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support, r2_score

    rng = np.random.default_rng(0)
    said, so = rng.integers(0, 5, 200), rng.integers(0, 5, 200)
    found = class_figures(said, so, tuple("abcde"))
    assert found["confusion"] == confusion_matrix(so, said).tolist()
    columns = precision_recall_fscore_support(so, said)
    for i, name in enumerate(("precision", "recall", "f1", "support")):
        np.testing.assert_allclose([entry[name] for entry in found["classes"]], columns[i])
    many, truth = rng.random((90, 3)) < 0.4, rng.random((90, 3)) < 0.5
    labels = label_figures(many, truth, tuple("xyz"))
    assert labels["macro_f1"] == pytest.approx(f1_score(truth, many, average="macro"))
    assert labels["exact"] == pytest.approx((many == truth).all(1).mean())
    y, y_hat = rng.normal(size=(50, 1)), rng.normal(size=(50, 1))
    numbers = number_figures(y_hat, y)
    assert numbers["r2"] == pytest.approx(r2_score(y, y_hat))
    assert numbers["rmse"] == pytest.approx(np.sqrt(((y - y_hat) ** 2).mean()))
    assert numbers["mae"] == pytest.approx(np.abs(y - y_hat).mean())
    assert number_figures(y_hat, np.ones_like(y))["r2"] is None


def made(rows: int = 300) -> tuple[Spec, ExtractionNet, Part]:
    spec = exnet.parse(TEXT)
    rng = np.random.default_rng(3)
    targets = {
        "a": rng.integers(0, 4, rows),
        "b": rng.integers(0, 2, (rows, 3)),
        "c": 7.0 + 3.0 * rng.normal(size=(rows, 2)),
    }
    part = Part({"x": rng.normal(size=(rows, 8))}, targets)
    net = exnet.build(spec, dtype=torch.float64)
    fitted = data.fit(spec, Dataset("t", part, part, {"a": 4}), dtype=np.float64)
    return spec, net, fitted.test


def test_the_mean_is_over_the_vertices_own_predictions() -> None:
    spec, net, part = made()
    net.eval()
    x, numbers = torch.from_numpy(part.inputs["x"]), torch.arange(len(part))
    with torch.no_grad():
        local = net.local_predictions(x, net.draws(0, numbers))
    found = results(net, part, "mean")
    torch.testing.assert_close(found[:, :4].softmax(-1), local[..., :4].softmax(-1).mean(0))
    torch.testing.assert_close(found[:, 4:7].sigmoid(), local[..., 4:7].sigmoid().mean(0))
    torch.testing.assert_close(found[:, 7:], local[..., 7:].mean(0))
    assert torch.equal(results(net, part), net.predict(x))
    some = Part({"x": part.inputs["x"][:7]}, {})
    torch.testing.assert_close(results(net, some, "mean"), found[:7])  # no instance feels another
    certain = torch.tensor([[[80.0, -80.0, 80.0, 80.0] + [90.0] * 3 + [0.0] * 2]], dtype=torch.float64)
    assert bool(torch.isfinite(mean_result(certain, spec.outputs)).all())


def test_evaluation_has_figures_of_every_output() -> None:
    _, net, part = made()
    scales = {"c": Scale((7.0, 7.0), (3.0, 3.0))}
    found = evaluate(net, part, scales=scales, codes=Codes(names={"a": ("w", "x", "y", "z")}))
    assert set(found.outputs) == {"a", "b", "c"}
    assert [entry["name"] for entry in found.outputs["a"]["classes"]] == ["w", "x", "y", "z"]
    assert sum(map(sum, found.outputs["a"]["confusion"])) == 300
    assert found.accuracy == pytest.approx((found.outputs["a"]["accuracy"] + found.outputs["b"]["accuracy"]) / 2)
    plain = evaluate(net, part)
    assert found.outputs["c"]["rmse"] == pytest.approx(3.0 * plain.outputs["c"]["rmse"])
    assert found.outputs["c"]["r2"] == pytest.approx(plain.outputs["c"]["r2"])
    assert found.loss == plain.loss
    assert evaluate(net, part, by="mean").loss != plain.loss
    assert set(found.brief["outputs"]["a"]) == {"accuracy", "macro_f1"}
    assert net.training


def test_answers_have_names_units_and_columns() -> None:
    _, net, part = made(5)
    codes = Codes(names={"a": ("w", "x", "y", "z"), "b": ("red", "big", "new")})
    found = answers(net, part, {"c": Scale((7.0, 9.0), (3.0, 1.0))}, codes)
    raw = results(net, part).numpy()
    np.testing.assert_allclose(found["c"].values, raw[:, 7:] * [3.0, 1.0] + [7.0, 9.0])
    np.testing.assert_array_equal(found["b"].values, raw[:, 4:7] > 0)
    columns = dict(column for answer in found.values() for column in columns_of(answer))
    assert list(columns) == [
        *("a", "p(a=w)", "p(a=x)", "p(a=y)", "p(a=z)"),
        *("b[red]", "b[big]", "b[new]", "p(b[red])", "p(b[big])", "p(b[new])"),
        *("c[0]", "c[1]"),
    ]
    assert [str(name) for name in columns["a"]] == ["wxyz"[i] for i in raw[:, :4].argmax(1)]
