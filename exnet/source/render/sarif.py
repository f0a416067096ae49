"""Diagnostics for code scanners: SARIF 2.1.0. Paths are relative to the folder where exnet runs."""

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from exnet.source.diagnostic import Diagnostic, Fix, Label, Severity
from exnet.source.render.json import Json
from exnet.source.rule import Rule
from exnet.source.text import Span

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
BASE = "START"


def render_sarif(diagnostics: Iterable[Diagnostic], rules: Sequence[Rule] = (), version: str = "0") -> str:
    """A SARIF log with one run. Rules that `rules` does not know are described by their own diagnostics."""
    found = list(diagnostics)
    described = describe(found, rules)
    index = {code: i for i, code in enumerate(described)}
    driver: Json = {
        "name": "exnet",
        "semanticVersion": version,
        "rules": list(described.values()),
    }
    run: Json = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {BASE: {"description": {"text": "the folder in which exnet was started"}}},
        "results": [result(d, index[d.code]) for d in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def describe(found: Sequence[Diagnostic], rules: Sequence[Rule]) -> dict[str, Json]:
    """The reporting descriptor of each rule, known ones first, by code."""
    described = dict[str, Json]()
    for rule in rules:
        described[rule.code] = descriptor(rule.code, rule.name, rule.summary, rule.why, rule.severity)
    for d in found:
        described.setdefault(d.code, descriptor(d.code, d.name, d.message, "", d.severity))
    return described


def descriptor(code: str, name: str, summary: str, why: str, severity: Severity) -> Json:
    """A rule as SARIF knows it."""
    return {
        "id": code,
        "name": name,
        "shortDescription": {"text": summary or name},
        "fullDescription": {"text": why or summary or name},
        "defaultConfiguration": {"level": LEVELS[severity]},
        "help": {"text": f"exnet explain {code}"},
    }


def result(d: Diagnostic, index: int) -> Json:
    """One diagnostic."""
    text = d.message + (f"\nhelp: {d.help}" if d.help else "")
    found: dict[str, Json] = {
        "ruleId": d.code,
        "ruleIndex": index,
        "level": LEVELS[d.severity],
        "message": {"text": text},
    }
    if d.span:
        found["locations"] = [{"physicalLocation": place(d.span)}]
    if d.labels:
        found["relatedLocations"] = [related(label, i) for i, label in enumerate(d.labels)]
    if d.fix:
        found["fixes"] = [fix_json(d.fix, d.help)]
    return found


def related(label: Label, number: int) -> Json:
    """A second place with its text."""
    return {"id": number, "message": {"text": label.text or "here"}, "physicalLocation": place(label.span)}


def place(span: Span) -> Json:
    """A file and a region of it."""
    return {"artifactLocation": artifact(span.source.name), "region": region(span)}


def region(span: Span) -> Json:
    """Lines and columns from 1; `endColumn` is just after the last character."""
    (line, column), (end_line, end_column) = span.first, span.last
    return {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}


def artifact(name: str) -> Json:
    """A file by a path relative to the start, or by its full address if it lies elsewhere."""
    if os.path.isabs(name):
        try:
            name = str(Path(name).relative_to(Path.cwd()))
        except ValueError:
            return {"uri": Path(name).as_uri()}
    return {"uri": quote(os.path.normpath(name).replace(os.sep, "/")), "uriBaseId": BASE}


def fix_json(fix: Fix, help: str) -> Json:
    """An edit as SARIF knows it."""
    replacement: Json = {"deletedRegion": region(fix.span), "insertedContent": {"text": fix.text}}
    change: Json = {"artifactLocation": artifact(fix.span.source.name), "replacements": [replacement]}
    return {"description": {"text": help or "put it right"}, "artifactChanges": [change]}
