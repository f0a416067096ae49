"""Fixed splits: functions of what they are for, of the order of the instances and of their classes. No seed enters."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from exnet.data.model import Array, Part
from exnet.data.rules import BAD_SPLIT
from exnet.graph.randomness import bits
from exnet.source import ExnetError

SPLIT_SEED = 0
"""A split is the same in every run, whatever the seed of the run."""


def stratified(labels: Array, share: float, purpose: str) -> NDArray[np.bool_]:
    """Which instances a fixed split holds back: `share` of each class, rounded, by random order."""
    order = bits(SPLIT_SEED, purpose, np.arange(len(labels)))
    held = np.zeros(len(labels), dtype=np.bool_)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        held[rows[np.argsort(order[rows], kind="stable")[: round(share * len(rows))]]] = True
    return held


def split(part: Part, classes: Mapping[str, int], share: float, purpose: str, option: str) -> tuple[Part, Part]:
    """The part without `share` of it, and that share; alike in each class where there is one target of classes.

    Raises:
        ExnetError: EXN651 if `share` is not between 0 and 1, or leaves one side empty. It names `option`.
    """
    if not 0 < share < 1:
        message = f"`{option}: {share}` is no share of the instances"
        raise ExnetError(BAD_SPLIT.at(None, message, help=f"write a number between 0 and 1, such as `{option}: 0.2`"))
    targets = [array for name, array in part.targets.items() if name in classes]
    strata = targets[0].reshape(-1) if len(part.targets) == len(targets) == 1 else np.zeros(len(part), np.int64)
    held = stratified(strata, share, purpose)
    if held.all() or not held.any():
        count = f"{len(part):,} instances" + (f" of {len(np.unique(strata)):,} classes" if targets else "")
        message = f"`{option}: {share}` leaves {'none' if held.all() else 'all'} of {count} for training"
        raise ExnetError(BAD_SPLIT.at(None, message, help="take another share, or give more instances"))
    return part.take(~held), part.take(held)
