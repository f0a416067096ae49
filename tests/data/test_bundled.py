import numpy as np
import pytest

import exnet
from exnet import data
from exnet.data import Part
from exnet.data.images import PROPERTIES

TABLES = {
    "iris": (120, 30, 4, 3),
    "wine": (142, 36, 13, 3),
    "breast-cancer": (456, 113, 30, 2),
    "diabetes": (354, 88, 10, 0),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_scikit_learn(name: str) -> None:
    found = data.load(name)
    train, test, columns, classes = TABLES[name]
    assert isinstance(found.train, Part)
    assert (len(found.train), len(found.test)) == (train, test)
    assert found.train.inputs["numbers"].shape == (train, columns)
    assert len(found.codes.columns["numbers"]) == columns
    assert sum(found.classes.values()) == classes
    assert [len(names) for names in found.codes.names.values()] == [classes] * bool(classes)
    spec = exnet.parse(f"exnet t {' '.join(data.describe(found).lines)} vertex v = (numbers[:]) root v")
    fitted = data.fit(spec, found)
    assert isinstance(fitted.train, Part)
    np.testing.assert_allclose(fitted.train.inputs["numbers"].mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(fitted.train.inputs["numbers"].std(0), 1, atol=1e-5)


def test_tuning_of_a_table() -> None:
    whole, tuning = data.load("iris"), data.load("iris(part: tuning)")
    assert isinstance(whole.train, Part)
    assert isinstance(tuning.train, Part)
    assert np.bincount(tuning.test.targets["species"]).tolist() == [8, 8, 8]
    assert len(tuning.train) + len(tuning.test) == len(whole.train)


def test_diabetes_is_in_its_own_units() -> None:
    found = data.load("diabetes")
    assert found.test.targets["progression"].dtype == np.float64
    assert found.test.inputs["numbers"][:, 0].min() >= 19  # years


def test_labels_of_digits() -> None:
    digits, labels = data.load("digits"), data.load("digits(target: labels)")
    assert labels.classes == {}
    assert labels.codes.names == {"labels": tuple(PROPERTIES)}
    np.testing.assert_array_equal(digits.test.inputs["image"], labels.test.inputs["image"])
    for digit, row in zip(digits.test.targets["class"][:40], labels.test.targets["labels"][:40], strict=True):
        assert [digit in digits_with_it for digits_with_it in PROPERTIES.values()] == row.astype(bool).tolist()
