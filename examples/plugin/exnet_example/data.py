"""A data set: options, and how its arrays are made. Nothing here imports torch."""

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from exnet.data import Data, Dataset, Part


class Rings(Data):
    """Points of the plane on one of `classes` noisy rings around the origin: `rings`, `rings:3`, `rings(noise: 0)`."""

    kind: ClassVar[str] = "rings"
    positional: ClassVar[str | None] = "classes"
    classes: Annotated[int, Field(ge=2, le=100)] = 2
    noise: Annotated[float, Field(ge=0.0)] = 0.1

    def load(self) -> Dataset:
        """400 points to train on, 200 to test on; always the same."""
        return Dataset(self.text, self._part(0, 400), self._part(1, 200), {"ring": self.classes})

    def _part(self, number: int, count: int) -> Part:
        drawn = np.random.default_rng(number)
        ring = np.arange(count) % self.classes
        radius = 1.0 + ring + self.noise * drawn.standard_normal(count)
        angle = drawn.uniform(0.0, 2.0 * np.pi, count)
        points = np.stack((radius * np.cos(angle), radius * np.sin(angle)), 1)
        return Part({"point": points.astype(np.float32)}, {"ring": ring})
