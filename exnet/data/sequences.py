"""Tasks in which every token counts: `parity`, `sum-mod`, `sorting`."""

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from exnet.data.generated import Task, tokens
from exnet.data.model import Dataset, Part
from exnet.data.rules import BAD_DATA_OPTION
from exnet.source import ExnetError


class Parity(Task):
    """Sequences of bits; the class is 1 if the number of ones is odd.

    Args:
        length: bits in a sequence.
        steps: training steps in an epoch (instances are fresh at every step).
        test: test instances.
    """

    kind: ClassVar[str] = "parity"
    positional: ClassVar[str | None] = "length"
    least: ClassVar[Mapping[str, int]] = {"length": 1}
    length: int = 16
    steps: int = 100
    test: int = 1000

    def targets(self) -> Mapping[str, int]:
        """Even and odd."""
        return {"parity": 2}

    def make(self, seed: int, purpose: str, step: int, rows: int) -> Part:
        """`rows` sequences [rows, length] in 0..2."""
        bits = tokens(seed, purpose, step, rows, self.length, 2)
        return Part({"bits": bits}, {"parity": bits.sum(1) % 2})


class SumMod(Task):
    """Sequences of integers in 0..modulus; the class is their sum modulo `modulus`. Options as of `parity`."""

    kind: ClassVar[str] = "sum-mod"
    positional: ClassVar[str | None] = "length"
    least: ClassVar[Mapping[str, int]] = {"length": 1, "modulus": 2}
    length: int = 16
    modulus: int = 10
    steps: int = 100
    test: int = 1000

    def targets(self) -> Mapping[str, int]:
        """The remainders."""
        return {"sum": self.modulus}

    def make(self, seed: int, purpose: str, step: int, rows: int) -> Part:
        """`rows` sequences [rows, length]."""
        terms = tokens(seed, purpose, step, rows, self.length, self.modulus)
        return Part({"terms": terms}, {"sum": terms.sum(1) % self.modulus})


class Sorting(Task):
    """Sequences of integers in 0..values, to be sorted: target `at0` is the smallest, `at1` the next one, and so on.

    Args:
        length: tokens in a sequence.
        values: how many different ones there are.
        rank: if not negative the only target, `ranked`, is the token at this place of the sorted sequence.
        steps: training steps in an epoch (instances are fresh at every step).
        test: test instances.
    """

    kind: ClassVar[str] = "sorting"
    positional: ClassVar[str | None] = "length"
    least: ClassVar[Mapping[str, int]] = {"length": 1, "values": 2, "rank": -1}
    length: int = 8
    values: int = 10
    rank: int = -1
    steps: int = 100
    test: int = 1000

    def load(self) -> Dataset:
        """The generator and the test part."""
        if self.rank >= self.length:
            message = f"`rank: {self.rank}` is past the end of sequences of {self.length}"
            raise ExnetError(BAD_DATA_OPTION.at(None, message, help=f"a rank is in 0..{self.length}"))
        return super().load()

    def targets(self) -> Mapping[str, int]:
        """One target for each place, or one alone."""
        names = ("ranked",) if self.rank >= 0 else tuple(f"at{place}" for place in range(self.length))
        return dict.fromkeys(names, self.values)

    def make(self, seed: int, purpose: str, step: int, rows: int) -> Part:
        """`rows` sequences [rows, length]."""
        unsorted = tokens(seed, purpose, step, rows, self.length, self.values)
        ordered = np.sort(unsorted, axis=1)
        if self.rank >= 0:
            return Part({"tokens": unsorted}, {"ranked": ordered[:, self.rank]})
        return Part({"tokens": unsorted}, {f"at{place}": ordered[:, place] for place in range(self.length)})
