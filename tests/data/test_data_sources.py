import gzip
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from idx_files import idx_bytes

from exnet import data
from exnet.data import Generator
from exnet.data.split import stratified
from exnet.source import ExnetError

FASHION = Path("/usr/share/datasets/fashion-mnist")


def mnist_folder(folder: Path, rows: int = 12) -> Path:
    rng = np.random.default_rng(1)
    for name, count in (("train", rows), ("t10k", rows // 2)):
        images = idx_bytes(rng.integers(0, 256, (count, 28, 28)))
        labels = idx_bytes(np.arange(count) % 10)
        (folder / f"{name}-images-idx3-ubyte").write_bytes(images)
        (folder / f"{name}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    return folder


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("digits", "digits"),
        (" digits(pad: 4) ", "digits(pad: 4)"),
        ("recall", "recall"),
        ("recall:64", "recall"),
        ("recall:length=32,classes=8", "recall(length: 32, classes: 8)"),
        ("recall(classes: 8, length: 32)", "recall(length: 32, classes: 8)"),
        ("recall(others: distractor)", 'recall(others: "distractor")'),
        ("mnist:some/folder", 'mnist(folder: "some/folder")'),
        ("mnist:some/folder,pad=2", 'mnist(pad: 2, folder: "some/folder")'),
        ('mnist(folder: "a, b: c", pad: 2)', 'mnist(pad: 2, folder: "a, b: c")'),
        ("digits(flip: true, shift: 2)", "digits(shift: 2, flip: true)"),
        ("digits:target=labels", 'digits(target: "labels")'),
        ("csv:a.csv,target=y", 'csv(file: "a.csv", target: ["y"])'),
        ("csv:a.csv,target: y", 'csv(file: "a.csv", target: ["y"])'),
        ("csv:C:/a.csv", 'csv(file: "C:/a.csv")'),
        ('csv:"a,b.csv",target="x, y"', 'csv(file: "a,b.csv", target: ["x, y"])'),
        ("csv(file: a.csv, target: [y, z], header: false)", 'csv(file: "a.csv", target: ["y", "z"], header: false)'),
        (r'npz(file: "a\"b\\c", drop: [])', r'npz(file: "a\"b\\c")'),
        ("sum-mod:8", "sum-mod(length: 8)"),
    ],
)
def test_names_are_read_and_written(text: str, canonical: str) -> None:
    declared = data.parse(text)
    assert declared.text == canonical
    assert data.parse(canonical) == declared


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("digit", "EXN600", "did you mean `digits`?"),
        ("imagenet", "EXN600", "known are"),
        ("", "EXN600", "known are"),
        ("flowers.csv,target=species", "EXN600", "write `csv:flowers.csv,target=species`"),
        ("data/IMAGES.NPZ", "EXN600", "write `npz:data/IMAGES.NPZ`"),
        ("recall(length: 3", "EXN600", "a bracket is not closed"),
        ("recall(lenght: 3)", "EXN601", "did you mean `length`?"),
        ("recall(length: 3.5)", "EXN601", "length: 3.5"),
        ("recall(length: many)", "EXN601", "length: many"),
        ("recall(length)", "EXN601", "is not `option: value`"),
        ("recall(length: 3, length: 4)", "EXN601", "length: 4"),
        ("recall:3,4", "EXN601", "given twice"),
        ("digits:folder", "EXN601", "belongs to no option"),
        ("digits(part: test)", "EXN601", "part: test"),
    ],
)
def test_names_that_cannot_be_read(text: str, code: str, says: str) -> None:
    with pytest.raises(ExnetError) as caught:
        data.parse(text)
    assert caught.value.code == code
    assert says in str(caught.value)


@pytest.mark.parametrize("text", ["recall(length: 0)", "recall(classes: 1)", "recall(test: 0)", "digits(pad: -1)"])
def test_values_out_of_range(text: str) -> None:
    with pytest.raises(ExnetError) as caught:
        data.load(text)
    assert caught.value.code == "EXN601"


def test_digits_split_is_fixed_and_stratified() -> None:
    digits = data.load("digits")
    assert (len(digits.train), len(digits.test)) == (1438, 359)
    counts = np.bincount(digits.test.targets["class"])
    whole = counts + np.bincount(digits.train.targets["class"])
    np.testing.assert_array_equal(counts, np.round(whole * 0.2))
    assert digits.test.inputs["image"][0].sum() == pytest.approx(267.0)  # the split itself: moves only on purpose
    again = data.load("digits")
    np.testing.assert_array_equal(again.test.inputs["image"], digits.test.inputs["image"])


def test_tuning_holds_the_test_part_back() -> None:
    digits, tuning = data.load("digits"), data.load("digits(part: tuning)")
    known = {image.tobytes() for image in digits.train.inputs["image"]}
    shown = [image.tobytes() for part in (tuning.train, tuning.test) for image in part.inputs["image"]]
    assert set(shown) <= known
    assert len(shown) == len(digits.train)
    assert len(tuning.test) == pytest.approx(0.2 * len(digits.train), abs=5)


def test_stratified_holds_each_class_back_alike() -> None:
    labels = np.repeat([0, 1, 2], [10, 20, 5])
    assert np.bincount(labels[stratified(labels, 0.2, "x")]).tolist() == [2, 4, 1]


def test_mnist_files_plain_and_zipped(tmp_path: Path) -> None:
    mnist = data.load(f"mnist:{mnist_folder(tmp_path)}")
    assert mnist.train.inputs["image"].shape == (12, 28, 28)
    assert mnist.test.targets["class"].tolist() == [0, 1, 2, 3, 4, 5]
    padded = data.load(f"mnist:{tmp_path},pad=2").train.inputs["image"]
    assert padded.shape == (12, 32, 32)
    np.testing.assert_array_equal(padded[:, 2:-2, 2:-2], mnist.train.inputs["image"])
    assert padded[:, :2].sum() == 0


def test_mnist_that_is_not_there(tmp_path: Path) -> None:
    for name in ("mnist", "fashion-mnist"):
        with pytest.raises(ExnetError) as caught:
            data.load(f"{name}:{tmp_path}")
        assert caught.value.code == "EXN602"
        assert f"--data {name}:FOLDER" in str(caught.value)


def test_mnist_files_that_do_not_belong_together(tmp_path: Path) -> None:
    folder = mnist_folder(tmp_path)
    (folder / "train-labels-idx1-ubyte").write_bytes(idx_bytes(np.arange(5)))
    with pytest.raises(ExnetError) as caught:
        data.load(f"mnist:{folder}")
    assert caught.value.code == "EXN603"


def test_idx_folders_of_any_size_and_name(tmp_path: Path) -> None:
    for name, count in (("train", 30), ("t10k", 10)):
        (tmp_path / f"letters-{name}-images-idx3-ubyte").write_bytes(idx_bytes(np.ones((count, 6, 9))))
        (tmp_path / f"letters-{name}-labels-idx1-ubyte").write_bytes(idx_bytes(np.arange(count) % 26))
    letters = data.load(f"idx:{tmp_path},prefix=letters-")
    assert letters.classes == {"class": 26}
    assert letters.test.inputs["image"].shape == (10, 6, 9)
    (tmp_path / "letters-t10k-images-idx3-ubyte").write_bytes(idx_bytes(np.ones((10, 6, 8))))
    with pytest.raises(ExnetError) as caught:
        data.load(f"idx:{tmp_path},prefix=letters-")
    assert (caught.value.code, "6 x 9 and 6 x 8" in str(caught.value)) == ("EXN603", True)
    with pytest.raises(ExnetError) as caught:
        data.parse("idx")
    assert "needs `folder`" in str(caught.value)


def test_mnist_has_ten_classes_even_if_a_file_shows_fewer(tmp_path: Path) -> None:
    assert data.load(f"mnist:{mnist_folder(tmp_path, 4)}").classes == {"class": 10}
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx_bytes(np.full(4, 10))))
    with pytest.raises(ExnetError) as caught:
        data.load(f"mnist:{tmp_path}")
    assert (caught.value.code, "10..=10" in str(caught.value)) == ("EXN603", True)


@pytest.mark.skipif(not FASHION.is_dir(), reason="Debian's dataset-fashion-mnist is not installed")
def test_fashion_mnist_of_debian() -> None:
    fashion = data.load("fashion-mnist")
    assert fashion.train.inputs["image"].shape == (60000, 28, 28)
    assert np.bincount(fashion.test.targets["class"]).tolist() == [1000] * 10
    assert fashion.codes.names["class"][9] == "ankle boot"


def test_recall_asks_for_the_first_token() -> None:
    task = data.load("recall(length: 9, classes: 5, test: 200)")
    tokens = task.test.inputs["tokens"]
    assert tokens.shape == (200, 9)
    np.testing.assert_array_equal(tokens[:, 0], task.test.targets["class"])
    assert set(np.unique(tokens)) == set(range(5))


def test_recall_batches_are_functions_of_seed_and_step() -> None:
    train = data.load("recall(length: 9)").train
    assert isinstance(train, Generator)
    first = train.draw(3, 7, 32).inputs["tokens"]
    np.testing.assert_array_equal(train.draw(3, 7, 32).inputs["tokens"], first)
    np.testing.assert_array_equal(train.draw(3, 7, 8).inputs["tokens"], first[:8])
    assert (train.draw(4, 7, 32).inputs["tokens"] != first).any()
    assert (train.draw(3, 8, 32).inputs["tokens"] != first).any()


def test_distractors_come_from_another_alphabet() -> None:
    task = data.load("recall(length: 9, others: distractor)")
    tokens = task.test.inputs["tokens"]
    assert tokens[:, 0].max() == 3
    assert tokens[:, 1:].min() == 4
    assert tokens.max() == 7


def test_declarations_load_no_torch_and_no_sklearn() -> None:
    check = (
        "import sys, exnet.data as d; d.parse('digits'); print([m for m in ('torch', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
