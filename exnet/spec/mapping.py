"""A spec as nested mappings, the structure of its YAML form: written as YAML text, then read as such.

    {"exnet": "t", "input": {"x": {"shape": [4], "type": "real[2]"}}, "output": {"y": "class[3]"}, "root": "tree(x)"}

Heads, right sides, domains and keys are strings of the language; the frame around them is mappings and lists.
"""

import json
from collections.abc import Mapping, Sequence
from math import isfinite
from numbers import Integral, Real
from typing import Any

from exnet.language.rules import LONG_TEXT, NESTING, WRONG_VALUE
from exnet.language.yaml_file import parse_yaml
from exnet.language.yaml_rows import Entry, Group, text_of
from exnet.language.yaml_text import OTHERS, PLAIN
from exnet.language.yaml_tree import DEEPEST, LARGEST, STRANGE
from exnet.source import Diagnostic, Outcome, Source
from exnet.spec.analysis import analyse
from exnet.spec.model import Spec

TALL = ("equations", "block")
DIGITS = 64


def from_mapping(
    mapping: Mapping[str, Any], name: str = "<dict>", overrides: Mapping[str, int | bool] | None = None
) -> Outcome[Spec]:
    """The spec that a mapping means. Messages show the place in the YAML text that says the same.

    Args:
        mapping: strings, numbers, booleans, lists and mappings.
        name: what messages call it.
        overrides: values of params, as `--set` gives them.
    """
    written = mapping_text(mapping)
    if written.value is None:
        return Outcome(None, written.diagnostics)
    source = Source(name, written.value)
    parsed = parse_yaml(source)
    if parsed.value is None:
        return Outcome(None, parsed.diagnostics)
    outcome = analyse(parsed.value, source, overrides)
    return Outcome(outcome.value, (*parsed.diagnostics, *outcome.diagnostics))


def mapping_text(mapping: object) -> Outcome[str]:
    """A value as YAML text, or what in it has no YAML form. Nothing is said about its structure."""
    writer = _Writer()
    written = writer.value(mapping, "", 0)
    if writer.said:
        return Outcome(None, tuple(writer.said))
    if isinstance(written, Group):
        if not written.entries:
            return Outcome("{}\n" if isinstance(mapping, Mapping) else "[]\n")
        written.tall = True
        return Outcome(text_of(written, []))
    return Outcome(f"{written}\n")


class _Writer:
    """Writes values; those that YAML has no form for gather in `said`."""

    def __init__(self) -> None:
        self.said: list[Diagnostic] = []
        self._count = 0
        self._stopped = False

    def value(self, value: object, path: str, depth: int) -> str | Group:
        self._count += 1
        if self._stopped or self._count > LARGEST or depth > DEEPEST:
            return self.stop(depth)
        if isinstance(value, Mapping):
            return self.table(value, path, depth)
        if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
            items = list[Entry]()
            for i, item in enumerate(value):
                items.append(Entry("", self.value(item, f"{path}[{i}]", depth + 1)))
                if self._stopped:
                    break
            return Group(items, listed=True)
        return self.scalar(value, path)

    def stop(self, depth: int) -> str:
        """Says once that a value is too large to be written; nothing more is."""
        if not self._stopped:
            deep, way_out = depth > DEEPEST, "no part of a spec needs that"
            many = f"this mapping holds more than {LARGEST:,} strings, lists and mappings"
            message = f"lists and mappings are nested more than {DEEPEST} deep" if deep else many
            self.said.append((NESTING if deep else LONG_TEXT).at(None, message, help=way_out))
        self._stopped = True
        return ""

    def table(self, value: Mapping[Any, Any], path: str, depth: int) -> Group:
        entries = list[Entry]()
        for key, inner in value.items():
            here = f"{path}.{key}" if path else str(key)
            entry = Entry(text(str(key)), self.value(inner, here, depth + 1))
            if isinstance(entry.value, Group) and key in TALL:
                entry.value.tall = bool(entry.value.entries)
            entries.append(entry)
            if self._stopped:
                break
        return Group(entries)

    def scalar(self, value: object, path: str) -> str:
        match value:
            case None:
                return "null"
            case bool():
                return "true" if value else "false"
            case Integral() if abs(int(value)) < 10**DIGITS:
                return str(int(value))
            case Integral():
                return self.wrong(path, f"an integer of at most {DIGITS} digits", "a larger one")
            case Real() if isfinite(value):
                return repr(float(value))
            case Real():
                return self.wrong(path, "a finite number", f"`{value}`")
            case str():
                return text(value)
            case _:
                return self.wrong(path, "a string, a number, a list or a mapping", f"`{type(value).__name__}`")

    def wrong(self, path: str, wanted: str, found: str) -> str:
        way_out = f"write {wanted}"
        self.said.append(WRONG_VALUE.at(None, f"`{path or 'the spec'}` wants {wanted}, not {found}", help=way_out))
        return ""


def text(value: str) -> str:
    """A string as YAML: as it is if it is one name or number, else in quotes, with escapes only if it must be."""
    if PLAIN.fullmatch(value) and value.lower() not in OTHERS:
        return value
    if STRANGE.search(value) or "\n" in value:
        return json.dumps(value)
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    return f"'{value}'" if "'" not in value else json.dumps(value)
