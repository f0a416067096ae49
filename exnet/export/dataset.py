"""Data for the net of a run: read with its vocabularies, standardised with its scales."""

from pathlib import Path
from typing import Literal, TypeAlias, cast

from exnet import data
from exnet.data import Data, Dataset, Fitted, Generator, Part
from exnet.data.model import Coded
from exnet.export.loading import Loaded
from exnet.export.rules import DATA_CHANGED, NO_SUCH_PART
from exnet.source import ExnetError

Which: TypeAlias = Literal["test", "train", "all"]


def labelled_for(loaded: Loaded, name: str, which: Which | None) -> tuple[Which, Part]:
    """What a run's net is to be judged by, in its terms, and which part of the data it is.

    None means the test part; but all of a file that is not the one of the run, since no row of it was trained on.

    Raises:
        ExnetError: what `exnet.data.load` and `exnet.data.fit` say, EXN760 for the training part of data that are
            made anew at every step, EXN761 if the run's own data have changed.
    """
    declared = data.parse(name)
    which = which or ("all" if _another_file(loaded, declared) else "test")
    if which == "all" and _coded(declared):
        return which, _fitted(loaded, cast("Coded", declared).whole(loaded.codes)).test
    fitted = _fitted(loaded, _load(loaded, declared))
    _check_unchanged(loaded, declared.text, fitted.test)
    if which == "test":
        return which, fitted.test
    if isinstance(fitted.train, Generator):
        raise _endless(name, which)
    return which, fitted.train if which == "train" else fitted.train.followed_by(fitted.test)


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


def _fitted(loaded: Loaded, dataset: Dataset) -> Fitted:
    return data.fit(loaded.net.spec, dataset, loaded.scales, loaded.numbers)


def _check_unchanged(loaded: Loaded, name: str, test: Part) -> None:
    moment = loaded.moment
    if moment is not None and name == moment.data and moment.test and test.fingerprint != moment.test:
        message = f"the test part of `{name}` is not the one that was held back when this run was trained"
        way_out = "put new rows into a file of their own, and name it with `--data`"
        raise ExnetError(DATA_CHANGED.at(None, message, help=way_out))


def _another_file(loaded: Loaded, declared: Data) -> bool:
    """Whether the data are of a file, and not of the one that the run was trained on."""
    if not _coded(declared):
        return False
    try:
        own = data.parse(loaded.moment.data) if loaded.moment else None
    except ExnetError:  # the run had arrays that were given from Python, and a name that nothing else has
        own = None
    mine = str(getattr(own, "file", ""))
    return not mine or Path(mine).resolve() != Path(cast("Coded", declared).file).resolve()


def _load(loaded: Loaded, declared: Data) -> Dataset:
    return cast("Coded", declared).load_as(loaded.codes) if _coded(declared) else declared.load()


def _coded(declared: Data) -> bool:
    return hasattr(declared, "load_as")


def _raw_part(dataset: Dataset, which: Which) -> Part:
    if which == "test":
        return dataset.test
    if isinstance(dataset.train, Generator):
        raise _endless(dataset.name, which)
    return dataset.train if which == "train" else dataset.train.followed_by(dataset.test)


def _endless(name: str, which: str) -> ExnetError:
    message = f"`{name}` has no {which} part that could be gone through: it is made anew at every step"
    return ExnetError(NO_SUCH_PART.at(None, message, help="use `--part test`"))
