"""A file of comma-separated values as columns of cells, and where each cell stands in it."""

import csv
import io
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from math import isfinite, isnan, nan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from exnet.data.model import Array
from exnet.data.rules import BAD_TABLE, MISSING_DATA
from exnet.source import Diagnostic, ExnetError, Source, Span
from exnet.source.reading import WIDE, reason

MISSING = frozenset(("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "?", "#N/A", "<NA>"))
"""Cells that say that a value is not known."""
TAB = {"\\t": "\t", "tab": "\t"}
"""What people write for the character that cannot be seen."""
DELIMITERS = ",;\t|"
"""Those that are looked for where the given one does not make a table."""
SHOWN = 5
"""Mistakes of one kind that are reported one by one."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column: its cells without blanks around them."""

    name: str
    cells: list[str]

    @cached_property
    def missing(self) -> NDArray[np.bool_]:
        """Which cells are in `MISSING`."""
        return np.fromiter(map(MISSING.__contains__, self.cells), np.bool_, len(self.cells))

    @cached_property
    def numbers(self) -> Array:
        """The cells as numbers; NaN where they are missing, or no finite numbers."""
        try:  # seven times as fast as cell by cell, and the common case
            values = np.fromiter(map(float, self.cells), np.float64, len(self.cells))
        except ValueError:
            return np.fromiter(map(_number, self.cells), np.float64, len(self.cells))
        values[~np.isfinite(values)] = np.nan
        if "_" in "".join(self.cells):  # Python reads 1_000, and no table means it
            values[["_" in cell for cell in self.cells]] = np.nan
        return values

    @cached_property
    def wrong(self) -> NDArray[np.bool_]:
        """Which cells are neither missing nor finite numbers."""
        return np.isnan(self.numbers) & ~self.missing


@dataclass(frozen=True, eq=False)
class Table:
    """The columns of a file, in its order.

    Attributes:
        path: as the user wrote it.
        text: of the whole file.
        delimiter: between cells.
        columns: by name.
        lines: the line on which each row starts.
        unnamed: columns to which the header gives no name, so that they are called by their place.
    """

    path: str
    text: str
    delimiter: str
    columns: dict[str, Column]
    lines: list[int]
    unnamed: tuple[str, ...] = ()
    _source: list[Source] = field(default_factory=list, repr=False)

    def __len__(self) -> int:
        return len(self.lines)

    def span(self, row: int, column: str) -> Span:
        """Where a cell stands; its whole line if quotes make that hard to say."""
        if not self._source:
            self._source.append(_source(self.path, self.text))
        place = list(self.columns).index(column)
        return _cell_span(self._source[0], self.lines[row], self.delimiter, place)


def read_table(path: str, delimiter: str, header: bool | None) -> Table:
    """The columns of a file.

    Args:
        path: of the file. Its text is UTF-8, with any line ends.
        delimiter: one character, or `tab`; if empty a tab for names that end in `.tsv` or `.tab`, else a comma.
        header: whether the first line holds names. None: it does, and is refused if it looks like numbers. Without
            names the columns are `column1`, `column2`, ..

    Raises:
        ExnetError: EXN602 if there is no such file, EXN606 if it is no table.
    """
    text = _text(path)
    delimiter = TAB.get(delimiter, delimiter) or ("\t" if path.lower().endswith((".tsv", ".tab")) else ",")
    rows, lines = _rows(path, text, delimiter)
    if not rows:
        raise _bad(f"`{path}` is empty", "a table has a line of names and then one line for each instance")
    width, start = len(rows[0]), 0 if header is False else 1
    _check_width(path, text, rows, lines, delimiter)
    unnamed = tuple(f"column{i}" for i, cell in enumerate(rows[0], 1) if header is False or not cell.strip())
    names = [cell.strip() or f"column{i}" for i, cell in enumerate(rows[0], 1)] if start else [*unnamed]
    if start:
        _check_names(path, text, names, lines[0], header)
    if len(rows) == start:
        raise _bad(f"`{path}` has a line of names and no rows", "give one line for each instance")
    cells = [list(map(str.strip, column)) for column in zip(*rows[start:], strict=True)]
    columns = {name: Column(name, cells[i]) for i, name in enumerate(names[:width])}
    return Table(path, text, delimiter, columns, lines[start:], unnamed if start else ())


def _text(path: str) -> str:
    try:
        raw = Path(path).read_bytes()
    except OSError as error:
        raise ExnetError(MISSING_DATA.at(None, reason(path, error), help="check the path of the table")) from error
    except ValueError as error:  # a NUL character in the path
        raise ExnetError(MISSING_DATA.at(None, f"`{path!a}` is not a path", help="check the path")) from error
    if raw.startswith(WIDE):
        raise _bad(f"`{path}` is UTF-16 or UTF-32, not UTF-8", "save the table as UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        byte = f"the byte 0x{raw[error.start]:02x} in line {line}"
        raise _bad(f"`{path}` is not UTF-8: {byte}", "save the table as UTF-8") from error


def _rows(path: str, text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """The rows that are not empty, and the line on which each starts."""
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise _bad(f"`delimiter: {delimiter}` is not one character", 'write `delimiter: ";"`, say')
    rows, lines, start = list[list[str]](), list[int](), 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        for row in reader:
            if len(row) > 1 or (row and row[0].strip()):
                rows.append(row)
                lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        span = _line_span(_source(path, text), start)
        message = f"the row that starts in line {start} of `{path}` cannot be read: {str(error).lower()}"
        raise ExnetError(BAD_TABLE.at(span, message, help='quotes come in pairs; a quote in a cell is `""`')) from error
    return rows, lines


def _check_width(path: str, text: str, rows: list[list[str]], lines: list[int], delimiter: str) -> None:
    """Every row has as many cells as the first one."""
    width = len(rows[0])
    signs = [sign for sign in DELIMITERS if sign != delimiter and sign in rows[0][0]]
    if width == 1 and signs:
        sign, written = ("a tab", "tab") if signs[0] == "\t" else (f"`{signs[0]}`", f'"{signs[0]}"')
        message = f"`{path}` has one cell only in its first line, and {sign} in it"
        raise _bad(message, f"if {sign} stands between the cells, write `delimiter: {written}`")
    ragged = [i for i, row in enumerate(rows) if len(row) != width]
    if not ragged:
        return
    source, others = _source(path, text), {len(row) for row in rows[1:]}
    if len(others) == 1 and len(ragged) > 1:
        message = f"the first line of `{path}` has {_cells(width)}, all others have {others.pop()}"
        way_out = "the first line holds the names of the columns: leave out what stands before it"
        raise ExnetError(BAD_TABLE.at(_line_span(source, lines[0]), message, help=way_out))
    found = list[Diagnostic]()
    for i in ragged[:SHOWN]:
        message = f"line {lines[i]} of `{path}` has {_cells(len(rows[i]))}, the first one has {width}"
        way_out = "give every row the same cells; one that contains the delimiter needs quotes"
        more = (f"{len(ragged) - SHOWN:,} more rows differ",) if i == ragged[0] and len(ragged) > SHOWN else ()
        found.append(BAD_TABLE.at(_line_span(source, lines[i]), message, help=way_out, notes=more))
    raise ExnetError(*found)


def _check_names(path: str, text: str, names: list[str], line: int, header: bool | None) -> None:
    """Names differ, and are names."""
    if header is None and all(not isnan(_number(name)) for name in names):
        span = _line_span(_source(path, text), line)
        message = f"the first line of `{path}` holds numbers, and names of columns are wanted"
        way_out = "write `header: false` if it is the first instance, `header: true` if these are the names"
        raise ExnetError(BAD_TABLE.at(span, message, help=way_out))
    for (name, i), (other, j) in pairwise(sorted((name, i) for i, name in enumerate(names, 1))):
        if name == other:
            span = _line_span(_source(path, text), line)
            message = f"columns {i} and {j} of `{path}` are both called `{name}`"
            raise ExnetError(BAD_TABLE.at(span, message, help="columns are told apart by their names: rename one"))


def _number(cell: str) -> float:
    """A finite number, or NaN."""
    try:
        value = float(cell)
    except ValueError:
        return nan
    return value if isfinite(value) and "_" not in cell else nan


def _source(path: str, text: str) -> Source:
    return Source(path, text.replace("\r\n", "\n").replace("\r", "\n"))


def _line_span(source: Source, line: int) -> Span:
    start = source.line_starts[line - 1]
    return Span(source, start, start + len(source.line(line)))


def _cell_span(source: Source, line: int, delimiter: str, place: int) -> Span:
    whole = _line_span(source, line)
    cells = whole.text.split(delimiter)
    if '"' in whole.text or place >= len(cells):
        return whole
    start = whole.start + sum(len(cell) + 1 for cell in cells[:place])
    cell = cells[place]
    start += len(cell) - len(cell.lstrip())
    return Span(source, start, start + max(1, len(cell.strip())))


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _bad(message: str, help: str) -> ExnetError:
    return ExnetError(BAD_TABLE.at(None, message, help=help))
