"""The benchmark for cards, as far as a CPU can run it."""

import pytest
import speed_gpu
import torch
from suite.workloads import QUICK, with_batch


@pytest.mark.parametrize("kind", speed_gpu.KINDS, ids=lambda kind: kind.name)
def test_a_workload_gives_its_part_and_its_time(kind: speed_gpu.Kind) -> None:
    before = torch.get_float32_matmul_precision()
    workload = with_batch(QUICK["w5"], 3)
    part, time = speed_gpu.measured(workload, kind, "cpu", rounds=2, size=16, least=0.0)
    assert part.workload == f"W5, B = 3, {kind.name}"
    assert part.figure is not None
    assert part.figure > 0
    assert time.unit == "ms"
    assert torch.get_float32_matmul_precision() == before


def test_without_a_card_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr("sys.argv", ["speed_gpu.py"])
    speed_gpu.main()
    assert capsys.readouterr().out.startswith("skipped: torch sees no GPU")
