"""Images with one digit or kind of clothing each: `digits`, `mnist`, `fashion-mnist`."""

from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from exnet.data.idx import read_idx
from exnet.data.model import Array, Data, Dataset, Part
from exnet.data.rules import BAD_DATA_OPTION, CORRUPT_DATA, MISSING_DATA
from exnet.data.split import stratified
from exnet.source import ExnetError


class Images(Data):
    """Grey images [N, h, w] with a class each. `pad` adds a border of zeros on each side.

    `part: tuning` holds the test part back altogether: a fifth of the training part takes its place, to choose options
    on.
    """

    pad: int = 0
    part: Literal["all", "tuning"] = "all"

    def dataset(self, train: tuple[Array, Array], test: tuple[Array, Array], classes: int) -> Dataset:
        """The data set of (images, classes) pairs."""
        if self.pad < 0:
            raise ExnetError(BAD_DATA_OPTION.at(None, f"`pad: {self.pad}` is negative", help="write `pad: 2`, say"))
        if self.part == "tuning":
            held = stratified(train[1], 0.2, f"{self.kind}/tuning")
            train, test = (train[0][~held], train[1][~held]), (train[0][held], train[1][held])
        return Dataset(self.text, self._part(*train), self._part(*test), {"class": classes})

    def _part(self, images: Array, labels: Array) -> Part:
        border = ((0, 0), (self.pad, self.pad), (self.pad, self.pad))
        padded = np.pad(images, border) if self.pad else images
        return Part({"image": padded}, {"class": labels.astype(np.int64)})


class Digits(Images):
    """1,797 handwritten digits of 8 x 8 pixels (scikit-learn's `load_digits`), 20 % of each class for the test."""

    kind: ClassVar[str] = "digits"

    def load(self) -> Dataset:
        """Reads scikit-learn's copy."""
        try:
            from sklearn.datasets import load_digits  # heavy: only where the data are wanted
        except ImportError as error:
            message = "`digits` comes with scikit-learn, which is not installed"
            raise ExnetError(MISSING_DATA.at(None, message, help="pip install 'exnet[torch]'")) from error
        images, labels = load_digits(return_X_y=True)
        images = images.reshape(-1, 8, 8)
        held = stratified(labels, 0.2, "digits/test")
        return self.dataset((images[~held], labels[~held]), (images[held], labels[held]), 10)


class Mnist(Images):
    """70,000 handwritten digits of 28 x 28 pixels, as four IDX files (plain or `.gz`) in a folder."""

    kind: ClassVar[str] = "mnist"
    positional: ClassVar[str | None] = "folder"
    folder: str = "mnist"

    def load(self) -> Dataset:
        """Reads the four files."""
        train, test = (self._pair(name) for name in ("train", "t10k"))
        return self.dataset(train, test, 10)

    def _pair(self, name: str) -> tuple[Array, Array]:
        images = read_idx(self._file(f"{name}-images-idx3-ubyte"))
        labels = read_idx(self._file(f"{name}-labels-idx1-ubyte"))
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels) or not len(labels) or labels.max() > 9:
            shapes = f"images {images.shape}, labels {labels.shape}"
            reason = f"the `{name}` files of `{self.folder}` do not belong together: {shapes}"
            raise ExnetError(CORRUPT_DATA.at(None, reason, help="images are [N, h, w], labels [N] in 0..10"))
        return images, labels

    def _file(self, stem: str) -> Path:
        for path in (Path(self.folder) / stem, Path(self.folder) / f"{stem}.gz"):
            if path.is_file():
                return path
        message = f"there is no `{stem}` and no `{stem}.gz` in `{self.folder}`"
        raise ExnetError(MISSING_DATA.at(None, message, help=self._where))

    @property
    def _where(self) -> str:
        return f"name the folder that holds the four IDX files: `--data {self.kind}:FOLDER`"


class FashionMnist(Mnist):
    """70,000 images of clothing in the format of MNIST (Xiao, Rasul and Vollgraf 2017)."""

    kind: ClassVar[str] = "fashion-mnist"
    folder: str = "/usr/share/datasets/fashion-mnist"

    @property
    def _where(self) -> str:
        return "install Debian's package `dataset-fashion-mnist`, or name a folder: `--data fashion-mnist:FOLDER`"
