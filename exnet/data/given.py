"""Values of Python as data sets: arrays, pairs, PyTorch's `Dataset` and `DataLoader`."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, TypeGuard

import numpy as np

from exnet.data.arrays import make_dataset, parts_of, targets_among
from exnet.data.model import Array, Data, Dataset
from exnet.data.rules import BAD_ARRAYS, BAD_SPLIT, BAD_VALUE
from exnet.data.source import FROM_PYTHON, load
from exnet.source import ExnetError

MOST_INSTANCES = 10_000_000
"""A value that yields more instances than that is taken for an endless one."""


def of(
    value: object,
    *,
    test: object = None,
    targets: str | Iterable[str] = (),
    name: str = FROM_PYTHON,
) -> Dataset:
    """The data set that a value of Python is.

    Args:
        value: the name of a data set; a `Dataset`; a mapping of arrays [N, ..]; a pair (inputs, targets) of arrays or
            of mappings of arrays; a PyTorch `Dataset` or any sequence of pairs (input, target); a `DataLoader`, which
            yields pairs of batches. Arrays may be of numpy, of torch, or nested lists. Everything is read at once.
        test: the share that is split off (0.2), or a value of the same form.
        targets: which arrays of a mapping are targets; `y`, `target`, `label` and the like if none is named.
        name: of the data set in messages and records.

    Raises:
        ExnetError: EXN652 if it is nothing of these, EXN650 if its arrays do not fit together, EXN651 for the split.
    """
    if isinstance(value, Dataset | Data | str):
        if test is not None:
            message = "`test` goes with arrays, and data sets have a test part of their own"
            raise ExnetError(BAD_SPLIT.at(None, message, help="leave out `test`"))
        return value if isinstance(value, Dataset) else value.load() if isinstance(value, Data) else load(value)
    wanted = (targets,) if isinstance(targets, str) else tuple(targets)
    if wanted and not isinstance(value, Mapping):
        message = f"`targets` names arrays of a mapping, and `{name}` is {_kind(value)}"
        raise ExnetError(BAD_VALUE.at(None, message, help="leave out `targets`: the second of a pair is the target"))
    arrays, found = _arrays(value, wanted, name)
    arrays, own = parts_of(arrays) if isinstance(value, Mapping) else (arrays, {})
    if own and test is not None:
        message = f"`{name}` has a test part of its own (`{next(iter(own))}_test`), and `test` asks for another"
        raise ExnetError(BAD_SPLIT.at(None, message, help="leave out `test`"))
    share = 0.2 if test is None else float(test) if isinstance(test, int | float) else None
    other = own or (share if share is not None else _arrays(test, found, f"the test part of {name}")[0])
    return make_dataset(name, arrays, other, found)


def _arrays(value: object, wanted: tuple[str, ...], name: str) -> tuple[dict[str, Array], tuple[str, ...]]:
    """Arrays by name, and which of them are targets."""
    if isinstance(value, Mapping):
        arrays = {str(key): to_array(entry, str(key)) for key, entry in value.items()}
        plain, _ = parts_of(arrays)
        return arrays, targets_among(plain, wanted, name)
    if _is_pair(value):
        return _pair(*value)
    if _is_loader(value):
        return _stacked([_pair(*_two(item, name)) for item in _all(value, name)], name, np.concatenate)
    if hasattr(value, "columns"):
        message = f"{_kind(value)} is no data set, its columns are"
        way_out = "give `{name: frame[name].to_numpy() for name in frame}`, and name the target in `targets`"
        raise ExnetError(BAD_VALUE.at(None, message, help=way_out))
    if isinstance(value, Iterable) or hasattr(value, "__getitem__"):
        return _stacked([_pair(*_two(item, name)) for item in _all(value, name)], name, np.stack)
    raise _no_data(value)


def to_array(value: object, name: str) -> Array:
    """An array of numpy, of what numpy understands, or of a tensor.

    Raises:
        ExnetError: EXN650.
    """
    tensor: Any = value
    if np.ma.is_masked(value):
        message = f"`{name}` is a masked array in which numbers are missing"
        raise ExnetError(BAD_ARRAYS.at(None, message, help="leave such rows out, or fill them: `.filled(0)`"))
    try:
        if hasattr(value, "detach") and hasattr(value, "cpu"):  # torch need not be imported to know a tensor
            tensor = tensor.detach().cpu()
            tensor = tensor.float() if str(tensor.dtype) == "torch.bfloat16" else tensor
        array = np.asarray(tensor)
    except (ValueError, TypeError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        message = f"`{name}` cannot become an array: {reason[:1].lower()}{reason[1:].rstrip('.')}"
        raise ExnetError(BAD_ARRAYS.at(None, message, help="give numbers of one shape for every instance")) from error
    if array.dtype.kind == "O":
        message = f"`{name}` holds Python objects, not numbers of one shape"
        raise ExnetError(BAD_ARRAYS.at(None, message, help="give numbers of one shape for every instance"))
    return array


def _pair(inputs: object, targets: object) -> tuple[dict[str, Array], tuple[str, ...]]:
    """Arrays of inputs and targets; single ones are called `x` and `y`."""
    x = inputs if isinstance(inputs, Mapping) else {"x": inputs}
    y = targets if isinstance(targets, Mapping) else {"y": targets}
    both = [str(key) for key in x if key in y]
    if both:
        message = f"`{both[0]}` is an input and a target"
        raise ExnetError(BAD_VALUE.at(None, message, help="give it two names"))
    arrays = {str(key): to_array(entry, str(key)) for key, entry in (*x.items(), *y.items())}
    return arrays, tuple(str(key) for key in y)


def _stacked(
    items: list[tuple[dict[str, Array], tuple[str, ...]]], name: str, join: Any
) -> tuple[dict[str, Array], tuple[str, ...]]:
    if not items:
        raise ExnetError(BAD_ARRAYS.at(None, f"`{name}` has no instances", help="give at least one"))
    first, targets = items[0]
    made = dict[str, Array]()
    for key in first:
        pieces = [arrays.get(key) for arrays, _ in items]
        # batches may differ in their first axis, instances in none
        shapes = {None if p is None else p.shape[1:] if join is np.concatenate else p.shape for p in pieces}
        if len(shapes) > 1 or None in shapes or any(len(arrays) != len(first) for arrays, _ in items):
            message = f"`{key}` of `{name}` has not the same shape in every instance"
            raise ExnetError(BAD_ARRAYS.at(None, message, help="pad or crop instances to one shape"))
        made[key] = join(pieces)
    return made, targets


def _all(value: Any, name: str) -> list[Any]:
    """Everything that a value yields, at most `MOST_INSTANCES`."""
    sized = hasattr(value, "__len__") and hasattr(value, "__getitem__")
    source = (value[i] for i in range(len(value))) if sized else iter(value)
    items = list(islice(source, MOST_INSTANCES + 1))
    if len(items) > MOST_INSTANCES:
        message = f"`{name}` yields more than {MOST_INSTANCES:,} instances"
        raise ExnetError(BAD_VALUE.at(None, message, help="everything is read at once: give a finite part of it"))
    return items


def _two(item: object, name: str) -> tuple[object, object]:
    if isinstance(item, tuple | list) and len(item) == 2:
        return item[0], item[1]
    message = f"an instance of `{name}` is {_kind(item)}, not a pair (input, target)"
    way_out = "two arrays are a tuple, `(x, y)`; else give pairs, in which several inputs or targets are mappings"
    raise ExnetError(BAD_VALUE.at(None, message, help=way_out))


def _is_pair(value: object) -> TypeGuard[tuple[object, object]]:
    return isinstance(value, tuple) and len(value) == 2


def _is_loader(value: object) -> bool:
    return getattr(value, "batch_size", None) is not None and hasattr(value, "dataset")


def _no_data(value: object) -> ExnetError:
    message = f"{_kind(value)} is no data set"
    way_out = "give a name, a mapping of arrays, a pair (inputs, targets), or a PyTorch `Dataset` or `DataLoader`"
    return ExnetError(BAD_VALUE.at(None, message, help=way_out))


def _kind(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} `{name}`"
