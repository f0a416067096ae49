import math

import pytest
import torch

from exnet.monitor.statistics import draw_entropy, effective_rank, extraction_figures, level_rows


def test_norm_and_variance() -> None:
    values = torch.tensor([[[3.0, 4.0], [0.0, 0.0]]])
    figures = extraction_figures(values)
    assert figures["norm"] == 2.5
    assert figures["variance"] == pytest.approx((1.5**2 + 2.0**2) / 2)


def test_effective_rank_counts_directions() -> None:
    torch.manual_seed(0)
    basis = torch.linalg.qr(torch.randn(64, 5)).Q
    full = basis - basis.mean(0)
    assert effective_rank(full[None]) == pytest.approx(5.0, abs=0.1)
    line = torch.randn(64, 1) * torch.randn(5)
    assert effective_rank(line[None]) == pytest.approx(1.0, abs=1e-3)
    assert effective_rank(torch.ones(3, 64, 5)) == 0.0
    assert effective_rank(torch.stack([full, torch.ones(64, 5)])) == pytest.approx(2.5, abs=0.1)


def test_levels_come_lowest_first_with_their_rows() -> None:
    found = [(number, rows.tolist()) for number, rows in level_rows(torch.tensor([1, 1, 3, 2, 1]))]
    assert found == [(1, [0, 1, 4]), (2, [3]), (3, [2])]


def test_entropy_of_draws() -> None:
    incoming = torch.tensor([0, 2, 3, 3, 7, 9])
    counts = torch.tensor([5, 5, 10, 8, 0, 0, 0, 0, 0])
    found = draw_entropy(counts, incoming)
    assert found[0].item() == pytest.approx(1.0)
    assert found[1].isnan()  # one parent: nothing to choose
    assert found[2].isnan()  # the root
    assert found[3].item() == pytest.approx(0.0)  # always the same parent
    assert found[4].isnan()  # never drawn
    mixed = draw_entropy(torch.tensor([1, 3]), torch.tensor([0, 2]))
    wanted = -(0.25 * math.log(0.25) + 0.75 * math.log(0.75)) / math.log(2)
    assert mixed[0].item() == pytest.approx(wanted)
