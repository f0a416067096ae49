"""Plan text: what a person reads, pinned by golden files."""

from collections.abc import Callable

import numpy as np
import plan_graphs as hand
import pytest

from exnet.plan.make import run_passes
from exnet.plan.passes import PASSES
from exnet.plan.text import draft_text, indices


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([], "none"),
        ([5], "5"),
        ([0, 1, 2], "0 1 2"),
        (range(8), "0..8"),
        (range(0, 16, 2), "0..15 by 2"),
        ([3] * 8, "3 x 8"),
        (range(7, 2, -1), "7, 6 .. 3"),
        ([0, 1, 0, 2], "0 1 0 2"),
        ([*range(10), *range(20, 40, 2)], "0..10, 20..39 by 2"),
        ([i * i for i in range(30)], "0 1 4 9 16 25 36 49 64 81 100 121 144 169 196 225 .. (30)"),
    ],
)
def test_indices(values: list[int], text: str) -> None:
    assert indices(np.array(list(values), np.int32)) == text


def test_every_index_can_be_told_from_short_text() -> None:
    """Different short arrays have different texts."""
    every = [np.array([a, b, c, d]) for a in range(3) for b in range(3) for c in range(3) for d in range(3)]
    assert len({indices(values) for values in every}) == len(every)


@pytest.mark.parametrize("name", [step.name for step in PASSES])
def test_text_after_each_pass(name: str, golden: Callable[[str, str], None]) -> None:
    """A tree of five leaves whose two lowest vertices share; the root also reads one of them."""
    graph = hand.graph(5, [(0, 1), (2, 3), (5, 6), (7, 4, 5)], key=lambda v: (v < 2, v == 3))
    golden(f"{name}.txt", draft_text(run_passes(hand.spec(), graph, name), name))


def test_long_plans_are_cut() -> None:
    text = draft_text(run_passes(hand.spec(), hand.chain(2000)), "form-stacks")
    assert len(text.splitlines()) < 5000
    assert ".. and 1799 more groups" in text


def test_unknown_pass() -> None:
    with pytest.raises(KeyError):
        run_passes(hand.spec(), hand.tree(4), "no-such-pass")
