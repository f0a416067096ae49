"""Integers and truth values of declarations: exact, and refused before they become large."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from exnet.language import syntax
from exnet.source import Diagnostic, Span
from exnet.spec.rules import ARITHMETIC, NOT_CONSTANT
from exnet.spec.wording import listed, suggestion

BOUND = 2**62
"""Integers lie in -BOUND..=BOUND."""

Value: TypeAlias = int | bool
Lookup: TypeAlias = Callable[[syntax.Name], Value]


class NoValueError(Exception):
    """An expression without a value. `diagnostic` is None if the reason has been reported elsewhere."""

    def __init__(self, diagnostic: Diagnostic | None) -> None:
        super().__init__()
        self.diagnostic = diagnostic


def evaluate(expr: syntax.Expr, lookup: Lookup) -> Value:
    """The integer or truth value of an expression.

    Operators and functions are those of indices: `//` and `%` floor; `2**n` and `1 << n` are never computed where they
    leave -2^62..2^62.

    Raises:
        NoValueError: where it has none.
    """
    match expr:
        case syntax.Int() | syntax.Bool():
            return _bounded(expr.value, expr.span)
        case syntax.Name():
            return lookup(expr)
        case syntax.Paren():
            return evaluate(expr.inner, lookup)
        case syntax.Unary(operator="-"):
            return -integer(expr.operand, lookup)
        case syntax.Unary():
            return not truth(expr.operand, lookup)
        case syntax.Binary(operator="and"):
            return truth(expr.left, lookup) and truth(expr.right, lookup)
        case syntax.Binary(operator="or"):
            return truth(expr.left, lookup) or truth(expr.right, lookup)
        case syntax.Binary():
            return _operation(expr, integer(expr.left, lookup), integer(expr.right, lookup))
        case syntax.Compare():
            return _comparison(expr, lookup)
        case syntax.Call():
            return _function(expr, lookup)
        case _:
            raise _unfit(expr, "an integer or `true` or `false`")


def integer(expr: syntax.Expr, lookup: Lookup) -> int:
    """The integer value of an expression.

    Raises:
        NoValueError: where it has none, or a truth value.
    """
    value = evaluate(expr, lookup)
    if isinstance(value, bool):
        raise _unfit(expr, "an integer")
    return value


def truth(expr: syntax.Expr, lookup: Lookup) -> bool:
    """The truth value of an expression.

    Raises:
        NoValueError: where it has none, or an integer.
    """
    value = evaluate(expr, lookup)
    if not isinstance(value, bool):
        raise _unfit(expr, "`true` or `false`")
    return value


def _unfit(expr: syntax.Expr, wanted: str) -> NoValueError:
    way_out = "constants are integers, `true` or `false`, and what is computed from them"
    return NoValueError(NOT_CONSTANT.at(expr.span, f"`{expr.span.text}` stands where {wanted} is wanted", help=way_out))


def _bounded(value: Value, span: Span) -> Value:
    if abs(value) > BOUND:
        raise _overflow(span)
    return value


def _overflow(span: Span) -> NoValueError:
    message = f"`{span.text}` leaves the integers from -2^62 to 2^62"
    return NoValueError(ARITHMETIC.at(span, message, help="sizes and indices are far smaller; check the operator"))


def _by_zero(span: Span) -> NoValueError:
    return NoValueError(ARITHMETIC.at(span, f"`{span.text}` divides by zero", help="divide by a positive number"))


def _operation(expr: syntax.Binary, a: int, b: int) -> int:
    if expr.operator in ("//", "%") and b == 0:
        raise _by_zero(expr.span)
    if expr.operator in ("<<", ">>", "**") and b < 0:
        what = "raises to the negative power" if expr.operator == "**" else "shifts by the negative number"
        way_out = "use `//` to divide by a power" if expr.operator == "**" else "use the other shift, or `max(0, ..)`"
        raise NoValueError(ARITHMETIC.at(expr.span, f"`{expr.span.text}` {what} {b}", help=way_out))
    if (expr.operator == "<<" and a != 0 and b > 62) or (expr.operator == "**" and abs(a) > 1 and b > 62):
        raise _overflow(expr.span)
    return _bounded(_OPERATIONS[expr.operator](a, b), expr.span)


_OPERATIONS: Mapping[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
    "<<": lambda a, b: a << b if a else 0,
    ">>": lambda a, b: a >> min(b, 64),
}


def _comparison(expr: syntax.Compare, lookup: Lookup) -> bool:
    values = [evaluate(operand, lookup) for operand in expr.operands]
    for operand, value in zip(expr.operands, values, strict=True):
        if isinstance(value, bool) != isinstance(values[0], bool):
            raise _unfit(operand, "a truth value" if isinstance(values[0], bool) else "an integer")
        if isinstance(value, bool) and not set(expr.operators) <= {"==", "!="}:
            raise _unfit(operand, "an integer")
    pairs = zip(expr.operators, values, values[1:], strict=False)
    return all(_COMPARISONS[operator](a, b) for operator, a, b in pairs)


_COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}

_ARITY: Mapping[str, int | None] = {"min": None, "max": None, "abs": 1, "ceil_div": 2, "ceil_log2": 1, "log2": 1}

_EXAMPLES: Mapping[str, str] = {
    "min": "min(a, b)",
    "max": "max(a, b)",
    "abs": "abs(a)",
    "ceil_div": "ceil_div(a, b)",
    "ceil_log2": "ceil_log2(a)",
    "log2": "log2(a)",
}


def _function(expr: syntax.Call, lookup: Lookup) -> int:
    name = expr.function.id
    if name not in _ARITY:
        way_out = suggestion(name, _ARITY, f"integer functions are {listed(_ARITY)}")
        raise NoValueError(NOT_CONSTANT.at(expr.function.span, f"`{name}` is no function of integers", help=way_out))
    named = next((arg.name for arg in expr.args if arg.name), None)
    if named:
        raise NoValueError(
            NOT_CONSTANT.at(named.span, f"`{name}` takes numbers without names", help=f"leave out `{named.id}:`")
        )
    arity = _ARITY[name]
    if (arity is None and not expr.args) or (arity is not None and len(expr.args) != arity):
        wanted = "at least one number" if arity is None else f"{arity} number{'s' if arity > 1 else ''}"
        raise NoValueError(
            NOT_CONSTANT.at(
                expr.span, f"`{name}` wants {wanted}, {len(expr.args)} given", help=f"as in `{_EXAMPLES[name]}`"
            )
        )
    return _apply(expr, [integer(arg.value, lookup) for arg in expr.args])


def _apply(expr: syntax.Call, args: list[int]) -> int:
    match expr.function.id:
        case "min":
            return min(args)
        case "max":
            return max(args)
        case "abs":
            return abs(args[0])
        case "ceil_div":
            if args[1] == 0:
                raise _by_zero(expr.span)
            return -(-args[0] // args[1])
        case _:
            return _logarithm(expr, args[0])


def _logarithm(expr: syntax.Call, a: int) -> int:
    if a < 1:
        message = f"`{expr.span.text}` is the logarithm of {a}"
        raise NoValueError(ARITHMETIC.at(expr.span, message, help="only positive numbers have one"))
    if expr.function.id == "log2" and a & (a - 1):
        message = f"`{expr.span.text}` is the logarithm of {a}, which is no power of two"
        raise NoValueError(ARITHMETIC.at(expr.span, message, help="`ceil_log2` rounds up"))
    return (a - 1).bit_length()
