"""`exnet`: the verbs, and what becomes of everything that can go wrong in them."""

import importlib
import importlib.util
import os
import sys
import traceback
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, cast

import typer

from exnet.cli.common import Exit, code_of, log, report, silence
from exnet.cli.misuse import told
from exnet.source import ExnetError

VERBS = (
    "lint",
    "fmt",
    "convert",
    "schema",
    "explain",
    "info",
    "plugins",
    "compile",
    "graph",
    "data",
    "train",
    "eval",
    "predict",
)
CLICK_ERROR = cast(type[Exception], typer.BadParameter.__mro__[2])  # typer brings its own click, or uses another


def exnet_version() -> str:
    """The version of the installed package."""
    try:
        return version("exnet")
    except PackageNotFoundError:
        return "0+unknown"


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        typer.echo(f"exnet {exnet_version()}")
        raise typer.Exit


def make_app() -> typer.Typer:
    """The command with all verbs that exist."""
    app = typer.Typer(
        name="exnet",
        help="Extraction networks: a small language, its compiler, and training without end-to-end backpropagation.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )

    @app.callback()
    def options(
        _: Annotated[
            bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version and exit.")
        ] = False,
    ) -> None:
        pass

    for verb in VERBS:
        name = f"exnet.cli.{verb}"
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name).register(app)
    return app


def main() -> None:
    """Run the verb that the command line names, and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(run())


def run(arguments: list[str] | None = None) -> int:
    """The exit code of a command line. No exception gets out."""
    try:
        command = typer.main.get_command(make_app())
        return int(command.main(arguments, prog_name="exnet", standalone_mode=False) or 0)
    except CLICK_ERROR as error:
        return usage_error(error)
    except ExnetError as error:
        report(error.diagnostics)
        return code_of(error.diagnostics)
    except (KeyboardInterrupt, typer.Abort):
        return Exit.INTERRUPT
    except BrokenPipeError:
        silence()
        return Exit.PIPE
    except OSError as error:
        if error.filename is None or os.environ.get("EXNET_DEBUG"):
            return internal_error(error)
        log(f"error: `{clipped(str(error.filename))}` cannot be used: {(error.strerror or str(error)).lower()}\n")
        return Exit.USAGE
    except MemoryError:
        log("error: this machine has not enough memory for that\n")
        return Exit.LIMIT
    except Exception as error:
        return internal_error(error)


def usage_error(error: Exception) -> int:
    """What the command line says is not understood."""
    if type(error).__name__ == "NoArgsIsHelpError":
        log(f"{error.ctx.get_help()}\n")  # type: ignore[attr-defined]
        return Exit.USAGE
    message, way_out = told(error)
    log(f"error: {message}\nhelp: {way_out}\n")
    return Exit.USAGE


def clipped(path: str, most: int = 80) -> str:
    """A path that fits into a line, on one line."""
    return repr(path[:most])[1:-1] + (".." if len(path) > most else "")


def internal_error(error: Exception) -> int:
    """A mistake of exnet itself: one line to report, and the traceback only for those who ask for it."""
    if os.environ.get("EXNET_DEBUG"):
        traceback.print_exc()
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{os.path.basename(frame.filename)}:{frame.lineno}"
    log(f"internal error: {type(error).__name__} at {place}: {error}\n")
    log("This is a bug of exnet, not of your spec: please report this line. EXNET_DEBUG=1 shows the traceback.\n")
    return Exit.INTERNAL
