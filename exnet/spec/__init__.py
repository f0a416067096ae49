"""The meaning of a file: declarations, options, types, and the registry of what they can name. Free of torch."""

from exnet.spec.analysis import analyse, analyse_source
from exnet.spec.library import STANDARD
from exnet.spec.mapping import from_mapping
from exnet.spec.model import COMPONENTS, Components, Input, InputType, Mode, Output, OutputType, Spec
from exnet.spec.parsing import parse

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
    "from_mapping",
    "parse",
]
