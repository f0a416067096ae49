"""Data for the net of a run: read with its vocabularies, standardised with its scales."""

from typing import Literal, TypeAlias, cast

import numpy as np

from exnet import data
from exnet.data import Data, Dataset, Fitted, Generator, Part
from exnet.data.model import Coded
from exnet.export.loading import Loaded
from exnet.export.rules import NO_SUCH_PART
from exnet.source import ExnetError

Which: TypeAlias = Literal["test", "train", "all"]


def fitted_for(loaded: Loaded, name: str) -> Fitted:
    """A data set with targets, by its name, in the terms of a run's net.

    Raises:
        ExnetError: what `exnet.data.load` and `exnet.data.fit` say.
    """
    return data.fit(loaded.net.spec, _load(loaded, data.parse(name)), loaded.scales, loaded.numbers)


def part_of(fitted: Fitted, name: str, which: Which) -> Part:
    """A part of it.

    Raises:
        ExnetError: EXN760 for the training part of data that are made anew at every step.
    """
    if which == "test":
        return fitted.test
    if isinstance(fitted.train, Generator):
        raise _endless(name, which)
    return fitted.train if which == "train" else joined(fitted.train, fitted.test)


def instances_for(loaded: Loaded, name: str, which: Which | None) -> tuple[str, Part]:
    """What is to be predicted, in the terms of a run's net, and which part it is. Targets are not needed.

    None means every row of a file, and the test part of any other data.

    Raises:
        ExnetError: what `exnet.data.load` and `exnet.data.fit_inputs` say, EXN760.
    """
    declared = data.parse(name)
    if _coded(declared) and which in (None, "all"):
        which, part = "all", cast("Coded", declared).rows(loaded.codes)
    else:
        which = which or "test"
        part = _raw_part(_load(loaded, declared), which)
    return which, data.fit_inputs(loaded.net.spec, part, declared.text, loaded.scales, loaded.numbers)


def joined(first: Part, second: Part) -> Part:
    """The instances of both, in this order."""
    inputs = {name: np.concatenate([array, second.inputs[name]]) for name, array in first.inputs.items()}
    targets = {name: np.concatenate([array, second.targets[name]]) for name, array in first.targets.items()}
    return Part(inputs, targets)


def _load(loaded: Loaded, declared: Data) -> Dataset:
    return cast("Coded", declared).load_as(loaded.codes) if _coded(declared) else declared.load()


def _coded(declared: Data) -> bool:
    return hasattr(declared, "load_as")


def _raw_part(dataset: Dataset, which: Which) -> Part:
    if which == "test":
        return dataset.test
    if isinstance(dataset.train, Generator):
        raise _endless(dataset.name, which)
    return dataset.train if which == "train" else joined(dataset.train, dataset.test)


def _endless(name: str, which: str) -> ExnetError:
    message = f"`{name}` has no {which} part that could be gone through: it is made anew at every step"
    return ExnetError(NO_SUCH_PART.at(None, message, help="use `--part test`"))
