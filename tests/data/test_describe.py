import json

import numpy as np
import pytest

import exnet
from exnet import data
from exnet.data import Dataset, Part


def described(x: np.ndarray, y: np.ndarray, classes: dict[str, int] | None = None) -> tuple[str, str]:
    part = Part({"x": x}, {"y": y})
    found = Dataset("t", part, part, classes or {})
    lines = data.describe(found).lines
    data.fit(exnet.parse(f"exnet t {' '.join(lines)} vertex v = ({FIRST[x.ndim - 1]}) root v"), found)
    return lines[0], lines[1]


FIRST = ("x", "x[0]", "x[0, 0]", "x[0]")
Y = np.array([0, 1, 2, 1])


@pytest.mark.parametrize(
    ("x", "line"),
    [
        (np.zeros((4, 7)), "input x[7] : real[1]"),
        (np.zeros(4), "input x : real[1]"),
        (np.arange(28).reshape(4, 7), "input x[7] : index[28]"),
        (np.arange(28).reshape(4, 7) - 1, "input x[7] : real[1]"),
        (np.arange(28).reshape(4, 7) * 100, "input x[7] : real[1]"),
        (np.arange(4), "input x : index[4]"),
        (np.zeros((4, 28, 28), np.uint8), "input x[7, 7] : patch[4, 4]"),
        (np.zeros((4, 8, 30)), "input x[4, 6] : patch[2, 5]"),
        (np.zeros((4, 5, 6, 3)), "input x[5, 6] : real[3]"),
        (np.zeros((4, 8, 8, 3), np.uint8), "input x[8, 8] : real[3]"),
    ],
)
def test_lines_of_inputs(x: np.ndarray, line: str) -> None:
    assert described(x, Y, {"y": 3})[0] == line


def test_images_whose_sides_have_no_divisor_are_taken_row_by_row() -> None:
    found = Dataset(
        "t", Part({"x": np.zeros((4, 29, 31))}, {"y": Y}), Part({"x": np.zeros((1, 29, 31))}, {"y": Y[:1]}), {}
    )
    assert data.describe(found).lines[0] == "input x[29] : real[31]"


@pytest.mark.parametrize(
    ("y", "classes", "line"),
    [
        (Y, {"y": 3}, "output y : class[3]"),
        (Y * 1.5, {}, "output y : real[1]"),
        (np.eye(4)[:, :3], {}, "output y : labels[3]"),
        (np.eye(4)[:, :3] * 2, {}, "output y : real[3]"),
    ],
)
def test_lines_of_outputs(y: np.ndarray, classes: dict[str, int], line: str) -> None:
    assert described(np.zeros((4, 7)), y, classes)[1] == line


def test_ranges_and_counts() -> None:
    train = Part({"x": np.array([[1.0], [2.0], [3.0]])}, {"y": np.array([0, 2, 2])})
    test = Part({"x": np.array([[9.0]])}, {"y": np.array([1])})
    codes = data.Codes(columns={"x": ("width",)}, names={"y": ("a", "b", "c")}, targets={"y": ("y",)})
    found = data.describe(Dataset("t", train, test, {"y": 3}, codes))
    x, y = found.arrays
    assert (x.least, x.most, x.columns, x.values) == (1.0, 9.0, ("width",), {})
    assert y.values == {"a": 1, "b": 0, "c": 2}
    assert (found.train, found.steps, found.test) == (3, None, 1)
    assert json.loads(json.dumps(found.to_json()))["lines"] == ["input x[1] : real[1]", "output y : class[3]"]


def test_generated_tasks_have_no_length() -> None:
    found = data.describe(data.load("recall(length: 5, steps: 7)"))
    assert (found.train, found.steps, found.test) == (None, 7, 1000)
    assert json.dumps(found.to_json())
