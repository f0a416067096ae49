"""`exnet lint`: everything that can be said about specs without running them."""

import sys
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from exnet.cli.codes import all_rules
from exnet.cli.common import JsonOption, SetOption, code_of, colored, log, out, read_input, settings, usage
from exnet.source import Diagnostic
from exnet.source.render import render_concise, render_github, render_json, render_sarif, render_text

SPECS = (".exn", ".exn.yaml", ".exn.yml")


class Form(StrEnum):
    """The forms of a report."""

    TEXT = "text"
    CONCISE = "concise"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    about = "Check specs: everything that can be said without running them."
    app.command(help=about, epilog="Example: exnet lint specs --format concise")(lint)


def lint(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH", help="Files, folders (all specs below), or - for standard input.")
    ],
    form: Annotated[Form | None, typer.Option("--format", help="How to report; text if not given.")] = None,
    overrides: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Everything that can be said about specs without running them."""
    if as_json and form not in (None, Form.JSON):
        usage(f"`--json` and `--format {form}` say two things", "leave one of them out")
    form = Form.JSON if as_json else form or Form.TEXT
    found = list[Diagnostic]()
    values = settings(overrides)
    files = spec_files(paths)
    for path in files:
        found += check(path, values)
    out(drawn(found, form))
    if form is Form.TEXT:
        log(summary(found, len(files)))
    raise typer.Exit(code_of(found, warnings_count=True))


def spec_files(paths: Iterable[str]) -> list[str]:
    """The files that paths name; folders stand for the specs below them, in the order of their names.

    In a folder a spec is what ends in `.exn`, `.exn.yaml` or `.exn.yml`: other YAML files are no business of exnet.
    """
    found = list[str]()
    for path in paths:
        if path not in ("", "-") and Path(path).is_dir():
            below = (p for p in Path(path).rglob("*.exn*") if p.name.lower().endswith(SPECS))
            inside = sorted(str(p) for p in below if p.is_file() and not hidden(p, path))
            if not inside:
                usage(f"`{path}` holds no spec (.exn, .exn.yaml)", "name a file, or another folder")
            found += inside
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def hidden(file: Path, folder: str) -> bool:
    """Whether a file lies in a folder below `folder` whose name begins with a dot, or has such a name."""
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def check(path: str, values: Mapping[str, int | bool]) -> tuple[Diagnostic, ...]:
    """All diagnostics of one file."""
    from exnet.lint import lint_source

    source = read_input(path)
    return source.diagnostics if source.value is None else lint_source(source.value, values)


def drawn(found: list[Diagnostic], form: Form) -> str:
    """The report in a form."""
    match form:
        case Form.TEXT:
            return render_text(found, color=colored(sys.stdout))
        case Form.CONCISE:
            return render_concise(found)
        case Form.JSON:
            return render_json(found)
        case Form.GITHUB:
            return render_github(found)
        case Form.SARIF:
            from exnet.cli.app import exnet_version

            return render_sarif(found, all_rules(), exnet_version())


def summary(found: list[Diagnostic], files: int) -> str:
    """One line about the whole run."""
    errors = sum(d.is_error for d in found)
    parts = [f"{n} {word}{'s' if n != 1 else ''}" for n, word in ((errors, "error"), (len(found) - errors, "warning"))]
    checked = f"{files} file{'s' if files != 1 else ''} checked"
    return f"{checked}: {', '.join(p for p in parts if p[0] != '0') or 'nothing to say'}\n"
