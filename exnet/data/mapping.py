"""How arrays are laid onto the leaves of a spec, and targets onto its outputs.

    real[w], grid of n leaves        [N, n*w] in any shape  ->  [N, n, w], row-major
    patch[p, q], grid of a x b       [N, a*p, b*q]          ->  [N, a*b, p*q]: patches row-major, pixels row-major
    index[V], grid of n leaves       integers [N, n]        ->  [N, n, 1] in 0..V
    class[K]                         integers [N]           ->  [N] in 0..K
    real[s, ..]                      [N, s*..]              ->  [N, s*..]
    labels[K]                        zeros and ones [N, K]  ->  [N, K]

One array and one input belong together whatever their names; several are matched by name. Numbers of `real` and
`patch` are standardised with one mean and one deviation for each input, taken from the training part alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from exnet.data.model import Array, Dataset, Generator, Part
from exnet.data.rules import INPUT_DOES_NOT_FIT, TARGET_DOES_NOT_FIT
from exnet.source import Diagnostic, ExnetError, Rule, Span
from exnet.spec.model import Input, Output, Spec

Named = TypeVar("Named", Input, Output)
Kind: TypeAlias = np.dtype[Any]


class Scale(NamedTuple):
    """x becomes (x - mean) / deviation."""

    mean: float
    deviation: float


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A data set in the terms of a spec: inputs and targets by the spec's names, in the shapes of the table above.

    Attributes:
        spec: whose names and shapes.
        train: fitted arrays, or a generator of arrays that `lay` fits.
        test: fitted arrays.
        scales: standardisation by input.
        dtype: of the numbers.
    """

    spec: Spec
    train: Part | Generator
    test: Part
    scales: Mapping[str, Scale]
    dtype: Kind

    def draw(self, seed: int, step: int, rows: int) -> Part:
        """One batch of a generated training part."""
        if not isinstance(self.train, Generator):
            raise TypeError("only a generated training part can be drawn from")
        return lay(self.spec, self.train.draw(seed, step, rows), self.scales, self.dtype)


def fit(spec: Spec, data: Dataset, scales: Mapping[str, Scale] | None = None, dtype: DTypeLike = np.float32) -> Fitted:
    """The data in the terms of a spec. `scales` of an earlier run replace those of the training part.

    Raises:
        ExnetError: EXN604 and EXN605, every misfit at once.
    """
    train = data.train
    probe = data.test if isinstance(train, Generator) else train
    problems = [*_misfits(spec, probe, data)]
    if problems:
        raise ExnetError(*problems)
    if scales is None:
        scales = _measure(spec, probe)
    kind = np.dtype(dtype)
    laid = train if isinstance(train, Generator) else lay(spec, train, scales, kind)
    return Fitted(spec, laid, lay(spec, data.test, scales, kind), scales, kind)


def lay(spec: Spec, part: Part, scales: Mapping[str, Scale], dtype: Kind) -> Part:
    """The arrays of a part that fits, in the shapes of the spec."""
    inputs = {
        entry.name: _lay_input(entry, array, scales.get(entry.name), dtype)
        for entry, array in _pairs(spec.inputs, part.inputs)
    }
    targets = {entry.name: _lay_target(entry, array, dtype) for entry, array in _pairs(spec.outputs, part.targets)}
    return Part(inputs, targets)


def _pairs(entries: Iterable[Named], arrays: Mapping[str, Array]) -> list[tuple[Named, Array]]:
    entries = tuple(entries)
    if len(entries) == len(arrays) == 1:
        return [(entries[0], next(iter(arrays.values())))]
    return [(entry, arrays[entry.name]) for entry in entries]


def _lay_input(entry: Input, array: Array, scale: Scale | None, dtype: Kind) -> Array:
    rows, kind = len(array), entry.type
    if kind.kind == "index":
        return array.reshape(rows, entry.leaves).astype(np.int64)
    if kind.kind == "patch":
        (a, b), (p, q) = entry.shape, kind.sizes
        array = array.reshape(rows, a, p, b, q).swapaxes(2, 3)
    values = array.reshape(rows, entry.leaves, kind.width).astype(dtype)
    if scale:
        values -= dtype.type(scale.mean)
        values /= dtype.type(scale.deviation)
    return values


def _lay_target(entry: Output, array: Array, dtype: Kind) -> Array:
    if entry.type.kind == "class":
        return array.reshape(len(array)).astype(np.int64)
    return array.reshape(len(array), entry.type.width).astype(dtype)


def _measure(spec: Spec, part: Part) -> dict[str, Scale]:
    found = dict[str, Scale]()
    for entry, array in _pairs(spec.inputs, part.inputs):
        if entry.type.kind != "index":
            found[entry.name] = _moments(array)
    return found


def _moments(array: Array) -> Scale:
    """Mean and deviation in float64, piece by piece: a copy of the whole would be eight times as large as bytes."""
    pieces = np.array_split(array.reshape(-1), 1 + array.size // 2**22)
    mean = sum(float(piece.sum(dtype=np.float64)) for piece in pieces) / max(1, array.size)
    square = sum(float(np.square(piece - mean, dtype=np.float64).sum()) for piece in pieces) / max(1, array.size)
    return Scale(mean, square**0.5 or 1.0)


def _misfits(spec: Spec, part: Part, data: Dataset) -> Iterable[Diagnostic]:
    for entries, arrays, rule, what in (
        (spec.inputs, part.inputs, INPUT_DOES_NOT_FIT, "input"),
        (spec.outputs, part.targets, TARGET_DOES_NOT_FIT, "output"),
    ):
        names = sorted(arrays)
        if len(entries) != len(arrays) or (len(entries) > 1 and sorted(e.name for e in entries) != names):
            yield _names_differ(rule, what, entries, names, data.name)
            return
    for entry, array in _pairs(spec.inputs, part.inputs):
        yield from _input_misfit(entry, array, data.name)
    for entry, array in _pairs(spec.outputs, part.targets):
        yield from _target_misfit(entry, array, data)


def _names_differ(
    rule: Rule, what: str, entries: tuple[Input, ...] | tuple[Output, ...], names: list[str], data: str
) -> Diagnostic:
    mine = ", ".join(f"`{e.name}`" for e in entries)
    theirs = ", ".join(f"`{name}`" for name in names)
    message = f"`{data}` has {len(names)} {what}{'s' * (len(names) != 1)} ({theirs}), the spec has {mine}"
    return rule.at(entries[-1].span, message, help=f"declare one {what} for each array, with the same names")


def _input_misfit(entry: Input, array: Array, data: str) -> Iterable[Diagnostic]:
    kind, shape = entry.type, array.shape[1:]
    if kind.kind == "patch" and len(entry.shape) != 2:
        message = f"patches of an image need two indices, `{entry.name}` has {len(entry.shape)}"
        yield INPUT_DOES_NOT_FIT.at(entry.span, message, help=f"write `input {entry.name}[rows, columns]`")
    elif not _shape_fits(entry, shape):
        wanted, way_out = _wanted(entry), _way_out(entry, shape)
        message = f"`{entry.name}` takes {wanted}, an instance of `{data}` has {_words(shape)}"
        yield INPUT_DOES_NOT_FIT.at(entry.span, message, help=way_out)
    elif kind.kind == "index":
        yield from _index_misfit(entry.span, entry.name, kind.sizes[0], array, data)


def _shape_fits(entry: Input, shape: tuple[int, ...]) -> bool:
    if entry.type.kind == "patch":
        return shape == tuple(n * s for n, s in zip(entry.shape, entry.type.sizes, strict=True))
    return prod(shape) == entry.leaves * entry.type.width


def _wanted(entry: Input) -> str:
    kind, sizes = entry.type, " x ".join(map(str, entry.type.sizes))
    grid = " x ".join(map(str, entry.shape))
    leaves = f"{grid} leaves" if entry.leaves != 1 else "one leaf"
    if kind.kind == "patch":
        whole = " x ".join(str(n * s) for n, s in zip(entry.shape, kind.sizes, strict=True))
        return f"images of {whole} ({leaves} of {sizes})"
    if kind.kind == "index":
        return f"{entry.leaves} integers ({leaves})"
    return f"{entry.leaves * kind.width} numbers ({leaves} of {sizes})"


def _way_out(entry: Input, shape: tuple[int, ...]) -> str:
    """What to declare instead, if some number of leaves of this type would fit."""
    kind, name, size = entry.type, entry.name, prod(shape)
    if kind.kind == "patch":
        if len(shape) != 2:
            return "the data are no images: use `real[..]` or `index[..]`"
        if all(n % s == 0 for n, s in zip(shape, kind.sizes, strict=True)):
            a, b = (n // s for n, s in zip(shape, kind.sizes, strict=True))
            return f"write `{name}[{a}, {b}]` for {a} x {b} leaves of this size"
        return f"no whole number of these patches covers {_words(shape)}: sides must divide it (or use `pad`)"
    if size % kind.width == 0:
        return f"write `{name}[{size // kind.width}]` for {size // kind.width} leaves of this size"
    if size % entry.leaves == 0:
        return f"write `{name}{list(entry.shape)} : real[{size // entry.leaves}]` for the same number of leaves"
    return f"the number of leaves times {kind.width} must be {size}"


def _index_misfit(span: Span, name: str, size: int, array: Array, data: str) -> Iterable[Diagnostic]:
    if not np.issubdtype(array.dtype, np.integer):
        message = f"`{name}` takes integers, `{data}` has real numbers"
        yield INPUT_DOES_NOT_FIT.at(span, message, help="write `real[..]` or `patch[..]` instead of `index[..]`")
    elif len(array) and not 0 <= array.min() <= array.max() < size:
        message = f"`{name}` takes integers in 0..{size}, `{data}` has {array.min()}..={array.max()}"
        yield INPUT_DOES_NOT_FIT.at(span, message, help=f"write `index[{array.max() + 1}]`")


def _target_misfit(entry: Output, array: Array, data: Dataset) -> Iterable[Diagnostic]:
    kind, shape = entry.type, array.shape[1:]
    width = 1 if kind.kind == "class" else kind.width
    if prod(shape) != width:
        message = f"`{entry.name}` takes {_numbers(width)}, a target of `{data.name}` has {_words(shape)}"
        yield TARGET_DOES_NOT_FIT.at(entry.span, message, help=_better_type(array, data))
    elif kind.kind == "class":
        yield from _class_misfit(entry, array, data)
    elif kind.kind == "labels" and not np.isin(array, (0, 1)).all():
        message = f"`{entry.name}` takes zeros and ones, `{data.name}` has {array.min()}..={array.max()}"
        yield TARGET_DOES_NOT_FIT.at(entry.span, message, help=_better_type(array, data))


def _class_misfit(entry: Output, array: Array, data: Dataset) -> Iterable[Diagnostic]:
    size = entry.type.width
    if not np.issubdtype(array.dtype, np.integer):
        message = f"`{entry.name}` takes one of {size} classes, the targets of `{data.name}` are real numbers"
        yield TARGET_DOES_NOT_FIT.at(entry.span, message, help=_better_type(array, data))
        return
    most = max((int(array.max(initial=0)) + 1, *data.classes.values()))
    if len(array) and (array.min() < 0 or most > size):
        message = f"`{entry.name}` has {size} classes, `{data.name}` has {most}"
        yield TARGET_DOES_NOT_FIT.at(entry.span, message, help=f"write `class[{most}]`")


def _better_type(array: Array, data: Dataset) -> str:
    if data.classes:
        return f"write `class[{max(data.classes.values())}]`"
    return f"write `real[{prod(array.shape[1:])}]`"


def _words(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) if len(shape) > 1 else _numbers(prod(shape))


def _numbers(count: int) -> str:
    return "one number" if count == 1 else f"{count} numbers"
