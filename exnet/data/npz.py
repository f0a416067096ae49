"""Arrays in a file of numpy: `npz:FILE`. Pickled objects are never read."""

import zipfile
import zlib
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
        return self._dataset(None)

    def load_as(self, codes: Codes) -> Dataset:
        """Reads the file with the vocabularies and targets of an earlier reading."""
        return self._dataset(None if codes == Codes() else codes)

    def rows(self, codes: Codes) -> Part:
        """Every row of the arrays that are not the test part."""
        arrays, _ = parts_of(self._read())
        targets = tuple(codes.targets) or self.targets or TARGET_NAMES
        return coded(checked(arrays, self.file), tuple(t for t in targets if t in arrays), codes, self.file)

    def _dataset(self, codes: Codes | None) -> Dataset:
        arrays, test = parts_of(self._read())
        wanted = self.targets or (tuple(codes.targets) if codes else ())
        targets = targets_among(arrays, wanted, self.file)
        if test and "test" in self.model_fields_set:
            message = f"`{self.file}` has a test part of its own, and `test: {self.test}` asks for another"
            raise ExnetError(BAD_SPLIT.at(None, message, help="leave out `test`"))
        augment = Augment(self.shift, self.flip) if self.shift or self.flip else None
        made = make_dataset(self.text, arrays, test or self.test, targets, codes=codes, augment=augment)
        return tuning(made) if self.part == "tuning" else made

    def _read(self) -> dict[str, Array]:
        arrays = read_npz(self.file)
        for name in self.drop:
            if name not in arrays:
                near = nearest(name, arrays)
                way_out = f"did you mean `{near}`?" if near else f"its arrays are {', '.join(arrays)}"
                raise ExnetError(UNKNOWN_COLUMN.at(None, f"`{self.file}` has no array `{name}`", help=way_out))
        return {name: array for name, array in arrays.items() if name not in self.drop}


def read_npz(path: str) -> dict[str, Array]:
    """The arrays of a file, by name.

    Raises:
        ExnetError: EXN602 if it cannot be opened, EXN603 if it is damaged, EXN650 if it holds objects.
    """
    try:
        with Path(path).open("rb") as file:
            if not zipfile.is_zipfile(file):
                message = f"`{path}` is no file of `numpy.savez`"
                raise ExnetError(CORRUPT_DATA.at(None, message, help="write it with `np.savez(path, x=x, y=y)`"))
            file.seek(0)
            with np.load(file, allow_pickle=False) as archive:
                return {name: _member(archive, name, path) for name in archive.files}
    except OSError as error:
        raise ExnetError(MISSING_DATA.at(None, reason(path, error), help="check the path of the file")) from error
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError) as error:
        message = f"`{path}` is not usable: {str(error).lower() or 'it ends too early'}"
        raise ExnetError(CORRUPT_DATA.at(None, message, help="write or fetch the file again")) from error


def _member(archive: "np.lib.npyio.NpzFile", name: str, path: str) -> Array:
    try:
        array: Any = archive[name]
    except ValueError as error:
        if "allow_pickle" in str(error):
            message = f"the array `{name}` of `{path}` holds Python objects"
            way_out = "they are never read, since reading them can run code: save numbers or text"
            raise ExnetError(BAD_ARRAYS.at(None, message, help=way_out)) from error
        message = f"the array `{name}` of `{path}` is not usable: {str(error).lower()}"
        raise ExnetError(CORRUPT_DATA.at(None, message, help="write or fetch the file again")) from error
    if not isinstance(array, np.ndarray):
        message = f"`{path}` holds `{name}`, which is no array"
        raise ExnetError(CORRUPT_DATA.at(None, message, help="write it with `np.savez(path, x=x, y=y)`"))
    return array
