"""Data sets by name: `digits`, `fashion-mnist:FOLDER`, `recall(length: 64)`, `recall:length=64,classes=8`."""

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import get_origin

from pydantic import ValidationError

from exnet.data.bundled import BreastCancer, Diabetes, Iris, Wine
from exnet.data.codes import Codes
from exnet.data.csv_file import Csv
from exnet.data.images import Digits, FashionMnist, Idx, Mnist
from exnet.data.installed import kinds, load_installed
from exnet.data.model import Coded, Data, Dataset, Part
from exnet.data.npz import Npz
from exnet.data.options import pieces, unquoted
from exnet.data.recall import Recall
from exnet.data.rules import BAD_DATA_OPTION, UNKNOWN_DATA
from exnet.data.sequences import Parity, Sorting, SumMod
from exnet.source import ExnetError, nearest
from exnet.spec.wording import must

_FILES = (Csv, Npz, Idx, Mnist, FashionMnist)
_BUNDLED = (Digits, Iris, Wine, BreastCancer, Diabetes)
_GENERATED = (Recall, Parity, SumMod, Sorting)
REGISTRY: dict[str, type[Data]] = {kind.kind: kind for kind in (*_FILES, *_BUNDLED, *_GENERATED)}
"""Every data set of exnet by its name; installed packages add others."""

FROM_PYTHON = "<python>"
"""The name of data that have none."""

_SUFFIXES = {".csv": "csv", ".tsv": "csv", ".tab": "csv", ".txt": "csv", ".npz": "npz"}
"""Of files that are written without their kind."""
_FORM = re.compile(r"(?P<name>[^:(]+)(?::(?P<plain>.*)|\((?P<inside>.*)\))?", re.DOTALL)
_OPTION = re.compile(r"(?P<key>\w+)\s*[:=]\s*(?P<value>.*)", re.DOTALL)
_PLAIN = re.compile(r"(?P<key>\w+)\s*=\s*(?P<value>.*)", re.DOTALL)


def parse(text: str) -> Data:
    """The declaration that a text names.

    Raises:
        ExnetError: EXN600 for an unknown name, EXN601 for an option that cannot be read, EXN473 for a data set of
            a package that cannot be used.
    """
    form = _FORM.fullmatch(text.strip())
    name = form["name"].strip() if form else text
    found = kinds(REGISTRY, name)
    if form is None or name not in found:
        raise ExnetError(UNKNOWN_DATA.at(None, f"there is no data set `{name}`", help=_meant(name, found)))
    kind = found[name]
    if form["plain"] is not None:
        return _declare(kind, _plain(kind, form["plain"]))
    return _declare(kind, _inside(kind, form["inside"] or ""))


def _meant(name: str, known: Mapping[str, type[Data]]) -> str:
    """What somebody may have meant who wrote the name of no data set."""
    if name == FROM_PYTHON:
        return "the run had data that were given from Python; name a data set"
    kind, bracket, _ = name.partition("(")
    if bracket and kind in known:
        return f"a bracket is not closed: write `{name})`"
    kind = _SUFFIXES.get(PurePath(name.partition(",")[0]).suffix.lower(), "")
    if kind:
        return f"files have their kind before them: write `{kind}:{name}`"
    near = nearest(name, known)
    return f"did you mean `{near}`?" if near else "known are " + ", ".join(f"`{kind}`" for kind in sorted(known))


def load(text: str, codes: Codes | None = None) -> Dataset:
    """The data set that a text names, its arrays read; with `codes` words and classes get the numbers of a run.

    Raises:
        ExnetError: EXN600 to EXN603, EXN473 and EXN475; EXN606 to EXN609 and EXN650 to EXN654 for files.
    """
    declared = parse(text)
    if codes and isinstance(declared, Coded):
        return declared.load_as(codes)
    return load_installed(declared)


def load_rows(text: str, codes: Codes | None = None) -> Part:
    """The instances to predict: every row of a table or of arrays in its order, of other data sets the test part.

    Targets of a file are not looked at: they may be gaps, or words that nobody knows. `codes` are those of the run
    that predicts.

    Raises:
        ExnetError: as `load`.
    """
    declared = parse(text)
    return declared.rows(codes or Codes()) if isinstance(declared, Coded) else load_installed(declared).test


def _plain(kind: type[Data], text: str) -> dict[str, str]:
    """`key=value` pairs after a colon, and at most one value without a key; `key: value` where there is such a key."""
    given = dict[str, str]()
    for piece in filter(None, _pieces(kind, text)):
        match = _PLAIN.fullmatch(piece)
        option = _OPTION.fullmatch(piece)
        if option and option["key"] in kind.model_fields:
            match = option
        key, value = (match["key"], match["value"]) if match else (kind.positional or "", piece)
        if not key or key in given:
            raise _bad(kind, f"`{piece}` in `{kind.kind}:{text}` belongs to no option, or to one that is given twice")
        given[key] = value
    return given


def _inside(kind: type[Data], text: str) -> dict[str, str]:
    """`key: value` pairs in brackets."""
    given = dict[str, str]()
    for piece in _pieces(kind, text) if text.strip() else ():
        option = _OPTION.fullmatch(piece)
        if option is None or option["key"] in given:
            raise _bad(kind, f"`{piece}` in `{kind.kind}({text})` is not `option: value`, or is given twice")
        given[option["key"]] = option["value"]
    return given


def _pieces(kind: type[Data], text: str) -> list[str]:
    try:
        return pieces(text)
    except ValueError as error:
        raise _bad(kind, f"`{error}` is not closed", "close the quote or the list") from error


def _declare(kind: type[Data], given: dict[str, str]) -> Data:
    for key in given:
        if key not in kind.model_fields:
            near = nearest(key, kind.model_fields)
            raise _bad(kind, f"`{kind.kind}` has no option `{key}`", f"did you mean `{near}`?" if near else "")
    try:
        return kind.model_validate_strings({key: _value(kind, key, text) for key, text in given.items()})
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else ""
        if key not in given:
            raise _bad(kind, f"`{kind.kind}` needs `{key}`", f"write `--data {kind.kind}:{key.upper()}`") from error
        raise _bad(kind, f"`{key}: {given[key]}` of `{kind.kind}`: it {must(first)}") from error


def _value(kind: type[Data], key: str, text: str) -> str:
    """Lists are read by their field, all else loses its quotes."""
    return text if get_origin(kind.model_fields[key].annotation) is tuple else unquoted(text)


def _bad(kind: type[Data], message: str, help: str = "") -> ExnetError:
    options = ", ".join(f"`{name}`" for name in kind.model_fields)
    return ExnetError(BAD_DATA_OPTION.at(None, message, help=help or f"its options are {options}"))
