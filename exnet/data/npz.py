"""Arrays in a file of numpy: `npz:FILE`. Pickled objects are never read."""

import struct
import tokenize
import warnings
import zipfile
import zlib
from dataclasses import replace
from io import BufferedReader
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from exnet.data.arrays import TARGET_NAMES, checked, coded, make_dataset, parts_of, targets_among, tuning
from exnet.data.augment import Augment
from exnet.data.codes import Codes
from exnet.data.model import Array, Data, Dataset, Part
from exnet.data.options import Names
from exnet.data.rules import BAD_ARRAYS, BAD_SPLIT, CORRUPT_DATA, MISSING_DATA, UNKNOWN_COLUMN
from exnet.source import ExnetError, nearest
from exnet.source.reading import reason


class Npz(Data):
    """Arrays [N, ..] as `numpy.savez` writes them.

    Args:
        file: path.
        targets: arrays to predict; `y`, `target`, `label` and the like if none is named.
        drop: arrays to leave out.
        test: share of each class that is the test part; not for files with arrays called `NAME_test`.
        shift, flip: training images are shifted by up to so many pixels, and mirrored.
        part: `tuning` puts the test part away; a fifth of the training part takes its place.
    """

    kind: ClassVar[str] = "npz"
    positional: ClassVar[str | None] = "file"
    file: str
    targets: Names = ()
    drop: Names = ()
    test: float = 0.2
    shift: int = 0
    flip: bool = False
    part: Literal["all", "tuning"] = "all"

    def load(self) -> Dataset:
        """Reads the file."""
        made = self._dataset(None)
        return tuning(made) if self.part == "tuning" else made

    def load_as(self, codes: Codes) -> Dataset:
        """Reads the file with the vocabularies and targets of an earlier reading."""
        made = self._dataset(None if codes == Codes() else codes)
        return tuning(made) if self.part == "tuning" else made

    def whole(self, codes: Codes) -> Dataset:
        """All rows of both parts, with the vocabularies and targets of an earlier reading."""
        return self._dataset(None if codes == Codes() else codes, split=False)

    def rows(self, codes: Codes) -> Part:
        """Every row of the arrays that are neither targets nor the test part."""
        arrays, _ = parts_of(self._read())
        targets = tuple(codes.targets) or self.targets or TARGET_NAMES
        inputs = {name: array for name, array in arrays.items() if name not in targets}
        return coded(checked(inputs, self.file), (), codes, self.file)

    def _dataset(self, codes: Codes | None, *, split: bool = True) -> Dataset:
        arrays, test = parts_of(self._read())
        wanted = self.targets or (tuple(codes.targets) if codes else ())
        targets = targets_among(arrays, wanted, self.file)
        if test and "test" in self.model_fields_set:
            message = f"`{self.file}` has a test part of its own, and `test: {self.test}` asks for another"
            raise ExnetError(BAD_SPLIT.at(None, message, help="leave out `test`"))
        augment = Augment(self.shift, self.flip) if self.shift or self.flip else None
        if split:
            return make_dataset(self.text, arrays, test or self.test, targets, codes=codes, augment=augment)
        made = make_dataset(self.text, arrays, test or arrays, targets, codes=codes)
        assert isinstance(made.train, Part), "files hold arrays"
        part = made.train.followed_by(made.test) if test else made.train
        return replace(made, train=part, test=part)

    def _read(self) -> dict[str, Array]:
        arrays = read_npz(self.file)
        for name in self.drop:
            if name not in arrays:
                near = nearest(name, arrays)
                way_out = f"did you mean `{near}`?" if near else f"its arrays are {', '.join(arrays)}"
                raise ExnetError(UNKNOWN_COLUMN.at(None, f"`{self.file}` has no array `{name}`", help=way_out))
        return {name: array for name, array in arrays.items() if name not in self.drop}


DAMAGE = (
    *(OSError, EOFError, ValueError, KeyError, TypeError, SyntaxError, OverflowError, MemoryError),
    *(NotImplementedError, RuntimeError, struct.error, zipfile.BadZipFile, zlib.error, tokenize.TokenError),
)
"""What numpy and zipfile raise on files whose bytes are not what their headers say."""


def read_npz(path: str) -> dict[str, Array]:
    """The arrays of a file, by name.

    Raises:
        ExnetError: EXN602 if it cannot be opened, EXN603 if it is damaged, EXN650 if it holds objects.
    """
    with _opened(path) as file:
        try:
            if not zipfile.is_zipfile(file):
                raise zipfile.BadZipFile("it is no file of `numpy.savez`")
            file.seek(0)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about headers of other versions, or of damaged files
                with np.load(file, allow_pickle=False) as archive:
                    return {name: _member(archive, name, path) for name in archive.files}
        except DAMAGE as error:
            reasons = (str(error).splitlines() or ["it ends too early"])[0]
            message = f"`{path}` is not usable: {reasons[:1].lower()}{reasons[1:]}"
            way_out = "write it with `np.savez(path, x=x, y=y)`, or fetch it again"
            raise ExnetError(CORRUPT_DATA.at(None, message, help=way_out)) from error


def _opened(path: str) -> BufferedReader:
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise ExnetError(MISSING_DATA.at(None, reason(path, error), help="check the path of the file")) from error
    except ValueError as error:  # a NUL character in the path
        raise ExnetError(MISSING_DATA.at(None, f"`{path!a}` is not a path", help="check the path")) from error


def _member(archive: "np.lib.npyio.NpzFile", name: str, path: str) -> Array:
    try:
        array: Any = archive[name]
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        message = f"the array `{name}` of `{path}` holds Python objects"
        way_out = "they are never read, since reading them can run code: save numbers or text"
        raise ExnetError(BAD_ARRAYS.at(None, message, help=way_out)) from error
    if not isinstance(array, np.ndarray):
        raise zipfile.BadZipFile(f"it holds `{name}`, which is no array")
    return array
