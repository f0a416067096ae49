"""Files of a run: written whole, or refused with a reason."""

from pathlib import Path

from exnet.export.rules import CANNOT_WRITE
from exnet.source import ExnetError
from exnet.source.writing import write_whole


def write_atomically(path: Path, data: bytes) -> None:
    """Replaces `path` by `data` in one step, as `write_whole` does.

    Raises:
        ExnetError: EXN750, with the old file untouched.
    """
    try:
        write_whole(path, data)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ExnetError(CANNOT_WRITE.at(None, f"cannot write `{path}`: {reason}")) from error
