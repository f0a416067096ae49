"""Values of Python as data sets."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, IterableDataset, TensorDataset
from torch.utils.data import Dataset as TorchDataset

import exnet
from exnet import data
from exnet.data import Part, of
from exnet.data.given import MOST_INSTANCES
from exnet.source import ExnetError

X = np.arange(60.0).reshape(20, 3)
Y = np.arange(20) % 2


class Pairs(TorchDataset[Any]):
    """Instances as mappings and numbers."""

    def __init__(self, rows: int = 20) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return self.rows

    def __getitem__(self, i: int) -> Any:
        return {"a": torch.tensor(X[i]), "b": i % 4}, int(Y[i])


class Stream(IterableDataset[Any]):
    def __iter__(self) -> Iterator[Any]:
        return ((X[i], Y[i]) for i in range(20))


def everything(dataset: data.Dataset, name: str = "x") -> np.ndarray:
    assert isinstance(dataset.train, Part)
    both = np.concatenate([dataset.train.inputs[name], dataset.test.inputs[name]])
    return both[np.argsort(both.reshape(len(both), -1)[:, 0], kind="stable")]


FORMS = {
    "pair": lambda: (X, Y),
    "mapping": lambda: {"x": X, "y": Y},
    "tensors": lambda: (torch.tensor(X), torch.tensor(Y)),
    "lists": lambda: (X.tolist(), Y.tolist()),
    "sequence of pairs": lambda: [(X[i], Y[i]) for i in range(20)],
    "torch data set": lambda: TensorDataset(torch.tensor(X), torch.tensor(Y)),
    "stream": Stream,
    "loader": lambda: DataLoader(TensorDataset(torch.tensor(X), torch.tensor(Y)), batch_size=7, shuffle=True),
}


@pytest.mark.parametrize("form", FORMS)
def test_ways_of_giving_the_same(form: str) -> None:
    found = of(FORMS[form]())
    np.testing.assert_array_equal(everything(found), X)
    assert found.classes == {"y": 2}
    assert len(found.test) == 4
    spec = exnet.parse("exnet t input x[3] : real[1] output y : class[2] vertex v = (x[:]) root v")
    assert isinstance(data.fit(spec, found).train, Part)


def test_several_inputs() -> None:
    found = of(Pairs())
    assert data.describe(found).lines == ("input a[3] : real[1]", "input b : index[4]", "output y : class[2]")
    np.testing.assert_array_equal(everything(found, "a"), X)
    loaded = of(DataLoader(Pairs(), batch_size=6))
    np.testing.assert_array_equal(everything(loaded, "a"), X)


def test_test_parts() -> None:
    assert len(of((X, Y), test=0.5).test) == 10
    other = of((X, Y), test=(X[:3] + 1, Y[:3]))
    np.testing.assert_array_equal(other.test.inputs["x"], X[:3] + 1)
    own = of({"x": X, "y": Y, "x_test": X[:2], "y_test": Y[:2]})
    np.testing.assert_array_equal(own.test.inputs["x"], X[:2])
    with pytest.raises(ExnetError) as caught:
        of({"x": X, "y": Y, "x_test": X[:2], "y_test": Y[:2]}, test=0.1)
    assert caught.value.code == "EXN651"


def test_names_and_targets() -> None:
    found = of({"a": X, "size": Y / 3}, targets="size", name="mine")
    assert (found.name, found.classes) == ("mine", {})
    assert of("iris").name == "iris"
    assert of(data.parse("iris")).name == "iris"
    assert of(found) is found
    with pytest.raises(ExnetError) as caught:
        of("iris", test=0.5)
    assert caught.value.code == "EXN651"


def test_numbers_of_half_precision() -> None:
    found = of((torch.tensor(X, dtype=torch.bfloat16), torch.tensor(Y)))
    np.testing.assert_array_equal(everything(found), X)


class Frame:
    """Has columns, as a frame of pandas has."""

    columns = ("a", "b")

    def __len__(self) -> int:
        return 20

    def __getitem__(self, name: str) -> np.ndarray:
        raise KeyError(name)


WRONG = {
    "a frame": (Frame(), "EXN652", "its columns are"),
    "a number": (5, "EXN652", "an `int` is no data set"),
    "nothing": (None, "EXN652", "a `NoneType` is no data set"),
    "no pairs": ([1, 2, 3], "EXN652", "not a pair"),
    "inputs alone": (TensorDataset(torch.tensor(X)), "EXN652", "a `tuple`, not a pair"),
    "no instances": ([], "EXN650", "no instances"),
    "lengths": ((X, Y[:3]), "EXN650", "different lengths"),
    "ragged": ([(X[0], 0), (X[1, :2], 1)], "EXN650", "not the same shape"),
    "ragged lists": (([[1], [1, 2]], [0, 1]), "EXN650", "cannot become an array"),
    "objects": (([{}, {}], [0, 1]), "EXN650", "Python objects"),
    "one name twice": (({"a": X}, {"a": Y}), "EXN652", "an input and a target"),
    "masked": ((np.ma.masked_array(X, X > 30), Y), "EXN650", "`x` is a masked array"),
    "no numbers in memory": ((torch.zeros(20, 3, device="meta"), Y), "EXN650", "cannot become an array"),
    "two arrays in a list": ([X, Y], "EXN652", "a `ndarray`, not a pair"),
    "no target": ({"a": X, "b": Y}, "EXN609", "`a`, `b`"),
    "not finite": ((X * np.nan, Y), "EXN650", "not finite"),
}


@pytest.mark.parametrize("case", WRONG)
def test_values_that_are_no_data_set(case: str) -> None:
    value, code, says = WRONG[case]
    with pytest.raises(ExnetError) as caught:
        of(value)
    assert caught.value.code == code
    assert says in str(caught.value)
    assert caught.value.hint


def test_targets_name_arrays_of_a_mapping_only() -> None:
    assert of({"a": X, "b": Y}, targets="b").classes == {"b": 2}
    with pytest.raises(ExnetError) as caught:
        of((X, Y), targets="z")
    assert (caught.value.code, "is a `tuple`" in str(caught.value)) == ("EXN652", True)


def test_endless_values(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_INSTANCES >= 1_000_000
    monkeypatch.setattr("exnet.data.given.MOST_INSTANCES", 50)
    with pytest.raises(ExnetError) as caught:
        of((X[i % 20], 1) for i in range(10**9))
    assert caught.value.code == "EXN652"
    assert "more than 50 instances" in str(caught.value)


def test_the_name_of_nameless_data_cannot_be_loaded() -> None:
    with pytest.raises(ExnetError) as caught:
        data.load(of((X, Y)).name)
    assert caught.value.code == "EXN600"
    assert "given from Python" in caught.value.hint
