"""Nets as files: checkpoints, run folders, and the way back. Importing this loads no torch."""

from os import PathLike
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exnet.passing.net import ExtractionNet


def load(path: str | PathLike[str]) -> "ExtractionNet":
    """The net of a folder that `exnet compile -o` or `exnet train` wrote, without compiling again.

    A run folder gives the parameters of its checkpoint, a compiled folder the initial ones of seed 0.

    Raises:
        ExnetError: EXN751 to EXN753 for checkpoints, EXN70x for plans.
    """
    from exnet.export.loading import load_net

    return load_net(path).net
