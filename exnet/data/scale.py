"""Standardising numbers, and the way back.

    x becomes (x - mean) / deviation        y of a result becomes y * deviation + mean

Inputs in general have one mean and one deviation each, so that pixels keep their relation to each other. The columns
of a table and the numbers of a `real` output have one each, since they are of different units.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from exnet.data.model import Array
from exnet.spec.model import Spec

Number: TypeAlias = float | tuple[float, ...]


class Scale(NamedTuple):
    """One mean and deviation, or one for each column. A constant column has deviation 1."""

    mean: Number
    deviation: Number

    @classmethod
    def of(cls, mean: float | Iterable[float], deviation: float | Iterable[float]) -> "Scale":
        """The scale of two numbers or two lists, as a checkpoint holds them."""
        return cls(_frozen(mean), _frozen(deviation))

    def apply(self, values: Array, dtype: np.dtype[Any]) -> Array:
        """Standardised values in a new array. One mean and deviation are taken in `dtype`, columns in float64."""
        if isinstance(self.mean, float | int) and isinstance(self.deviation, float | int):
            scaled = values.astype(dtype)
            scaled -= dtype.type(self.mean)
            scaled /= dtype.type(self.deviation)
            return scaled
        return ((values - np.asarray(self.mean)) / np.asarray(self.deviation)).astype(dtype)

    def undo(self, values: Array) -> NDArray[np.float64]:
        """The numbers that `apply` took, columns along the last axis."""
        return values.astype(np.float64) * np.asarray(self.deviation) + np.asarray(self.mean)


def unscale(spec: Spec, scales: Mapping[str, Scale], result: Mapping[str, Array]) -> dict[str, Array]:
    """Predictions by output, those of `real` in the units of the data again."""
    numbers = {output.name for output in spec.outputs if output.type.kind == "real"}
    return {
        name: scales[name].undo(values) if name in numbers and name in scales else values
        for name, values in result.items()
    }


def overall(array: Array) -> Scale:
    """One mean and deviation, in float64, piece by piece: a copy would be eight times as large as bytes."""
    pieces = np.array_split(array.reshape(-1), 1 + array.size // 2**22)
    mean = sum(float(piece.sum(dtype=np.float64)) for piece in pieces) / max(1, array.size)
    square = sum(float(np.square(piece - mean, dtype=np.float64).sum()) for piece in pieces) / max(1, array.size)
    return Scale(mean, square**0.5 or 1.0)


def by_column(array: Array) -> Scale:
    """A mean and deviation for each column of [N, ..]; plain numbers if there is only one."""
    table = array.reshape(len(array), -1).astype(np.float64)
    mean = table.mean(0)
    deviation = np.sqrt(np.square(table - mean).mean(0))
    # rounding of the mean leaves a constant column a deviation that is not quite zero
    deviation[deviation <= 1e-12 * np.abs(mean)] = 1.0
    if len(mean) == 1:
        return Scale(float(mean[0]), float(deviation[0]))
    return Scale(tuple(mean.tolist()), tuple(deviation.tolist()))


def _frozen(value: float | Iterable[float]) -> Number:
    return float(value) if isinstance(value, float | int) else tuple(float(v) for v in value)
