"""Named arrays as a data set: which are targets, which hold classes, which are the test part.

x_test, y_test       the test part, if there is any array of that name; `_train` may stand behind the others
targets              those that are named; else `y`, `target`, `targets`, `label`, `labels` or `class`
words                arrays of text become integers, places in their sorted vocabulary
integers             a target [N] of integers from 0 on, less than N, is a class
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from exnet.data.augment import Augment
from exnet.data.codes import Codes
from exnet.data.model import Array, Dataset, Part
from exnet.data.rules import BAD_ARRAYS, BAD_TARGET, UNKNOWN_COLUMN, UNKNOWN_WORD
from exnet.data.split import split
from exnet.source import Diagnostic, ExnetError, nearest

TARGET_NAMES = ("y", "target", "targets", "label", "labels", "class")
"""Arrays that are targets although nobody says so."""


def parts_of(arrays: Mapping[str, Array]) -> tuple[dict[str, Array], dict[str, Array]]:
    """The arrays, and those of the test part, both without the endings `_train` and `_test`.

    Raises:
        ExnetError: EXN650 for an array that is there with and without `_train`.
    """
    both = [name for name in arrays if f"{name}_train" in arrays]
    if both:
        message = f"there is an array `{both[0]}` and an array `{both[0]}_train`"
        raise ExnetError(BAD_ARRAYS.at(None, message, help="both stand for the training part: leave one out"))
    test = {name.removesuffix("_test"): array for name, array in arrays.items() if name.endswith("_test")}
    train = {name.removesuffix("_train"): array for name, array in arrays.items() if not name.endswith("_test")}
    return train, test


def targets_among(arrays: Mapping[str, Array], wanted: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The names of the arrays that are targets.

    Raises:
        ExnetError: EXN608 if one that is wanted is not there, EXN609 if none is wanted and none has a usual name.
    """
    known = ", ".join(f"`{array}`" for array in arrays)
    for target in wanted:
        if target not in arrays:
            near = nearest(target, arrays)
            way_out = f"did you mean `{near}`?" if near else f"its arrays are {known}"
            raise ExnetError(UNKNOWN_COLUMN.at(None, f"`{name}` has no array `{target}`", help=way_out))
    found = wanted or tuple(array for array in arrays if array in TARGET_NAMES)
    if not found or len(found) == len(arrays):
        lacks = "target" if not found else "input"
        message = f"no array of `{name}` is the {lacks}: it has {known or 'none'}"
        raise ExnetError(BAD_TARGET.at(None, message, help='name the targets, as in `targets: "y"`, or call one `y`'))
    return found


def make_dataset(
    name: str,
    arrays: Mapping[str, Array],
    test: Mapping[str, Array] | float,
    targets: tuple[str, ...],
    *,
    codes: Codes | None = None,
    augment: Augment | None = None,
) -> Dataset:
    """A data set of arrays [N, ..].

    Args:
        name: of the data set.
        arrays: of the training part.
        test: the same arrays of the test part, or the share that is split off, alike in each class.
        targets: which of them are targets.
        codes: of an earlier reading; else vocabularies are made.
        augment: changes of training images.

    Raises:
        ExnetError: EXN650, every array at once; EXN651, EXN653.
    """
    train = checked(arrays, name)
    other = checked(test, f"the test part of {name}") if isinstance(test, Mapping) else {}
    if other:
        _same_arrays(train, other, name)
    codes = codes or _vocabularies(train, other, targets)
    part = coded(train, targets, codes, name)
    held = coded(other, targets, codes, name) if other else None
    classes = {t: k for t in targets if (k := _classes(t, part, held, codes))}
    if isinstance(test, Mapping):
        assert held is not None, "checked refuses no arrays at all"
        return Dataset(name, part, held, classes, codes, augment)
    part, held = split(part, classes, test, "arrays/test", "test")
    return Dataset(name, part, held, classes, codes, augment)


def tuning(data: Dataset) -> Dataset:
    """The data set with its test part put away; a fifth of each class of the training part takes its place."""
    assert isinstance(data.train, Part), "generated data have no part to tune on"
    train, test = split(data.train, data.classes, 0.2, "arrays/tuning", "part: tuning")
    return replace(data, train=train, test=test)


def checked(arrays: Mapping[str, Array], name: str) -> dict[str, Array]:
    """The arrays, truth values as integers, text as Python's.

    Raises:
        ExnetError: EXN650 for arrays that are no data, or are not of one length.
    """
    found = list[Diagnostic]()
    made = dict[str, Array]()
    for key, array in arrays.items():
        made[key] = _plain(array)
        found += _problem(key, made[key], name)
    lengths = {key: len(array) for key, array in made.items() if array.ndim}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"`{key}` {length:,}" for key, length in lengths.items())
        message = f"the arrays of `{name}` have different lengths: {shown}"
        found.append(BAD_ARRAYS.at(None, message, help="row i of every array belongs to instance i"))
    elif not arrays or 0 in lengths.values():
        found.append(BAD_ARRAYS.at(None, f"`{name}` has no instances", help="give arrays with at least one row"))
    if found:
        raise ExnetError(*found)
    return made


def coded(arrays: Mapping[str, Array], targets: tuple[str, ...], codes: Codes, name: str) -> Part:
    """The arrays as a part, text as places in the vocabularies of `codes`.

    Raises:
        ExnetError: EXN653 for a word that is not among them.
    """
    made = dict[str, Array]()
    for key, array in arrays.items():
        words = codes.names.get(key) if key in targets else codes.words.get(key)
        made[key] = array if array.dtype.kind != "U" else _places(key, array, words or (), name)
    inputs = {key: array for key, array in made.items() if key not in targets}
    return Part(inputs, {key: made[key] for key in targets if key in made})


def _plain(array: Array) -> Array:
    """Truth values as integers, bytes as text."""
    match array.dtype.kind:
        case "b":
            return array.astype(np.int64)
        case "S":
            return np.char.decode(array, "utf-8", "replace")
        case _:
            return array


def _problem(key: str, array: Array, name: str) -> Iterable[Diagnostic]:
    if array.dtype.kind not in "iufU":
        message = f"the array `{key}` of `{name}` holds {array.dtype}, not numbers or text"
        yield BAD_ARRAYS.at(None, message, help="convert it, as with `.astype(float)`")
    elif not array.ndim:
        message = f"the array `{key}` of `{name}` is a single value"
        yield BAD_ARRAYS.at(None, message, help="the first axis of every array counts the instances")
    elif 0 in array.shape[1:]:
        message = f"the array `{key}` of `{name}` has the shape {list(array.shape)}: nothing for an instance"
        yield BAD_ARRAYS.at(None, message, help="leave it out")
    elif array.dtype.kind == "f" and not np.isfinite(array).all():
        row = int(np.argwhere(~np.isfinite(array))[0][0])
        message = f"the array `{key}` of `{name}` holds a number that is not finite, first in row {row}"
        yield BAD_ARRAYS.at(None, message, help="leave such rows out, or put another number there")


def _same_arrays(train: Mapping[str, Array], test: Mapping[str, Array], name: str) -> None:
    for key in (*train, *test):
        if key not in test or key not in train:
            where = "test" if key not in test else "training"
            message = f"`{name}` has no `{key}` in its {where} part"
            raise ExnetError(BAD_ARRAYS.at(None, message, help="both parts hold the same arrays"))
        if train[key].shape[1:] != test[key].shape[1:]:
            shapes = f"{list(train[key].shape)} and {list(test[key].shape)}"
            message = f"`{key}` of `{name}` has the shapes {shapes} in its two parts"
            raise ExnetError(BAD_ARRAYS.at(None, message, help="they may differ in the first axis only"))


def _vocabularies(train: Mapping[str, Array], test: Mapping[str, Array], targets: tuple[str, ...]) -> Codes:
    texts = dict[str, tuple[str, ...]]()
    for key, array in train.items():
        if array.dtype.kind == "U":
            whole = np.concatenate([array.reshape(-1), test[key].reshape(-1)]) if key in test else array
            texts[key] = tuple(np.unique(whole).tolist())
    words = {key: found for key, found in texts.items() if key not in targets}
    names = {key: found for key, found in texts.items() if key in targets}
    return Codes(words=words, names=names, targets={key: (key,) for key in targets})


def _places(key: str, array: Array, words: tuple[str, ...], name: str) -> Array:
    order = np.array(words, dtype=np.str_)
    sorted_places = np.argsort(order)
    places = np.searchsorted(order, array, sorter=sorted_places).clip(max=max(0, len(words) - 1))
    found = sorted_places[places] if len(words) else np.zeros(array.shape, np.int64)
    wrong = array != order[found] if len(words) else np.ones(array.shape, np.bool_)
    if wrong.any():
        word = str(array[wrong][0])
        near = nearest(word, words)
        message = f"`{key}` of `{name}` holds `{word}`, an unknown word"
        known = ", ".join(f"`{w}`" for w in words[:8]) + (", .." if len(words) > 8 else "")
        raise ExnetError(UNKNOWN_WORD.at(None, message, help=f"did you mean `{near}`?" if near else f"known: {known}"))
    return found.astype(np.int64)


def _classes(target: str, part: Part, held: Part | None, codes: Codes) -> int:
    """The number of classes of a target, 0 if it holds numbers or labels."""
    if target in codes.names:
        return len(codes.names[target])
    arrays = [part.targets[target], *([held.targets[target]] if held else [])]
    if any(array.size != len(array) or array.dtype.kind not in "iu" or array.min() < 0 for array in arrays):
        return 0
    most = max(int(array.max()) for array in arrays) + 1
    return most if 2 <= most <= sum(map(len, arrays)) else 0
