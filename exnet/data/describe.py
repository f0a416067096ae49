"""What is in a data set, and the lines of a spec that fit it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isqrt, prod
from typing import Any

import numpy as np

from exnet.data.columns import identifiers
from exnet.data.model import Array, Dataset, Generator, Part

FEW_INTEGERS = 1000
"""An input array of integers with fewer different values than that is taken for an index."""


@dataclass(frozen=True, slots=True)
class Described:
    """One array.

    Attributes:
        name: of the array; `role`: input or target; `line`: the line of a spec that fits.
        shape: of one instance; `dtype`: of its numbers; `least`, `most`: their range in both parts.
        columns: names, if it is a table.
        values: the words or classes, or names of labels, with how often they occur in the training part (that of a
            generated one: in the test part).
    """

    name: str
    role: str
    line: str
    shape: tuple[int, ...]
    dtype: str
    least: float
    most: float
    columns: tuple[str, ...]
    values: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Description:
    """A data set.

    Attributes:
        name: canonical text.
        train: number of instances, None if they are generated; `steps` are then those of an epoch.
        test: number of instances.
        arrays: inputs, then targets.
    """

    name: str
    train: int | None
    steps: int | None
    test: int
    arrays: tuple[Described, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The `input` and `output` lines of a spec that fits."""
        return tuple(array.line for array in self.arrays)

    def to_json(self) -> dict[str, Any]:
        """As one JSON object."""
        return {**asdict(self), "lines": list(self.lines)}


def describe(data: Dataset) -> Description:
    """What is in a data set."""
    generated = isinstance(data.train, Generator)
    shown = data.test if isinstance(data.train, Generator) else data.train
    parts = [shown] if generated else [shown, data.test]
    names = identifiers([*shown.inputs, *shown.targets])
    arrays = [
        _described(data, key, name, parts, key in shown.targets)
        for key, name in zip((*shown.inputs, *shown.targets), names, strict=True)
    ]
    steps = data.train.steps if isinstance(data.train, Generator) else None
    return Description(data.name, None if generated else len(shown), steps, len(data.test), tuple(arrays))


def _described(data: Dataset, key: str, name: str, parts: list[Part], target: bool) -> Described:
    arrays = [(part.targets if target else part.inputs)[key] for part in parts]
    first, most = arrays[0], max(array.max() for array in arrays)
    least = min(array.min() for array in arrays)
    role = "target" if target else "input"
    line = _output(data, key, name, arrays) if target else _input(data, key, name, first, float(least), int(most) + 1)
    table = data.codes.columns.get(key, ()) if not target and key not in data.codes.words else ()
    values = _values(data, key, first, target)
    return Described(name, role, line, first.shape[1:], str(first.dtype), least.item(), most.item(), table, values)


def _input(data: Dataset, key: str, name: str, array: Array, least: float, most: int) -> str:
    """The `input` line: an index for words and small integers, patches for images, else numbers."""
    shape = array.shape[1:]
    if key in data.codes.words:
        return f"input {name}{_grid(shape)} : index[{len(data.codes.words[key])}]"
    image = len(shape) in (2, 3) and min(shape[:2]) > 1
    integers = array.dtype.kind in "iu" and least >= 0 and most <= FEW_INTEGERS and not image
    if integers and key not in data.codes.columns:
        return f"input {name}{_grid(shape)} : index[{most}]"
    if image and len(shape) == 2 and all(_patch(side) > 1 for side in shape):
        p, q = map(_patch, shape)
        return f"input {name}[{shape[0] // p}, {shape[1] // q}] : patch[{p}, {q}]"
    if len(shape) > 1:
        return f"input {name}{_grid(shape[:-1])} : real[{shape[-1]}]"
    return f"input {name}{_grid(shape)} : real[1]"


def _output(data: Dataset, key: str, name: str, arrays: list[Array]) -> str:
    shape = arrays[0].shape[1:]
    if key in data.classes:
        return f"output {name} : class[{data.classes[key]}]"
    binary = len(shape) == 1 and all(np.isin(array, (0, 1)).all() for array in arrays)
    return f"output {name} : {'labels' if binary else 'real'}[{prod(shape)}]"


def _values(data: Dataset, key: str, array: Array, target: bool) -> dict[str, int]:
    """How often each word, class or label occurs."""
    names = data.codes.names.get(key) if target else data.codes.words.get(key)
    if target and key in data.classes:
        counts = np.bincount(array.reshape(-1), minlength=data.classes[key])
        shown = names or tuple(map(str, range(len(counts))))
    elif target and names:
        counts, shown = array.sum(0), names
    elif names:
        counts, shown = np.bincount(array.reshape(-1), minlength=len(names)), names
    else:
        return {}
    return dict(zip(shown, (int(count) for count in counts), strict=True))


def _grid(shape: tuple[int, ...]) -> str:
    """Brackets for a grid of leaves; none for a single one."""
    return f"[{', '.join(map(str, shape))}]" if shape else ""


def _patch(side: int) -> int:
    """The side of a patch: the largest divisor that is not above the root."""
    return next(size for size in range(isqrt(side), 0, -1) if side % size == 0)
