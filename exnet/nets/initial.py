"""Initial values: a function of (seed, parameter name, class hash, element), so never of the order of declarations."""

import numpy as np
from numpy.typing import NDArray

from exnet.graph.randomness import hash_text, normal, uniform
from exnet.spec.network import Initial, Parameter

Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]
CHUNK = 2**20
"""Elements that are made at a time; bounds the memory for intermediate numbers."""


def initial_values(parameter: Parameter, classes: Hashes, seed: int) -> Floats:
    """The values of one parameter for all classes of a stack, [classes, *shape], from their identities."""
    size = int(np.prod(parameter.shape, dtype=np.int64))
    made = np.empty((len(classes), *parameter.shape))
    rows = max(1, CHUNK // max(size, 1))
    for start in range(0, len(classes), rows):
        part = classes[start : start + rows]
        drawn = _draw(parameter.initial, f"init/{parameter.name}", part, size, seed)
        made[start : start + rows] = drawn.reshape(len(part), *parameter.shape)
        if parameter.initial.kind == "orthogonal":
            made[start : start + rows] = orthonormal(made[start : start + rows]) * parameter.initial.scale
    return made


def _draw(initial: Initial, purpose: str, classes: Hashes, size: int, seed: int) -> Floats:
    element = np.arange(size)
    match initial.kind:
        case "constant":
            return np.full((len(classes), size), initial.scale)
        case "uniform":
            return (2.0 * uniform(seed, purpose, classes[:, None], element) - 1.0) * initial.scale
        case "normal":
            return normal(seed, purpose, classes[:, None], element) * initial.scale
        case "orthogonal":
            return normal(seed, purpose, classes[:, None], element)
        case other:
            raise ValueError(f"unknown kind of initial value `{other}`")


def orthonormal(matrices: Floats) -> Floats:
    """Matrices [.., in, out] with orthonormal rows (in <= out) or columns, from normal ones by QR with fixed signs."""
    wide = matrices.shape[-2] < matrices.shape[-1]
    q, r = np.linalg.qr(np.swapaxes(matrices, -1, -2) if wide else matrices)
    signs = np.sign(np.diagonal(r, axis1=-2, axis2=-1))
    q = q * np.where(signs == 0, 1.0, signs)[..., None, :]
    return np.swapaxes(q, -1, -2) if wide else q


def fixed_normal(seed: int, purpose: str, name: str, rows: int, columns: int) -> Floats:
    """Standard normal numbers [rows, columns] for a fixed part of the net, by (seed, purpose, name, element)."""
    element = np.arange(rows * columns).reshape(rows, columns)
    return normal(seed, purpose, hash_text(name), element)
