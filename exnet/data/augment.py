"""Training images changed at random: shifted by some pixels, mirrored.

    out[i, j] = image[i + dy, j + dx], zeros outside;  dy, dx uniform in -shift..=shift;  mirrored with chance 1/2

What happens to an instance is a function of (seed, step, instance) and of nothing else.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exnet.data.model import Array, Part
from exnet.data.rules import BAD_AUGMENT
from exnet.graph.randomness import uniform
from exnet.source import ExnetError


@dataclass(frozen=True, slots=True)
class Augment:
    """Changes of the images of a data set.

    Args:
        shift: up to so many pixels up or down, and to the left or right.
        flip: left and right are exchanged in half of the instances.
    """

    shift: int = 0
    flip: bool = False

    def apply(self, part: Part, seed: int, step: int, instances: NDArray[np.int64]) -> Part:
        """The inputs of a batch, changed; all images of one instance alike. Inputs that are no images stay."""
        rows, columns = (self._offsets(seed, name, step, instances) for name in ("rows", "columns"))
        mirrored = (uniform(seed, "augment/flip", step, instances) < 0.5) & self.flip
        changed = {name: self._move(array, rows, columns, mirrored) for name, array in part.inputs.items()}
        return Part(changed, part.targets)

    def check(self, part: Part, name: str) -> None:
        """Refuses data without images, and shifts that leave nothing of one.

        Raises:
            ExnetError: EXN655.
        """
        images = [array.shape[1:3] for array in part.inputs.values() if is_image(array)]
        if not images:
            message = f"`{name}` has no images to shift or flip"
            raise ExnetError(BAD_AUGMENT.at(None, message, help="leave out `shift` and `flip`"))
        least = min(map(min, images))
        if not 0 <= self.shift < least:
            message = f"`shift: {self.shift}` does not fit images of {images[0][0]} x {images[0][1]}"
            raise ExnetError(BAD_AUGMENT.at(None, message, help=f"write a number in 0..{least}, such as `shift: 2`"))

    def _offsets(self, seed: int, name: str, step: int, instances: NDArray[np.int64]) -> NDArray[np.int64]:
        drawn = uniform(seed, f"augment/{name}", step, instances)
        return (drawn * (2 * self.shift + 1)).astype(np.int64) - self.shift

    def _move(self, images: Array, dy: NDArray[np.int64], dx: NDArray[np.int64], mirrored: NDArray[np.bool_]) -> Array:
        if not is_image(images):
            return images
        border, (height, width) = self.shift, images.shape[1:3]
        padded = np.pad(images, ((0, 0), (border, border), (border, border), *((0, 0),) * (images.ndim - 3)))
        i = np.arange(height)[None, :] + dy[:, None] + border
        j = np.arange(width)[None, :] + dx[:, None] + border
        j = np.where(mirrored[:, None], j[:, ::-1], j)
        return padded[np.arange(len(images))[:, None, None], i[:, :, None], j[:, None, :]]


def is_image(array: Array) -> bool:
    """Whether an array is [N, h, w] or [N, h, w, channels]."""
    return array.ndim in (3, 4)
