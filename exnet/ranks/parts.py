"""Tensors whose rows are divided among the ranks: cut for each, and gathered by the first."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from exnet.ranks.peers import Peers

Keys = Callable[[str], str]
"""From the name of a tensor to that of its rows."""


class Parts:
    """Which rows of a whole each rank has.

    Args:
        peers: all ranks.
        rows: for each rank int64 rows by name, such as that of a stack; without those names of which it has none.
    """

    def __init__(self, peers: Peers, rows: Sequence[Mapping[str, Tensor]]) -> None:
        self._peers, self._rows = peers, rows

    def gather(self, local: Mapping[str, Tensor], whole: Mapping[str, Tensor], key: Keys) -> None:
        """whole[name][rows of rank r] = local[name] of rank r, on the first rank; `whole` is not read elsewhere."""
        if not self._peers.leads:
            for name in sorted(local):
                if local[name].numel():
                    self._peers.deliver(local[name].detach())
            return
        with torch.no_grad():
            for name in sorted(whole):
                self._collect(local.get(name), whole[name], key(name))

    def cut(self, tensors: Mapping[str, Tensor], rank: int, key: Keys) -> dict[str, Tensor]:
        """The rows of a rank of each tensor, without those of which it has none; numbers without rows as they are."""
        mine = self._rows[rank]
        return {
            name: value if value.dim() == 0 else value.detach()[mine[key(name)].to(value.device)]
            for name, value in tensors.items()
            if key(name) in mine
        }

    def _collect(self, own: Tensor | None, whole: Tensor, key: str) -> None:
        for rank, mine in enumerate(self._rows):
            rows = mine.get(key)
            if rows is None or not len(rows):
                continue
            shape = (len(rows), *whole.shape[1:])
            part = own if rank == 0 else self._peers.delivered(torch.empty(shape, dtype=whole.dtype), rank)
            assert part is not None, "the first rank has what its rows say"
            whole.index_copy_(0, rows.to(whole.device), part.detach().to(whole.device))
