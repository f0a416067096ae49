"""`exnet convert`: a spec in the other form, with its comments."""

from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from exnet.cli.common import Exit, log, out, read_input, unwrap, usage
from exnet.language import exn_text, format_file, in_yaml, is_spec, is_yaml, parse_file, syntax, yaml_text
from exnet.language.yaml_tree import STRANGE
from exnet.source import Source
from exnet.source.writing import write_whole


class Form(StrEnum):
    """The forms of a spec on disk."""

    EXN = "exn"
    YAML = "yaml"


SUFFIX = {Form.EXN: ".exn", Form.YAML: ".exn.yaml"}


def register(app: typer.Typer) -> None:
    """Add the verb."""
    about = "Write a spec in the other form: .exn as YAML, YAML as .exn. Comments come along."
    app.command(help=about, epilog="Example: exnet convert specs/attention.exn -o attention.exn.yaml")(convert)


def convert(
    path: Annotated[str, typer.Argument(metavar="SPEC", help="A spec in either form, or - for standard input.")],
    to: Annotated[Form | None, typer.Option("--to", help="The form to write; if not given, the other one.")] = None,
    origin: Annotated[Form | None, typer.Option("--from", help="The form to read, if the name does not say.")] = None,
    target: Annotated[str | None, typer.Option("-o", metavar="FILE", help="Write there; - is standard output.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
    modeline: Annotated[
        str | None,
        typer.Option(metavar="SCHEMA", help="Begin YAML with the line that tells editors where the schema lies."),
    ] = None,
) -> None:
    """A spec in the other form."""
    source = unwrap(read_input(path)) if path == "-" else None
    origin = origin or (Form.YAML if (in_yaml(source) if source else is_yaml(path)) else Form.EXN)
    target = None if target == "-" else target
    if target == "":
        usage("`-o` needs a path of a file", "leave it out to write to standard output")
    to = to or (form_of(target) if target else other(origin))
    if modeline is not None and (to is not Form.YAML or not modeline or STRANGE.search(modeline) or "\n" in modeline):
        usage("`--modeline` takes the path or address of the schema, for YAML", "exnet schema > exnet.schema.json")
    if target is not None and is_spec(target) and form_of(target) is not to:
        usage(f"`{target}` is named as {form_of(target)}, and {to} is written", f"name it *{SUFFIX[to]}")
    if target is not None and not overwrite and Path(target).exists():
        usage(f"`{target}` exists", "choose another name, or say `--overwrite`")
    source = source or unwrap(read_input(path))
    if in_yaml(source) is not (origin is Form.YAML):
        source = Source(f"{source.name}{SUFFIX[origin]}", source.text)
    text = converted(source, to, modeline)
    if target is None:
        out(text)
    else:
        write(target, text)


def form_of(path: str) -> Form:
    """The form that a name stands for."""
    return Form.YAML if is_yaml(path) else Form.EXN


def other(form: Form) -> Form:
    """The other form."""
    return Form.EXN if form is Form.YAML else Form.YAML


def converted(source: Source, to: Form, modeline: str | None) -> str:
    """The canonical text of a source in a form. Ends the verb if it cannot be read or has no such form."""
    file = unwrap(parse_file(source))
    as_exn = exn_text if in_yaml(source) else format_file
    text = unwrap(yaml_text(file)) if to is Form.YAML else as_exn(file)
    again = unwrap(parse_file(Source(f"{source.name}{SUFFIX[to]}", text)))
    if not same(file, again):
        raise RuntimeError("the other form would say something else; nothing was written")
    return f"# yaml-language-server: $schema={modeline}\n{text}" if modeline else text


def same(one: syntax.File, two: syntax.File) -> bool:
    """Whether two files have the same comments, and statements of the same kinds."""
    comments = [Counter(comment.text for comment in file.comments) for file in (one, two)]
    kinds = [Counter(kind for s in file.statements for kind in kinds_of(s)) for file in (one, two)]
    return comments[0] == comments[1] and kinds[0] == kinds[1] and one.name == two.name


def kinds_of(statement: syntax.Statement) -> list[str]:
    """The kind of a statement, once for each setting."""
    if isinstance(statement, syntax.Settings):
        return [statement.keyword] * len(statement.settings)
    return [type(statement).__name__]


def write(path: str, text: str) -> None:
    """Write a file in one step."""
    try:
        write_whole(Path(path).resolve(), text.encode())
    except OSError as error:
        log(f"error: `{path}` cannot be written: {(error.strerror or 'unknown reason').lower()}\n")
        raise typer.Exit(Exit.USAGE) from None
