import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

import exnet
from exnet import data
from exnet.data import Codes, Part
from exnet.source import ExnetError

X = np.arange(80.0).reshape(20, 4)
Y = np.arange(20) % 2


def saved(folder: Path, **arrays: np.ndarray) -> str:
    path = folder / "d.npz"
    np.savez(path, **arrays)
    return str(path)


def train_of(dataset: data.Dataset) -> Part:
    assert isinstance(dataset.train, Part)
    return dataset.train


def test_arrays_by_name_and_a_stratified_split(tmp_path: Path) -> None:
    found = data.load(f"npz:{saved(tmp_path, x=X, y=Y)}")
    assert (len(train_of(found)), len(found.test)) == (16, 4)
    assert found.classes == {"y": 2}
    assert np.bincount(found.test.targets["y"]).tolist() == [2, 2]
    both = np.concatenate([train_of(found).inputs["x"], found.test.inputs["x"]])
    assert {tuple(row) for row in both} == {tuple(row) for row in X}


def test_a_test_part_of_its_own(tmp_path: Path) -> None:
    path = saved(tmp_path, x_train=X, y_train=Y, x_test=X[:3] + 1, y_test=Y[:3])
    found = data.load(f"npz:{path}")
    np.testing.assert_array_equal(train_of(found).inputs["x"], X)
    np.testing.assert_array_equal(found.test.inputs["x"], X[:3] + 1)
    with pytest.raises(ExnetError) as caught:
        data.load(f"npz:{path},test=0.5")
    assert caught.value.code == "EXN651"


def test_targets_by_name(tmp_path: Path) -> None:
    words = np.array(["ja", "nein"] * 10)
    path = saved(tmp_path, x=X, words=words, size=Y / 3, flags=np.stack([Y, 1 - Y], 1) > 0, extra=X)
    found = data.load(f"npz:{path},targets=[words, size, flags],drop=extra")
    assert found.classes == {"words": 2}
    assert found.codes.names == {"words": ("ja", "nein")}
    assert set(train_of(found).inputs) == {"x"}
    assert train_of(found).targets["flags"].dtype == np.int64
    lines = data.describe(found).lines
    assert lines == (
        "input x[4] : real[1]",
        "output words : class[2]",
        "output size : real[1]",
        "output flags : labels[2]",
    )
    data.fit(exnet.parse(f"exnet t {' '.join(lines)} vertex v = (x[:]) root v"), found)


def test_words_as_inputs_and_rows_to_predict(tmp_path: Path) -> None:
    words = np.array([["a", "b"], ["c", "a"]] * 10)
    codes = data.load(f"npz:{saved(tmp_path, w=words, y=Y)}").codes
    assert codes.words == {"w": ("a", "b", "c")}
    rows = data.load_rows(f"npz:{saved(tmp_path, w=words[:2, ::-1])}", Codes.from_json(codes.to_json()))
    assert rows.inputs["w"].tolist() == [[1, 0], [0, 2]]
    assert rows.targets == {}
    with pytest.raises(ExnetError) as caught:
        data.load_rows(f"npz:{saved(tmp_path, w=np.array([['d', 'a']]))}", codes)
    assert caught.value.code == "EXN653"
    for known in (codes, Codes()):
        assert data.load(f"npz:{saved(tmp_path, w=words, y=Y)}", known).codes == codes


BAD = {
    "lengths": ({"x": X, "y": Y[:7]}, "", "EXN650", "`x` 20, `y` 7"),
    "objects": ({"x": np.array([{}, []], object), "y": Y[:2]}, "", "EXN650", "Python objects"),
    "complex": ({"x": X + 1j, "y": Y}, "", "EXN650", "complex128"),
    "not finite": ({"x": np.where(X == 9, np.nan, X), "y": Y}, "", "EXN650", "first in row 2"),
    "single value": ({"x": np.array(3.0), "y": Y}, "", "EXN650", "single value"),
    "no instances": ({"x": X[:0], "y": Y[:0]}, "", "EXN650", "no instances"),
    "no numbers": ({"x": X[:, :0], "y": Y}, "", "EXN650", "[20, 0]"),
    "training part twice": ({"x": X, "x_train": X, "y": Y}, "", "EXN650", "`x` and an array `x_train`"),
    "no target": ({"a": X, "b": Y}, "", "EXN609", "`a`, `b`"),
    "only targets": ({"y": Y}, "", "EXN609", "is the input"),
    "unknown target": ({"x": X, "kind": Y}, ",targets=king", "EXN608", "did you mean `kind`?"),
    "unknown drop": ({"x": X, "y": Y}, ",drop=z", "EXN608", "no array `z`"),
    "half a test part": ({"x": X, "y": Y, "x_test": X}, "", "EXN650", "no `y` in its test part"),
    "another shape": ({"x": X, "y": Y, "x_test": X[:, :2], "y_test": Y}, "", "EXN650", "[20, 4] and [20, 2]"),
    "share": ({"x": X, "y": Y}, ",test=0", "EXN651", "no share"),
}


@pytest.mark.parametrize("case", BAD)
def test_arrays_that_are_no_data_set(case: str, tmp_path: Path) -> None:
    arrays, options, code, says = BAD[case]
    with pytest.raises(ExnetError) as caught:
        data.load(f"npz:{saved(tmp_path, **arrays)}{options}")
    assert caught.value.code == code
    assert says in str(caught.value)


def test_all_bad_arrays_are_reported(tmp_path: Path) -> None:
    with pytest.raises(ExnetError) as caught:
        data.load(f"npz:{saved(tmp_path, x=X + 1j, z=np.full(20, np.inf), y=Y)}")
    assert [d.code for d in caught.value.diagnostics] == ["EXN650", "EXN650"]


def damaged(folder: Path) -> dict[str, bytes]:
    whole = Path(saved(folder, x=X, y=Y)).read_bytes()
    flipped = bytearray(whole)
    flipped[200] ^= 0xFF
    alone = io.BytesIO()
    np.save(alone, X)
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("x.txt", "hello")
        archive.writestr("y.npy", b"\x93NUMPY\x01\x00v\x00{'descr'")
    return {
        "cut": whole[: len(whole) // 2],
        "flipped": bytes(flipped),
        "npy": alone.getvalue(),
        "text": b"a,b\n1,2\n",
        "empty": b"",
        "other zip": other.getvalue(),
    }


def test_damaged_files(tmp_path: Path) -> None:
    for case, raw in damaged(tmp_path).items():
        path = tmp_path / "bad.npz"
        path.write_bytes(raw)
        with pytest.raises(ExnetError) as caught:
            data.load(f"npz:{path}")
        assert caught.value.code == "EXN603", case
        assert str(path) in str(caught.value)
    for path in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(ExnetError) as caught:
            data.load(f"npz:{path}")
        assert caught.value.code == "EXN602"


def test_integers_are_classes_only_if_they_can_be(tmp_path: Path) -> None:
    for y, classes in ((Y, 2), (Y + 5, 7), (Y - 1, 0), (Y * 1000, 0), (Y / 1.0, 0), (Y * 0, 0)):
        found = data.load(f"npz:{saved(tmp_path, x=X, y=y)}")
        assert found.classes.get("y", 0) == classes, y


def test_part_tuning(tmp_path: Path) -> None:
    path = saved(tmp_path, x=X, y=Y)
    shown = train_of(data.load(f"npz:{path}")).inputs["x"]
    tuning = data.load(f"npz:{path},part=tuning")
    kept = np.concatenate([train_of(tuning).inputs["x"], tuning.test.inputs["x"]])
    assert {tuple(row) for row in kept} == {tuple(row) for row in shown}


def test_the_name_says_it_all(tmp_path: Path) -> None:
    text = f'npz(file: "{saved(tmp_path, x=X, y=Y)}", targets: ["y"], test: 0.5)'
    assert data.parse(text).text == text
    assert data.parse(data.parse(f"npz:{tmp_path}/d.npz,targets=y,test=0.5").text).text == text
    with pytest.raises(ExnetError) as caught:
        data.parse("npz")
    assert caught.value.code == "EXN601"
    assert "needs `file`" in str(caught.value)
