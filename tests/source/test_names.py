"""Did you mean."""

import pytest

from exnet.source import nearest
from exnet.source.names import edit_distance


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("", "abc", 3), ("pool", "pooled", 2), ("vertx", "vertex", 1), ("ab", "ba", 1), ("kitten", "sitting", 3)],
)
def test_distance(one: str, other: str, distance: int) -> None:
    assert edit_distance(one, other) == edit_distance(other, one) == distance


def test_nearest() -> None:
    assert nearest("windw", ["xs", "window", "causal"]) == "window"
    assert nearest("pool", ["pooled", "x"]) == "pooled"
    assert nearest("q", ["xs", "window"]) is None
    assert nearest("abcdef", ["uvwxyz"]) is None
    assert nearest("ab", ["ac", "aa"]) == "aa"
    assert nearest("x" * 10**6, ["window"]) is None
