"""Blocks from everywhere: those of the file, of its imports, and the standard ones, each with what its body sees."""

import os
from collections.abc import Iterable
from pathlib import Path

from exnet.language import is_spec, parse_file, syntax
from exnet.source import Diagnostic, Label, Source
from exnet.source.reading import read_file
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

MAX_DEPTH, MAX_FILES = 32, 64
PROJECT_MARKS = (".git", "pyproject.toml", "exnet.toml")


class BlockTable:
    """All blocks that one file can apply, gathered from it and from what it imports.

    Attributes:
        blocks: all of them.
        visible: what the file scope sees, as indices into `blocks`. Blocks of the file hide imported ones, and these
            hide standard ones.
        said: what is wrong with imports.
    """

    def __init__(self, file: syntax.File, source: Source) -> None:
        self.blocks: list[BlockSource] = []
        self.said: list[Diagnostic] = []
        self._standard = dict[str, int]()
        self._files = dict[Path, dict[str, int]]()
        path = None if source.name.startswith("<") else Path(source.name).resolve()
        self._root = _project_root(path.parent) if path else None
        self.visible = self._scope(file, source, (path,) if path else ())

    def _scope(self, file: syntax.File, source: Source, trail: tuple[Path, ...]) -> dict[str, int]:
        """What a file sees; `trail` is the way from the first file to this one."""
        visible = dict[str, int]()
        own = self._own(file, len(trail) > 1, visible)
        visible |= {**self._imported(file, source, trail), **own}
        if trail:
            self._files[trail[-1]] = own
        self._add_standard(called_names(file.statements), visible)
        return visible

    def _own(self, file: syntax.File, imported: bool, visible: dict[str, int]) -> dict[str, int]:
        own = dict[str, int]()
        for statement in file.statements:
            if not isinstance(statement, syntax.Block):
                continue
            name = statement.name.id
            if name not in own:
                own[name] = len(self.blocks)
                self.blocks.append(BlockSource(statement, "import" if imported else "file", visible))
            elif imported:  # in the main file, the check of names says so
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
        where, text = statement.path.span, statement.path.value
        path = self._locate(statement, trail)
        if path is None:
            return {}
        if path in trail:
            way_out = "move the blocks that both need to a third file"
            return self._say(IMPORT_CYCLE.at(where, f"`{text}` imports this file, directly or not", help=way_out))
        if path in self._files:
            return self._files[path]
        if len(trail) > MAX_DEPTH or len(self._files) >= MAX_FILES:
            message = f"imports are limited to {MAX_DEPTH} in depth and {MAX_FILES} files"
            return self._say(TOO_MANY_IMPORTS.at(where, message, help="put blocks that belong together into one file"))
        read = read_file(path, os.path.normpath(Path(source.name).parent / text))
        parsed = parse_file(read.value) if read.value else read
        self.said += [d if d.span else IMPORT_NOT_FOUND.at(where, d.message, help=d.help) for d in parsed.diagnostics]
        self._files[path] = {}
        if read.value is not None and isinstance(parsed.value, syntax.File):
            self._scope(parsed.value, read.value, (*trail, path))
        return self._files[path]

    def _locate(self, statement: syntax.Import, trail: tuple[Path, ...]) -> Path | None:
        """The file that an import means; None after a message."""
        where, text = statement.path.span, statement.path.value
        if self._root is None:
            message = "a text without a file has no folder to import from"
            self._say(IMPORT_NOT_FOUND.at(where, message, help="write the blocks here, or save the text as a file"))
            return None
        try:
            path = (trail[-1].parent / text).resolve()
            exists = path.is_file()
        except (OSError, RuntimeError, ValueError):  # a loop of links, a NUL character
            path, exists = trail[-1], False
        if not path.is_relative_to(self._root):
            message = f"`{text}` leaves the project's folder"
            self._say(IMPORT_OUTSIDE.at(where, message, help="copy the file into the project"))
        elif not exists or not is_spec(text):
            message = f"`{text}` is neither an `.exn` file nor a YAML file" if exists else f"there is no file `{text}`"
            self._say(IMPORT_NOT_FOUND.at(where, message, help="write the path from the folder of this file"))
        else:
            return path
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


def _project_root(folder: Path) -> Path:
    """The nearest folder, upwards, that has a mark of a project; the folder itself if none has."""
    marked = (f for f in (folder, *folder.parents) if any((f / mark).exists() for mark in PROJECT_MARKS))
    return next(marked, folder)
