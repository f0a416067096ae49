"""Files that appear whole or not at all, even if the process is killed or the power fails."""

import os
from contextlib import suppress
from pathlib import Path

from exnet.export.rules import CANNOT_WRITE
from exnet.source import ExnetError


def write_atomically(path: Path, data: bytes) -> None:
    """Replaces `path` by `data`: written beside it, flushed to the disk, renamed, and the folder flushed too.

    A process killed on the way leaves the old file and at most `.NAME.part`, which the next save replaces.

    Raises:
        ExnetError: EXN750, with the old file untouched.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        reason = (error.strerror or str(error)).lower()
        raise ExnetError(CANNOT_WRITE.at(None, f"cannot write `{path}`: {reason}")) from error


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
