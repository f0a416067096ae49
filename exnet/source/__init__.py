"""Text, places in it, and what is said about them: spans, diagnostics and their renderers. Free of torch."""

from exnet.source.diagnostic import Diagnostic, Fix, Label, Severity
from exnet.source.error import ExnetError
from exnet.source.names import nearest
from exnet.source.outcome import Outcome
from exnet.source.rule import Rule
from exnet.source.text import Position, Source, Span

__all__ = [
    "Diagnostic",
    "ExnetError",
    "Fix",
    "Label",
    "Outcome",
    "Position",
    "Rule",
    "Severity",
    "Source",
    "Span",
    "nearest",
]
