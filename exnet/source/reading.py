"""Bytes and files to sources. Every failure is a diagnostic; nothing is guessed."""

import codecs
from os import PathLike, fspath
from pathlib import Path

from exnet.source.diagnostic import Diagnostic
from exnet.source.outcome import Outcome
from exnet.source.rules import NOT_UTF8, TOO_LARGE, UNREADABLE
from exnet.source.text import Source, Span

LARGEST_FILE = 4 * 2**20
WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


def read_file(path: str | PathLike[str], name: str | None = None) -> Outcome[Source]:
    """The source in a file, called `name` in messages (as the path was given, if that is None)."""
    shown = name if name is not None else fspath(path)
    if not fspath(path):
        return Outcome(None, (UNREADABLE.at(None, "an empty text is no path of a file", help="name a file"),))
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        return Outcome(None, (UNREADABLE.at(None, reason(shown, error), help="check the path"),))
    except ValueError:  # a NUL character in the path
        return Outcome(None, (UNREADABLE.at(None, f"`{shown!a}` is not a path", help="check the path"),))
    return source_of(data, shown)


def reason(path: str, error: OSError) -> str:
    """Why a file cannot be read, in one line."""
    match error:
        case FileNotFoundError():
            return f"`{path}` does not exist"
        case IsADirectoryError():
            return f"`{path}` is a folder, and a file is wanted"
        case PermissionError():
            return f"`{path}` may not be read"
        case _:
            return f"`{path}` cannot be read: {(error.strerror or 'unknown reason').lower()}"


def source_of(data: bytes, name: str) -> Outcome[Source]:
    """The source in some bytes: UTF-8, with any line ends, with or without a byte-order mark."""
    if len(data) > LARGEST_FILE:
        return Outcome(None, (too_large(name),))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Outcome(None, (not_utf8(data, name, error),))
    return Outcome(source_of_text(text, name))


def source_of_text(text: str, name: str = "<text>") -> Source:
    """The source of a text that is already decoded, its line ends normalised and its byte-order mark dropped."""
    return Source(name, text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"))


def too_large(name: str) -> Diagnostic:
    """The message about a file beyond the limit."""
    return TOO_LARGE.at(
        None,
        f"`{name}` is larger than {LARGEST_FILE // 2**20} MiB",
        help="write families with indices, or move blocks to files of their own and import them",
    )


def not_utf8(data: bytes, name: str, error: UnicodeDecodeError) -> Diagnostic:
    """The message about the first byte that is not UTF-8, at its place."""
    before = source_of_text(data[: error.start].decode("utf-8"), name).text
    source = Source(name, before + "\ufffd" + data[error.start + 1 :].decode("utf-8", "replace"))
    message = f"byte 0x{data[error.start]:02X} at offset {error.start} is not UTF-8"
    if data.startswith(WIDE):
        message = "this file is UTF-16 or UTF-32, and specs are UTF-8"
    return NOT_UTF8.at(Span(source, len(before), len(before) + 1), message, help="save the file as UTF-8")
