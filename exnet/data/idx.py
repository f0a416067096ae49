"""The IDX file format: two zero bytes, a type code, the number of axes, their lengths (big-endian), the values."""

import gzip
import zlib
from gzip import GzipFile
from io import BufferedReader
from math import prod
from pathlib import Path

import numpy as np

from exnet.data.model import Array
from exnet.data.rules import CORRUPT_DATA, MISSING_DATA
from exnet.source import ExnetError

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
"""Type codes and what they stand for."""


def read_idx(path: Path) -> Array:
    """The array of an IDX file, plain or gzipped (name ends in `.gz`).

    Raises:
        ExnetError: EXN602 if it cannot be opened, EXN603 if its bytes are not what its header says.
    """
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            return _read(file, path)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise _corrupt(path, f"its gzip data are damaged ({error})") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise ExnetError(MISSING_DATA.at(None, f"cannot read `{path}`: {reason.lower()}")) from error


def _read(file: GzipFile | BufferedReader, path: Path) -> Array:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in TYPES or not 1 <= head[3] <= 4:
        raise _corrupt(path, f"it starts with the bytes {head.hex(' ') or '(none)'}, which are not an IDX header")
    raw = file.read(4 * head[3])
    if len(raw) < 4 * head[3]:
        raise _corrupt(path, "it ends inside its header")
    shape = tuple(int(n) for n in np.frombuffer(raw, ">u4"))
    dtype = np.dtype(TYPES[head[2]])
    return _body(file, path, shape, dtype)


def _body(file: GzipFile | BufferedReader, path: Path, shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> Array:
    """Reads piece by piece, so that a header that lies about its size cannot ask for memory."""
    wanted, pieces, got = prod(shape) * dtype.itemsize, list[bytes](), 0
    while got <= wanted and (piece := file.read(min(1 << 24, wanted + 1 - got))):
        pieces.append(piece)
        got += len(piece)
    if got != wanted:
        more = "has more" if got > wanted else f"has {got:,}"
        raise _corrupt(path, f"its header says {' x '.join(map(str, shape))}, {wanted:,} bytes, and it {more}")
    return np.frombuffer(b"".join(pieces), dtype).reshape(shape).astype(dtype.newbyteorder("="))


def _corrupt(path: Path, reason: str) -> ExnetError:
    return ExnetError(CORRUPT_DATA.at(None, f"`{path}` is not usable: {reason}", help="fetch the file again"))
