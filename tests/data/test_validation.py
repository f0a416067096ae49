import numpy as np
import pytest

import exnet
from exnet import data
from exnet.data import Dataset, Generator, Part, Scale, class_weights
from exnet.source import ExnetError

SPEC = "exnet t input x[2] : real[1] output y : class[3] vertex v = (x[0], x[1]) root v"


def toy(rows: int = 90, name: str = "toy") -> Dataset:
    x = np.random.default_rng(0).normal(5, 2, (rows, 2))
    y = np.repeat([0, 1, 2], [rows // 3 - 10, rows // 3, rows // 3 + 10])
    return Dataset(name, Part({"x": x}, {"y": y}), Part({"x": x[:4] + 1}, {"y": y[:4]}), {"y": 3})


def fitted(dataset: Dataset, share: float) -> data.Fitted:
    return data.fit(exnet.parse(SPEC), dataset, dtype=np.float64, validation=share)


def test_a_share_of_each_class_is_held_back() -> None:
    found = fitted(toy(), 0.1)
    assert found.validation is not None
    assert isinstance(found.train, Part)
    assert np.bincount(found.validation.targets["y"]).tolist() == [2, 3, 4]
    assert len(found.train) == 81
    assert fitted(toy(), 0.0).validation is None


def test_scales_come_from_what_remains() -> None:
    found = fitted(toy(), 0.3)
    assert found.validation is not None
    assert isinstance(found.train, Part)
    assert found.train.inputs["x"].mean() == pytest.approx(0, abs=1e-12)
    assert found.train.inputs["x"].std() == pytest.approx(1)
    assert abs(found.validation.inputs["x"].mean()) > 1e-4
    rows = {*found.train.inputs["x"][:, 0, 0], *found.validation.inputs["x"][:, 0, 0]}
    back = np.sort(found.scales["x"].undo(np.array(sorted(rows))))
    train = toy().train
    assert isinstance(train, Part)
    np.testing.assert_allclose(back, np.sort(train.inputs["x"][:, 0]))


def test_the_part_is_a_function_of_the_name() -> None:
    first, again, other = (fitted(toy(name=name), 0.2).validation for name in ("toy", "toy", "yot"))
    assert first is not None
    assert again is not None
    assert other is not None
    ratio = [part.inputs["x"][:, 0, 0] - part.inputs["x"][:, 1, 0] for part in (first, again, other)]
    np.testing.assert_array_equal(ratio[0], ratio[1])
    assert not np.allclose(ratio[0], ratio[2])


def test_the_test_part_stays() -> None:
    assert len(fitted(toy(), 0.2).test) == 4


def test_numbers_are_held_back_without_strata() -> None:
    spec = exnet.parse(SPEC.replace("class[3]", "real[1]"))
    train = Part({"x": np.zeros((50, 2))}, {"y": np.linspace(0, 1, 50)})
    found = data.fit(spec, Dataset("n", train, train, {}), validation=0.1)
    assert found.validation is not None
    assert len(found.validation) == 5


def test_of_a_generator_a_fixed_part_is_drawn() -> None:
    task = data.load("recall(length: 3, test: 40)")
    spec = exnet.parse("exnet t input x[3] : index[4] output y : class[4] vertex v = (x[0], x[1]) root v")
    first, again = (data.fit(spec, task, validation=0.1).validation for _ in range(2))
    assert first is not None
    assert again is not None
    assert len(first) == 40
    np.testing.assert_array_equal(first.inputs["x"], again.inputs["x"])
    assert isinstance(task.train, Generator)
    assert (task.train.draw(0, 0, 40).inputs["tokens"] != first.inputs["x"]).any()


@pytest.mark.parametrize("share", [-0.1, 1.0, 2.0, 0.001, 0.999])
def test_shares_that_cannot_be(share: float) -> None:
    with pytest.raises(ExnetError) as caught:
        fitted(toy(), share)
    assert caught.value.code == "EXN651"
    assert f"`validation: {share}`" in str(caught.value)


def test_weights_are_inverse_to_frequency_with_mean_one() -> None:
    found = fitted(toy(), 0.0)
    weights = class_weights(found)["y"]
    assert weights == pytest.approx([90 / (3 * 20), 1.0, 90 / (3 * 40)])
    assert isinstance(found.train, Part)
    assert np.mean([weights[y] for y in found.train.targets["y"]]) == pytest.approx(1.0)


def test_weights_of_classes_that_do_not_occur() -> None:
    part = Part({"x": np.zeros((4, 2))}, {"y": np.array([0, 0, 0, 2])})
    found = data.fit(exnet.parse(SPEC), Dataset("t", part, part, {"y": 3}))
    assert class_weights(found) == {"y": [4 / 6, 1.0, 2.0]}


def test_scales_as_checkpoints_hold_them() -> None:
    assert Scale.of(1, 2.0) == Scale(1.0, 2.0)
    listed = Scale.of([1.0, 2.0], [3.0, 4.0])
    assert listed == Scale((1.0, 2.0), (3.0, 4.0))
    np.testing.assert_allclose(listed.undo(listed.apply(np.array([[5.0, 6.0]]), np.dtype(np.float64))), [[5, 6]])
    spec, part = exnet.parse(SPEC), toy()
    kept = data.fit(spec, part, {"x": Scale.of([5.0, 1.0], [1.0, 2.0])}, np.float64)
    raw = part.test.inputs["x"]
    np.testing.assert_allclose(kept.test.inputs["x"][..., 0], (raw - [5, 1]) / [1, 2])


def test_constant_columns_are_only_shifted() -> None:
    part = Part({"x": np.array([[0.1, 1.0], [0.1, 3.0], [0.1, 5.0]])}, {"y": np.array([0, 1, 2])})
    codes = data.Codes(columns={"x": ("a", "b")})
    found = data.fit(exnet.parse(SPEC), Dataset("t", part, part, {"y": 3}, codes), dtype=np.float64)
    assert isinstance(found.scales["x"].deviation, tuple)
    assert found.scales["x"].deviation[0] == 1.0
    np.testing.assert_allclose(found.test.inputs["x"][:, 0], 0, atol=1e-15)
