"""A compiled net as a folder: spec.exn, plan.json and plan.safetensors. No pickle; the same bytes from run to run."""

import json
import os
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path
from typing import Any

from exnet.graph.model import Classes, Equation
from exnet.plan import rules
from exnet.plan.arrays import arrays_of, equation_columns
from exnet.plan.cost import parameter_count
from exnet.plan.model import Plan, Stack
from exnet.source import ExnetError, Source, Span
from exnet.source.writing import write_whole
from exnet.spec.canonical import canonical_text
from exnet.spec.model import COMPONENTS, Spec

FORMAT, VERSION = "exnet-plan", 2
SPEC, PLAN, ARRAYS = "spec.exn", "plan.json", "plan.safetensors"


def save_plan(folder: str | PathLike[str], spec: Spec, plan: Plan) -> None:
    """Writes the three files of a compiled net; `load_plan` reads them. Each appears whole or not at all.

    Raises:
        ExnetError: a file cannot be written.
    """
    from safetensors.numpy import save  # 0.1 s, and only needed here

    text = canonical_text(spec).encode()
    arrays = save(arrays_of(plan))
    description = describe(spec, plan, {SPEC: digest(text), ARRAYS: digest(arrays)})
    home = Path(folder)
    try:
        home.mkdir(parents=True, exist_ok=True)
        for name, data in ((SPEC, text), (ARRAYS, arrays), (PLAN, dumped(description))):
            write_whole(home / name, data)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        message = f"`{folder}` cannot be written: {reason}"
        raise ExnetError(rules.UNWRITABLE.at(None, message, help="choose another folder with `-o`")) from None


def digest(data: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return sha256(data).hexdigest()


def dumped(value: object) -> bytes:
    """Canonical JSON: sorted keys, one form for every value, a line end."""
    return json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def sealed(description: dict[str, Any]) -> dict[str, Any]:
    """The description with the hash of all the rest of it."""
    rest = {key: value for key, value in description.items() if key != "hash"}
    return {**rest, "hash": digest(dumped(rest))}


def describe(spec: Spec, plan: Plan, files: dict[str, str]) -> dict[str, Any]:
    """What plan.json says."""
    sources = _Sources(spec.source.name)
    equations = [_equation(sources, equation) for equation in plan.origins.equations]
    return sealed(
        {
            "format": FORMAT,
            "version": VERSION,
            "exnet": exnet_version(),
            "name": plan.name,
            "widths": {"primary": plan.primary, "complementary": plan.complementary, "output": spec.output_width},
            "counts": {"leaves": plan.leaves, "vertices": plan.vertices, "levels": plan.levels},
            "stacks": [_stack(stack) for stack in plan.stacks],
            "equations": equations,
            "classes": {part: _classes(plan.origins.classes(part)) for part in COMPONENTS},
            "sources": sources.table,
            "files": files,
        }
    )


def exnet_version() -> str:
    """The version of the installed package."""
    try:
        return version("exnet")
    except PackageNotFoundError:
        return "0+unknown"


def _stack(stack: Stack) -> dict[str, Any]:
    return {
        "component": stack.component,
        "children": stack.children,
        "network": stack.name.split("/")[2],
        "kind": stack.network.kind,
        "options": stack.network.model_dump(mode="json"),
        "rows": len(stack.classes),
        "parameters": parameter_count(stack.network, stack.signature),
    }


def _classes(classes: Classes) -> dict[str, Any]:
    return {"pools": list(classes.pools), "labels": [list(labels) for labels in classes.labels]}


def _equation(sources: "_Sources", equation: Equation) -> dict[str, Any]:
    return {
        "family": equation.family,
        "sites": list(equation.sites),
        "hosts": [list(pattern) for pattern in equation.hosts],
        "rows": equation.rows,
        "columns": list(equation_columns(equation)),
        "networks": list(equation.networks),
        "span": sources.place(equation.span),
        "applied": [sources.place(span) for span in equation.applied],
    }


class _Sources:
    """The texts that equations stand in, each once. Files are named relative to the spec's own folder."""

    def __init__(self, main: str) -> None:
        self._home = os.path.dirname(main)
        self._number = dict[int, int]()
        self.table = list[dict[str, str]]()

    def place(self, span: Span) -> list[int]:
        number = self._number.setdefault(id(span.source), len(self.table))
        if number == len(self.table):
            self.table.append({"name": self._name(span.source), "text": span.source.text})
        return [number, span.start, span.end]

    def _name(self, source: Source) -> str:
        if source.name.startswith("<"):
            return source.name
        return Path(os.path.relpath(source.name, self._home or ".")).as_posix()
