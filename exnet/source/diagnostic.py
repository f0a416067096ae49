"""A message about a source, as a value. Checks make it; renderers draw it."""

from dataclasses import dataclass
from enum import Enum

from exnet.source.text import Span


class Severity(Enum):
    """How much a diagnostic weighs. An error stops the compiler, a warning makes `exnet lint` exit with 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that matters, and what to say about it."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """One edit: replace `span` by `text`. A safe one never changes the meaning that was intended."""

    span: Span
    text: str
    safe: bool = True


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message: what is wrong, where, why, and the way out. Built by `Rule.at`."""

    code: str
    name: str
    severity: Severity
    message: str
    span: Span | None
    label: str = ""
    labels: tuple[Label, ...] = ()
    help: str = ""
    notes: tuple[str, ...] = ()
    fix: Fix | None = None

    @property
    def is_error(self) -> bool:
        """Whether it stops the compiler."""
        return self.severity is Severity.ERROR

    @property
    def is_limit(self) -> bool:
        """Whether a resource limit was reached (exit code 3)."""
        return self.code.startswith("EXN9")

    @property
    def concise(self) -> str:
        """The message on one line, with its place first."""
        place = ""
        if self.span is not None:
            line, column = self.span.first
            place = f"{self.span.source.name}:{line}:{column}: "
        return f"{place}{self.severity.value}[{self.code}] {self.name}: {self.message}"
