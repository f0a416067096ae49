"""A data set in the terms of a spec: which arrays are trained on, which are held back, and in which units.

Numbers are standardised with figures of the training part alone (`exnet.data.scale`), laid out as `exnet.data.laying`
says, and refused as `exnet.data.misfits` says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import DTypeLike, NDArray

from exnet.data.augment import Augment
from exnet.data.codes import Codes
from exnet.data.laying import Kind, lay, measure
from exnet.data.misfits import input_misfits, misfits
from exnet.data.model import Dataset, Generator, Part
from exnet.data.rules import BAD_ARRAYS
from exnet.data.scale import Scale
from exnet.data.split import split
from exnet.source import ExnetError
from exnet.spec.model import Spec


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A data set in the terms of a spec: inputs and targets by the spec's names, in the shapes of `exnet.data.laying`.

    Attributes:
        spec: whose names and shapes.
        train: fitted arrays, or a generator of arrays that `lay` fits.
        test: fitted arrays.
        scales: standardisation by input, and by output that is `real`.
        dtype: of the numbers.
        validation: fitted arrays that are not trained on, or None.
        codes: what stands behind the numbers.
        augment: changes of training images; `raw` then holds them as they were before they were laid.
    """

    spec: Spec
    train: Part | Generator
    test: Part
    scales: Mapping[str, Scale]
    dtype: Kind
    validation: Part | None = None
    codes: Codes = field(default_factory=Codes)
    augment: Augment | None = None
    raw: Part | None = None

    def draw(self, seed: int, step: int, rows: int) -> Part:
        """One batch of a generated training part."""
        if not isinstance(self.train, Generator):
            raise TypeError("only a generated training part can be drawn from")
        return lay(self.spec, self.train.draw(seed, step, rows), self.scales, self.dtype)

    def changed(self, seed: int, step: int, rows: NDArray[np.int64]) -> Part:
        """The training instances `rows`, changed at random as `augment` says, for one step."""
        if self.augment is None or self.raw is None:
            raise TypeError("only images with an `augment` can be changed")
        return lay(self.spec, self.augment.apply(self.raw.take(rows), seed, step, rows), self.scales, self.dtype)


def fit(
    spec: Spec,
    data: Dataset,
    scales: Mapping[str, Scale] | None = None,
    dtype: DTypeLike = np.float32,
    validation: float = 0.0,
) -> Fitted:
    """The data in the terms of a spec.

    Args:
        spec: whose inputs and outputs.
        data: as loaded.
        scales: of an earlier run; they replace those of the training part.
        dtype: of the numbers.
        validation: share of the training part that is held back, alike in each class where there is one output of
            classes; a function of the name of the data alone. Scales are measured on what remains. Of a generated
            training part as many instances as the test part has are drawn, once and for all.

    Raises:
        ExnetError: EXN604 and EXN605, every misfit at once; EXN651 and EXN655 for shares and changes that cannot be;
            EXN650 for numbers that are too large.
    """
    train, probe = data.train, data.test if isinstance(data.train, Generator) else data.train
    problems = [*misfits(spec, probe, data)] or [*misfits(spec, data.test, data)]
    if problems:
        raise ExnetError(*problems)
    if data.augment:
        data.augment.check(probe, data.name)
    held = None
    if isinstance(train, Generator):
        held = train.held(len(data.test)) if validation else None
    elif validation:
        train, held = split(train, data.classes, validation, f"{data.name}/validation", "validation")
        probe = train
    scales = _measured(spec, probe, data) if scales is None else scales
    kind = np.dtype(dtype)
    raw = None if isinstance(train, Generator) or not data.augment else train
    return Fitted(
        spec,
        train if isinstance(train, Generator) else _laid(spec, train, scales, kind, data.name),
        _laid(spec, data.test, scales, kind, data.name),
        scales,
        kind,
        None if held is None else _laid(spec, held, scales, kind, data.name),
        data.codes,
        data.augment if raw else None,
        raw,
    )


def fit_inputs(spec: Spec, part: Part, name: str, scales: Mapping[str, Scale], dtype: DTypeLike = np.float32) -> Part:
    """Instances to predict in the terms of a spec, with the scales of a run; targets, if there are any, are left out.

    Raises:
        ExnetError: EXN604, every misfit at once; EXN650 for numbers that are too large.
    """
    problems = [*input_misfits(spec, part, name)]
    if problems:
        raise ExnetError(*problems)
    return _laid(spec, Part(part.inputs, {}), scales, np.dtype(dtype), name)


def _measured(spec: Spec, part: Part, data: Dataset) -> dict[str, Scale]:
    """The scales of a part; refused where a mean or a deviation is no number any more."""
    with np.errstate(over="ignore", invalid="ignore"):
        scales = measure(spec, part, data.codes)
    for name, scale in scales.items():
        if not np.isfinite((scale.mean, scale.deviation)).all():
            message = f"the numbers of `{name}` are too large to be standardised: `{data.name}`"
            raise ExnetError(BAD_ARRAYS.at(None, message, help="write them in another unit"))
    return scales


def _laid(spec: Spec, part: Part, scales: Mapping[str, Scale], dtype: Kind, name: str) -> Part:
    """A part as `lay` makes it; refused where a standardised number does not fit `dtype`."""
    with np.errstate(over="ignore", invalid="ignore"):
        made = lay(spec, part, scales, dtype)
    for entry, array in (*made.inputs.items(), *made.targets.items()):
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            row = int(np.argwhere(~np.isfinite(array))[0][0])
            message = f"a number of `{entry}` in row {row} of `{name}` is not finite once standardised, as {dtype}"
            way_out = "it is too far from those of training: a slip, or another unit?"
            raise ExnetError(BAD_ARRAYS.at(None, message, help=way_out))
    return made


def class_weights(fitted: Fitted) -> dict[str, list[float]]:
    """Weights by output of classes, inverse to frequency in the training part, 1 on the mean over its instances.

    weight of class k = N / (K * N_k), where K counts the classes that occur; a class that does not occur has 1

    Classes of a generated training part are counted in its test part.
    """
    part = fitted.test if isinstance(fitted.train, Generator) else fitted.train
    found = dict[str, list[float]]()
    for output in fitted.spec.outputs:
        if output.type.kind == "class":
            counts = np.bincount(part.targets[output.name], minlength=output.type.width)
            share = len(part) / (np.count_nonzero(counts) * np.maximum(counts, 1))
            found[output.name] = np.where(counts > 0, share, 1.0).tolist()
    return found
