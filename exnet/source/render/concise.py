"""One line for each diagnostic: `path:line:column: error[CODE] name: message`."""

from collections.abc import Iterable

from exnet.source.diagnostic import Diagnostic
from exnet.source.render.visible import visible


def render_concise(diagnostics: Iterable[Diagnostic]) -> str:
    """The lines, each with its line end."""
    return "".join(visible(d.concise) + "\n" for d in diagnostics)
