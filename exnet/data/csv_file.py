"""Tables in text files: `csv:FILE`, with typed columns."""

from typing import ClassVar, Literal

from exnet.data.codes import Codes
from exnet.data.columns import Choice, classes_of, code, encode, extended, filled, means_of
from exnet.data.model import Data, Dataset, Part
from exnet.data.options import Names
from exnet.data.rules import BAD_SPLIT
from exnet.data.split import split
from exnet.data.table import Table, read_table
from exnet.source import ExnetError


class Csv(Data):
    """Instances in the rows of a text file, their inputs and targets in its columns.

    Args:
        file: path; UTF-8.
        target: columns to predict, at least one.
        drop: columns to leave out.
        words: columns to read as words although they look like numbers.
        task: `auto` tells classes from numbers by the column; `classification`, `regression`; `labels`: the targets
            are columns of zeros and ones, any of which may hold at once.
        missing: what to do about missing cells: refuse, drop the row, or let the training mean stand in.
        test: share of each class that is the test part. `test_file`: a table of its own instead.
        header: whether the first line holds the names of the columns.
        delimiter: between cells; by the file's name if empty.
        part: `tuning` puts the test part away; a fifth of the training part takes its place.
    """

    kind: ClassVar[str] = "csv"
    positional: ClassVar[str | None] = "file"
    file: str
    target: Names = ()
    drop: Names = ()
    words: Names = ()
    task: Literal["auto", "classification", "regression", "labels"] = "auto"
    missing: Literal["error", "drop", "mean"] = "error"
    test: float = 0.2
    test_file: str = ""
    header: bool | None = None
    delimiter: str = ""
    part: Literal["all", "tuning"] = "all"

    def load(self) -> Dataset:
        """Reads the file, decides what its columns are, and splits it."""
        table, other = self._tables()
        codes = self._codes(table, needs_target=True)
        return self._dataset(table, other, extended(codes, other, self.missing) if other else codes, self.missing)

    def load_as(self, codes: Codes) -> Dataset:
        """Reads the file with the columns, words, classes and means of an earlier reading."""
        if not codes.columns:  # of a run on no table
            return self.load()
        return self._dataset(*self._tables(), codes, self._later)

    def whole(self, codes: Codes) -> Dataset:
        """All rows of all its files, with the columns, words, classes and means of an earlier reading."""
        table, other = self._tables()
        codes = codes if codes.columns else self._codes(table, needs_target=True)
        part = encode(table, codes, self._later)
        part = filled(part.followed_by(encode(other, codes, self._later)) if other else part, codes)
        return Dataset(self.text, part, part, classes_of(codes), codes)

    def rows(self, codes: Codes) -> Part:
        """Every row in its order, without targets, with the columns, words and means of an earlier reading."""
        table = self._read(self.file)
        codes = codes if codes.columns else self._codes(table, needs_target=False)
        return filled(encode(table, codes, "never", with_targets=False), codes)

    @property
    def _later(self) -> str:
        """What to do about missing cells of a table that is read with the means of another one."""
        return "drop" if self.missing == "drop" else "never"

    def _codes(self, table: Table, needs_target: bool) -> Codes:
        return code(table, Choice(self.target, self.drop, self.words, self.task, needs_target), self.missing)

    def _tables(self) -> tuple[Table, Table | None]:
        if self.test_file and "test" in self.model_fields_set:
            message = f"`{self.test_file}` is the test part, and `test: {self.test}` asks for another"
            raise ExnetError(BAD_SPLIT.at(None, message, help="leave out `test`"))
        return self._read(self.file), self._read(self.test_file) if self.test_file else None

    def _read(self, path: str) -> Table:
        return read_table(path, self.delimiter, self.header)

    def _dataset(self, table: Table, other: Table | None, codes: Codes, missing: str) -> Dataset:
        train, classes = encode(table, codes, missing), classes_of(codes)
        if other:
            test = encode(other, codes, missing)
        else:
            train, test = split(train, classes, self.test, "csv/test", "test")
        if self.part == "tuning":
            train, test = split(train, classes, 0.2, "csv/tuning", "part: tuning")
        if missing == "mean":
            codes = means_of(train, codes)
        return Dataset(self.text, filled(train, codes), filled(test, codes), classes, codes)
