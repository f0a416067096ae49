"""Images with one digit or kind of clothing each: `digits`, `mnist`, `fashion-mnist`, `idx`."""

from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from exnet.data.augment import Augment
from exnet.data.bundled import with_sklearn
from exnet.data.codes import Codes
from exnet.data.idx import read_idx
from exnet.data.model import Array, Data, Dataset, Part
from exnet.data.rules import BAD_DATA_OPTION, CORRUPT_DATA, MISSING_DATA
from exnet.data.split import stratified
from exnet.source import ExnetError


class Images(Data):
    """Grey images [N, h, w] with a class each.

    Args:
        pad: adds a border of so many zeros on each side.
        part: `tuning` puts the test part away altogether: a fifth of the training part takes its place, to choose
            options on.
        shift: training images are shifted by up to so many pixels, anew in each epoch.
        flip: half of them are mirrored.
    """

    names: ClassVar[tuple[str, ...]] = ()
    """Of the classes, where they are more than numbers."""
    pad: int = 0
    part: Literal["all", "tuning"] = "all"
    shift: int = 0
    flip: bool = False

    def dataset(self, train: tuple[Array, Array], test: tuple[Array, Array], classes: int) -> Dataset:
        """The data set of (images, classes) pairs."""
        if self.pad < 0:
            raise ExnetError(BAD_DATA_OPTION.at(None, f"`pad: {self.pad}` is negative", help="write `pad: 2`, say"))
        if self.part == "tuning":
            held = stratified(train[1], 0.2, f"{self.kind}/tuning")
            train, test = (train[0][~held], train[1][~held]), (train[0][held], train[1][held])
        augment = Augment(self.shift, self.flip) if self.shift or self.flip else None
        codes = Codes(names={"class": self.names}, targets={"class": ("class",)}) if self.names else Codes()
        return Dataset(self.text, self._part(*train), self._part(*test), {"class": classes}, codes, augment)

    def _part(self, images: Array, labels: Array) -> Part:
        border = ((0, 0), (self.pad, self.pad), (self.pad, self.pad))
        padded = np.pad(images, border) if self.pad else images
        return Part({"image": padded}, {"class": labels.astype(np.int64)})


PROPERTIES = {
    "even": (0, 2, 4, 6, 8),
    "above_four": (5, 6, 7, 8, 9),
    "prime": (2, 3, 5, 7),
    "loop": (0, 6, 8, 9),
}
"""Labels of `digits(target: labels)`, each with the digits that have it."""


class Digits(Images):
    """1,797 handwritten digits of 8 x 8 pixels (scikit-learn's `load_digits`), 20 % of each class for the test.

    With `target: labels` the target is four labels of the digit instead of the digit: whether it is even, above four,
    prime, and written with a closed loop.
    """

    kind: ClassVar[str] = "digits"
    target: Literal["class", "labels"] = "class"

    def load(self) -> Dataset:
        """Reads scikit-learn's copy."""
        with_sklearn(self.kind)
        from sklearn.datasets import load_digits  # heavy: only where the data are wanted

        images, labels = load_digits(return_X_y=True)
        images = images.reshape(-1, 8, 8)
        held = stratified(labels, 0.2, "digits/test")
        made = self.dataset((images[~held], labels[~held]), (images[held], labels[held]), 10)
        return made if self.target == "class" else _with_properties(made)


def _with_properties(data: Dataset) -> Dataset:
    """The data set with zeros and ones [N, 4] in place of the digits."""
    has = np.array([[digit in digits for digits in PROPERTIES.values()] for digit in range(10)], dtype=np.int64)
    parts = [
        Part(p.inputs, {"labels": has[p.targets["class"]]}) for p in (data.train, data.test) if isinstance(p, Part)
    ]
    names = tuple(PROPERTIES)
    codes = Codes(names={"labels": names}, targets={"labels": names})
    return Dataset(data.name, parts[0], parts[1], {}, codes, data.augment)


class Idx(Images):
    """Images and their classes as four IDX files (plain or `.gz`) in a folder, named as those of MNIST.

    Args:
        folder: which holds `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the same two for `t10k`.
        prefix: what stands before these names.
    """

    kind: ClassVar[str] = "idx"
    positional: ClassVar[str | None] = "folder"
    folder: str
    prefix: str = ""

    def load(self) -> Dataset:
        """Reads the four files. Classes are 0 to the largest label."""
        train, test = (self._pair(name) for name in ("train", "t10k"))
        if train[0].shape[1:] != test[0].shape[1:]:
            shapes = " and ".join(" x ".join(map(str, images.shape[1:])) for images, _ in (train, test))
            raise self._mixed(f"its images are of {shapes}")
        return self.dataset(train, test, self.classes(max(int(train[1].max()), int(test[1].max())) + 1))

    def classes(self, found: int) -> int:
        """The number of classes, where `found` are in the files."""
        return found

    def _pair(self, name: str) -> tuple[Array, Array]:
        images = read_idx(self._file(f"{self.prefix}{name}-images-idx3-ubyte"))
        labels = read_idx(self._file(f"{self.prefix}{name}-labels-idx1-ubyte"))
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels) or not len(labels):
            raise self._mixed(f"images {images.shape}, labels {labels.shape} in the files of `{name}`")
        if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= self.classes(1 << 20):
            raise self._mixed(f"labels in {labels.min()}..={labels.max()} in the files of `{name}`")
        return images, labels

    def _mixed(self, reason: str) -> ExnetError:
        message = f"the files of `{self.folder}` do not belong together: {reason}"
        return ExnetError(CORRUPT_DATA.at(None, message, help="images are [N, h, w], labels [N] from 0 on"))

    def _file(self, stem: str) -> Path:
        for path in (Path(self.folder) / stem, Path(self.folder) / f"{stem}.gz"):
            if path.is_file():
                return path
        message = f"there is no `{stem}` and no `{stem}.gz` in `{self.folder}`"
        raise ExnetError(MISSING_DATA.at(None, message, help=self._where))

    @property
    def _where(self) -> str:
        return f"name the folder that holds the four IDX files: `--data {self.kind}:FOLDER`"


class Mnist(Idx):
    """70,000 handwritten digits of 28 x 28 pixels, as four IDX files (plain or `.gz`) in a folder."""

    kind: ClassVar[str] = "mnist"
    folder: str = "mnist"

    def classes(self, found: int) -> int:  # noqa: ARG002
        """Ten, whatever a part of the files shows."""
        return 10


class FashionMnist(Mnist):
    """70,000 images of clothing in the format of MNIST (Xiao, Rasul and Vollgraf 2017)."""

    kind: ClassVar[str] = "fashion-mnist"
    names: ClassVar[tuple[str, ...]] = (
        *("T-shirt", "trouser", "pullover", "dress", "coat"),
        *("sandal", "shirt", "sneaker", "bag", "ankle boot"),
    )
    folder: str = "/usr/share/datasets/fashion-mnist"

    @property
    def _where(self) -> str:
        return "install Debian's package `dataset-fashion-mnist`, or name a folder: `--data fashion-mnist:FOLDER`"
