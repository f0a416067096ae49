"""One writer for each run folder: a lock that the operating system holds, and drops when its process ends, however."""

import fcntl
import json
import os
import socket
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from exnet.export.rules import CANNOT_WRITE, RUN_IN_USE
from exnet.source import ExnetError

LOCK = ".lock"
"""Names the process that writes the folder. Left behind by a killed one it holds nothing."""


@contextmanager
def locked(folder: Path) -> Generator[None, None, None]:
    """Within it, no other process (and no other thread) writes the run in `folder`, which exists.

    Raises:
        ExnetError: EXN755 if somebody does, EXN750 if the lock cannot be made.
    """
    handle = _hold(folder / LOCK)
    try:
        yield
    finally:
        with suppress(OSError):
            (folder / LOCK).unlink()
        os.close(handle)


def _hold(path: Path) -> int:
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ExnetError(CANNOT_WRITE.at(None, f"cannot write `{path}`: {reason}")) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = _owner(handle)
            os.close(handle)
            message = f"`{path.parent}` is being written by {owner}"
            raise ExnetError(RUN_IN_USE.at(None, message, help="wait for it, or name another folder")) from error
        if _is_at(handle, path):
            _sign(handle)
            return handle
        os.close(handle)  # its last owner removed it between the two calls


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _sign(handle: int) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode(), 0)


def _owner(handle: int) -> str:
    try:
        found = json.loads(os.pread(handle, 4096, 0))
        return f"process {int(found['pid'])} on {found['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"
