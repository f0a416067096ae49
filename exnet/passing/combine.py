"""Deterministic mode: e'_v is the mean, sum or maximum of the messages of all incoming arcs."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.plan.model import Groups, Plan


class Combiner:
    """Combines messages at vertices with several incoming arcs.

    Args:
        plan: with the arcs.
        groups: `local_arcs`; those that are `drawn` have the arcs in question.
        kind: `mean`, `sum` or `max`.
        rows: the vertex rows with several incoming arcs that the groups serve.
    """

    def __init__(self, plan: Plan, groups: Groups, kind: str, rows: NDArray[np.int64], device: torch.device) -> None:
        self.kind = kind
        self.rows = torch.from_numpy(rows).to(device)
        count = np.maximum(np.diff(plan.arcs.incoming_ptr), 1)
        self._share = torch.from_numpy(1.0 / count).to(device).view(-1, 1, 1)
        place = np.zeros(plan.vertices, np.int64)
        place[rows] = np.arange(len(rows))
        targets = [place[groups[i].targets] for i in range(len(groups)) if groups.drawn[i]]
        self._place = torch.from_numpy(np.concatenate([*targets, np.zeros(0, np.int64)])).to(device)

    def combined(self, messages: Tensor) -> Tensor:
        """All messages of the drawn groups, in their order, to [vertices with several arcs, B, q]; differentiable."""
        made = messages.new_zeros(len(self.rows), *messages.shape[1:])
        if self.kind == "max":
            return self._largest(made, messages)
        total = made.index_add(0, self._place, messages)
        return total if self.kind == "sum" else total * self._share[self.rows].to(total.dtype)

    def _largest(self, made: Tensor, messages: Tensor) -> Tensor:
        """The largest message in each place. Equal ones share the gradient: no order of arcs plays a part.

        (The gradient of `scatter_reduce` would also count the zeros that it starts from.)
        """
        with torch.no_grad():
            index = self._place.view(-1, 1, 1).expand_as(messages)
            largest = made.scatter_reduce(0, index, messages, "amax", include_self=False)
            chosen = messages == largest[self._place]
            equal = made.index_add(0, self._place, chosen.to(messages.dtype))
        return made.index_add(0, self._place, torch.where(chosen, messages, 0.0)) / equal
