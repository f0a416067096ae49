"""`exnet fmt`: one layout for every spec."""

import difflib
from pathlib import Path
from typing import Annotated

import typer

from exnet.cli.common import Exit, code_of, log, out, read_input, report
from exnet.cli.lint import spec_files
from exnet.language import format_file, in_yaml, parse_file, syntax, yaml_text
from exnet.source import Diagnostic, Source
from exnet.source.writing import write_whole


def register(app: typer.Typer) -> None:
    """Add the verb."""
    about = "Give specs the one layout. Comments and the order of statements stay as they are."
    app.command(help=about, epilog="Example: exnet fmt --check specs")(fmt)


def fmt(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH", help="Files, folders (all specs below), or - for standard input.")
    ],
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 1 if a file would change.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing to files; print what would change.")] = False,
) -> None:
    """Rewrite the files whose layout is not the canonical one."""
    code, changed, files = Exit.OK, 0, spec_files(paths)
    for path in files:
        source, text, problems = formatted(path)
        report(problems)
        code = max(code, code_of(problems))
        if source is None:
            continue
        differs = text != original(path, source)
        changed += differs
        if diff:
            out(difference(source, text) if differs else "")
        elif path == "-" and not check:
            out(text)
        elif differs and not check:
            write(path, text)
        if differs and (check or (not diff and path != "-")):
            log(f"{'would reformat' if check else 'reformatted'} {source.name}\n")
    if changed and (check or diff):
        code = max(code, Exit.FINDINGS)
    raise typer.Exit(code)


def formatted(path: str) -> tuple[Source | None, str, tuple[Diagnostic, ...]]:
    """The source at a path, its canonical text, and what is wrong with it."""
    source = read_input(path)
    if source.value is None:
        return None, "", source.diagnostics
    file = parse_file(source.value)
    if file.value is None:
        return None, "", file.diagnostics
    text = canonical(file.value)
    again = parse_file(Source(source.value.name, text)).unwrap()
    if comments(again) != comments(file.value) or canonical(again) != text:
        raise RuntimeError("formatting would change more than the layout; nothing was written")
    return source.value, text, ()


def canonical(file: syntax.File) -> str:
    """The text of a file in the form that it is in."""
    return yaml_text(file).unwrap() if in_yaml(file.span.source) else format_file(file)


def comments(file: syntax.File) -> list[str]:
    """The comments of a file. Those of YAML may change places within a statement, so they are sorted."""
    found = [comment.text for comment in file.comments]
    return sorted(found) if in_yaml(file.span.source) else found


def original(path: str, source: Source) -> str:
    """The text as it lies on disk, so that line ends and a byte-order mark count as differences."""
    return source.text if path == "-" else Path(path).read_bytes().decode("utf-8")


def difference(source: Source, text: str) -> str:
    """A unified diff from the source to its canonical text."""
    before, after = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
    lines = difflib.unified_diff(before, after, source.name, source.name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ no newline at end of file\n" for line in lines)


def write(path: str, text: str) -> None:
    """Replace a file in one step; if that fails, the old one is still there, whole."""
    target = Path(path).resolve()  # a link stays a link
    try:
        write_whole(target, text.encode())
    except OSError as error:
        log(f"error: `{path}` cannot be written: {(error.strerror or 'unknown reason').lower()}\n")
        raise typer.Exit(Exit.USAGE) from None
