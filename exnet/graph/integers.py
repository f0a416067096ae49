"""Integer expressions over columns: one value for all rows, or one for each. Exact: every operation is first evaluated
on intervals of unbounded integers, so that nothing can overflow once an array is made.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import log10
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from exnet.graph.rules import (
    DIVISION_BY_ZERO,
    INTEGER_OVERFLOW,
    LOGARITHM_OF_NOTHING,
    NEGATIVE_EXPONENT,
    NEGATIVE_SHIFT,
    NOT_A_POWER_OF_TWO,
)
from exnet.language import syntax
from exnet.source import Rule, Span
from exnet.spec.walk import used_names

Array: TypeAlias = NDArray[Any]
Lookup: TypeAlias = "Callable[[str], Column]"

BOUND = 2**62
"""Integers of index arithmetic lie in -BOUND..=BOUND."""

FUNCTIONS = {"min": (1, 99), "max": (1, 99), "abs": (1, 1), "ceil_div": (2, 2), "ceil_log2": (1, 1), "log2": (1, 1)}
"""The integer functions: name -> fewest and most arguments."""

_POWERS = np.array([2**k for k in range(63)], dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One integer (or truth value) for each row of a table: `data` is one number for all rows, or an array.

    `lo <= data <= hi` holds for every row; the bounds need not be attained.
    """

    data: int | Array
    lo: int
    hi: int

    @staticmethod
    def constant(value: int) -> "Column":
        """The same value in every row."""
        return Column(int(value), int(value), int(value))

    @staticmethod
    def of(values: Array) -> "Column":
        """One value for each row, with attained bounds; constant if they are equal."""
        if len(values) == 0:
            return Column(values, 0, 0)
        lo, hi = int(values.min()), int(values.max())
        return Column(lo if lo == hi else values, lo, hi)

    @property
    def is_constant(self) -> bool:
        """Whether one number stands for all rows."""
        return not isinstance(self.data, np.ndarray)

    def take(self, rows: "Column | Array") -> "Column":
        """The column of other rows: row r is row `rows[r]` of this one."""
        if not isinstance(self.data, np.ndarray):
            return self
        at = rows.data if isinstance(rows, Column) else rows
        if not isinstance(at, np.ndarray):
            return Column.constant(self.data[at])
        return Column(self.data.take(at), self.lo, self.hi)

    def at(self, row: int) -> int:
        """The value in one row."""
        return int(self.data[row]) if isinstance(self.data, np.ndarray) else int(self.data)

    def array(self, count: int) -> Array:
        """All values, int64 [count]; a view where it can be."""
        if isinstance(self.data, np.ndarray):
            return self.data
        return np.broadcast_to(np.int64(self.data), (count,))


def add(a: Column, b: Column) -> Column:
    """The sum of two columns of indices."""
    if a.is_constant and a.data == 0:
        return b
    if b.is_constant and b.data == 0:
        return a
    return Column(a.data + b.data, a.lo + b.lo, a.hi + b.hi)


class Fault(Exception):  # noqa: N818  (it says what is at fault)
    """An integer expression without a value. `row` is the first row that fails, or None if all do.

    `others` is the number of further failing rows.
    """

    def __init__(self, rule: Rule, span: Span, message: str, row: int | None, others: int = 0, help: str = "") -> None:
        super().__init__(message)
        self.rule, self.span, self.message, self.row, self.others, self.help = rule, span, message, row, others, help


def evaluate(expr: syntax.Expr, names: Lookup) -> Column:
    """The column of an integer expression or condition whose kinds have been checked.

    Raises:
        Fault: where it has no value.
    """
    match expr:
        case syntax.Int() | syntax.Bool():
            return _checked(Column.constant(expr.value), expr, names)
        case syntax.Name():
            return names(expr.id)
        case syntax.Slot():
            return names("slot")
        case syntax.Paren():
            return evaluate(expr.inner, names)
        case syntax.Unary(operator="-"):
            a = evaluate(expr.operand, names)
            return Column(-a.data, -a.hi, -a.lo)
        case syntax.Unary():
            return _truth(np.logical_not(evaluate(expr.operand, names).data))
        case syntax.Binary(operator="and" | "or"):
            return _logical(expr, names)
        case syntax.Binary():
            return _binary(expr, evaluate(expr.left, names), evaluate(expr.right, names), names)
        case syntax.Compare():
            return _compare(expr, names)
        case syntax.Call():
            return _call(expr, [evaluate(arg.value, names) for arg in expr.args], names)
        case _:
            raise TypeError(f"not an integer expression: {expr!r}")


def _truth(data: Any) -> Column:
    return Column(data, 0, 1) if isinstance(data, np.ndarray) and data.ndim else Column.constant(bool(data))


def _logical(expr: syntax.Binary, names: Lookup) -> Column:
    left = evaluate(expr.left, names)
    if left.is_constant and bool(left.data) == (expr.operator == "or"):
        return left
    right = evaluate(expr.right, names)
    operation = np.logical_and if expr.operator == "and" else np.logical_or
    return _truth(operation(left.data, right.data))


_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


def _compare(expr: syntax.Compare, names: Lookup) -> Column:
    values = [evaluate(operand, names).data for operand in expr.operands]
    steps = [_COMPARISONS[op](a, b) for op, a, b in zip(expr.operators, values, values[1:], strict=False)]
    return _truth(reduce(np.logical_and, steps))


def _checked(column: Column, expr: syntax.Expr, names: Lookup) -> Column:
    if column.lo >= -BOUND and column.hi <= BOUND:
        return column
    worst = column.hi if column.hi > -column.lo else column.lo
    raise _overflow(expr, names, power_text(worst))


def _overflow(expr: syntax.Expr, names: Lookup, reached: str) -> Fault:
    at = [f"{name} = {names(name).hi}" for name in index_names(expr) if not names(name).is_constant]
    where = f" ({', '.join(at)})" if at else ""
    message = f"`{expr.span.text}` may reach {reached}{where}, beyond 2^62"
    return Fault(INTEGER_OVERFLOW, expr.span, message, None)


def index_names(expr: syntax.Expr) -> list[str]:
    """The names in an expression, in the order of the text, each once."""
    return list(dict.fromkeys(name.id for name in used_names(expr)))


def power_text(value: int | float) -> str:
    """A large number as people write it: `10^63`, `2*10^7`, else with its leading digits."""
    sign, size = ("-", -value) if value < 0 else ("", value)
    if isinstance(size, int) and size < 10**6:
        return f"{sign}{size}"
    digits = len(str(size)) - 1 if isinstance(size, int) and size < 10**4000 else int(_log10(size))
    lead = size // 10**digits if digits < 4000 else 1
    exact = digits >= 4000 or lead * 10**digits == size
    if not exact:
        return f"{sign}{size:,}" if digits < 12 else f"{sign}{size / 10**digits:.1f}*10^{digits}"
    return f"{sign}10^{digits}" if lead == 1 else f"{sign}{lead}*10^{digits}"


def _log10(value: int | float) -> float:
    return (value.bit_length() - 1) * log10(2) if isinstance(value, int) else log10(value)


def _rows(bad: Any) -> tuple[int | None, int]:
    """The first failing row and the number of further ones; (None, 0) if the value is the same in all rows."""
    if not (isinstance(bad, np.ndarray) and bad.ndim):
        return None, 0
    rows = np.flatnonzero(bad)
    return int(rows[0]), len(rows) - 1


def _binary(expr: syntax.Binary, a: Column, b: Column, names: Lookup) -> Column:
    match expr.operator:
        case "+":
            return _built(expr, names, a.lo + b.lo, a.hi + b.hi, lambda: a.data + b.data)
        case "-":
            return _built(expr, names, a.lo - b.hi, a.hi - b.lo, lambda: a.data - b.data)
        case "*":
            corners = [x * y for x in (a.lo, a.hi) for y in (b.lo, b.hi)]
            return _built(expr, names, min(corners), max(corners), lambda: a.data * b.data)
        case "//" | "%":
            return _division(expr, a, b, names)
        case "<<" | ">>":
            return _shift(expr, a, b, names)
        case _:
            return _power(expr, a, b, names)


def _built(expr: syntax.Expr, names: Lookup, lo: int, hi: int, make: Callable[[], Any]) -> Column:
    _checked(Column(0, lo, hi), expr, names)
    data = make()
    return Column(data, lo, hi) if isinstance(data, np.ndarray) else Column.constant(data)


def _division(expr: syntax.Expr, a: Column, b: Column, names: Lookup, *, up: bool = False) -> Column:
    if b.lo <= 0 <= b.hi and np.any(zero := np.equal(b.data, 0)):
        row, others = _rows(zero)
        message = f"`{expr.span.text}`" + (" divides by zero" if row is None else "")
        raise Fault(DIVISION_BY_ZERO, expr.span, message, row, others)
    if isinstance(expr, syntax.Binary) and expr.operator == "%":
        return _built(expr, names, min(b.lo + 1, 0), max(b.hi - 1, 0), lambda: a.data % b.data)
    divisors = [y for y in (b.lo, b.hi, -1, 1) if y != 0 and b.lo <= y <= b.hi] or [1]
    corners = [_quotient(x, y, up=up) for x in (a.lo, a.hi) for y in divisors]
    return _built(expr, names, min(corners), max(corners), lambda: _quotient(a.data, b.data, up=up))


def _quotient(a: Any, b: Any, *, up: bool) -> Any:
    return -(-a // b) if up else a // b


def _shift(expr: syntax.Binary, a: Column, b: Column, names: Lookup) -> Column:
    if b.lo < 0 and np.any(negative := np.less(b.data, 0)):
        row, others = _rows(negative)
        hint = ""
        if isinstance(expr.right, syntax.Binary) and expr.right.operator in "+-":
            hint = f"`{expr.right.operator}` binds tighter than `{expr.operator}`"
        raise Fault(NEGATIVE_SHIFT, expr.span, f"shift by {b.at(row or 0)}", row, others, hint)
    lo, hi = max(b.lo, 0), max(b.hi, 0)
    if expr.operator == ">>":
        corners = [x >> min(s, 63) for x in (a.lo, a.hi) for s in (lo, hi)]
        return _built(expr, names, min(corners), max(corners), lambda: a.data >> _clipped(b.data))
    if hi > 4096 and (a.lo, a.hi) != (0, 0):
        raise _overflow(expr, names, power_text(2**4096))
    corners = [x << min(s, 4096) for x in (a.lo, a.hi) for s in (lo, hi)]
    return _built(expr, names, min(corners), max(corners), lambda: a.data << _clipped(b.data))


def _clipped(shift: Any) -> Any:
    return np.minimum(shift, 63) if isinstance(shift, np.ndarray) else min(shift, 63)


def _power(expr: syntax.Binary, a: Column, b: Column, names: Lookup) -> Column:
    if b.lo < 0 and np.any(negative := np.less(b.data, 0)):
        row, others = _rows(negative)
        message = f"`{expr.span.text}` has the negative exponent {b.at(row or 0)}"
        raise Fault(NEGATIVE_EXPONENT, expr.span, message, row, others)
    size, lo, hi = max(abs(a.lo), abs(a.hi)), max(b.lo, 0), max(b.hi, 0)
    if size > 1 and hi * size.bit_length() > 16_384:
        raise _overflow(expr, names, f"10^{int(hi * log10(size))}")
    corners = [x**y for x in (a.lo, a.hi) for y in (lo, hi)]
    if a.lo < 0:
        corners += [-(size**hi), size**hi]
    if a.lo <= 0 <= a.hi:
        corners += [0, 1]
    return _built(expr, names, min(corners), max(corners), lambda: _powers(a.data, b.data))


def _powers(a: Any, b: Any) -> Any:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.power(np.asarray(a, np.int64), np.asarray(b, np.int64))
    return a**b


def _call(expr: syntax.Call, args: Sequence[Column], names: Lookup) -> Column:
    match expr.function.id:
        case "min":
            return reduce(_minimum, args)
        case "max":
            return reduce(_maximum, args)
        case "abs":
            (a,) = args
            lo = 0 if a.lo <= 0 <= a.hi else min(abs(a.lo), abs(a.hi))
            return _built(expr, names, lo, max(abs(a.lo), abs(a.hi)), lambda: abs(a.data))
        case "ceil_div":
            return _division(expr, args[0], args[1], names, up=True)
        case _:
            return _logarithm(expr, args[0])


def _minimum(a: Column, b: Column) -> Column:
    if a.hi <= b.lo:
        return a
    if b.hi <= a.lo:
        return b
    return _plain(np.minimum(a.data, b.data), min(a.lo, b.lo), min(a.hi, b.hi))


def _maximum(a: Column, b: Column) -> Column:
    if a.lo >= b.hi:
        return a
    if b.lo >= a.hi:
        return b
    return _plain(np.maximum(a.data, b.data), max(a.lo, b.lo), max(a.hi, b.hi))


def _plain(data: Any, lo: int, hi: int) -> Column:
    return Column(data, lo, hi) if isinstance(data, np.ndarray) and data.ndim else Column.constant(int(data))


def _logarithm(expr: syntax.Call, a: Column) -> Column:
    if a.lo < 1 and np.any(bad := np.less(a.data, 1)):
        row, others = _rows(bad)
        message = f"`{expr.function.id}({a.at(row or 0)})`: there is no logarithm below 1"
        raise Fault(LOGARITHM_OF_NOTHING, expr.span, message, row, others)
    if expr.function.id == "log2" and np.any(bad := np.not_equal(np.bitwise_and(a.data, a.data - 1), 0)):
        row, others = _rows(bad)
        message = f"`log2({a.at(row or 0)})`"
        raise Fault(NOT_A_POWER_OF_TWO, expr.span, message, row, others, "`ceil_log2` rounds up")
    if not isinstance(a.data, np.ndarray):
        return Column.constant((a.data - 1).bit_length())
    return Column.of(np.searchsorted(_POWERS, a.data).astype(np.int64))
