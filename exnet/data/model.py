"""What a data set is: arrays for inputs and targets, in a training and a test part. numpy only."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from exnet.data.codes import Codes
from exnet.spec.network import Model

if TYPE_CHECKING:
    from exnet.data.augment import Augment

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Arrays [N, ..] by name; all have the same N. Without targets it can be predicted, not learned."""

    inputs: Mapping[str, Array]
    targets: Mapping[str, Array]

    def __len__(self) -> int:
        return len(next(iter((self.targets or self.inputs).values())))

    @property
    def fingerprint(self) -> str:
        """A hash of all arrays, by which the same instances are known again."""
        state = blake2b(digest_size=16)
        for kind, arrays in (("input", self.inputs), ("target", self.targets)):
            for name in sorted(arrays):
                values = np.ascontiguousarray(arrays[name])
                state.update(f"{kind}|{name}|{values.dtype}|{values.shape}|".encode())
                state.update(values.tobytes())
        return state.hexdigest()

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "Part":
        """The instances `rows`, in that order, or those where a mask is true."""
        return Part({k: v[rows] for k, v in self.inputs.items()}, {k: v[rows] for k, v in self.targets.items()})

    def followed_by(self, other: "Part") -> "Part":
        """The instances of both, in this order."""
        inputs = {name: np.concatenate([array, other.inputs[name]]) for name, array in self.inputs.items()}
        targets = {name: np.concatenate([array, other.targets[name]]) for name, array in self.targets.items()}
        return Part(inputs, targets)


class Generator(ABC):
    """An endless training part: instances are made when they are asked for, a function of (seed, step)."""

    steps: int
    """Steps that count as one epoch."""

    @abstractmethod
    def draw(self, seed: int, step: int, rows: int) -> Part:
        """`rows` fresh instances for one step."""

    def held(self, rows: int) -> Part:
        """`rows` instances to validate on, the same for every seed."""
        return self.draw(HELD_SEED, 0, rows)


HELD_SEED = 2**64 - 0x76616C
"""No seed of a run: those that people write are small."""


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A data set, ready to be fitted to a spec.

    Attributes:
        name: canonical text; `exnet.data.load(name)` gives the same data again.
        train: arrays, or a generator of fresh ones.
        test: arrays; nothing is ever chosen on them.
        classes: number of classes of each target that is a class.
        codes: what stands behind numbers: columns, vocabularies, names of classes.
        augment: changes of training images, or None.
    """

    name: str
    train: Part | Generator
    test: Part
    classes: Mapping[str, int]
    codes: Codes = field(default_factory=Codes)
    augment: "Augment | None" = None


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
        parts = [f"{n}: {written(v)}" for n, v in given if v != type(self).model_fields[n].default]
        return f"{self.kind}({', '.join(parts)})" if parts else self.kind


@runtime_checkable
class Coded(Protocol):
    """Data of a file whose words become numbers, and which can take the numbers of an earlier reading."""

    file: str

    def load_as(self, codes: Codes) -> Dataset:
        """As `load`, with the columns and numbers of `codes`."""
        ...

    def whole(self, codes: Codes) -> Dataset:
        """As `load_as`, but nothing is split: all instances are in both parts."""
        ...

    def rows(self, codes: Codes) -> Part:
        """Every row of the file in its order, without targets, with the columns and numbers of `codes`."""
        ...


def written(value: object) -> str:
    """A value of an option, as `exnet.data.parse` reads it."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case tuple():
            return f"[{', '.join(map(written, value))}]"
        case _:
            return str(value)
