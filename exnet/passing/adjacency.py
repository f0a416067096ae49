"""The graph of a plan as PyG wants it: an edge index, or sparse adjacencies that open its fused route."""

import warnings

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.plan.model import Plan


def edge_index(plan: Plan, device: torch.device) -> Tensor:
    """int64 [2, arcs], child -> parent by node row, ordered by parent and slot."""
    parent = np.repeat(np.arange(plan.vertices) + plan.leaves, np.diff(plan.child_ptr))
    return torch.from_numpy(np.stack((plan.child.astype(np.int64), parent))).to(device)


def upward(plan: Plan, device: torch.device) -> Tensor:
    """Sparse CSR [N, N]: the row of a vertex holds its children."""
    parent = np.repeat(np.arange(plan.vertices) + plan.leaves, np.diff(plan.child_ptr))
    return _csr(parent, plan.child, plan.leaves + plan.vertices, device)


def downward(plan: Plan, device: torch.device) -> Tensor:
    """Sparse CSR [V, V]: the row of a vertex holds its parents."""
    return _csr(plan.arcs.child, plan.arcs.parent, plan.vertices, device)


def _csr(row: NDArray[np.integer], column: NDArray[np.integer], size: int, device: torch.device) -> Tensor:
    """Several arcs between the same two vertices are one entry with their number as its value."""
    code, count = np.unique(row.astype(np.int64) * size + column, return_counts=True)
    pointer = np.searchsorted(code, np.arange(size + 1) * size)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta state")
        warnings.filterwarnings("ignore", "Sparse invariant checks are implicitly disabled")
        return torch.sparse_csr_tensor(
            torch.from_numpy(pointer),
            torch.from_numpy(code % size),
            torch.from_numpy(count.astype(np.float32)),
            (size, size),
            device=device,
        )
