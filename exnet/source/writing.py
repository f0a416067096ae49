"""Files that appear whole or not at all, even if the process is killed or the power fails."""

import os
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Replaces `path` by `data`: written beside it, flushed to the disk, renamed, and the folder flushed too.

    A process killed on the way leaves the old file and at most `.NAME.part`, which the next write replaces. The old
    file's permissions stay.

    Raises:
        OSError: with the old file untouched.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            part.chmod(path.stat().st_mode & 0o7777)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
