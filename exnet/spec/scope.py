"""The file scope: in it a name means one thing."""

from collections.abc import Iterator

from exnet.language import syntax
from exnet.source import Diagnostic, Label
from exnet.spec.model import COMPONENTS
from exnet.spec.registry import NETWORKS
from exnet.spec.rules import DUPLICATE_NAME


def _definitions(file: syntax.File) -> Iterator[tuple[str, syntax.Name]]:
    """What each statement names, and what kind of thing that is."""
    for statement in file.statements:
        match statement:
            case syntax.Settings(keyword="const" | "param"):
                yield from ((statement.keyword, setting.name) for setting in statement.settings)
            case syntax.Input():
                yield "input", statement.name
            case syntax.Net():
                yield "net", statement.name
            case syntax.Block():
                yield "block", statement.name
            case syntax.Let() | syntax.Vertex():
                yield "family", statement.head.name
            case _:
                pass


def check_names(file: syntax.File) -> list[Diagnostic]:
    """Names of the file scope that mean two things, and nets with the name of a built-in one.

    Several equations may define one family. Outputs stand apart, since no expression reads them.
    """
    said, seen = list[Diagnostic](), dict[str, tuple[str, syntax.Name]]()
    for kind, name in _definitions(file):
        if kind == "net" and (name.id in NETWORKS or name.id in COMPONENTS):
            message = f"`{name.id}` is the name of a built-in network"
            said.append(DUPLICATE_NAME.at(name.span, message, help=f"choose another, such as `my_{name.id}`"))
        first = seen.setdefault(name.id, (kind, name))
        if first[1] is not name and not kind == first[0] == "family":
            said.append(_twice(kind, name, *first))
    return said + _check_outputs(file)


def _check_outputs(file: syntax.File) -> list[Diagnostic]:
    said, seen = list[Diagnostic](), dict[str, syntax.Name]()
    for statement in file.statements:
        if isinstance(statement, syntax.Output):
            first = seen.setdefault(statement.name.id, statement.name)
            if first is not statement.name:
                said.append(_twice("output", statement.name, "output", first))
    return said


def _twice(kind: str, name: syntax.Name, first_kind: str, first: syntax.Name) -> Diagnostic:
    article = {"input": "an", "output": "an"}
    what = f"{article.get(first_kind, 'a')} {first_kind} of line {first.span.shown.first.line}"
    message = f"`{name.id}` is already {what}"
    if kind == first_kind:
        message = f"the {kind} `{name.id}` is defined twice"
    way_out = f"rename one of them, such as `{name.id}_2`"
    return DUPLICATE_NAME.at(name.span, message, help=way_out, labels=(Label(first.span, "first defined here"),))
