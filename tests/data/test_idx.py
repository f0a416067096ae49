import gzip
from pathlib import Path

import numpy as np
import pytest
from idx_files import idx_bytes

from exnet.data.idx import TYPES, read_idx
from exnet.source import ExnetError

IMAGES = np.arange(24).reshape(2, 3, 4)


@pytest.mark.parametrize("code", sorted(TYPES))
def test_every_type_comes_back(code: int, tmp_path: Path) -> None:
    path = tmp_path / "a-idx3-ubyte"
    path.write_bytes(idx_bytes(IMAGES - (5 if code > 0x08 else 0), code))
    found = read_idx(path)
    np.testing.assert_array_equal(found, IMAGES - (5 if code > 0x08 else 0))
    assert found.dtype.isnative


def test_gzip_and_plain_agree(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(idx_bytes(IMAGES))
    (tmp_path / "a.gz").write_bytes(gzip.compress(idx_bytes(IMAGES)))
    np.testing.assert_array_equal(read_idx(tmp_path / "a"), read_idx(tmp_path / "a.gz"))


DAMAGE = {
    "empty": lambda raw: b"",
    "no magic": lambda raw: b"\1" + raw[1:],
    "unknown type": lambda raw: raw[:2] + b"\7" + raw[3:],
    "no axes": lambda raw: raw[:3] + b"\0" + raw[4:],
    "inside the header": lambda raw: raw[:9],
    "truncated": lambda raw: raw[:-1],
    "too long": lambda raw: raw + b"\0",
    "header that lies": lambda raw: raw[:4] + b"\xff\xff\xff\xff" + raw[8:],
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("zipped", [False, True])
def test_damaged_files_are_refused(damage: str, zipped: bool, tmp_path: Path) -> None:
    raw = DAMAGE[damage](idx_bytes(IMAGES))
    path = tmp_path / ("a.gz" if zipped else "a")
    path.write_bytes(gzip.compress(raw) if zipped else raw)
    with pytest.raises(ExnetError) as caught:
        read_idx(path)
    assert caught.value.code == "EXN603"
    assert str(path) in str(caught.value)


def test_damaged_gzip_is_refused(tmp_path: Path) -> None:
    whole = gzip.compress(idx_bytes(np.random.default_rng(0).integers(0, 255, (9, 9))))
    flipped = bytearray(whole)
    flipped[40] ^= 0xFF
    for number, raw in enumerate((whole[:-12], b"not gzip at all", bytes(flipped))):
        path = tmp_path / f"{number}.gz"
        path.write_bytes(raw)
        with pytest.raises(ExnetError) as caught:
            read_idx(path)
        assert caught.value.code == "EXN603"


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ExnetError) as caught:
        read_idx(tmp_path / "none")
    assert caught.value.code == "EXN602"
