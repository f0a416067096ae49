"""The stages of the front end in a row, for the sake of what they say."""

from collections.abc import Mapping

from exnet.graph import elaborate
from exnet.language import parse_file, syntax
from exnet.lint.library import completed, is_library, without_unused
from exnet.source import Diagnostic, Source
from exnet.spec import analyse


def lint_source(source: Source, overrides: Mapping[str, int | bool] | None = None) -> tuple[Diagnostic, ...]:
    """Everything that the stages say about a source: text -> syntax tree -> spec -> graph -> plan, as far as they get.

    A file of blocks and imports alone is a library: it needs no input, output and root.
    """
    parsed = parse_file(source)
    if parsed.value is None:
        return parsed.diagnostics
    if is_library(parsed.value):
        return (*parsed.diagnostics, *without_unused(_stages(completed(parsed.value), source, overrides)))
    return (*parsed.diagnostics, *_stages(parsed.value, source, overrides))


def _stages(file: syntax.File, source: Source, overrides: Mapping[str, int | bool] | None) -> tuple[Diagnostic, ...]:
    spec = analyse(file, source, overrides)
    if spec.value is None:
        return spec.diagnostics
    graph = elaborate(spec.value)
    if graph.value is None:
        return (*spec.diagnostics, *graph.diagnostics)
    from exnet.plan.make import refusals

    return (*spec.diagnostics, *graph.diagnostics, *refusals(spec.value, graph.value))
