"""`exnet graph`: a picture of a net, or the curves of a run."""

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exnet.cli import common
from exnet.cli.common import JsonOption, SetOption
from exnet.cli.limits import ArcsOption, VerticesOption, limits

if TYPE_CHECKING:
    from exnet.graph.model import Graph
    from exnet.spec.model import Spec


class Form(StrEnum):
    """The forms of a picture."""

    MERMAID = "mermaid"
    DOT = "dot"
    SVG = "svg"


ENDINGS = {".svg": Form.SVG, ".dot": Form.DOT, ".gv": Form.DOT, ".mmd": Form.MERMAID, ".mermaid": Form.MERMAID}
"""The form that the name of a file asks for."""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    about = "Draw a net, or the curves of a run."
    app.command(help=about, epilog="Example: exnet graph specs/attention.exn -o attention.svg")(graph)


def graph(
    of: Annotated[str, typer.Argument(metavar="SPEC|RUN", help="A spec, - for standard input, or a run's folder.")],
    form: Annotated[Form | None, typer.Option("--format", help="The language of the picture.")] = None,
    file: Annotated[
        Path | None, typer.Option("-o", metavar="FILE", help="Write it there; - is standard output.")
    ] = None,
    unfolded: Annotated[bool, typer.Option("--unfold", help="Draw every vertex, not one box for each family.")] = False,
    most: Annotated[int | None, typer.Option("--max-nodes", min=1, help="Nodes of an unfolded picture.")] = None,
    overrides: SetOption = None,
    as_json: JsonOption = False,
    max_vertices: VerticesOption = None,
    max_arcs: ArcsOption = None,
) -> None:
    """A picture of a net, or the curves of a run."""
    from exnet.view.picture import SPEC, is_compiled

    if most is not None and not unfolded:
        common.usage("`--max-nodes` limits pictures of every vertex", "say `--unfold` too, or leave it out")
    folder = Path(of)
    is_folder = of not in ("", "-") and folder.is_dir()
    if is_folder and not is_compiled(folder):
        if unfolded or overrides or chosen(form, file, as_json, Form.SVG) != Form.SVG:
            common.usage(f"`{of}` is a run, and its curves are drawn as SVG", "name a spec to draw its net")
        write(run_drawn(folder, as_json), file)
        return
    drawn_as = chosen(form, file, as_json, Form.MERMAID)
    meaning, elaborated = elaborate_file(str(folder / SPEC) if is_folder else of, overrides, max_vertices, max_arcs)
    if unfolded:
        write(unfolded_drawn(meaning, elaborated, drawn_as, most, as_json), file)
    else:
        write(quotient_drawn(meaning, elaborated, drawn_as, as_json), file)


def chosen(form: Form | None, file: Path | None, as_json: bool, otherwise: Form) -> Form:
    """The form that the options ask for: `--format`, else the ending of the file unless it is to hold JSON."""
    if form is not None:
        return form
    if file is None or not file.suffix or as_json:
        return otherwise
    if file.suffix.lower() not in ENDINGS:
        common.usage(f"`{file.suffix}` is no form of a picture", f"name it {', '.join(ENDINGS)}, or say `--format`")
    return ENDINGS[file.suffix.lower()]


def elaborate_file(
    path: str, overrides: list[str] | None, max_vertices: int | None, max_arcs: int | None
) -> "tuple[Spec, Graph]":
    """Spec and graph of a file, or the end of the verb."""
    from exnet.graph import elaborate
    from exnet.spec import analyse_source

    meaning = common.unwrap(analyse_source(common.read_source(path), common.settings(overrides)))
    return meaning, common.unwrap(elaborate(meaning, limits(max_vertices, max_arcs, None)))


def quotient_drawn(meaning: "Spec", elaborated: "Graph", form: Form, as_json: bool) -> str:
    """One box for each family."""
    from exnet.view import dot, mermaid, quotient, quotient_svg

    picture = quotient(meaning, elaborated)
    draw = {Form.MERMAID: mermaid, Form.DOT: dot, Form.SVG: quotient_svg}[form]
    return numbers(picture) if as_json else draw(picture)


def unfolded_drawn(meaning: "Spec", elaborated: "Graph", form: Form, most: int | None, as_json: bool) -> str:
    """Every vertex."""
    from exnet.view import dot_unfolded, mermaid_unfolded, unfold, unfolded_svg
    from exnet.view.unfolded import MOST

    picture = common.unwrap(unfold(meaning.name, elaborated, MOST if most is None else most))
    draw = {Form.MERMAID: mermaid_unfolded, Form.DOT: dot_unfolded, Form.SVG: unfolded_svg}[form]
    return numbers(picture) if as_json else draw(picture)


def run_drawn(folder: Path, as_json: bool) -> str:
    """The curves of a run, or of the seeds in a folder."""
    from exnet.view import curves, curves_svg, read_runs

    picture = curves(common.unwrap(read_runs(folder)))
    return numbers(picture) if as_json else curves_svg(picture)


def numbers(picture: Any) -> str:
    """What a picture shows, as JSON."""
    return json.dumps(asdict(picture), indent=1) + "\n"


def write(text: str, file: Path | None) -> None:
    """To a file, which appears whole or not at all, or to standard output."""
    from exnet.view.picture import write_picture

    if file is None or str(file) == "-":
        common.out(text)
    else:
        write_picture(file, text)
