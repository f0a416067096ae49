"""What the columns of a table are: numbers, words of a vocabulary, classes, labels; and their arrays.

input columns of numbers        one array `numbers` [N, k], in the order of the file
an input column of words        an array of integers [N] of its own: places in the sorted vocabulary
a target of words               classes in the order of the alphabet
a target of numbers             classes if all are integers, at most 20 of them and at most half as many as rows;
                                else numbers [N]
targets with `task: labels`     one array `labels` [N, K] of zeros and ones
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from exnet.data.codes import Codes
from exnet.data.model import Array, Part
from exnet.data.rules import BAD_TARGET, MISSING_VALUE, MIXED_COLUMN, UNKNOWN_COLUMN, UNKNOWN_WORD
from exnet.data.table import MISSING, SHOWN, Column, Table
from exnet.language.grammar import reserved_words
from exnet.source import Diagnostic, ExnetError, nearest

MOST_CLASSES_OF_NUMBERS = 20
"""A target of more different integers than that is a number."""
SLIP = 0.1
"""A column of numbers in which at most this share of the cells are none is refused, not taken for words."""
LONG_VOCABULARY = 50
"""A vocabulary of more words than that, and of more than half as many as rows, is refused."""
NAMED = 20
"""Columns that are named one by one."""
OTHER_TARGET = "name another column as `target`"
NUMBERS, LABELS = "numbers", "labels"

Task: TypeAlias = Literal["auto", "classification", "regression", "labels"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a user says about the columns: targets, columns to leave out, columns to read as words, the task."""

    target: tuple[str, ...]
    drop: tuple[str, ...]
    words: tuple[str, ...]
    task: Task
    needs_target: bool = True

    def check(self, table: Table) -> None:
        """Every column that is named is there, and the target is named.

        Raises:
            ExnetError: EXN608 and EXN609.
        """
        known = _listed(tuple(table.columns))
        for option in ("target", "drop", "words"):
            for name in getattr(self, option):
                if name not in table.columns:
                    near = nearest(name, table.columns)
                    way_out = f"did you mean `{near}`?" if near else f"its columns are {known}"
                    message = f"`{table.path}` has no column `{name}`, which `{option}` names"
                    raise ExnetError(UNKNOWN_COLUMN.at(None, message, help=way_out))
        if not self.target and self.needs_target:
            message = f"no column of `{table.path}` is named as the target; they are {known}"
            last = list(table.columns)[-1]
            raise ExnetError(BAD_TARGET.at(None, message, help=f'write `target: "{last}"`, say'))
        twice = [name for name in self.target if self.target.count(name) > 1]
        if twice:
            message = f"`{twice[0]}` is named by `target` twice"
            raise ExnetError(BAD_TARGET.at(None, message, help="name it once"))
        both = [name for name in self.target if name in self.drop]
        if both:
            message = f"`{both[0]}` is named by `target` and by `drop`"
            raise ExnetError(BAD_TARGET.at(None, message, help="name it once"))
        nameless = [name for name in table.unnamed if name not in (*self.target, *self.drop)]
        if nameless:
            message = f"the header of `{table.path}` gives no name to `{nameless[0]}`"
            way_out = f"a column of row numbers is left out by `drop: {nameless[0]}`; name it if it is an input"
            raise ExnetError(UNKNOWN_COLUMN.at(None, message, help=way_out))


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return ", ".join(f"`{name}`" for name in names[:NAMED]) + more


def code(table: Table, choice: Choice, missing: str) -> Codes:
    """Which columns are what, and the numbers of all words and classes; `` is a word with `missing: mean` only.

    Raises:
        ExnetError: EXN608, EXN609, EXN654, every column at once.
    """
    choice.check(table)
    found = list[Diagnostic]()
    inputs = [c for name, c in table.columns.items() if name not in (*choice.target, *choice.drop)]
    numbers = [c.name for c in inputs if not _is_words(table, c, choice.words, found)]
    texts = [c for c in inputs if c.name not in numbers]
    for column in texts:
        found += _long(table, column, choice.words)
    if not inputs:
        message = f"`{table.path}` has no column beside those of `target` and `drop`"
        raise ExnetError(BAD_TARGET.at(None, message, help="a net needs an input"))
    named = identifiers([*([NUMBERS] if numbers else []), *(c.name for c in texts), *choice.target])
    columns = {NUMBERS: tuple(numbers)} if numbers else {}
    by_input = dict(zip(named[len(columns) :], texts, strict=False))
    words = {name: vocabulary(c.cells, missing) for name, c in by_input.items()}
    columns |= {name: (c.name,) for name, c in by_input.items()}
    names, targets = _targets(table, choice, named[len(columns) :], found)
    if found:
        raise ExnetError(*found)
    return Codes(columns, words, names, targets)


def classes_of(codes: Codes) -> dict[str, int]:
    """The number of classes of each target that is a class, not a set of labels."""
    return {name: len(names) for name, names in codes.names.items() if not is_labels(codes, name)}


def is_labels(codes: Codes, target: str) -> bool:
    """Whether a target is a set of labels: each of its columns names one."""
    return codes.names.get(target) == codes.targets.get(target)


def extended(codes: Codes, table: Table, missing: str) -> Codes:
    """The codes with the words of a further table, for inputs only."""
    words = {
        name: vocabulary([*known, *table.columns[codes.columns[name][0]].cells], missing)
        if codes.columns[name][0] in table.columns
        else known
        for name, known in codes.words.items()
    }
    return Codes(codes.columns, words, codes.names, codes.targets, codes.means)


def encode(table: Table, codes: Codes, missing: str, with_targets: bool = True) -> Part:
    """The arrays of a table. With `missing: mean` missing numbers are NaN, and missing words the word ``.

    `never` is an answer to missing cells that no user gives: a table for a run that knows none.

    Raises:
        ExnetError: EXN607, EXN608, EXN653 and EXN654, every column at once.
    """
    targets = codes.targets if with_targets else {}
    _all_there(table, [c for names in (*codes.columns.values(), *targets.values()) for c in names])
    keep = _rows_to_keep(table, codes, targets, missing)
    found = list[Diagnostic]()
    inputs = dict[str, Array]()
    for name, columns in codes.columns.items():
        read = [table.columns[column] for column in columns]
        if name in codes.words:
            inputs[name] = _places(table, read[0], codes.words[name], keep, found)
        else:
            inputs[name] = np.stack([_numbers(table, column, keep, found) for column in read], axis=1)
    made = dict[str, Array]()
    for name, columns in targets.items():
        read = [table.columns[column] for column in columns]
        made[name] = _target(table, read, codes, name, keep, found)
    if found:
        raise ExnetError(*found)
    return Part({k: v[keep] for k, v in inputs.items()}, {k: v[keep] for k, v in made.items()})


def means_of(part: Part, codes: Codes) -> Codes:
    """The codes with the mean of each column of numbers that is not missing."""
    if NUMBERS not in part.inputs:
        return codes
    values = part.inputs[NUMBERS]
    known = ~np.isnan(values)
    mean = np.where(known, values, 0.0).sum(0) / np.maximum(known.sum(0), 1)
    means = dict(zip(codes.columns[NUMBERS], mean.tolist(), strict=True))
    return Codes(codes.columns, codes.words, codes.names, codes.targets, means)


def filled(part: Part, codes: Codes) -> Part:
    """The part with the means of `codes` in place of missing numbers."""
    if NUMBERS not in part.inputs or not codes.means:
        return part
    means = np.array([codes.means[name] for name in codes.columns[NUMBERS]])
    values = part.inputs[NUMBERS]
    return Part({**part.inputs, NUMBERS: np.where(np.isnan(values), means, values)}, part.targets)


def vocabulary(cells: Iterable[str], missing: str) -> tuple[str, ...]:
    """The different words, in the order of the alphabet; with `missing: mean` a missing one is the word ``."""
    found = {"" if cell in MISSING else cell for cell in cells}
    return tuple(sorted(found if missing == "mean" else found - {""}))


def identifiers(names: Iterable[str]) -> list[str]:
    """Names that a spec can use, all different, as near to the given ones as may be."""
    found = list[str]()
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_") or "column"
        plain = f"c{plain}" if plain[0].isdigit() else plain
        base = f"{plain}_" if plain in reserved_words() else plain
        made, number = base, 1
        while made in found:
            number += 1
            made = f"{base}{number}"
        found.append(made)
    return found


def _is_words(table: Table, column: Column, words: tuple[str, ...], found: list[Diagnostic]) -> bool:
    """Whether a column of inputs holds words; cells that look like slips among numbers are reported."""
    if column.name in words:
        return True
    wrong, known = np.flatnonzero(column.wrong), np.count_nonzero(~column.missing)
    if not known:
        message = f"every cell of the column `{column.name}` of `{table.path}` is missing"
        found.append(MISSING_VALUE.at(table.span(0, column.name), message, help=f"leave it out: `drop: {column.name}`"))
    elif _has_slips(column):
        found.append(_slip(table, column, int(wrong[0]), len(wrong)))
    return bool(len(wrong))


def _has_slips(column: Column) -> bool:
    """Whether so few of the cells are no numbers that these must be mistakes."""
    return 0 < int(np.count_nonzero(column.wrong)) <= SLIP * int(np.count_nonzero(~column.missing))


def _slip(table: Table, column: Column, row: int, count: int) -> Diagnostic:
    cell, line = column.cells[row], table.lines[row]
    message = f"`{column.name}` holds numbers, and `{cell}` in line {line} of `{table.path}` is none"
    more = (f"it is not the only one: {count:,} cells of this column are none",) if count > 1 else ()
    way_out = f"correct it, or write `words: {column.name}` to read the column as words"
    return MIXED_COLUMN.at(table.span(row, column.name), message, help=way_out, notes=more)


def _long(table: Table, column: Column, words: tuple[str, ...]) -> Iterable[Diagnostic]:
    count = len(set(column.cells))
    if column.name not in words and not _has_slips(column) and count > max(LONG_VOCABULARY, len(table) / 2):
        message = f"`{column.name}` of `{table.path}` holds {count:,} different words in {len(table):,} rows"
        way_out = f"leave it out with `drop: {column.name}`, or write `words: {column.name}` if you mean it"
        way_out = _as_plain_numbers(column) + way_out
        yield MIXED_COLUMN.at(table.span(0, column.name), message, help=way_out)


_PRINTED = re.compile(r"[$€£]?\s*[+-]?\d[\d.,]*\s*[%$€£]?")
"""A number as people print it: `12,5`, `1,000`, `3 %`, `$5`."""
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
"""A number with commas between its thousands."""


def _as_plain_numbers(column: Column) -> str:
    """How to write the first cell, if all cells are numbers as people print them."""
    cells = [cell for cell, gone in zip(column.cells, column.missing.tolist(), strict=True) if not gone]
    if not all(map(_PRINTED.fullmatch, cells)):
        return ""
    bare = re.sub(r"[^0-9.,+-]", "", cells[0])
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    elif "," in bare:
        bare = bare.replace(".", "").replace(",", ".")
    return f"if they are numbers, write `{bare}` for `{cells[0]}`, and so on; else "


def _targets(
    table: Table, choice: Choice, named: list[str], found: list[Diagnostic]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Names of classes by target, and columns by target."""
    if choice.task == "labels":
        for name in choice.target:
            found += _not_binary(table, table.columns[name])
        return {LABELS: choice.target}, {LABELS: choice.target}
    names = dict[str, tuple[str, ...]]()
    for name, target in zip(named, choice.target, strict=True):
        column = table.columns[target]
        if column.missing.all():
            message = f"every cell of the target `{target}` of `{table.path}` is missing"
            found.append(BAD_TARGET.at(table.span(0, target), message, help=OTHER_TARGET))
        elif choice.task == "regression":
            found += _not_numbers(table, column)
            found += _constant(table, column)
        elif classes := _classes(table, column, choice, found):
            names[name] = classes
    return names, {name: (target,) for name, target in zip(named, choice.target, strict=True)}


def _classes(table: Table, column: Column, choice: Choice, found: list[Diagnostic]) -> tuple[str, ...]:
    """The names of the classes; none if the target is a number."""
    if _has_slips(column) and column.name not in choice.words:
        wrong = np.flatnonzero(column.wrong)
        found.append(_slip(table, column, int(wrong[0]), len(wrong)))
        return ()
    known = [cell for cell, gone in zip(column.cells, column.missing.tolist(), strict=True) if not gone]
    in_words = bool(column.wrong.any()) or column.name in choice.words
    if choice.task == "auto" and not in_words:
        values = np.unique(column.numbers[~column.missing])
        most = min(MOST_CLASSES_OF_NUMBERS, len(known) / 2)
        if (values != np.round(values)).any() or len(values) > most:
            found += _constant(table, column)
            return ()
    names = tuple(sorted(set(known))) if in_words else tuple(map(number_name, np.unique(_finite(column))))
    if len(names) < 2 or len(names) > max(LONG_VOCABULARY, len(known) / 2) or len(names) == len(known) > 2:
        what = f"{len(names):,} classes in {len(known):,} rows" if len(names) > 1 else "one class only"
        message = f"the target `{column.name}` of `{table.path}` has {what}"
        way_out = "write `task: regression` if it is a number" if not in_words and len(names) > 1 else OTHER_TARGET
        found.append(BAD_TARGET.at(table.span(0, column.name), message, help=way_out))
    return names


def _constant(table: Table, column: Column) -> Iterable[Diagnostic]:
    values = _finite(column)
    if len(values) and not column.wrong.any() and (values == values[0]).all():
        message = f"the target `{column.name}` of `{table.path}` is {number_name(values[0])} in every row"
        yield BAD_TARGET.at(table.span(0, column.name), message, help=OTHER_TARGET)


def _finite(column: Column) -> Array:
    return column.numbers[~np.isnan(column.numbers)]


def number_name(value: float) -> str:
    """The name of a class that is written as a number: `3`, `0.5`."""
    return str(int(value)) if value == int(value) else repr(float(value))


def _not_binary(table: Table, column: Column) -> Iterable[Diagnostic]:
    odd = np.flatnonzero(~np.isin(column.numbers, (0.0, 1.0)) & ~column.missing)
    if len(odd):
        row = int(odd[0])
        message = f"a label is 0 or 1, and `{column.name}` is `{column.cells[row]}` in line {table.lines[row]}"
        yield BAD_TARGET.at(table.span(row, column.name), message, help="leave out `task: labels` for other targets")


def _not_numbers(table: Table, column: Column) -> Iterable[Diagnostic]:
    wrong = np.flatnonzero(column.wrong)
    if len(wrong):
        row = int(wrong[0])
        message = f"the target `{column.name}` is `{column.cells[row]}` in line {table.lines[row]}, which is no number"
        yield BAD_TARGET.at(table.span(row, column.name), message, help="leave out `task: regression` for classes")


def _all_there(table: Table, columns: list[str]) -> None:
    gone = [name for name in columns if name not in table.columns]
    others = [name for name in table.columns if name not in columns]
    found = list[Diagnostic]()
    for name in gone[:SHOWN]:
        near = nearest(name, others)
        way_out = f"did you mean `{near}`?" if near else "give it the columns of the training table"
        if re.fullmatch(r"column\d+", name):
            way_out = "the training table has no line of names: write `header: false` if this one has none either"
        message = f"`{table.path}` has no column `{name}`"
        more = (f"{len(gone) - SHOWN:,} more columns are not there",) if name == gone[0] and len(gone) > SHOWN else ()
        found.append(UNKNOWN_COLUMN.at(None, message, help=way_out, notes=more))
    if found:
        raise ExnetError(*found)


def _rows_to_keep(
    table: Table, codes: Codes, targets: Mapping[str, tuple[str, ...]], missing: str
) -> NDArray[np.bool_]:
    """Which rows have all the cells that they need."""
    inputs = [c for columns in codes.columns.values() for c in columns]
    wanted = [c for columns in targets.values() for c in columns]
    if missing == "drop":
        gone = np.any([table.columns[c].missing for c in (*inputs, *wanted)], axis=0)
        if gone.all():
            message = f"every row of `{table.path}` has a missing cell"
            raise ExnetError(MISSING_VALUE.at(None, message, help="leave out columns with `drop: [..]`"))
        return ~gone
    known_words = {codes.columns[name][0] for name, words in codes.words.items() if "" in words}
    # by codes, not by option alone: a table read later has the gaps that the training table was allowed to have
    allowed = inputs if missing == "mean" else [*codes.means, *known_words]
    found = list[Diagnostic]()
    for name in (*inputs, *wanted):
        rows = np.flatnonzero(table.columns[name].missing)
        if len(rows) and (name in wanted or name not in allowed):
            found.append(_missing(table, name, rows, _way_out(missing, name in wanted)))
    if len(found) > SHOWN:
        more = (*found[0].notes, f"{len(found) - SHOWN:,} more columns have missing cells")
        found = [replace(found[0], notes=more), *found[1:SHOWN]]
    if found:
        raise ExnetError(*found)
    return np.ones(len(table), np.bool_)


def _way_out(missing: str, target: bool) -> str:
    if missing == "never":
        return "fill it in: the training table was read without `missing: mean`, or had every word of this column"
    mean = "" if target else ", `missing: mean` lets the mean of the column stand in"
    return f"`missing: drop` leaves such rows out{mean}"


def _missing(table: Table, name: str, rows: NDArray[np.intp], way_out: str) -> Diagnostic:
    row = int(rows[0])
    cell = table.columns[name].cells[row]
    what = f"is `{cell}`" if cell else "is empty"
    message = f"`{name}` {what} in line {table.lines[row]} of `{table.path}`"
    more = (f"it is not the only one: {len(rows):,} cells of this column are missing",) if len(rows) > 1 else ()
    return MISSING_VALUE.at(table.span(row, name), message, help=way_out, notes=more)


def _numbers(table: Table, column: Column, keep: NDArray[np.bool_], found: list[Diagnostic]) -> Array:
    wrong = np.flatnonzero(column.wrong & keep)
    if len(wrong):
        found.append(_slip(table, column, int(wrong[0]), len(wrong)))
    return column.numbers


def _places(
    table: Table, column: Column, words: tuple[str, ...], keep: NDArray[np.bool_], found: list[Diagnostic]
) -> Array:
    """The number of each cell in a vocabulary. Names that are numbers are compared as numbers."""
    places = {word: i for i, word in enumerate(words)}
    found_places = {cell: places.get("" if cell in MISSING else cell, -1) for cell in set(column.cells)}
    found_places |= {c: places.get(_as_number(c), -1) for c, at in found_places.items() if at < 0}
    made = np.fromiter(map(found_places.__getitem__, column.cells), np.int64, len(column.cells))
    unknown = np.flatnonzero((made < 0) & keep)
    if len(unknown):
        row = int(unknown[0])
        cell = column.cells[row]
        near = nearest(cell, words)
        message = f"`{column.name}` is `{cell}` in line {table.lines[row]} of `{table.path}`, an unknown word"
        shown = ", ".join(f"`{word}`" for word in words[:8]) + (", .." if len(words) > 8 else "")
        way_out = f"did you mean `{near}`?" if near else f"known are {shown}"
        found.append(UNKNOWN_WORD.at(table.span(row, column.name), message, help=way_out))
    return made


def _as_number(cell: str) -> str:
    try:
        return number_name(float(cell))
    except (ValueError, OverflowError):
        return cell


def _target(
    table: Table, read: list[Column], codes: Codes, name: str, keep: NDArray[np.bool_], found: list[Diagnostic]
) -> Array:
    if name in codes.names and not is_labels(codes, name):
        return _places(table, read[0], codes.names[name], keep, found)
    values = [_numbers(table, column, keep, found) for column in read]
    if name in codes.names:
        for column in read:
            found += _not_binary(table, column)
        return np.stack(values, axis=1)
    return values[0]
