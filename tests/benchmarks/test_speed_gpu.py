"""The benchmark for cards, as far as a CPU can run it."""

from collections.abc import Callable

import pytest
import speed_gpu
import torch
from suite.workloads import QUICK, with_batch


@pytest.mark.parametrize("kind", speed_gpu.KINDS, ids=lambda kind: kind.name)
def test_a_workload_gives_its_parts_and_times(kind: speed_gpu.Kind) -> None:
    before = torch.get_float32_matmul_precision()
    workload = with_batch(QUICK["w5"], 3)
    rows = speed_gpu.measured(workload, kind, "cpu", rounds=2, size=16, least=0.0, record=lambda action: action)
    assert {found.workload for found in rows} == {f"W5, B = 3, {kind.name}"}
    assert [found.unit for found in rows] == ["%", "ms", "%", "ms", "x"]
    assert all(found.figure is not None and found.figure > 0 for found in rows)
    assert torch.get_float32_matmul_precision() == before


def test_the_captured_step_is_measured_where_it_is_captured() -> None:
    replays = list[int]()

    def record(action: Callable[[], None]) -> Callable[[], object]:
        action()
        return lambda: replays.append(1)

    speed_gpu.measured(QUICK["w1"], speed_gpu.KINDS[0], "cpu", rounds=2, size=16, least=0.0, record=record)
    assert len(replays) == 5  # one to begin with; in each round one that does not count, and one


def test_a_step_that_cannot_be_captured_says_why() -> None:
    def record(action: Callable[[], None]) -> Callable[[], object]:
        raise RuntimeError("no such thing")

    *rows, last = speed_gpu.measured(QUICK["w1"], speed_gpu.KINDS[0], "cpu", 1, size=16, least=0.0, record=record)
    assert [found.unit for found in rows] == ["%", "ms"]
    assert last.figure is None
    assert "no such thing" in last.detail


def test_parts_are_of_the_product_in_the_same_round() -> None:
    part, time, *_, ratio = speed_gpu.rows_of(
        "W", 10.0, [100.0, 50.0], {"launched": [1.0, 2.0], "captured": [0.5, 0.5]}
    )
    assert (part.spread, time.spread, ratio.spread) == ((0.1, 0.1), (1000.0, 2000.0), (2.0, 4.0))


def test_without_a_card_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr("sys.argv", ["speed_gpu.py"])
    speed_gpu.main()
    assert capsys.readouterr().out.startswith("skipped: torch sees no GPU")
