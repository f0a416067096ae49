"""What is said when arrays do not fit the inputs and outputs of a spec: both shapes, and what would fit."""

from collections.abc import Iterable, Mapping
from math import prod

import numpy as np

from exnet.data.laying import pairs, step_of
from exnet.data.model import Array, Dataset, Part
from exnet.data.rules import INPUT_DOES_NOT_FIT, TARGET_DOES_NOT_FIT
from exnet.source import Diagnostic, Rule, Span, nearest
from exnet.spec.model import Input, Output, Spec


def misfits(spec: Spec, part: Part, data: Dataset) -> Iterable[Diagnostic]:
    """Every array that does not fit."""
    yield from input_misfits(spec, part, data.name)
    named = [*_unmatched(TARGET_DOES_NOT_FIT, "output", spec.outputs, part.targets, data.name)]
    yield from named
    if not named:
        by_entry = {entry.name: name for entry, name in zip(_entries(spec, part), part.targets, strict=True)}
        for entry, array in pairs(spec.outputs, part.targets):
            yield from _target_misfit(entry, array, by_entry[entry.name], data)


def input_misfits(spec: Spec, part: Part, name: str) -> Iterable[Diagnostic]:
    """Every input array of the data `name` that does not fit."""
    named = [*_unmatched(INPUT_DOES_NOT_FIT, "input", spec.inputs, part.inputs, name)]
    yield from named
    if not named:
        for entry, array in pairs(spec.inputs, part.inputs):
            yield from _input_misfit(entry, array, name)


def _entries(spec: Spec, part: Part) -> list[Output]:
    return [entry for entry, _ in pairs(spec.outputs, part.targets)]


def _unmatched(
    rule: Rule, what: str, entries: tuple[Input, ...] | tuple[Output, ...], arrays: Mapping[str, Array], data: str
) -> Iterable[Diagnostic]:
    mine, theirs = [entry.name for entry in entries], sorted(arrays)
    if len(mine) == len(theirs) == 1 or sorted(mine) == theirs:
        return
    shown = ", ".join(f"`{name}`" for name in theirs)
    message = f"`{data}` has {len(theirs)} {what}{'s' * (len(theirs) != 1)} ({shown}), "
    message += f"the spec has {', '.join(f'`{name}`' for name in mine)}"
    slips = [(name, near) for name in mine if name not in theirs and (near := nearest(name, set(theirs) - set(mine)))]
    way_out = f"declare one {what} for each array, with the same names"
    if slips and len(mine) == len(theirs):
        way_out += f": did you mean `{slips[0][1]}` by `{slips[0][0]}`?"
    yield rule.at(entries[-1].span, message, help=f"{way_out}; `exnet data` shows the lines that fit")


def _input_misfit(entry: Input, array: Array, data: str) -> Iterable[Diagnostic]:
    kind, shape = entry.type, array.shape[1:]
    if kind.kind == "patch" and len(entry.shape) != 2:
        message = f"patches of an image need two indices, `{entry.name}` has {len(entry.shape)}"
        yield INPUT_DOES_NOT_FIT.at(entry.span, message, help=f"write `input {entry.name}[rows, columns]`")
    elif not _shape_fits(entry, shape):
        wanted, way_out = _wanted(entry), _way_out(entry, shape)
        message = f"`{entry.name}` takes {wanted}, an instance of `{data}` has {words(shape)}"
        yield INPUT_DOES_NOT_FIT.at(entry.span, message, help=way_out)
    elif kind.kind == "index":
        yield from _index_misfit(entry.span, entry.name, kind.sizes[0], array, data)


def _shape_fits(entry: Input, shape: tuple[int, ...]) -> bool:
    if entry.type.kind == "patch":
        return shape == _covered(entry)
    return prod(shape) == entry.leaves * entry.type.width


def _covered(entry: Input) -> tuple[int, ...]:
    """Rows and columns of the image that a grid of patches covers."""
    return tuple(
        (count - 1) * step + size
        for count, step, size in zip(entry.shape, step_of(entry.type), entry.type.sizes, strict=True)
    )


def _wanted(entry: Input) -> str:
    kind, sizes = entry.type, " x ".join(map(str, entry.type.sizes))
    grid = " x ".join(map(str, entry.shape))
    leaves = f"{grid} leaves" if entry.leaves != 1 else "one leaf"
    if kind.kind == "patch":
        s, t = step_of(kind)
        apart = f", every {s} rows and {t} columns" if (s, t) != kind.sizes else ""
        return f"images of {' x '.join(map(str, _covered(entry)))} ({leaves} of {sizes}{apart})"
    if kind.kind == "index":
        return f"{entry.leaves} integers ({leaves})"
    return f"{entry.leaves * kind.width} numbers ({leaves} of {sizes})"


def _way_out(entry: Input, shape: tuple[int, ...]) -> str:
    """What to declare instead, if some number of leaves of this type would fit."""
    kind, name, size = entry.type, entry.name, prod(shape)
    if kind.kind == "patch":
        return _patch_way_out(entry, shape)
    if size % kind.width == 0:
        return f"write `{name}[{size // kind.width}]` for {size // kind.width} leaves of this size"
    if size % entry.leaves == 0:
        return f"write `{name}{list(entry.shape)} : real[{size // entry.leaves}]` for the same number of leaves"
    return f"the number of leaves times {kind.width} must be {size}"


def _patch_way_out(entry: Input, shape: tuple[int, ...]) -> str:
    """Another grid, or another stride for the same grid."""
    kind, name = entry.type, entry.name
    if len(shape) != 2:
        return "the data are no images: use `real[..]` or `index[..]`"
    sides = [*zip(shape, kind.sizes, step_of(kind), entry.shape, strict=True)]
    ways = list[str]()
    if all(side >= size and (side - size) % step == 0 for side, size, step, _ in sides):
        a, b = ((side - size) // step + 1 for side, size, step, _ in sides)
        ways.append(f"`{name}[{a}, {b}]` for {a} x {b} leaves of this size")
    s, t = (_stride(side, size, count) for side, size, _, count in sides)
    if s and t:
        p, q = kind.sizes
        ways.append(f"`patch[{p}, {q}, {s}, {t}]` to lay {entry.shape[0]} x {entry.shape[1]} of them over it")
    if ways:
        return f"write {', or '.join(ways)}"
    return (
        f"no whole number of these patches covers {words(shape)}: a side is (n - 1) * stride + size for n patches "
        "(or use `pad`)"
    )


def _stride(side: int, size: int, count: int) -> int:
    """The stride at which `count` patches cover a side, 0 if there is none."""
    if count == 1:
        return size if side == size else 0
    step, rest = divmod(side - size, count - 1)
    return step if not rest and 1 <= step <= size else 0


def _index_misfit(span: Span, name: str, size: int, array: Array, data: str) -> Iterable[Diagnostic]:
    if not np.issubdtype(array.dtype, np.integer):
        message = f"`{name}` takes integers, `{data}` has real numbers"
        yield INPUT_DOES_NOT_FIT.at(span, message, help="write `real[..]` or `patch[..]` instead of `index[..]`")
    elif len(array) and not 0 <= array.min() <= array.max() < size:
        message = f"`{name}` takes integers in 0..{size}, `{data}` has {array.min()}..={array.max()}"
        way_out = (
            f"write `index[{array.max() + 1}]`" if array.min() >= 0 else "write `real[..]`: an index is never negative"
        )
        yield INPUT_DOES_NOT_FIT.at(span, message, help=way_out)


def _target_misfit(entry: Output, array: Array, name: str, data: Dataset) -> Iterable[Diagnostic]:
    kind, shape = entry.type, array.shape[1:]
    width = 1 if kind.kind == "class" else kind.width
    if prod(shape) != width:
        message = f"`{entry.name}` takes {_numbers(width)}, a target of `{data.name}` has {words(shape)}"
        yield TARGET_DOES_NOT_FIT.at(entry.span, message, help=_better_type(array, name, data))
    elif kind.kind == "class":
        yield from _class_misfit(entry, array, name, data)
    elif kind.kind == "labels" and not np.isin(array, (0, 1)).all():
        message = f"`{entry.name}` takes zeros and ones, `{data.name}` has {array.min()}..={array.max()}"
        yield TARGET_DOES_NOT_FIT.at(entry.span, message, help=_better_type(array, name, data))
    elif kind.kind == "real" and name in data.classes and name in data.codes.names:
        message = f"`{entry.name}` takes numbers, `{name}` of `{data.name}` is one of {data.classes[name]} classes"
        way_out = _better_type(array, name, data) + ", or load the column as numbers with `task: regression`"
        yield TARGET_DOES_NOT_FIT.at(entry.span, message, help=way_out)


def _class_misfit(entry: Output, array: Array, name: str, data: Dataset) -> Iterable[Diagnostic]:
    size = entry.type.width
    if not np.issubdtype(array.dtype, np.integer):
        message = f"`{entry.name}` takes one of {size} classes, the targets of `{data.name}` are real numbers"
        yield TARGET_DOES_NOT_FIT.at(entry.span, message, help=_better_type(array, name, data))
        return
    if name in data.codes.names and name not in data.classes:
        message = f"`{entry.name}` takes one of {size} classes, `{name}` of `{data.name}` is a set of labels"
        yield TARGET_DOES_NOT_FIT.at(entry.span, message, help=_better_type(array, name, data))
        return
    most = max(int(array.max(initial=0)) + 1, _classes(name, data))
    if len(array) and (array.min() < 0 or most > size):
        message = f"`{entry.name}` has {size} classes, `{data.name}` has {most}"
        yield TARGET_DOES_NOT_FIT.at(entry.span, message, help=f"write `class[{most}]`")


def _classes(name: str, data: Dataset) -> int:
    """The number of classes of a target, 0 if it has none. A single entry is meant whatever its name."""
    only = next(iter(data.classes.values())) if len(data.classes) == 1 else 0
    return data.classes.get(name, 0 if name in data.codes.names else only)


def _better_type(array: Array, name: str, data: Dataset) -> str:
    if classes := _classes(name, data):
        return f"write `class[{classes}]`"
    if name in data.codes.names:
        return f"write `labels[{len(data.codes.names[name])}]`"
    return f"write `real[{prod(array.shape[1:])}]`"


def words(shape: tuple[int, ...]) -> str:
    """A shape as people say it: `8 x 8`, `4 numbers`."""
    return " x ".join(map(str, shape)) if len(shape) > 1 else _numbers(prod(shape))


def _numbers(count: int) -> str:
    return "one number" if count == 1 else f"{count} numbers"
