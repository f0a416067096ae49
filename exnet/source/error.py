"""The one exception that a user of exnet meets."""

from exnet.source.diagnostic import Diagnostic
from exnet.source.text import Span


class ExnetError(Exception):
    """One or more diagnostics, raised. The first error leads.

    Attributes:
        diagnostics: all of them, in the order of their places.
        code: the code of the first error, such as `EXN104`.
        name: its kebab-case name.
        span: its place, or None.
        hint: its help line, or the empty string.
    """

    def __init__(self, *diagnostics: Diagnostic) -> None:
        errors = [d for d in diagnostics if d.is_error] or list(diagnostics)
        if not errors:
            raise ValueError("an ExnetError needs a diagnostic")
        self.diagnostics: tuple[Diagnostic, ...] = diagnostics
        first = errors[0]
        self.code: str = first.code
        self.name: str = first.name
        self.span: Span | None = first.span
        self.hint: str = first.help
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        super().__init__(first.concise + more)

    def __reduce__(self) -> "tuple[type[ExnetError], tuple[Diagnostic, ...]]":
        return type(self), self.diagnostics  # so that it survives the way out of a worker process

    def __str__(self) -> str:
        from exnet.source.render.text import render_text  # only needed when somebody looks

        return "\n" + render_text(self.diagnostics, color=False)
