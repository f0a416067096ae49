"""Diagnostics for scripts. The form is described in docs/diagnostics.md; `version` counts its breaking changes."""

import json
from collections.abc import Iterable
from typing import TypeAlias

from exnet.source.diagnostic import Diagnostic, Severity
from exnet.source.text import Position, Span

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
VERSION = 1


def render_json(diagnostics: Iterable[Diagnostic]) -> str:
    """A JSON object with all diagnostics and their number."""
    found = list(diagnostics)
    document: Json = {
        "version": VERSION,
        "errors": sum(d.severity is Severity.ERROR for d in found),
        "warnings": sum(d.severity is Severity.WARNING for d in found),
        "diagnostics": [diagnostic_json(d) for d in found],
    }
    return json.dumps(document, indent=2) + "\n"


def diagnostic_json(d: Diagnostic) -> Json:
    """One diagnostic as a JSON object."""
    return {
        "code": d.code,
        "name": d.name,
        "severity": d.severity.value,
        "message": d.message,
        "place": span_json(d.span) if d.span else None,
        "label": d.label,
        "labels": [{"place": span_json(label.span), "text": label.text} for label in d.labels],
        "help": d.help,
        "notes": list(d.notes),
        "fix": {"place": span_json(d.fix.span), "text": d.fix.text, "safe": d.fix.safe} if d.fix else None,
    }


def span_json(span: Span) -> Json:
    """A place: its file, and where it starts and ends (`end` is just after the last character)."""
    return {"file": span.source.name, "start": position_json(span.first), "end": position_json(span.last)}


def position_json(position: Position) -> Json:
    """A line and a column, both from 1."""
    return {"line": position.line, "column": position.column}
