"""The stages of the front end in a row, for the sake of what they say."""

from collections.abc import Mapping

from exnet.graph import elaborate
from exnet.language import parse_file
from exnet.source import Diagnostic, Source
from exnet.spec import analyse


def lint_source(source: Source, overrides: Mapping[str, int | bool] | None = None) -> tuple[Diagnostic, ...]:
    """Everything that the stages say about a source: text -> syntax tree -> spec -> graph, as far as they get."""
    file = parse_file(source)
    if file.value is None:
        return file.diagnostics
    spec = analyse(file.value, source, overrides)
    if spec.value is None:
        return (*file.diagnostics, *spec.diagnostics)
    graph = elaborate(spec.value)
    return (*file.diagnostics, *spec.diagnostics, *graph.diagnostics)
