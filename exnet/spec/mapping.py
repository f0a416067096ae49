"""A spec as nested mappings, the structure of its YAML form: written as text, then read as text.

    {"exnet": "t", "input": {"x": {"shape": [4], "type": "real[2]"}}, "output": {"y": "class[3]"}, "root": "tree(x)"}

Heads, right sides, domains and keys are strings of the language; the frame around them is mappings and lists.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

from exnet.language import parse_file
from exnet.language.rules import MISSING_KEY, UNKNOWN_KEY, WRONG_VALUE
from exnet.source import Diagnostic, Outcome, Source
from exnet.spec.analysis import analyse
from exnet.spec.model import COMPONENTS, Spec
from exnet.spec.wording import listed, suggestion


def from_mapping(
    mapping: Mapping[str, Any], name: str = "<dict>", overrides: Mapping[str, int | bool] | None = None
) -> Outcome[Spec]:
    """The spec that a mapping means. Messages about its structure name the key; all others show the line of text.

    Args:
        mapping: strings, numbers, booleans, lists and mappings.
        name: what messages call it.
        overrides: values of params, as `--set` gives them.
    """
    writer = _Writer()
    writer.file(mapping)
    if writer.said:
        return Outcome(None, tuple(writer.said))
    source = Source(name, "\n".join(writer.lines) + "\n")
    parsed = parse_file(source)
    if parsed.value is None:
        return Outcome(None, parsed.diagnostics)
    starts = [s.span.first.line for s in parsed.value.statements]
    extra = sorted(set(writer.starts) ^ set(starts)) or sorted(n for n in set(starts) if starts.count(n) > 1)
    if extra:
        message = f"a value holds more than one statement: `{source.line(extra[0]).strip()}`"
        return Outcome(None, (WRONG_VALUE.at(None, message, help="give every statement a key of its own"),))
    outcome = analyse(parsed.value, source, overrides)
    return Outcome(outcome.value, (*parsed.diagnostics, *outcome.diagnostics))


_NAME = re.compile(r"[A-Za-z_][A-Za-z_0-9]*\Z")
_FILE = (
    *("exnet", "edition", "import", "const", "param", "input", "output", "space", "net", "tokenise", "default"),
    *("mode", "learn", "equations", "root", "block"),
)
_CLAUSES = ("share", "per", "with")


class _Writer:
    """Writes statements; what is wrong with the structure gathers in `said`."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.starts: list[int] = []
        self.said: list[Diagnostic] = []

    def file(self, mapping: object) -> None:
        found = self.keys(mapping, "", _FILE, needed=("exnet",))
        edition = f" edition {self.scalar(found['edition'], 'edition')}" if "edition" in found else ""
        self.lines.append(f"exnet {self.word(found.get('exnet', 'missing'), 'exnet')}{edition}")
        writers: Mapping[str, Callable[[Any], None]] = {
            "import": self.imports,
            "const": lambda value: self.settings("const", value),
            "param": lambda value: self.settings("param", value),
            "input": self.inputs,
            "output": self.outputs,
            "space": lambda value: self.settings("space", value),
            "net": lambda value: self.each("net", value, " = "),
            "tokenise": lambda value: self.each("tokenise", value, " with "),
            "default": lambda value: self.add(f"default vertex {self.arguments(value, 'default')}"),
            "equations": lambda value: self.equations(value, "equations", self.add),
            "root": self.root,
            "mode": lambda value: self.add(f"mode {self.value(value, 'mode')}"),
            "learn": lambda value: self.add(f"learn {self.value(value, 'learn')}"),
            "block": self.blocks,
        }
        for key, write in writers.items():
            if key in found:
                write(found[key])

    def add(self, line: str) -> None:
        self.starts.append(len(self.lines) + 1)
        self.lines.append(line)

    # Statements

    def imports(self, value: object) -> None:
        for i, path in enumerate(self.items(value, "import", bare=True)):
            self.add(f'import "{self.text(path, f"import[{i}]")}"')

    def settings(self, keyword: str, value: object) -> None:
        for name, inner in self.table(value, keyword).items():
            self.add(f"{keyword} {name} = {self.value(inner, f'{keyword}.{name}')}")

    def each(self, keyword: str, value: object, between: str) -> None:
        for name, inner in self.table(value, keyword).items():
            self.add(f"{keyword} {name}{between}{self.value(inner, f'{keyword}.{name}')}")

    def inputs(self, value: object) -> None:
        for name, inner in self.table(value, "input").items():
            path = f"input.{name}"
            if isinstance(inner, str):
                inner = {"type": inner}
            found = self.keys(inner, path, ("shape", "type"), needed=("type",))
            shape = self.items(found.get("shape", []), f"{path}.shape", bare=True)
            dims = ", ".join(self.scalar(size, f"{path}.shape") for size in shape)
            self.add(f"input {name}{f'[{dims}]' if dims else ''} : {self.text(found.get('type', ''), f'{path}.type')}")

    def outputs(self, value: object) -> None:
        for name, inner in self.table(value, "output").items():
            if isinstance(inner, Mapping):
                inner = self.keys(inner, f"output.{name}", ("type",), needed=("type",)).get("type", "")
            self.add(f"output {name} : {self.text(inner, f'output.{name}')}")

    def root(self, value: object) -> None:
        found = {"is": value} if isinstance(value, str) else self.keys(value, "root", ("is", *_CLAUSES), needed=("is",))
        self.add(f"root {self.text(found.get('is', ''), 'root')}{self.clauses(found, 'root')}")

    def equations(self, value: object, path: str, add: Callable[[str], None]) -> None:
        for i, item in enumerate(self.items(value, path)):
            here = f"{path}[{i}]"
            found = self.keys(item, here, ("let", "vertex", "is", *_CLAUSES), needed=("is",))
            kinds = [kind for kind in ("let", "vertex") if kind in found]
            if len(kinds) != 1:
                message = f"`{here}` needs one of the keys `let` and `vertex`, with the head"
                self.said.append(MISSING_KEY.at(None, message))
                continue
            head, right = self.text(found[kinds[0]], f"{here}.{kinds[0]}"), self.text(found.get("is", ""), f"{here}.is")
            add(f"{kinds[0]} {head} = {right}{self.clauses(found, here)}")

    def blocks(self, value: object) -> None:
        for name, inner in self.table(value, "block").items():
            path = f"block.{name}"
            found = self.keys(inner, path, ("formals", "equations", "yield"), needed=("yield",))
            formals = self.items(found.get("formals", []), f"{path}.formals", bare=True)
            self.add(f"block {name}({', '.join(self.text(f, f'{path}.formals') for f in formals)}) {{")
            self.equations(found.get("equations", []), f"{path}.equations", lambda line: self.lines.append(f"  {line}"))
            self.lines += [f"  yield {self.text(found.get('yield', ''), f'{path}.yield')}", "}"]

    # Clauses

    def clauses(self, found: Mapping[str, Any], path: str) -> str:
        parts = list[str]()
        if "share" in found:
            parts.append(f"share {self.share(found['share'], f'{path}.share')}")
        if "per" in found:
            parts.append(f"per {self.names(found['per'], f'{path}.per')}")
        if "with" in found:
            parts.append(f"with {self.arguments(found['with'], f'{path}.with')}")
        return "".join(f" {part}" for part in parts)

    def share(self, value: object, path: str) -> str:
        if isinstance(value, str):
            return self.text(value, path)
        found = self.keys(value, path, ("by", "over", *COMPONENTS, "as"))
        items = [self.share_item(found, path)] if {"by", "over"} & set(found) else []
        for component in COMPONENTS:
            if component in found:
                inner, here = found[component], f"{path}.{component}"
                item = self.text(inner, here) if isinstance(inner, str) else None
                items.append(f"{component} {item or self.share_item(self.keys(inner, here, ('by', 'over')), here)}")
        if not items and "as" not in found:
            return self.wrong(path, "a key, `all` or `none`", value)
        return ", ".join(items) + (f" as {self.word(found['as'], f'{path}.as')}" if "as" in found else "")

    def share_item(self, found: Mapping[str, Any], path: str) -> str:
        if len(found) != 1 and {"by", "over"} <= set(found):
            self.wrong(path, "either `by` or `over`", dict(found))
        if "over" in found:
            return f"over {self.names(found['over'], f'{path}.over')}"
        keys = [self.scalar(key, f"{path}.by") for key in self.items(found.get("by", []), f"{path}.by", bare=True)]
        return f"by ({', '.join(keys)})" if len(keys) > 1 else f"by {''.join(keys)}"

    def names(self, value: object, path: str) -> str:
        names = [self.word(item, path) for item in self.items(value, path, bare=True)]
        return f"({', '.join(names)})" if len(names) > 1 else "".join(names)

    def arguments(self, value: object, path: str) -> str:
        inside = (f"{name}: {self.value(inner, f'{path}.{name}')}" for name, inner in self.table(value, path).items())
        return f"({', '.join(inside)})"

    # Values

    def value(self, value: object, path: str) -> str:
        """An option: `f(a: 1)` is `{f: {a: 1}}`, a list is a list, all else is one scalar."""
        if isinstance(value, Mapping):
            if len(value) != 1:
                return self.wrong(path, "one name with its options, `{name: {option: value}}`", value)
            ((name, options),) = self.table(value, path).items() or (("", None),)
            return name if options is None or options == {} else name + self.arguments(options, f"{path}.{name}")
        if isinstance(value, Sequence) and not isinstance(value, str):
            return f"[{', '.join(self.value(item, f'{path}[{i}]') for i, item in enumerate(value))}]"
        return self.scalar(value, path)

    def scalar(self, value: object, path: str) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return (
                str(value)
                if abs(value) < 10**64
                else self.wrong(path, "an integer of at most 64 digits", "a larger one")
            )
        if isinstance(value, float):
            return repr(value) if isfinite(value) else self.wrong(path, "a finite number", value)
        return self.text(value, path)

    def text(self, value: object, path: str) -> str:
        """A string of the language, on one line."""
        if not isinstance(value, str):
            return self.wrong(path, "a string of the language", value)
        bad = next((c for c in value if c in '\n\r"#'), None)
        return value if bad is None else self.wrong(path, "a string on one line, without comment or quotes", value)

    def word(self, value: object, path: str) -> str:
        if isinstance(value, str) and _NAME.match(value):
            return value
        return self.wrong(path, "a name", value)

    def table(self, value: object, path: str) -> dict[str, Any]:
        """A mapping from names."""
        if not isinstance(value, Mapping):
            self.wrong(path, "a mapping", value)
            return {}
        return {self.word(key, path): inner for key, inner in value.items()}

    def items(self, value: object, path: str, *, bare: bool = False) -> list[Any]:
        """A list; with `bare`, one scalar stands for a list of one."""
        if isinstance(value, Sequence) and not isinstance(value, str):
            return list(value)
        if bare and isinstance(value, str | int):
            return [value]
        self.wrong(path, "a list", value)
        return []

    def keys(self, value: object, path: str, known: Sequence[str], needed: Sequence[str] = ()) -> dict[str, Any]:
        """A mapping with known keys. Unknown ones are reported and left out, missing ones reported."""
        if not isinstance(value, Mapping):
            self.wrong(path or "the spec", "a mapping", value)
            return {}
        for key in value:
            if key not in known:
                way_out = suggestion(str(key), known, f"keys are {listed(known)}")
                self.said.append(UNKNOWN_KEY.at(None, f"`{_join(path, str(key))}` is no key of a spec", help=way_out))
        for key in needed:
            if key not in value:
                self.said.append(MISSING_KEY.at(None, f"the key `{_join(path, key)}` is missing"))
        return {key: value[key] for key in value if key in known}

    def wrong(self, path: str, wanted: str, value: object) -> str:
        shown = repr(value)
        shown = shown if len(shown) <= 60 else shown[:57] + "..."
        self.said.append(WRONG_VALUE.at(None, f"`{path}` wants {wanted}; `{shown}` is not"))
        return ""


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
