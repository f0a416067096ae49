"""Axes: ranges that hold every figure, ticks at round places, texts with as many digits as are needed."""

import pytest

from exnet.view.axes import axis, epochs, nice_step


def texts(values: list[float], **options: bool) -> list[str]:
    return [text for _, text in axis(values, **options).ticks]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.1, 1.9], ["0.0", "0.5", "1.0", "1.5", "2.0"]),
        ([3.0, 3.4], ["3.0", "3.1", "3.2", "3.3", "3.4"]),
        ([-2.0, 2.0], ["-2", "-1", "0", "1", "2"]),
        ([0.0002, 0.002], ["0.0000", "0.0005", "0.0010", "0.0015", "0.0020"]),
        ([2e5, 3e5], ["2.0e5", "2.2e5", "2.4e5", "2.6e5", "2.8e5", "3.0e5"]),
        ([1e-5, 4e-5], ["0", "1e-5", "2e-5", "3e-5", "4e-5"]),
        ([0.01, 4.0], ["0.01", "0.1", "1", "10"]),
        ([1e-20, 1.0], ["1e-20", "1e-16", "1e-12", "1e-8", "1e-4", "1"]),
        ([], ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        ([float("nan"), float("inf"), 0.0, 2.0], ["0.0", "0.5", "1.0", "1.5", "2.0"]),
        ([0.0], ["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
    ],
)
def test_ticks(values: list[float], expected: list[str]) -> None:
    assert texts(values) == expected


def test_shares_are_written_in_percent() -> None:
    assert texts([0.42, 0.97], share=True) == ["40 %", "60 %", "80 %", "100 %"]
    assert texts([0.02, 0.05], share=True) == ["0 %", "1 %", "2 %", "3 %", "4 %", "5 %"]
    assert texts([0.5, 3.0], share=True) == ["0", "1", "2", "3"]  # no share after all


@pytest.mark.parametrize("values", [[0.1, 0.2], [5.0, 5.0], [-3.0, 1e3], [1e-9, 1e9], [7.0, 7.0001], [1e-300, 1.0]])
@pytest.mark.parametrize("zero", [False, True])
def test_every_figure_lies_on_its_axis(values: list[float], zero: bool) -> None:
    found = axis(values, zero=zero)
    assert all(-1e-9 <= found.share(value) <= 1 + 1e-9 for value in values)
    places = [found.share(value) for value, _ in found.ticks]
    assert places == sorted(places)
    assert 2 <= len(found.ticks) <= 8
    assert len({text for _, text in found.ticks}) == len(found.ticks)


def test_rounding_does_not_look_like_movement() -> None:
    found = axis([5.65674, 5.65679])
    assert abs(found.share(5.65679) - found.share(5.65674)) < 0.01


def test_an_axis_may_start_at_nothing() -> None:
    assert axis([5.0, 6.0]).low == 5.0
    assert axis([5.0, 6.0], zero=True).low == 0.0


def test_epochs_have_whole_ticks() -> None:
    assert [t for _, t in epochs(1, 1).ticks] == ["0", "1"]
    assert [t for _, t in epochs(1, 4).ticks] == ["1", "2", "3", "4"]
    assert [t for _, t in epochs(1, 40).ticks] == ["10", "20", "30", "40"]
    assert [t for _, t in epochs(0.4, 0.4).ticks] == ["0", "1"]


def test_steps() -> None:
    assert [nice_step(x) for x in (0.9, 1.0, 1.1, 2.5, 7.0, 0.03)] == [1, 1, 2, 5, 10, 0.05]
