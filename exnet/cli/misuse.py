"""What a command line that is not understood is told: typer's errors in the words of the house, with a way out."""

import re
from collections.abc import Iterable

from exnet.source import nearest

WANTS = (
    (re.compile(r"valid integer"), "a whole number"),
    (re.compile(r"valid number|valid float"), "a number"),
    (re.compile(r"greater than or equal to ([\d.]+)|in the range x>=([\d.]+)"), "at least {}"),
    (re.compile(r"less than or equal to ([\d.]+)|in the range x<=([\d.]+)"), "at most {}"),
)
"""What the texts of typer, of several versions, say about values."""
CHOICE = re.compile(r"'(?P<given>[^']*)' is not one of (?P<choices>'.*')")
COMMAND = re.compile(r"[Nn]o such command '(?P<given>[^']*)'")
EXTRA = re.compile(r"[Gg]ot unexpected extra arguments?(?:\(s\))? \((?P<given>.*)\)")
VALUELESS = re.compile(r"[Oo]ption '(?P<given>[^']*)' requires an argument")
QUOTED = re.compile(r"'([^']*)'")


def told(error: Exception) -> tuple[str, str]:
    """The message about an error of typer, and the way out."""
    context = getattr(error, "ctx", None)
    path = str(context.command_path) if context is not None else "exnet"
    show = f"`{path} --help` shows what there is"
    text = str(getattr(error, "format_message", lambda: str(error))()).rstrip(".")
    name = type(error).__name__
    if name == "NoSuchOption":
        given = str(getattr(error, "option_name", ""))
        return f"`{path}` has no option `{given}`", near(given, options_of(context)) or show
    if match := COMMAND.search(text):
        return f"`{path}` has no verb `{match['given']}`", near(match["given"], verbs_of(context)) or show
    if match := EXTRA.search(text):
        return f"`{path}` takes no such argument: `{match['given']}`", show
    if match := VALUELESS.search(text):
        return f"`{match['given']}` needs a value", show
    if name == "MissingParameter":
        return f"`{path}` needs {named(error)}", show
    if name == "BadParameter":
        return bad_value(error, text, show)
    return text[:1].lower() + QUOTED.sub(r"`\1`", text[1:]), show


def bad_value(error: Exception, text: str, show: str) -> tuple[str, str]:
    """The message about a value that an option or argument does not take."""
    wanted = named(error)
    if match := CHOICE.search(text):
        choices = QUOTED.findall(match["choices"])
        listed = ", ".join(f"`{choice}`" for choice in choices)
        return f"{wanted} is one of {listed}, not `{match['given']}`", near(match["given"], choices) or show
    for pattern, words in WANTS:
        if match := pattern.search(text):
            number = next((group for group in match.groups() if group), "")
            return f"{wanted} wants {words.format(number.rstrip('.'))}", show
    said = text.partition(": ")[2] or text
    return f"{wanted}: {said[:1].lower()}{said[1:]}", show


def named(error: Exception) -> str:
    """The option or argument that an error is about, as help calls it."""
    parameter = getattr(error, "param", None)
    if parameter is None:
        return "a value"
    options = [option for option in parameter.opts if option.startswith("-")]
    return f"`{max(options, key=len) if options else parameter.metavar or parameter.name}`"


def near(given: str, known: Iterable[str]) -> str:
    """The question whether a known word is meant; empty if none is near."""
    found = nearest(given, known) if len(given) > 2 else None
    return f"did you mean `{found}`?" if found else ""


def options_of(context: object) -> list[str]:
    """All options of the verb that a context belongs to."""
    parameters = getattr(getattr(context, "command", None), "params", ())
    found = [option for parameter in parameters for option in (*parameter.opts, *parameter.secondary_opts)]
    return [option for option in found if option.startswith("-")] + ["--help"]


def verbs_of(context: object) -> list[str]:
    """All verbs."""
    return list(getattr(getattr(context, "command", None), "commands", ()))
