"""The whole compiler on one page: text -> syntax -> spec -> graph -> plan. Free of torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any

from exnet.graph import elaborate
from exnet.graph.limits import Limits
from exnet.graph.model import Graph
from exnet.language import parse_file
from exnet.plan.make import plan_spec
from exnet.plan.model import Plan
from exnet.source import Outcome, Source
from exnet.source.reading import read_file, source_of_text
from exnet.spec import analyse, analyse_source, from_mapping
from exnet.spec.builder import Builder
from exnet.spec.constants import plain
from exnet.spec.model import Spec
from exnet.spec.wording import refused


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a spec has become."""

    spec: Spec
    graph: Graph
    plan: Plan


def read_source(path: str | PathLike[str]) -> Source:
    """The text of a spec, called as the path was given.

    Raises:
        ExnetError: the file is missing, larger than 4 MiB, or not UTF-8.
    """
    return read_file(fspath(path)).unwrap()


def compile_source(
    source: Source, overrides: Mapping[str, int | bool] | None = None, limits: Limits = Limits()
) -> Outcome[Compiled]:
    """Spec, graph and plan of a text, or everything that is wrong with it. A stage runs if the one before had no error.

    Args:
        source: the text.
        overrides: values of params, as `--set` gives them.
        limits: on what the spec may ask for.
    """
    parsed = parse_file(source)
    if parsed.value is None:
        return Outcome(None, parsed.diagnostics)
    analysed = analyse(parsed.value, source, overrides)
    said = (*parsed.diagnostics, *analysed.diagnostics)
    if analysed.value is None:
        return Outcome(None, said)
    compiled = compile_spec(analysed.value, limits)
    return Outcome(compiled.value, (*said, *compiled.diagnostics))


def compile_any(
    spec: "str | PathLike[str] | Mapping[str, Any] | Spec | Builder",
    overrides: Mapping[str, int | bool] | None = None,
    limits: Limits = Limits(),
) -> Outcome[Compiled]:
    """Spec, graph and plan of a spec in any form.

    Args:
        spec: the path of a file, a text of several lines, a mapping, a builder, or a spec.
        overrides: values of params, as `--set` gives them.
        limits: on what the spec may ask for.

    Raises:
        ExnetError: a file cannot be read.
    """
    made = spec_of(spec, overrides)
    if made.value is None:
        return Outcome(None, made.diagnostics)
    compiled = compile_spec(made.value, limits)
    return Outcome(compiled.value, (*made.diagnostics, *compiled.diagnostics))


def spec_of(
    spec: "str | PathLike[str] | Mapping[str, Any] | Spec | Builder",
    overrides: Mapping[str, int | bool] | None = None,
) -> Outcome[Spec]:
    """The spec that a value in any form means, as `compile_any` takes them.

    Raises:
        ExnetError: a file cannot be read; EXN470 for a value of no such form.
    """
    if isinstance(spec, Builder):
        return spec.outcome(overrides)
    if isinstance(spec, Mapping):
        return from_mapping(spec, overrides=overrides)
    if isinstance(spec, Spec):
        return analyse(spec.file, spec.source, {**spec.overrides, **plain(overrides)}) if overrides else Outcome(spec)
    if isinstance(spec, str) and "\n" in spec:
        return analyse_source(source_of_text(spec), overrides)
    if isinstance(spec, str | PathLike):  # pyright: ignore[reportUnnecessaryIsInstance] - what programs give
        return analyse_source(read_source(spec), overrides)
    mapping = getattr(spec, "mapping", None)  # of a `Form`, whose models need not be made for any other form
    if isinstance(mapping, Mapping):
        return from_mapping(mapping, overrides=overrides)
    raise refused(spec, "spec", "the path of a file, a text, a mapping, a `Form`, a `Builder`, or a `Spec`")


def compile_spec(spec: Spec, limits: Limits = Limits()) -> Outcome[Compiled]:
    """Graph and plan of a spec, or everything that is wrong with its equations."""
    elaborated = elaborate(spec, limits)
    if elaborated.value is None:
        return Outcome(None, elaborated.diagnostics)
    planned = plan_spec(spec, elaborated.value, limits)
    said = (*elaborated.diagnostics, *planned.diagnostics)
    if planned.value is None:
        return Outcome(None, said)
    return Outcome(Compiled(spec, elaborated.value, planned.value), said)
