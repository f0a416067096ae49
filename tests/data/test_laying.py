import numpy as np
import pytest

import exnet
from exnet import data
from exnet.data import Dataset, Fitted, Part, Scale
from exnet.source import ExnetError


def fitted(inputs: str, output: str, part: Part, classes: dict[str, int] | None = None, leaf: str = "x[0]") -> Fitted:
    spec = exnet.parse(f"exnet t {inputs} {output} vertex v = ({leaf}) root v")
    return data.fit(spec, Dataset("toy", part, part, classes or {}), dtype=np.float64)


def part(x: np.ndarray, y: np.ndarray | None = None) -> Part:
    return Part({"anything": x}, {"target": np.zeros(len(x), np.int64) if y is None else y})


def standardised(x: np.ndarray) -> np.ndarray:
    return (x - x.mean()) / x.std()


def test_real_numbers_are_reshaped_row_major() -> None:
    x = np.arange(48.0).reshape(2, 4, 6)
    found = fitted("input x[8] : real[3]", "output y : class[2]", part(x))
    np.testing.assert_allclose(found.train.inputs["x"], standardised(x).reshape(2, 8, 3))
    assert found.scales == {"x": Scale(23.5, pytest.approx(x.std()))}


def test_images_are_cut_into_patches_row_major() -> None:
    x = np.arange(2 * 4 * 6).reshape(2, 4, 6)
    found = fitted("input x[2, 2] : patch[2, 3]", "output y : class[2]", part(x))
    raw = found.train.inputs["x"] * found.scales["x"].deviation + found.scales["x"].mean
    golden = [[0, 1, 2, 6, 7, 8], [3, 4, 5, 9, 10, 11], [12, 13, 14, 18, 19, 20], [15, 16, 17, 21, 22, 23]]
    np.testing.assert_allclose(raw[0], golden, atol=1e-9)
    np.testing.assert_allclose(raw[1], np.array(golden) + 24, atol=1e-9)


def test_overlapping_patches_are_cut_every_stride() -> None:
    x = np.arange(2 * 5 * 7).reshape(2, 5, 7)
    found = fitted("input x[3, 2] : patch[3, 4, 1, 3]", "output y : class[2]", part(x), leaf="x[0, 0]")
    raw = found.train.inputs["x"] * found.scales["x"].deviation + found.scales["x"].mean
    assert raw.shape == (2, 6, 12)
    for a in range(3):
        for b in range(2):
            np.testing.assert_allclose(raw[:, 2 * a + b], x[:, a : a + 3, 3 * b : 3 * b + 4].reshape(2, 12), atol=1e-9)


def test_integers_stay_integers() -> None:
    x = np.array([[0, 1, 2], [4, 3, 0]])
    found = fitted("input x[3] : index[5]", "output y : class[2]", part(x))
    np.testing.assert_array_equal(found.train.inputs["x"], x)
    assert found.train.inputs["x"].dtype == np.int64
    assert found.scales == {}


def test_constant_inputs_are_only_shifted() -> None:
    found = fitted("input x[2] : real[1]", "output y : class[2]", part(np.full((3, 2), 7.0)))
    assert found.scales["x"] == Scale(7.0, 1.0)
    assert not found.train.inputs["x"].any()


def test_test_part_is_standardised_with_training_figures() -> None:
    spec = exnet.parse("exnet t input x[2] : real[1] output y : class[2] vertex v = (x[0], x[1]) root v")
    train, test = part(np.array([[0.0, 2.0]])), part(np.array([[5.0, 7.0]]))
    found = data.fit(spec, Dataset("toy", train, test, {}), dtype=np.float64)
    np.testing.assert_allclose(found.test.inputs["x"], [[[4.0], [6.0]]])
    kept = data.fit(spec, Dataset("toy", test, test, {}), {"x": Scale(1.0, 2.0)}, np.float64)
    np.testing.assert_allclose(kept.test.inputs["x"], [[[2.0], [3.0]]])


def test_mean_and_deviation_of_many_bytes() -> None:
    x = np.random.default_rng(0).integers(0, 256, (70_000, 128), np.uint8)
    scale = fitted("input x[1] : real[128]", "output y : class[2]", part(x)).scales["x"]
    assert scale == pytest.approx((x.mean(), x.std()), rel=1e-9)


@pytest.mark.parametrize("columns", [1, 4])
def test_numbers_that_are_too_large_to_be_standardised(columns: int) -> None:
    x = np.arange(12.0).reshape(12 // columns, columns)
    inputs, codes = f"input x[{columns}] : real[1]", data.Codes(columns={"anything": tuple("abcd"[:columns])})
    spec = exnet.parse(f"exnet t {inputs} output y : class[2] vertex v = (x[0]) root v")
    for coded in (data.Codes(), codes):
        with pytest.raises(ExnetError) as caught:
            data.fit(spec, Dataset("toy", part(x * 1e300), part(x), {}, coded))
        assert (caught.value.code, "too large to be standardised" in str(caught.value)) == ("EXN650", True)
        scales = data.fit(spec, Dataset("toy", part(x), part(x), {}, coded)).scales
        x[1, 0] = 1e60
        with pytest.raises(ExnetError) as caught:
            data.fit_inputs(spec, Part({"x": x}, {}), "new", scales)
        assert (caught.value.code, "`x` in row 1 of `new`" in str(caught.value)) == ("EXN650", True)
        assert data.fit_inputs(spec, Part({"x": x}, {}), "new", scales, np.float64).inputs["x"][1, 0] > 1e50
        x[1, 0] = 1.0


def test_targets_by_output_type() -> None:
    x = np.zeros((2, 1))
    numbers, labels = np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]]).reshape(2, 2, 2), np.array([[1, 0, 1], [0, 0, 1]])
    made = fitted("input x[1] : real[1]", "output y : real[2, 2]", part(x, numbers))
    np.testing.assert_array_equal(made.train.targets["y"], standardised(numbers).reshape(2, 4))
    assert made.scales["y"] == Scale(4.5, numbers.std())
    made = fitted("input x[1] : real[1]", "output y : labels[3]", part(x, labels)).train.targets["y"]
    np.testing.assert_array_equal(made, labels)
    made = fitted("input x[1] : real[1]", "output y : class[3]", part(x, np.array([2, 0]))).train.targets["y"]
    np.testing.assert_array_equal(made, [2, 0])


def test_several_arrays_are_matched_by_name() -> None:
    text = "exnet t input a[2] : real[1] input b[1] : index[3] output s : class[2] output r : real[1] "
    spec = exnet.parse(text + "vertex v = (a[0], a[1], b[0]) root v")
    arrays = {"b": np.array([[2], [1]]), "a": np.array([[0.0, 1], [2, 3]])}
    targets = {"r": np.array([0.5, 1.5]), "s": np.array([1, 0])}
    found = data.fit(spec, Dataset("toy", Part(arrays, targets), Part(arrays, targets), {"s": 2}), dtype=np.float64)
    assert {k: v.shape for k, v in found.train.inputs.items()} == {"a": (2, 2, 1), "b": (2, 1)}
    assert {k: v.shape for k, v in found.train.targets.items()} == {"s": (2,), "r": (2, 1)}
    with pytest.raises(ExnetError) as caught:
        data.fit(spec, Dataset("toy", part(arrays["a"]), part(arrays["a"]), {}))
    assert caught.value.code == "EXN604"
    assert "`a`, `b`" in str(caught.value)


IMAGES = np.zeros((3, 8, 8))


@pytest.mark.parametrize(
    ("inputs", "x", "says"),
    [
        ("input x[15] : real[4]", IMAGES, ("60 numbers", "8 x 8", "write `x[16]` for 16 leaves")),
        ("input x[16] : real[5]", IMAGES, ("80 numbers", "8 x 8", "real[4]")),
        ("input x[15] : real[7]", IMAGES, ("105 numbers", "times 7 must be 64")),
        ("input x[4, 2] : patch[2, 2]", IMAGES, ("images of 8 x 4", "8 x 8", "write `x[4, 4]`")),
        ("input x[3, 3] : patch[3, 3]", IMAGES, ("images of 9 x 9", "`pad`")),
        (
            "input x[3, 3] : patch[4, 4, 2, 2]",
            np.zeros((3, 8, 10)),
            ("images of 8 x 8", "every 2 rows", "write `x[3, 4]`"),
        ),
        ("input x[3, 3] : patch[4, 4]", IMAGES, ("write `x[2, 2]` for 2 x 2", "or `patch[4, 4, 2, 2]` to lay 3 x 3")),
        ("input x[6, 6] : patch[3, 3]", IMAGES, ("images of 18 x 18", "write `patch[3, 3, 1, 1]` to lay 6 x 6")),
        ("input x[2, 4] : patch[3, 3, 2, 2]", IMAGES, ("images of 5 x 9", "(n - 1) * stride + size")),
        ("input x[4, 4] : patch[2, 2]", np.zeros((3, 64)), ("images of 8 x 8", "64 numbers", "no images")),
        ("input x[16] : patch[2, 2]", IMAGES, ("two indices", "x[rows, columns]")),
        ("input x[4] : index[5]", np.array([[0, 1, 2]]), ("4 integers", "3 numbers", "write `x[3]`")),
        ("input x[3] : index[2]", np.array([[0, 1, 2]]), ("0..2", "0..=2", "index[3]")),
        ("input x[3] : index[2]", np.array([[0.5, 1, 2]]), ("takes integers", "real numbers")),
    ],
)
def test_inputs_that_do_not_fit(inputs: str, x: np.ndarray, says: tuple[str, ...]) -> None:
    with pytest.raises(ExnetError) as caught:
        fitted(inputs, "output y : class[2]", part(x))
    assert caught.value.code == "EXN604"
    assert caught.value.span is not None
    assert caught.value.span.text.startswith("input x")
    for words in says:
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("output", "y", "classes", "says"),
    [
        ("output y : class[4]", np.array([0, 3, 4]), {}, ("4 classes", "has 5", "class[5]")),
        ("output y : class[4]", np.array([0, 1, 2]), {"t": 10}, ("has 10", "class[10]")),
        ("output y : class[4]", np.array([0, -1, 2]), {}, ("4 classes",)),
        ("output y : class[4]", np.array([0.0, 1, 2]), {}, ("real numbers", "real[1]")),
        ("output y : class[4]", np.zeros((3, 2)), {}, ("one number", "2 numbers", "real[2]")),
        ("output y : real[3]", np.array([0, 1, 2]), {"t": 3}, ("3 numbers", "one number", "class[3]")),
        ("output y : labels[2]", np.array([[0, 1], [1, 2], [0, 0]]), {}, ("zeros and ones", "0..=2")),
    ],
)
def test_targets_that_do_not_fit(output: str, y: np.ndarray, classes: dict[str, int], says: tuple[str, ...]) -> None:
    with pytest.raises(ExnetError) as caught:
        fitted("input x[1] : real[1]", output, part(np.zeros((3, 1)), y), classes)
    assert caught.value.code == "EXN605"
    for words in says:
        assert words in str(caught.value)


def test_integers_of_the_test_part_must_fit_too() -> None:
    spec = exnet.parse("exnet t input x[2] : index[3] output y : class[2] vertex v = (x[0], x[1]) root v")
    train, test = part(np.array([[0, 1], [2, 2]])), part(np.array([[0, 3], [2, 2]]))
    with pytest.raises(ExnetError) as caught:
        data.fit(spec, Dataset("toy", train, test, {}))
    assert (caught.value.code, caught.value.hint) == ("EXN604", "write `index[4]`")


def test_all_misfits_are_reported_together() -> None:
    with pytest.raises(ExnetError) as caught:
        fitted("input x[2] : real[3]", "output y : class[2]", part(IMAGES, np.array([0, 1, 5])))
    assert [d.code for d in caught.value.diagnostics] == ["EXN604", "EXN605"]


def test_shipped_specs_fit_their_data() -> None:
    from pathlib import Path

    specs = Path(__file__).parents[2] / "specs"
    for name in ("attention", "tree_digits", "tree_unshared", "multilayer_digits"):
        data.fit(exnet.parse((specs / f"{name}.exn").read_text()), data.load("digits"))
