"""The option reader: `mlp(hidden: [2*d], norm: layer)` to a frozen model, each mistake with its place.

It is driven by the fields of the model: a name is a word where the field lists words, and a const or param where it
wants a number.
"""

from collections.abc import Collection, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import ValidationError

from exnet.language import syntax
from exnet.source import Diagnostic, Label
from exnet.spec.constants import Constants
from exnet.spec.integers import NoValueError, evaluate, integer
from exnet.spec.network import NETWORK_NAME, Model, NetworkName
from exnet.spec.plugins import broken
from exnet.spec.registry import NESTED, Extensible, Kind, Kinds
from exnet.spec.rules import (
    DUPLICATE_OPTION,
    OUT_OF_RANGE,
    POSITIONAL_OPTION,
    UNKNOWN_KIND,
    UNKNOWN_OPTION,
    WRONG_OPTION,
)
from exnet.spec.wording import listed, must, suggestion

M = TypeVar("M", bound=Model)


class OptionReader:
    """Reads options over given constants; what is wrong gathers in `said`."""

    def __init__(self, constants: Constants) -> None:
        self.constants = constants
        self.said: list[Diagnostic] = []

    def kind(
        self, expr: syntax.Expr, what: str, kinds: Kinds, base: type[M], *, also: Collection[str] = ()
    ) -> M | None:
        """The model that `adam(lr: 2e-3)` or `adam` means, or None after a message.

        Args:
            expr: a name, or a call.
            what: what is wanted, for messages: `optimiser`.
            kinds: what there is to choose from.
            base: the class that all models of `kinds` have.
            also: options that the caller reads itself.
        """
        function = _function(expr)
        if function is None:
            self.say_wrong(expr, what, _a(what) + f", such as `{next(iter(kinds))}`")
            return None
        if function.id not in kinds:
            self.say_unknown(function, what, kinds)
            return None
        kind = kinds[function.id]
        args = expr.args if isinstance(expr, syntax.Call) else ()
        before = len(self.said)
        values, places = self._options(function, args, kind, also)
        if len(self.said) > before or values is None:
            return None
        model = self._validate(expr, kind, values, places)
        return model if isinstance(model, base) else None

    def extensible(self, expr: syntax.Expr, sort: Extensible, base: type[M]) -> M | None:
        """As `kind`, among what exnet has and what installed packages add."""
        function = _function(expr)
        kinds, unusable = sort.among(function.id) if function else (sort.kinds, None)
        if function and unusable:
            self.said.append(broken(unusable, function.span))
            return None
        return self.kind(expr, sort.what, kinds, base)

    def say_unknown(self, name: syntax.Name, what: str, known: Collection[str]) -> None:
        """There is no such kind."""
        way_out = suggestion(name.id, known, f"there are {listed(known)}")
        self.said.append(UNKNOWN_KIND.at(name.span, f"there is no {what} called `{name.id}`", help=way_out))

    def say_wrong(self, expr: syntax.Expr, option: str, wanted: str, help: str = "") -> None:
        """A value is of the wrong kind."""
        message = f"`{option}` wants {wanted}; `{expr.span.text}` is not"
        self.said.append(WRONG_OPTION.at(expr.span, message, help=help or f"write {wanted}"))

    def options(self, args: Sequence[syntax.Arg], owner: str, known: Collection[str]) -> dict[str, syntax.Arg]:
        """Arguments by name. Those without a name, unknown ones and repeated ones are reported and left out."""
        found = dict[str, syntax.Arg]()
        for arg in args:
            if arg.name is None:
                options = f"options of `{owner}` are {listed(known)}" if known else f"`{owner}` has no options"
                message = f"options of `{owner}` are given by name, `{arg.span.text}` has none"
                self.said.append(POSITIONAL_OPTION.at(arg.span, message, help=options))
            elif arg.name.id not in known:
                options = f"its options are {listed(known)}" if known else "it has no options"
                message = f"`{owner}` has no option `{arg.name.id}`"
                way_out = suggestion(arg.name.id, known, options)
                self.said.append(UNKNOWN_OPTION.at(arg.name.span, message, help=way_out))
            elif arg.name.id in found:
                first = Label(found[arg.name.id].span, "first given here")
                message = f"`{arg.name.id}` is given twice"
                self.said.append(DUPLICATE_OPTION.at(arg.span, message, labels=(first,), help="leave one out"))
            else:
                found[arg.name.id] = arg
        return found

    def integer(self, expr: syntax.Expr) -> int | None:
        """An integer, or None where it has none, with a message."""
        try:
            return integer(expr, self.constants.lookup)
        except NoValueError as error:
            return self._say(error)

    def number(self, expr: syntax.Expr, option: str) -> float | None:
        """A number: `2e-3`, `-0.5`, or an integer expression; None where it has none, with a message."""
        return self._scalar(expr, option, float)

    def _scalar(self, expr: syntax.Expr, option: str, wanted: Any) -> Any:
        """An integer, number or truth value."""
        try:
            value = _real(expr, self.constants)
        except NoValueError as error:
            return self._say(error)
        if wanted is float and isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        if type(value) is wanted:
            return value
        return self.say_wrong(expr, option, _SCALARS.get(wanted, "something else"))

    def _say(self, error: NoValueError) -> None:
        if error.diagnostic is not None:
            self.said.append(error.diagnostic)

    def _options(
        self, owner: syntax.Name, args: Sequence[syntax.Arg], kind: Kind, also: Collection[str]
    ) -> tuple[dict[str, Any] | None, dict[str, syntax.Arg]]:
        """Values of the fields by name, with their places; None for the values if one has none."""
        places = self.options(args, owner.id, (*kind.option_names, *also))
        values, whole = dict[str, Any](), True
        for name, arg in places.items():
            if name in kind.model.model_fields:
                value = self._value(arg.value, name, kind.model.model_fields[name].annotation)
                whole = whole and value is not None
                values[name] = value
        return (values if whole else None), places

    def _value(self, expr: syntax.Expr, option: str, wanted: Any) -> Any:
        """The value of an expression where a type is wanted; None where it has none, with a message."""
        if NetworkName in (wanted, *get_args(wanted)):
            return expr.id if isinstance(expr, syntax.Name) else self._network_name(expr, option)
        if {int, str} <= set(get_args(wanted)):
            return expr.value if isinstance(expr, syntax.Str) else self._scalar(expr, option, int)
        wanted = _plain(wanted)
        origin = get_origin(wanted)
        if wanted in NESTED:
            what, kinds = NESTED[wanted]
            return self.kind(expr, what, kinds, Model)
        if origin is Literal:
            return self._word(expr, option, get_args(wanted))
        if origin is tuple:
            return self._tuple(expr, option, get_args(wanted))
        return self._text(expr, option) if wanted is str else self._scalar(expr, option, wanted)

    def _word(self, expr: syntax.Expr, option: str, words: Sequence[str]) -> str | None:
        if isinstance(expr, syntax.Name) and expr.id in words:
            return expr.id
        way_out = suggestion(expr.id, words) if isinstance(expr, syntax.Name) else ""
        return self.say_wrong(expr, option, "one of " + listed(words), way_out)

    def _network_name(self, expr: syntax.Expr, option: str) -> None:
        way_out = f"write `net core = {expr.span.text}` and `{option}: core`" if isinstance(expr, syntax.Call) else ""
        self.say_wrong(expr, option, NETWORK_NAME, way_out)

    def _text(self, expr: syntax.Expr, option: str) -> str | None:
        return expr.value if isinstance(expr, syntax.Str) else self.say_wrong(expr, option, 'a text in quotes, `".."`')

    def _tuple(self, expr: syntax.Expr, option: str, members: tuple[Any, ...]) -> tuple[Any, ...] | None:
        repeated = members[1:] == (Ellipsis,)
        first = next(iter(members), str)
        noun = _ITEMS.get(first) or _ITEMS.get(_plain(first), "values")
        if not isinstance(expr, syntax.List):
            count = "" if repeated else f"{len(members)} "
            return self.say_wrong(expr, option, f"a list of {count}{noun}", f"write `[{expr.span.text}]`" * repeated)
        if not repeated and len(expr.items) != len(members):
            return self.say_wrong(expr, option, f"a list of {len(members)} {noun}")
        types = [members[0]] * len(expr.items) if repeated else members
        values = [self._value(item, option, wanted) for item, wanted in zip(expr.items, types, strict=True)]
        return None if None in values else tuple(values)

    def _validate(
        self, expr: syntax.Expr, kind: Kind, values: Mapping[str, Any], places: Mapping[str, syntax.Arg]
    ) -> Model | None:
        try:
            return kind.model(**{**kind.preset, **values})
        except ValidationError as error:
            for found in error.errors():
                self.said.append(_range_message(expr, found, places))
            return None


def _range_message(expr: syntax.Expr, found: Mapping[str, Any], places: Mapping[str, syntax.Arg]) -> Diagnostic:
    loc = found["loc"]
    option = str(loc[0]) if loc else ""
    if option not in places:
        reason = str(found.get("ctx", {}).get("error", "the options contradict one another"))
        return OUT_OF_RANGE.at(expr.span, reason, help="leave one of the options out, or change it")
    value = places[option].value
    if len(loc) > 1 and isinstance(loc[1], int) and isinstance(value, syntax.List):
        value = value.items[loc[1]]
    message = f"`{option}` {must(found)}; `{value.span.text}` is not"
    return OUT_OF_RANGE.at(value.span, message, help="its default holds if it is left out")


_SCALARS: Mapping[Any, str] = {int: "an integer", float: "a number", bool: "`true` or `false`"}
_ITEMS: Mapping[Any, str] = {
    int: "integers",
    float: "numbers",
    bool: "truth values",
    int | str: "integers or names in quotes",
}


def _real(expr: syntax.Expr, constants: Constants) -> int | float | None:
    """The value of an expression: a truth value, an integer, a number; None if it is of another kind."""
    match expr:
        case syntax.Float():
            return expr.value
        case syntax.Paren():
            return _real(expr.inner, constants)
        case syntax.Unary(operator="-", operand=syntax.Float() as number):
            return -number.value
        case syntax.Str() | syntax.List() | syntax.Tuple():
            return None
        case _:
            return evaluate(expr, constants.lookup)


def _plain(wanted: Any) -> Any:
    """A type without `Annotated` and `| None`."""
    while True:
        if get_origin(wanted) is Annotated:
            wanted = get_args(wanted)[0]
        elif get_origin(wanted) in (Union, UnionType):
            wanted = next(member for member in get_args(wanted) if member is not NoneType)
        else:
            return wanted


def _function(expr: syntax.Expr) -> syntax.Name | None:
    if isinstance(expr, syntax.Call):
        return expr.function
    return expr if isinstance(expr, syntax.Name) else None


def _a(what: str) -> str:
    return f"{'an' if what[0] in 'aeiou' else 'a'} {what}"
