"""Consts and params, and what is set from outside."""

import pytest
from spec_checks import places, say, spec_of


def test_order_of_definitions_means_nothing() -> None:
    assert spec_of("const c = b + 1\nparam p = c * 2\nconst b = 4").constants == {"c": 5, "p": 10, "b": 4}


def test_a_set_param_reaches_what_is_computed_from_it() -> None:
    spec = spec_of("param n = 4, half = n // 2, deep = half > 3", {"n": 10})
    assert spec.constants == {"n": 10, "half": 5, "deep": True}
    assert spec.parameters == {"n", "half", "deep"}


def test_a_long_chain_of_constants_needs_no_deep_stack() -> None:
    lines = ["const c0 = 1", *(f"const c{i} = c{i - 1} + 1" for i in range(1, 3000))]
    assert spec_of("\n".join(reversed(lines))).constants["c2999"] == 3000


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("const a = b", [("unknown-constant", 2, 11)]),
        ("const a = a", [("constant-cycle", 2, 7)]),
        ("const a = b + 1, b = c, c = a - 1, d = a", [("constant-cycle", 2, 7)]),
        ("const a = b, b = a\nconst c = d, d = c", [("constant-cycle", 2, 7), ("constant-cycle", 3, 7)]),
        ("param p = 1\nconst q = 2 * p", [("const-uses-param", 3, 15)]),
        ("const a = 1 // 0, b = a + 1", [("constant-arithmetic", 2, 11)]),
        ("param p = 0.5", [("not-a-constant", 2, 11)]),
        ("param p = 1\nparam p = 2", [("duplicate-name", 3, 7)]),
    ],
)
def test_mistakes(body: str, wanted: list[tuple[str, int, int]]) -> None:
    assert places(body) == wanted


def test_a_cycle_is_shown_in_the_order_of_use() -> None:
    (diagnostic,) = say("const a = b, b = c, c = a")
    assert "`a` -> `b` -> `c` -> `a`" in diagnostic.message


@pytest.mark.parametrize(
    ("overrides", "name", "help_"),
    [
        ({"layer": 3}, "unknown-parameter", "did you mean `layers`?"),
        ({"k": 3}, "unknown-parameter", "write `param k = ..` instead"),
        ({"layers": True}, "wrong-parameter-value", "set it to an integer"),
        ({"deep": 1}, "wrong-parameter-value", "set it to `true` or `false`"),
        ({"layers": 2**63}, "wrong-parameter-value", "sizes are far smaller"),
        ({"layers": "3"}, "wrong-parameter-value", "set it to an integer"),
    ],
)
def test_what_cannot_be_set(overrides: dict[str, int | bool], name: str, help_: str) -> None:
    (diagnostic,) = say("param layers = 2, deep = true\nconst k = 3", overrides)
    assert (diagnostic.name, diagnostic.help) == (name, help_)


def test_set_values_are_remembered() -> None:
    assert spec_of("param n = 4, b = true", {"n": -3, "b": False}).constants == {"n": -3, "b": False}
