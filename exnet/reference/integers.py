"""Integer and boolean expressions: Python's own unbounded integers, read off the syntax tree."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from exnet.language import syntax

Number: TypeAlias = int | bool
Names: TypeAlias = Mapping[str, Number]


class NotDefined(Exception):  # noqa: N818  (it names what is wrong: something is not defined)
    """The spec gives this expression no meaning. The compiler reports such mistakes with their places."""


def ceil_div(a: int, b: int) -> int:
    """The smallest integer q with q * b >= a, for b > 0."""
    return -(-a // b)


def ceil_log2(a: int) -> int:
    """The smallest e >= 0 with 2 ** e >= a."""
    if a < 1:
        raise NotDefined(f"ceil_log2({a})")
    return (a - 1).bit_length()


def log2(a: int) -> int:
    """The e with 2 ** e == a."""
    if a < 1 or a & (a - 1):
        raise NotDefined(f"log2({a})")
    return a.bit_length() - 1


FUNCTIONS: Mapping[str, Callable[..., int]] = {
    "min": lambda *a: min(a),
    "max": lambda *a: max(a),
    "abs": lambda *a: abs(*a),
    "ceil_div": ceil_div,
    "ceil_log2": ceil_log2,
    "log2": log2,
}

ARITHMETIC: Mapping[str, Callable[[int, int], int]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "**": lambda a, b: a**b,
    ">>": lambda a, b: a >> b,
    "<<": lambda a, b: a << b,
}

COMPARISONS: Mapping[str, Callable[[int, int], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


def number(expr: syntax.Expr, names: Names) -> Number:
    """The value of an integer or boolean expression; `names` holds consts, params, formals and indices (and `slot`)."""
    match expr:
        case syntax.Int(value=value) | syntax.Bool(value=value):
            return value
        case syntax.Name(id=name) if name in names:
            return names[name]
        case syntax.Slot():
            return names["slot"]
        case syntax.Paren(inner=inner):
            return number(inner, names)
        case syntax.Unary(operator=operator, operand=operand):
            value = number(operand, names)
            return not value if operator == "not" else -value
        case syntax.Binary(operator="and"):
            return bool(number(expr.left, names)) and bool(number(expr.right, names))
        case syntax.Binary(operator="or"):
            return bool(number(expr.left, names)) or bool(number(expr.right, names))
        case syntax.Binary(operator=operator, left=left, right=right):
            return ARITHMETIC[operator](number(left, names), number(right, names))
        case syntax.Compare(operators=operators, operands=operands):
            values = [number(operand, names) for operand in operands]
            return all(COMPARISONS[op](a, b) for op, a, b in zip(operators, values, values[1:], strict=False))
        case syntax.Call(function=function, args=args) if function.id in FUNCTIONS:
            return FUNCTIONS[function.id](*(number(arg.value, names) for arg in args))
        case _:
            raise NotDefined(f"`{expr.span.text}` is not a number here")


def bounds(range_: syntax.Range, names: Names) -> range:
    """`a..b` or `a..=b` as a range of integers."""
    return range(number(range_.lo, names), number(range_.hi, names) + range_.inclusive)
