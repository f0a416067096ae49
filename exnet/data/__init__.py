"""Data sets and tasks, and how their arrays are laid onto the leaves of a spec. Free of torch."""

from exnet.data.mapping import Fitted, Scale, fit
from exnet.data.model import Data, Dataset, Generator, Part
from exnet.data.source import REGISTRY, load, parse

__all__ = ["REGISTRY", "Data", "Dataset", "Fitted", "Generator", "Part", "Scale", "fit", "load", "parse"]
