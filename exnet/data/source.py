"""Data sets by name: `digits`, `fashion-mnist:FOLDER`, `recall(length: 64)`, `recall:length=64,classes=8`."""

import re

from pydantic import ValidationError

from exnet.data.images import Digits, FashionMnist, Mnist
from exnet.data.model import Data, Dataset
from exnet.data.recall import Recall
from exnet.data.rules import BAD_DATA_OPTION, UNKNOWN_DATA
from exnet.source import ExnetError, nearest

REGISTRY: dict[str, type[Data]] = {kind.kind: kind for kind in (Digits, FashionMnist, Mnist, Recall)}
"""Every data set by its name."""

_FORM = re.compile(r"(?P<name>[^:(]+)(?::(?P<plain>.*)|\((?P<inside>.*)\))?", re.DOTALL)
_OPTION = re.compile(r'\s*(?P<key>\w+)\s*[:=]\s*(?P<value>"[^"]*"|[^,]*?)\s*(?:,|$)')


def parse(text: str) -> Data:
    """The declaration that a text names.

    Raises:
        ExnetError: EXN600 for an unknown name, EXN601 for an option that cannot be read.
    """
    form = _FORM.fullmatch(text.strip())
    name = form["name"].strip() if form else text
    if form is None or name not in REGISTRY:
        near = nearest(name, REGISTRY)
        known = "known are " + ", ".join(f"`{kind}`" for kind in sorted(REGISTRY))
        way_out = f"did you mean `{near}`?" if near else known
        raise ExnetError(UNKNOWN_DATA.at(None, f"there is no data set `{name}`", help=way_out))
    kind = REGISTRY[name]
    if form["plain"] is not None:
        return _declare(kind, _plain(kind, form["plain"]))
    return _declare(kind, _inside(kind, form["inside"] or ""))


def load(text: str) -> Dataset:
    """The data set that a text names, its arrays read.

    Raises:
        ExnetError: EXN600 to EXN603.
    """
    return parse(text).load()


def _plain(kind: type[Data], text: str) -> dict[str, str]:
    """`key=value` pairs after a colon, and at most one value without a key."""
    given = dict[str, str]()
    for piece in filter(None, text.split(",")):
        key, equals, value = piece.partition("=")
        if not equals:
            key, value = kind.positional or "", piece
        if not key or key in given:
            raise _bad(kind, f"`{piece}` in `{kind.kind}:{text}` belongs to no option, or to one that is given twice")
        given[key.strip()] = value.strip()
    return given


def _inside(kind: type[Data], text: str) -> dict[str, str]:
    """`key: value` pairs in brackets."""
    given, at = dict[str, str](), 0
    while at < len(text.rstrip()):
        option = _OPTION.match(text, at)
        if option is None or option["key"] in given:
            raise _bad(kind, f"`{text[at:].strip()}` in `{kind.kind}({text})` is not `option: value`")
        given[option["key"]] = option["value"].strip('"')
        at = option.end()
    return given


def _declare(kind: type[Data], given: dict[str, str]) -> Data:
    for key in given:
        if key not in kind.model_fields:
            near = nearest(key, kind.model_fields)
            raise _bad(kind, f"`{kind.kind}` has no option `{key}`", f"did you mean `{near}`?" if near else "")
    try:
        return kind.model_validate_strings(given)
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0])
        reason = first["msg"][:1].lower() + first["msg"][1:]
        raise _bad(kind, f"`{key}: {given[key]}` of `{kind.kind}`: {reason}") from error


def _bad(kind: type[Data], message: str, help: str = "") -> ExnetError:
    options = ", ".join(f"`{name}`" for name in kind.model_fields)
    return ExnetError(BAD_DATA_OPTION.at(None, message, help=help or f"its options are {options}"))
