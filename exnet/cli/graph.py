"""`exnet graph`: a picture of a net, one box for each family."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from exnet.cli import common
from exnet.cli.common import JsonOption, SetOption
from exnet.cli.compile import SpecArgument
from exnet.cli.limits import ArcsOption, VerticesOption, limits


class Form(StrEnum):
    """The forms of a picture."""

    MERMAID = "mermaid"
    DOT = "dot"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(help=__doc__, epilog="Example: exnet graph specs/attention.exn --format dot -o attention.dot")(graph)


def graph(
    spec: SpecArgument,
    form: Annotated[Form, typer.Option("--format", help="The language of the picture.")] = Form.MERMAID,
    file: Annotated[Path | None, typer.Option("-o", metavar="FILE", help="Write it there.")] = None,
    overrides: SetOption = None,
    as_json: JsonOption = False,
    max_vertices: VerticesOption = None,
    max_arcs: ArcsOption = None,
) -> None:
    """A picture of a net, one box for each family."""
    import json
    from dataclasses import asdict

    from exnet.graph import elaborate
    from exnet.spec import analyse_source
    from exnet.view import dot, mermaid, quotient

    meaning = common.unwrap(analyse_source(common.read_source(spec), common.settings(overrides)))
    picture = quotient(meaning, common.unwrap(elaborate(meaning, limits(max_vertices, max_arcs, None))))
    if as_json:
        drawn = json.dumps(asdict(picture), indent=1) + "\n"
    else:
        drawn = dot(picture) if form is Form.DOT else mermaid(picture)
    if file is None:
        common.out(drawn)
        return
    try:
        file.write_text(drawn, encoding="utf-8")
    except OSError as error:
        common.usage(f"`{file}` cannot be written: {(error.strerror or 'no reason given').lower()}")
