"""The meaning of a file: declarations, options, types, and the registry of what they can name. Free of torch."""

from exnet.spec.analyse import analyse, analyse_source
from exnet.spec.library import STANDARD
from exnet.spec.model import COMPONENTS, Components, Input, InputType, Mode, Output, OutputType, Spec
from exnet.spec.parse import parse

__all__ = [
    "COMPONENTS",
    "STANDARD",
    "Components",
    "Input",
    "InputType",
    "Mode",
    "Output",
    "OutputType",
    "Spec",
    "analyse",
    "analyse_source",
    "parse",
]
