"""Blocks from everywhere: those of the file, of its imports, and the standard ones, each with what its body sees."""

import os
from collections.abc import Iterable
from pathlib import Path

from exnet.language import parse_file, syntax
from exnet.source import Diagnostic, Label, Source
from exnet.spec.library import STANDARD, standard_block
from exnet.spec.model import BlockSource
from exnet.spec.rules import (
    DUPLICATE_NAME,
    IMPORT_CONFLICT,
    IMPORT_CYCLE,
    IMPORT_NOT_FOUND,
    IMPORT_OUTSIDE,
    TOO_MANY_IMPORTS,
)
from exnet.spec.walk import called_names

MAX_DEPTH, MAX_FILES, MAX_BYTES = 32, 64, 4 * 2**20
PROJECT_MARKS = (".git", "pyproject.toml", "exnet.toml")


class BlockTable:
    """All blocks that one file can apply, gathered from it and from what it imports."""

    def __init__(self, source: Source) -> None:
        self.blocks: list[BlockSource] = []
        self.said: list[Diagnostic] = []
        self._standard = dict[str, int]()
        self._files = dict[Path, dict[str, int]]()
        self._root = _project_root(_folder(source))

    def gather(self, file: syntax.File, source: Source, trail: tuple[Path, ...] = ()) -> dict[str, int]:
        """What the file scope sees, as indices into `blocks`. Blocks of the file hide imported and standard ones."""
        visible = dict[str, int]()
        own = self._own(file, "import" if trail else "file", visible)
        visible |= {**self._imported(file, source, trail), **own}
        if trail:
            self._files[trail[-1]] = own
        self._add_standard(called_names(file.statements), visible)
        return visible

    def _own(self, file: syntax.File, origin: str, visible: dict[str, int]) -> dict[str, int]:
        own = dict[str, int]()
        for statement in file.statements:
            if not isinstance(statement, syntax.Block):
                continue
            name = statement.name.id
            if name not in own:
                own[name] = len(self.blocks)
                self.blocks.append(BlockSource(statement, "import" if origin == "import" else "file", visible))
            elif origin == "import":  # in the main file, the check of names says so
                first = Label(self.blocks[own[name]].block.name.span, "first defined here")
                self.said.append(DUPLICATE_NAME.at(statement.name.span, f"`{name}` is defined twice", labels=(first,)))
        return own

    def _imported(self, file: syntax.File, source: Source, trail: tuple[Path, ...]) -> dict[str, int]:
        found, places = dict[str, int](), dict[str, syntax.Import]()
        for statement in file.statements:
            if not isinstance(statement, syntax.Import):
                continue
            for name, index in self._load(statement, source, trail).items():
                if found.setdefault(name, index) == index:
                    places.setdefault(name, statement)
                    continue
                labels = (Label(places[name].span, f"brings a block `{name}` too"),)
                message = f"`{name}` is brought by two imports"
                self.said.append(IMPORT_CONFLICT.at(statement.span, message, labels=labels, help="rename one of them"))
        return found

    def _load(self, statement: syntax.Import, source: Source, trail: tuple[Path, ...]) -> dict[str, int]:
        """The blocks of an imported file; empty after a message."""
        where = statement.path.span
        path = self._locate(statement, source)
        if path is None:
            return {}
        if path in trail or path == _resolved(source):
            return self._say(IMPORT_CYCLE.at(where, f"`{statement.path.value}` imports this file, directly or not"))
        if path in self._files:
            return self._files[path]
        if len(trail) >= MAX_DEPTH or len(self._files) >= MAX_FILES:
            message = f"imports are limited to {MAX_DEPTH} in depth and {MAX_FILES} files"
            return self._say(TOO_MANY_IMPORTS.at(where, message))
        name = os.path.normpath(Path(source.name).parent / statement.path.value)
        try:
            read = _read(path, name)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            return self._say(IMPORT_NOT_FOUND.at(where, f"`{statement.path.value}` cannot be read: {reason}"))
        parsed = parse_file(read)
        self.said += parsed.diagnostics
        self._files[path] = {}
        if parsed.value is not None:
            self.gather(parsed.value, read, (*trail, path))
        return self._files[path]

    def _locate(self, statement: syntax.Import, source: Source) -> Path | None:
        where, text = statement.path.span, statement.path.value
        folder = _folder(source)
        if folder is None or self._root is None:
            self._say(IMPORT_NOT_FOUND.at(where, "a text without a file has no folder to import from"))
            return None
        if not text.endswith(".exn") or "\0" in text:
            self._say(IMPORT_NOT_FOUND.at(where, f"`{text}` is no path of an `.exn` file"))
            return None
        path = (folder / text).resolve()
        if path.is_relative_to(self._root):
            return path
        message = f"`{text}` leaves the project's folder"
        self._say(IMPORT_OUTSIDE.at(where, message, help="copy the file into the project"))
        return None

    def _say(self, diagnostic: Diagnostic) -> dict[str, int]:
        self.said.append(diagnostic)
        return {}

    def _add_standard(self, called: Iterable[str], visible: dict[str, int]) -> None:
        for name in sorted(set(called) & set(STANDARD) - set(visible)):
            visible[name] = self._add_one_standard(name)

    def _add_one_standard(self, name: str) -> int:
        if name not in self._standard:
            block = standard_block(name)
            self._standard[name] = len(self.blocks)
            self.blocks.append(BlockSource(block, "standard", self._standard))
            for other in sorted(called_names(block) & set(STANDARD)):
                self._add_one_standard(other)
        return self._standard[name]


def _folder(source: Source) -> Path | None:
    return None if source.name.startswith("<") else Path(source.name).resolve().parent


def _resolved(source: Source) -> Path | None:
    return None if source.name.startswith("<") else Path(source.name).resolve()


def _project_root(folder: Path | None) -> Path | None:
    """The nearest folder, upwards, that has a mark of a project; the folder itself if none has."""
    if folder is None:
        return None
    marked = (f for f in (folder, *folder.parents) if any((f / mark).exists() for mark in PROJECT_MARKS))
    return next(marked, folder)


def _read(path: Path, name: str) -> Source:
    with path.open("rb") as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError("it has more than 4 MiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8") from None
    return Source(name, text.replace("\r\n", "\n").replace("\r", "\n"))
