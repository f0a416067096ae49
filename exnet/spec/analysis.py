"""A syntax tree to its meaning. All independent mistakes are reported together."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

from exnet.language import parse_file, syntax
from exnet.source import Diagnostic, Outcome, Source
from exnet.spec.constants import plain, resolve_constants
from exnet.spec.declarations import (
    BUILT_IN,
    check_fit,
    only,
    read_defaults,
    read_learn,
    read_mode,
    read_networks,
    read_spaces,
    signature,
)
from exnet.spec.imports import BlockTable
from exnet.spec.learned import chosen_networks
from exnet.spec.model import COMPONENTS, Spec
from exnet.spec.network import Network
from exnet.spec.options import OptionReader
from exnet.spec.ports import read_inputs, read_outputs
from exnet.spec.rules import MISSING_INPUT, MISSING_OUTPUT, MISSING_ROOT, UNKNOWN_EDITION
from exnet.spec.scope import check_names
from exnet.spec.walk import nodes

EDITIONS = (1,)
S = TypeVar("S")


def analyse(file: syntax.File, source: Source, overrides: Mapping[str, int | bool] | None = None) -> Outcome[Spec]:
    """The meaning of a file, every option resolved. Equations stay syntax.

    Args:
        file: the syntax tree.
        source: its text.
        overrides: values of params set from outside.
    """
    overrides = plain(overrides)
    constants, said = resolve_constants(file.statements, overrides)
    reader = OptionReader(constants)
    said = [*_check_file(file), *check_names(file), *said]
    table = BlockTable(file, source)

    spaces = read_spaces(reader, [s for s in _of(file, syntax.Settings) if s.keyword == "space"])
    nets, failed = read_networks(reader, _of(file, syntax.Net))
    networks = {**BUILT_IN, **nets}
    defaults, places = read_defaults(reader, _of(file, syntax.Default), networks, failed)
    learn, objective = read_learn(reader, _of(file, syntax.Learn), [o.name.id for o in _of(file, syntax.Output)])
    inputs = read_inputs(reader, _of(file, syntax.Input), _of(file, syntax.Tokenise), spaces["primary"])
    outputs = read_outputs(reader, _of(file, syntax.Output), objective)
    mode = read_mode(reader, _of(file, syntax.Mode))
    roots = _of(file, syntax.Root)
    only(reader, roots, "root")
    primary, complementary = spaces["primary"], spaces["complementary"]
    chosen = [*places, *_chosen(reader, file, networks, failed)]
    if primary and complementary and outputs:
        out = sum(output.type.width for output in outputs)
        for component, place in chosen:
            check_fit(
                reader, networks[place.id], place, component, signature(component, 2, primary, complementary, out)
            )

    diagnostics = _ordered([*said, *table.said, *reader.said])
    if any(d.is_error for d in diagnostics) or not roots or primary is None or complementary is None:
        return Outcome(None, diagnostics)
    spec = Spec(
        name=file.name.id,
        constants=constants.values,
        parameters=constants.parameters,
        inputs=inputs,
        outputs=outputs,
        primary=primary,
        complementary=complementary,
        networks=networks,
        defaults=defaults,
        mode=mode,
        learn=learn,
        equations=(
            *(s for s in file.statements if isinstance(s, syntax.Let | syntax.Vertex)),
            *(input_.equation for input_ in inputs if input_.equation),
        ),
        root=roots[0],
        blocks=tuple(table.blocks),
        visible=table.visible,
        overrides=overrides,
        file=file,
        source=source,
    )
    return Outcome(spec, diagnostics)


def analyse_source(source: Source, overrides: Mapping[str, int | bool] | None = None) -> Outcome[Spec]:
    """The meaning of a text: `parse_file`, then `analyse`."""
    parsed = parse_file(source)
    if parsed.value is None:
        return Outcome(None, parsed.diagnostics)
    outcome = analyse(parsed.value, source, overrides)
    return Outcome(outcome.value, (*parsed.diagnostics, *outcome.diagnostics))


def _of(file: syntax.File, kind: type[S]) -> list[S]:
    return [statement for statement in file.statements if isinstance(statement, kind)]


def _ordered(diagnostics: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """In the order of their places; those without a place first."""
    return tuple(sorted(diagnostics, key=lambda d: (d.span.source.name, d.span.start) if d.span else ("", -1)))


def _check_file(file: syntax.File) -> list[Diagnostic]:
    said, here = list[Diagnostic](), file.name.span
    if file.edition is not None and file.edition.value not in EDITIONS:
        message = f"edition {file.edition.value} is unknown; this exnet knows edition 1"
        said.append(UNKNOWN_EDITION.at(file.edition.span, message, help="write `edition 1`, or nothing"))
    if not _of(file, syntax.Root):
        said.append(
            MISSING_ROOT.at(here, f"`{file.name.id}` has no root", help="write `root h[n, 0]`, or another vertex")
        )
    if not _of(file, syntax.Input):
        said.append(MISSING_INPUT.at(here, f"`{file.name.id}` has no input", help="write `input x[16] : real[4]`"))
    if not _of(file, syntax.Output):
        said.append(MISSING_OUTPUT.at(here, f"`{file.name.id}` has no output", help="write `output y : class[10]`"))
    return said


def _chosen(
    reader: OptionReader, file: syntax.File, networks: Mapping[str, Network], failed: frozenset[str]
) -> list[tuple[str, syntax.Name]]:
    """Components and the networks that `with` clauses and learned tokenisers of this file give them.

    Names of none are reported.
    """
    found = list[tuple[str, syntax.Name]]()
    for component, value in (*_with_clauses(file), *chosen_networks(_of(file, syntax.Tokenise))):
        if value.id in networks:
            found.append((component, value))
        elif value.id not in failed:
            reader.say_unknown(value, "network", sorted(networks))
    return found


def _with_clauses(file: syntax.File) -> Iterator[tuple[str, syntax.Name]]:
    for node in nodes(file.statements):
        for arg in node.args if isinstance(node, syntax.With) else ():
            if arg.name is not None and arg.name.id in COMPONENTS and isinstance(arg.value, syntax.Name):
                yield arg.name.id, arg.value  # what is not so is said with the equation
