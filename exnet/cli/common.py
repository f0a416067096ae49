"""What all verbs share: reading arguments, reporting diagnostics, and exit codes. Free of torch.

Data goes to standard output, everything said about it to standard error.
"""

import importlib.util
import os
import re
import sys
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Annotated, NoReturn, TextIO, TypeVar

import typer

from exnet.source import Diagnostic, Outcome, Source
from exnet.source.reading import read_file, source_of
from exnet.source.render import render_text

T = TypeVar("T")
SETTING = re.compile(r"([A-Za-z_][A-Za-z_0-9]*)=(?:(true|false)|(-?[0-9](?:_?[0-9]){0,18}))")

COMMAND_LINE = frozenset(
    (
        *("unreadable-file", "cannot-read", "cannot-write", "cannot-write-plan", "cannot-write-picture", "no-run"),
        *("unknown-data", "bad-data-option", "missing-data", "no-such-part", "unknown-rule", "bad-run-option"),
        *("no-device", "patience-without-validation", "missing-tensorboard", "missing-torch"),
        *("run-exists", "run-in-use", "nothing-to-resume", "resume-differs", "run-failed"),
        *("no-ranks", "rank-lost", "ranks-differ", "too-many-ranks", "parted-class", "not-by-vertices"),
    )
)
"""Errors whose fault is in the command line, if they name no place in a text: exit code 2."""


class Exit(IntEnum):
    """Exit codes. Signals keep the shell's own: 130 for Ctrl-C, 141 for a closed pipe, 143 for a polite kill."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    LIMIT = 3
    INTERNAL = 70
    INTERRUPT = 130
    PIPE = 141


SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Give a param another value; may be repeated."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Write one JSON object instead of text.")]


def settings(values: Iterable[str] | None) -> dict[str, int | bool]:
    """The overrides that `--set name=value` options name; the last of two for one name counts."""
    found = dict[str, int | bool]()
    for value in values or ():
        match = SETTING.fullmatch(value.replace(" ", ""))
        if match is None:
            usage(f"`--set {value}` is not of the form NAME=VALUE", "a value is an integer, `true` or `false`")
        name, truth, number = match.groups()
        found[name] = truth == "true" if truth else int(number.replace("_", ""))
    return found


def read_source(path: str) -> Source:
    """The source in a file, or on standard input for `-`. Ends the verb if it cannot be read."""
    return unwrap(read_input(path))


def read_input(path: str) -> Outcome[Source]:
    """The source in a file, or on standard input for `-`."""
    if path == "-":
        return source_of(sys.stdin.buffer.read(), "<stdin>")
    return read_file(path)


def unwrap(outcome: Outcome[T]) -> T:
    """The value of an outcome. Its diagnostics go to standard error; if there is no value, the verb ends here."""
    report(outcome.diagnostics)
    if outcome.value is None:
        raise typer.Exit(code_of(outcome.diagnostics))
    return outcome.value


def report(diagnostics: Sequence[Diagnostic]) -> None:
    """Diagnostics as text on standard error."""
    if diagnostics:
        log(render_text(diagnostics, color=colored(sys.stderr)))


def code_of(diagnostics: Iterable[Diagnostic], warnings_count: bool = False) -> Exit:
    """The exit code that diagnostics ask for; doubts ask for one only where `warnings_count`."""
    found = list(diagnostics)
    if any(d.is_limit for d in found):
        return Exit.LIMIT
    if any(d.is_error and d.span is None and d.name in COMMAND_LINE for d in found):
        return Exit.USAGE
    return Exit.FINDINGS if any(d.is_error or warnings_count for d in found) else Exit.OK


def usage(message: str, help: str = "") -> NoReturn:
    """End the verb because of what the command line says."""
    log(f"error: {message}\n" + (f"help: {help}\n" if help else ""))
    raise typer.Exit(Exit.USAGE)


def needs_torch(verb: str) -> None:
    """End the verb unless torch and torch_geometric are installed; loads neither."""
    missing = [name for name in ("torch", "torch_geometric") if importlib.util.find_spec(name) is None]
    if missing:
        usage(f"`exnet {verb}` needs {' and '.join(missing)}", "pip install 'exnet[torch]'")


def out(text: str) -> None:
    """Write data. A reader that has gone away ends the verb in silence, a full disk with a message."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        silence()
        raise typer.Exit(Exit.PIPE) from None
    except OSError as error:
        silence()
        usage(f"standard output cannot be written: {(error.strerror or str(error)).lower()}")


def log(text: str) -> None:
    """Write something about the data."""
    sys.stderr.write(text)
    sys.stderr.flush()


def silence() -> None:
    """Let nothing more be written to a pipe that is closed, not even when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def colored(stream: TextIO) -> bool:
    """Whether to paint: `NO_COLOR` says never, `FORCE_COLOR` says always, else if a terminal reads."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")
