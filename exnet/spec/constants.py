"""Consts and params: their values, after what is set from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from numbers import Integral
from types import NoneType

from exnet.language import syntax
from exnet.source import Diagnostic, Label
from exnet.spec.integers import BOUND, NoValueError, Value, evaluate
from exnet.spec.rules import (
    CONST_USES_PARAM,
    CONSTANT_CYCLE,
    UNKNOWN_CONSTANT,
    UNKNOWN_PARAMETER,
    WRONG_PARAMETER,
)
from exnet.spec.walk import used_names
from exnet.spec.wording import check_given, listed, suggestion


@dataclass(frozen=True, slots=True)
class Constants:
    """Values by name. `failed` names have none; the reason has been reported."""

    values: dict[str, Value]
    parameters: frozenset[str]
    failed: frozenset[str]

    def lookup(self, name: syntax.Name) -> Value:
        """The value of a name.

        Raises:
            NoValueError: where it has none.
        """
        if name.id in self.values:
            return self.values[name.id]
        if name.id in self.failed:
            raise NoValueError(None)
        raise NoValueError(unknown_constant(name, self.values))


def unknown_constant(name: syntax.Name, known: Mapping[str, object]) -> Diagnostic:
    """The message that a name is neither const nor param."""
    way_out = suggestion(name.id, known, f"write `param {name.id} = ..` to define it")
    return UNKNOWN_CONSTANT.at(name.span, f"`{name.id}` is no `const` or `param` of this file", help=way_out)


@dataclass(frozen=True, slots=True)
class _Definition:
    keyword: str
    name: syntax.Name
    value: syntax.Expr


def resolve_constants(
    statements: Sequence[syntax.Statement], overrides: Mapping[str, Value]
) -> tuple[Constants, list[Diagnostic]]:
    """The values of all consts and params. Of a name that is defined twice the first definition counts."""
    table = _definitions(statements)
    said = _check_overrides(table, overrides)
    order, cycles = _order(table)
    said += [_cycle_message(table, cycle) for cycle in cycles]
    failed = {name for cycle in cycles for name in cycle}
    values = dict[str, Value]()
    for name in order:
        definition = table[name]
        said += _params_in_const(definition, table)
        try:
            value = evaluate(definition.value, Constants(values, frozenset(), frozenset(failed)).lookup)
            values[name] = _override(definition, value, overrides, said)
        except NoValueError as error:
            failed.add(name)
            said += [error.diagnostic] if error.diagnostic else []
    parameters = frozenset(name for name, definition in table.items() if definition.keyword == "param")
    return Constants({name: values[name] for name in table if name in values}, parameters, frozenset(failed)), said


def _definitions(statements: Sequence[syntax.Statement]) -> dict[str, _Definition]:
    table = dict[str, _Definition]()
    for statement in statements:
        if isinstance(statement, syntax.Settings) and statement.keyword in ("const", "param"):
            for setting in statement.settings:
                table.setdefault(setting.name.id, _Definition(statement.keyword, setting.name, setting.value))
    return table


def _order(table: Mapping[str, _Definition]) -> tuple[list[str], list[list[str]]]:
    """Names such that each stands after those that it uses, and the cycles, whose names are left out."""
    needs = {name: [n.id for n in used_names(d.value) if n.id in table] for name, d in table.items()}
    cycles = list[list[str]]()
    while True:
        try:
            return list(TopologicalSorter(needs).static_order()), cycles
        except CycleError as error:
            cycle: list[str] = error.args[1][:-1]
            cycles.append(cycle)
            needs = {k: [n for n in v if n not in cycle] for k, v in needs.items() if k not in cycle}


def _cycle_message(table: Mapping[str, _Definition], cycle: Sequence[str]) -> Diagnostic:
    at = min(range(len(cycle)), key=lambda i: table[cycle[i]].name.span.start)
    ordered = [*reversed(cycle[: at + 1]), *reversed(cycle[at + 1 :])]  # each uses the next
    path = " -> ".join(f"`{name}`" for name in [*ordered, ordered[0]])
    labels = tuple(Label(table[name].name.span, "and this") for name in ordered[1:4])
    message = f"{path}: these are defined through one another"
    way_out = "give one of them a value of its own"
    return CONSTANT_CYCLE.at(table[ordered[0]].name.span, message, labels=labels, help=way_out)


def _params_in_const(definition: _Definition, table: Mapping[str, _Definition]) -> list[Diagnostic]:
    if definition.keyword != "const":
        return []
    return [
        CONST_USES_PARAM.at(
            used.span,
            f"the const `{definition.name.id}` uses the param `{used.id}`",
            help=f"make `{definition.name.id}` a param, or `{used.id}` a const",
            labels=(Label(table[used.id].name.span, "a param"),),
        )
        for used in used_names(definition.value)
        if used.id in table and table[used.id].keyword == "param"
    ]


def _check_overrides(table: Mapping[str, _Definition], overrides: Mapping[str, Value]) -> list[Diagnostic]:
    params = [name for name, definition in table.items() if definition.keyword == "param"]
    said = list[Diagnostic]()
    for name in overrides:
        if name in table and table[name].keyword == "const":
            message = f"`{name}` is a const and cannot be set from outside"
            said.append(UNKNOWN_PARAMETER.at(table[name].name.span, message, help=f"write `param {name} = ..` instead"))
        elif name not in params:
            way_out = suggestion(name, params, f"params are {listed(params)}" if params else "it has no params")
            said.append(UNKNOWN_PARAMETER.at(None, f"`{name}` is no param of this file", help=way_out))
    return said


def plain(overrides: Mapping[str, Value] | None) -> dict[str, Value]:
    """Values of params as exnet keeps them: integers of numpy become those of Python.

    Raises:
        ExnetError: EXN470 if they are no mapping.
    """
    check_given(overrides, Mapping | NoneType, "mapping of params to values", "one such as `{'n': 32}`")
    return {name: _plain(value) for name, value in (overrides or {}).items()}


def _plain(value: Value) -> Value:
    return int(value) if not isinstance(value, bool) and isinstance(value, Integral) else value


def _override(definition: _Definition, value: Value, overrides: Mapping[str, Value], said: list[Diagnostic]) -> Value:
    """The value set from outside if there is one and it fits, else `value`."""
    name = definition.name.id
    if definition.keyword != "param" or name not in overrides:
        return value
    given = overrides[name]
    wanted = "`true` or `false`" if isinstance(value, bool) else "an integer"
    shown = str(given).lower() if isinstance(given, bool) else str(given)
    if type(given) is not type(value):
        message = f"`{name}` is {wanted}, it cannot be set to `{shown}`"
        said.append(WRONG_PARAMETER.at(definition.name.span, message, help=f"set it to {wanted}"))
    elif abs(given) > BOUND:
        said.append(
            WRONG_PARAMETER.at(
                definition.name.span, f"`{name}` cannot be set beyond 2^62", help="sizes are far smaller"
            )
        )
    else:
        return given
    return value
