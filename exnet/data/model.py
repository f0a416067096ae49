"""What a data set is: arrays for inputs and targets, in a training and a test part. numpy only."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from exnet.spec.network import Model

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Arrays [N, ..] by name; all have the same N."""

    inputs: Mapping[str, Array]
    targets: Mapping[str, Array]

    def __len__(self) -> int:
        return len(next(iter(self.targets.values())))

    def take(self, rows: NDArray[np.int64]) -> "Part":
        """The instances `rows`, in that order."""
        return Part({k: v[rows] for k, v in self.inputs.items()}, {k: v[rows] for k, v in self.targets.items()})


class Generator(ABC):
    """An endless training part: instances are made when they are asked for, a function of (seed, step)."""

    steps: int
    """Steps that count as one epoch."""

    @abstractmethod
    def draw(self, seed: int, step: int, rows: int) -> Part:
        """`rows` fresh instances for one step."""


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A data set, ready to be fitted to a spec.

    Attributes:
        name: canonical text; `exnet.data.load(name)` gives the same data again.
        train: arrays, or a generator of fresh ones.
        test: arrays; nothing is ever chosen on them.
        classes: number of classes of each target that is a class.
    """

    name: str
    train: Part | Generator
    test: Part
    classes: Mapping[str, int]


class Data(Model, ABC):
    """A data set as a declaration: its options. Loading it may import more than numpy."""

    kind: ClassVar[str]
    """The name after `--data`."""
    positional: ClassVar[str | None] = None
    """The option that `kind:VALUE` sets."""

    @abstractmethod
    def load(self) -> Dataset:
        """Reads or makes the arrays.

        Raises:
            ExnetError: EXN602 or EXN603, if files or libraries are missing or damaged.
        """

    @property
    def text(self) -> str:
        """The canonical name: every option that is not at its default, in the order of declaration."""
        given = [(name, getattr(self, name)) for name in type(self).model_fields]
        parts = [f"{n}: {_written(v)}" for n, v in given if v != type(self).model_fields[n].default]
        return f"{self.kind}({', '.join(parts)})" if parts else self.kind


def _written(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
