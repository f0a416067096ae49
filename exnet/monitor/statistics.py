"""Figures of extractions and draws by level: norm, variance, effective rank, entropy.

For extractions E [rows, B, width] of the vertices of one level:

    norm      mean over rows and instances of |e|
    variance  mean over rows and columns of the variance over the batch
    rank      mean over (at most 16) rows of exp(H(s / sum s)), s the singular values of the centred [B, width]
    entropy   mean over vertices with k > 1 incoming arcs of H(share of each arc among the draws) / log k
"""

from collections.abc import Iterator

import torch
from torch import Tensor

RANK_ROWS = 16
"""Rows whose effective rank is computed: evenly spread over a level."""


def extraction_figures(values: Tensor) -> dict[str, float]:
    """Norm, variance and effective rank of extractions [rows, B, width]."""
    values = values.float()
    return {
        "norm": float(values.norm(dim=-1).mean()),
        "variance": float(values.var(dim=1, unbiased=False).mean()),
        "rank": effective_rank(values),
    }


def effective_rank(values: Tensor) -> float:
    """exp(entropy) of the normalised singular values, mean over some rows; 0 where nothing varies."""
    at = torch.linspace(0, len(values) - 1, min(RANK_ROWS, len(values)), device=values.device).round().long()
    some = values[at]
    singular = torch.linalg.svdvals(some - some.mean(1, keepdim=True))
    total = singular.sum(-1, keepdim=True)
    share = singular / total.clamp_min(1e-30)
    ranks = torch.special.entr(share).sum(-1).exp() * (total.squeeze(-1) > 1e-12)
    return float(ranks.mean())


def level_rows(level: Tensor) -> Iterator[tuple[int, Tensor]]:
    """(level, vertex rows) for every level, lowest first. `level` is int [V]."""
    order = torch.argsort(level, stable=True)
    sizes = torch.bincount(level)
    at = 0
    for number, size in enumerate(sizes.tolist()):
        if size:
            yield number, order[at : at + size]
        at += size


def draw_entropy(counts: Tensor, incoming: Tensor) -> Tensor:
    """H / log k for every vertex, NaN where k < 2 or nothing was drawn.

    Shapes:
        counts [arcs], how often each incoming arc was drawn; incoming int64 [V + 1], where each vertex's arcs start.
    """
    degrees, counts = incoming.diff(), counts.double()
    owner = torch.repeat_interleave(torch.arange(len(degrees), device=counts.device), degrees)
    totals = torch.zeros(len(degrees), dtype=counts.dtype, device=counts.device).index_add_(0, owner, counts)
    share = counts / totals.clamp_min(1)[owner]
    entropy = torch.zeros_like(totals).index_add_(0, owner, torch.special.entr(share))
    return torch.where((degrees > 1) & (totals > 0), entropy / degrees.clamp_min(2).to(entropy).log(), torch.nan)
