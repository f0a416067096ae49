"""Rows of the speed suite: what counts as met, how they are stored, where the table goes."""

from pathlib import Path

import pytest
import speed
from suite import measuring
from suite.measuring import Figure, Times
from suite.rows import EXPECTED, Row, load, markdown, missed, row, store, summary, written


@pytest.mark.parametrize(
    ("figure", "target", "met"),
    [
        (5.0, "least", "must"),
        (4.76, "least", "must"),
        (4.74, "least", "no"),
        (7.6, "least", "goal"),
        (5.2, "most", "must"),
        (5.3, "most", "no"),
    ],
)
def test_a_target_has_five_percent_of_slack(figure: float, target: str, met: str) -> None:
    goal = 8.0 if target == "least" else 3.0
    assert Row("W1", "x", figure, must=5.0, goal=goal, target=target).met == met


def test_checks_have_no_slack() -> None:
    assert Row("W1", "x", 1.01e-4, must=1e-4, target="most", exact=True).met == "no"
    assert Row("W1", "x", 1e-4, must=1e-4, target="most", exact=True).met == "must"


def test_what_was_not_measured_is_not_met() -> None:
    missing = Row("chain", "compiled", None, must=2.0)
    assert missing.met == "no"
    assert "not measured" in missing.cells
    assert Row("W1", "x", 3.0).met == ""


def test_figures_are_medians_of_ratios_within_rounds() -> None:
    times = Times({"a": [2.0, 6.0, 4.0], "b": [1.0, 2.0, 1.0], "peak": [10.0, 10.0, 20.0]})
    assert times.ratio("a", "b") == Figure(3.0, 2.0, 4.0)
    assert times.fraction("b", 5) == Figure(0.25, 0.25, 0.5)
    assert times.milliseconds("b") == Figure(1000.0, 1000.0, 2000.0)


def test_stored_rows_are_replaced_by_name(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    store(path, [row("W1", "a", Figure(1.0, 0.5, 2.0)), Row("W2", "a", 2.0)], {"threads": 1})
    store(path, [Row("W1", "a", 3.0), Row("W1", "b", 4.0)], {"rounds": 5})
    rows, about = load(path)
    assert [(r.workload, r.name, r.figure) for r in rows] == [("W1", "a", 3.0), ("W2", "a", 2.0), ("W1", "b", 4.0)]
    assert about == {"threads": 1, "rounds": 5}


def test_spreads_survive_storage(tmp_path: Path) -> None:
    made = row("W1", "a", Figure(1.0, 0.5, 2.0), must=1.0, unit="%", detail="why")
    store(tmp_path / "rows.json", [made])
    assert load(tmp_path / "rows.json")[0] == [made]


def test_the_table_says_what_was_asked_for_and_reached() -> None:
    assert "| W1 | a | 5.00 | 4.90 to 5.10 | ≥ 5.00 | ≥ 8.00 | must |" in markdown(
        [Row("W1", "a", 5.0, (4.9, 5.1), must=5.0, goal=8.0)]
    )


def test_checks_do_not_count_as_targets() -> None:
    rows = [
        Row("W1", "a", 5.0, must=5.0),
        Row("W2", "b", 0.2, must=0.28, unit="%"),
        Row("W2", "c", None, must=1.0),
        Row("W1", "gradients", 1e-6, must=1e-4, target="most", exact=True),
    ]
    assert summary(rows) == "1 of 2 musts met, 1 not measured, 1 of 1 checks of gradients hold."
    assert missed(rows) == ["W2 b"]


def test_the_table_goes_between_its_markers() -> None:
    text = "a\n<!-- speed -->\nold\n<!-- /speed -->\nb\n"
    assert written(text, "speed", "new") == "a\n<!-- speed -->\nnew\n<!-- /speed -->\nb\n"
    with pytest.raises(ValueError, match="0 places"):
        written("none", "speed", "new")


def test_what_others_measure_is_expected_until_it_is_there() -> None:
    made = {"date": "2026-11-28", "torch": "2.13.0", "processor": "2 cores", "threads": 1, "rounds": 5}
    first, *rest = EXPECTED
    page = speed.tables([Row(first.workload, first.name, 2.2, must=first.must, goal=first.goal)], made)
    assert page.count(first.name) == 1
    assert page.count("| not measured |") == len(rest)


def test_contestants_take_turns_until_their_time_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    now, order = [0.0], list[str]()

    def run(name: str, seconds: float) -> None:
        order.append(name)
        now[0] += seconds

    monkeypatch.setattr(measuring, "clock", lambda: lambda: now[0])
    contestants = {"long": lambda: run("long", 2.0), "short": lambda: run("short", 0.25)}
    assert measuring.one_round(contestants, 2.5) == {"long": 2.0, "short": 0.25}
    assert order == ["long", "short", "short", "long", *["short"] * 2 * 4]
