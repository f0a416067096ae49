"""Which form a text is in: its name says it, and where it has none, its first word."""

import re

from exnet.language.rules import OTHER_FORM
from exnet.language.yaml_file import FILE_KEYS, is_yaml
from exnet.source import Diagnostic, Source, Span

BEFORE = re.compile(r"(?:\s+|#[^\n]*)*")
LOOKS_YAML = re.compile(
    rf"(?:---|%YAML)(?=\s)|\{{\s*[\"']?exnet|(?P<quote>[\"']?)(?:{'|'.join(FILE_KEYS)})(?P=quote)[ \t]*:(?=\s)"
)
LOOKS_EXN = re.compile(r"exnet[ \t]+[A-Za-z_]\w*(?![ \t]*:)\b")


def in_yaml(source: Source) -> bool:
    """Whether a source is read in the YAML form. Names such as `<stdin>` stand for no file: there the text says it."""
    unnamed = source.name.startswith("<") and source.name.endswith(">")
    return is_yaml(source.name) or (unnamed and _begins(LOOKS_YAML, source) is not None)


def other_form(source: Source, yaml: bool) -> Diagnostic | None:
    """What to say about a text that begins as only the other form does."""
    place = _begins(LOOKS_EXN if yaml else LOOKS_YAML, source)
    if place is None:
        return None
    found, ending = ("the `.exn` form", "*.exn") if yaml else ("the YAML form", "*.exn.yaml")
    message = f"this text is in {found}, and its name `{source.name}` says otherwise"
    return OTHER_FORM.at(place, message, help=f"name it `{ending}`")


def _begins(pattern: re.Pattern[str], source: Source) -> Span | None:
    """The first word behind comments and empty lines, if a pattern finds it there."""
    before = BEFORE.match(source.text)
    match = pattern.match(source.text, before.end() if before else 0)
    return Span(source, match.start(), match.end()) if match else None
