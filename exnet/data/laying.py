"""How arrays are laid onto the leaves of a spec, and targets onto its outputs.

    real[w], grid of n leaves              [N, n*w] in any shape   ->  [N, n, w], row-major
    patch[p, q], grid of a x b             [N, a*p, b*q]           ->  [N, a*b, p*q]: patches and pixels row-major
    patch[p, q, s, t], grid of a x b       [N, (a-1)*s+p, (b-1)*t+q]   ->  the same, one patch every s rows, t columns
    index[V], grid of n leaves             integers [N, n]         ->  [N, n] in 0..V
    class[K]                               integers [N]            ->  [N] in 0..K
    real[s, ..]                            [N, s*..]               ->  [N, s*..]
    labels[K]                              zeros and ones [N, K]   ->  [N, K]

One array and one input belong together whatever their names; several are matched by name.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from exnet.data.codes import Codes
from exnet.data.model import Array, Part
from exnet.data.scale import Scale, by_column, overall
from exnet.spec.model import Input, InputType, Output, Spec

Named = TypeVar("Named", Input, Output)
Kind: TypeAlias = np.dtype[Any]


def lay(spec: Spec, part: Part, scales: Mapping[str, Scale], dtype: Kind) -> Part:
    """The arrays of a part that fits, in the shapes of the spec. A part without targets stays without."""
    inputs = {
        entry.name: _lay_input(entry, array, scales.get(entry.name), dtype)
        for entry, array in pairs(spec.inputs, part.inputs)
    }
    outputs = pairs(spec.outputs, part.targets) if part.targets else []
    targets = {entry.name: _lay_target(entry, array, scales.get(entry.name), dtype) for entry, array in outputs}
    return Part(inputs, targets)


def measure(spec: Spec, part: Part, codes: Codes) -> dict[str, Scale]:
    """How numbers are standardised: by input, and by output that is `real`."""
    found = dict[str, Scale]()
    for name, (entry, array) in zip(part.inputs, pairs(spec.inputs, part.inputs), strict=True):
        if entry.type.kind != "index":
            found[entry.name] = by_column(array) if name in codes.columns else overall(array)
    for entry, array in pairs(spec.outputs, part.targets):
        if entry.type.kind == "real":
            found[entry.name] = overall(array) if array.ndim > 2 else by_column(array)
    return found


def pairs(entries: Iterable[Named], arrays: Mapping[str, Array]) -> list[tuple[Named, Array]]:
    """Each input (output) with its array, in the order of the arrays."""
    named = {entry.name: entry for entry in entries}
    if len(named) == len(arrays) == 1:
        return [(next(iter(named.values())), next(iter(arrays.values())))]
    return [(named[name], array) for name, array in arrays.items()]


def step_of(kind: InputType) -> tuple[int, int]:
    """Rows and columns from one patch to the next."""
    return kind.stride or (kind.sizes[0], kind.sizes[1])


def _lay_input(entry: Input, array: Array, scale: Scale | None, dtype: Kind) -> Array:
    rows, kind = len(array), entry.type
    if kind.kind == "index":
        return array.reshape(rows, entry.leaves).astype(np.int64)
    if scale and isinstance(scale.mean, tuple):
        array = array.reshape(rows, -1)
    values = scale.apply(array, dtype) if scale else array.astype(dtype)
    if kind.kind == "patch":
        values = _patches(values, kind)
    return values.reshape(rows, entry.leaves, kind.width)


def _patches(images: Array, kind: InputType) -> Array:
    """[N, a, b, p, q] from [N, h, w]."""
    (p, q), (s, t) = kind.sizes, step_of(kind)
    return sliding_window_view(images, (p, q), axis=(1, 2))[:, ::s, ::t]


def _lay_target(entry: Output, array: Array, scale: Scale | None, dtype: Kind) -> Array:
    if entry.type.kind == "class":
        return array.reshape(len(array)).astype(np.int64)
    values = array.reshape(len(array), entry.type.width)
    return scale.apply(values.astype(np.float64), np.dtype(np.float64)).astype(dtype) if scale else values.astype(dtype)
