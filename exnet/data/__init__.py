"""Data sets and tasks, and how their arrays are laid onto the leaves of a spec. Free of torch."""

from exnet.data.codes import Codes
from exnet.data.describe import Description, describe
from exnet.data.given import of
from exnet.data.mapping import Fitted, class_weights, fit, fit_inputs
from exnet.data.model import Data, Dataset, Generator, Part
from exnet.data.scale import Scale, unscale
from exnet.data.source import REGISTRY, load, load_rows, parse

__all__ = [
    "REGISTRY",
    "Codes",
    "Data",
    "Dataset",
    "Description",
    "Fitted",
    "Generator",
    "Part",
    "Scale",
    "class_weights",
    "describe",
    "fit",
    "fit_inputs",
    "load",
    "load_rows",
    "of",
    "parse",
    "unscale",
]
