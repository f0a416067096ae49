"""IDX files for tests."""

import numpy as np

from exnet.data.idx import TYPES


def idx_bytes(array: np.ndarray, code: int = 0x08) -> bytes:
    sizes = b"".join(int(n).to_bytes(4, "big") for n in array.shape)
    return bytes([0, 0, code, array.ndim]) + sizes + array.astype(TYPES[code]).tobytes()
