"""Diagnostics as workflow commands, which GitHub shows beside the changed lines."""

from collections.abc import Iterable

from exnet.source.diagnostic import Diagnostic, Severity

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """One command on one line for each diagnostic."""
    return "".join(command(d) + "\n" for d in diagnostics)


def command(d: Diagnostic) -> str:
    """`::error file=...,line=...,title=...::message`."""
    properties = {"title": f"{d.code} {d.name}"}
    if d.span:
        first, last = d.span.first, d.span.last
        properties = {"file": d.span.source.name, "line": str(first.line), "col": str(first.column)} | properties
        if last.line == first.line:
            properties["endColumn"] = str(max(last.column - 1, first.column))
    text = d.message + (f"\nhelp: {d.help}" if d.help else "")
    joined = ",".join(f"{key}={escape_property(value)}" for key, value in properties.items())
    return f"::{LEVELS[d.severity]} {joined}::{escape(text)}"


def escape(text: str) -> str:
    """What the command format asks for in messages."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """What the command format asks for in properties."""
    return escape(text).replace(":", "%3A").replace(",", "%2C")
