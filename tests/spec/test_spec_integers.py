"""Integers of declarations: equal to Python's, and never large."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exnet.language import parse_expression
from exnet.source import Source
from exnet.spec.integers import BOUND, NoValueError, evaluate

NAMES = {"n": 6, "deep": True}
small = st.integers(0, 70).map(str)
operators = st.sampled_from(["+", "-", "*", "//", "%", "**", "<<", ">>"])
expressions = st.recursive(
    small,
    lambda inner: st.one_of(
        st.tuples(inner, operators, inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda e: f"(-{e})"),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        inner.map(lambda e: f"abs({e})"),
    ),
    max_leaves=8,
)


def value(text: str) -> int | bool:
    expr = parse_expression(Source("<text>", text)).unwrap()
    return evaluate(expr, lambda name: NAMES[name.id])


class Guarded(int):
    """Python's integers, refusing what the language refuses."""

    def _check(self, value: int) -> "Guarded":
        if abs(value) > BOUND:
            raise OverflowError
        return Guarded(value)

    def __neg__(self) -> "Guarded":
        return Guarded(-int(self))

    def __abs__(self) -> "Guarded":
        return Guarded(abs(int(self)))

    def __add__(self, other: int) -> "Guarded":
        return self._check(int(self) + int(other))

    def __sub__(self, other: int) -> "Guarded":
        return self._check(int(self) - int(other))

    def __mul__(self, other: int) -> "Guarded":
        return self._check(int(self) * int(other))

    def __floordiv__(self, other: int) -> "Guarded":
        return self._check(int(self) // int(other))

    def __mod__(self, other: int) -> "Guarded":
        return self._check(int(self) % int(other))

    def __pow__(self, other: int) -> "Guarded":  # type: ignore[override]
        if other < 0:
            raise ValueError
        large = abs(int(self)) > 1 and int(other) > 62
        return self._check(2 * BOUND if large else int(self) ** int(other))

    def __lshift__(self, other: int) -> "Guarded":
        return self._check(int(self) << min(int(other), 10_000))

    def __rshift__(self, other: int) -> "Guarded":
        return self._check(int(self) >> int(other))


def expected(text: str) -> int | None:
    numbers = "".join(f"Guarded({c})" if c.isdigit() else c for c in _split(text))
    try:
        return int(eval(numbers, {"Guarded": Guarded, "min": min, "max": max, "abs": abs}))
    except (OverflowError, ZeroDivisionError, ValueError):
        return None


def _split(text: str) -> list[str]:
    parts, digits = list[str](), ""
    for c in text:
        if c.isdigit():
            digits += c
            continue
        parts += [digits, c] if digits else [c]
        digits = ""
    return [*parts, digits] if digits else parts


@given(expressions)
def test_equal_to_python_within_the_bound(text: str) -> None:
    wanted = expected(text)
    if wanted is None:
        with pytest.raises(NoValueError) as caught:
            value(text)
        assert caught.value.diagnostic is not None
        assert caught.value.diagnostic.name == "constant-arithmetic"
    else:
        assert value(text) == wanted
        assert abs(wanted) <= BOUND


@given(st.integers(1, 2**62))
def test_logarithms(a: int) -> None:
    ceiling = value(f"ceil_log2({a})")
    assert 2**ceiling >= a > 2**ceiling // 2
    assert value(f"log2({2**ceiling})") == ceiling


@given(st.integers(-(10**6), 10**6), st.integers(1, 10**4))
def test_ceil_div_rounds_up(a: int, b: int) -> None:
    quotient = value(f"ceil_div({a}, {b})")
    assert quotient * b >= a > (quotient - 1) * b


@pytest.mark.parametrize(
    "text", ["9**9**9", "9**9**9**9", "1 << 9**9", "2**62 + 1", "-(2**62) - 1", "10**19", "2**62 * 2"]
)
def test_large_ones_are_refused_before_they_are_computed(text: str) -> None:
    started = time.perf_counter()
    with pytest.raises(NoValueError):
        value(text)
    assert time.perf_counter() - started < 0.2


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1+8>>1", 4),
        ("-(2)**2", -4),
        ("-1 // 2", -1),
        ("-1 % 4", 3),
        ("2**62", 2**62),
        ("1**10**18", 1),
        ("0 << 10**9", 0),
        ("5 >> 10**9", 0),
        ("1 < n <= 6", True),
        ("1 < n < 6", False),
        ("not deep or n == 6", True),
        ("deep == (n > 3)", True),
        ("deep and n != 6", False),
    ],
)
def test_values(text: str, wanted: int | bool) -> None:
    got = value(text)
    assert got == wanted
    assert type(got) is type(wanted)


@pytest.mark.parametrize(
    ("text", "name", "column"),
    [
        ("1 + 7 // (3 - 3)", "constant-arithmetic", 5),
        ("3 % 0", "constant-arithmetic", 1),
        ("1 << 2 - 4", "constant-arithmetic", 1),
        ("2 ** -1", "constant-arithmetic", 1),
        ("log2(6)", "constant-arithmetic", 1),
        ("ceil_log2(0)", "constant-arithmetic", 1),
        ("ceil_div(1, 0)", "constant-arithmetic", 1),
        ("1 + true", "not-a-constant", 5),
        ("deep < true", "not-a-constant", 1),
        ("1 == deep", "not-a-constant", 6),
        ("not 3", "not-a-constant", 5),
        ("1.5", "not-a-constant", 1),
        ("[1]", "not-a-constant", 1),
        ('"a"', "not-a-constant", 1),
        ("sqrt(4)", "not-a-constant", 1),
        ("log2(a: 4)", "not-a-constant", 6),
        ("abs(1, 2)", "not-a-constant", 1),
        ("min()", "not-a-constant", 1),
    ],
)
def test_mistakes_stand_at_their_place(text: str, name: str, column: int) -> None:
    with pytest.raises(NoValueError) as caught:
        value(text)
    diagnostic = caught.value.diagnostic
    assert diagnostic is not None
    assert diagnostic.span is not None
    assert (diagnostic.name, diagnostic.span.first.column) == (name, column)
    assert diagnostic.help
