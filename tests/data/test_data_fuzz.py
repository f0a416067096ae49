"""Whatever a file or an option contains, the answer is data or a message."""

import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from exnet import data
from exnet.data import Part
from exnet.source import Diagnostic, ExnetError
from exnet.source.render import render_text

T = TypeVar("T")
TABLE = "length,petal width,colour,species\n" + "".join(
    f"{i / 7:.2f},{i * i % 11},{('red', 'blue', 'white')[i % 3]},{'ab'[i % 2]}\n" for i in range(16)
)
CELLS = [
    "",
    "NA",
    "?",
    "1e999",
    "-1",
    "0x1",
    "'",
    '"',
    '""',
    ",",
    ";",
    "\n",
    "\r",
    "\t",
    "\0",
    "\u0663",
    "1_0",
    "inf",
    " ",
]
OPTIONS = (
    "target=species",
    "target=species,missing=mean",
    "target=species,missing=drop",
    "target=length,missing=mean",
    "target=length,task=regression",
    "target=[colour, species],test=0.3",
    "target=colour,words=petal width",
    "header=false,target=column4",
    "target=petal width,task=labels",
    "target=species,part=tuning",
)
WORDS = [
    "csv",
    "npz",
    "recall",
    ":",
    "(",
    ")",
    "[",
    "]",
    '"',
    ",",
    "=",
    "length",
    "file",
    "target",
    "3",
    "a",
    "\\",
    " ",
    ".",
]


def mutated(dice: random.Random) -> bytes:
    """The table with some cells, signs and lines changed."""
    signs = list(TABLE)
    for _ in range(dice.randint(0, 6)):
        at = dice.randrange(len(signs))
        match dice.randrange(3):
            case 0:
                signs[at] = dice.choice(CELLS)
            case 1:
                signs.insert(at, dice.choice(CELLS))
            case _:
                del signs[at : at + dice.randint(1, 40)]
                signs = signs or ["a"]
    raw = "".join(signs).encode()
    return raw if dice.random() < 0.95 else raw.replace(b"e", b"\xe9")


def attempt(what: Callable[[str], T], name: str) -> T | None:
    """What comes out; None if there is a message, which has a way out and can be drawn."""
    diagnostics: tuple[Diagnostic, ...] = ()
    try:
        return what(name)
    except ExnetError as error:
        diagnostics = error.diagnostics
    assert render_text(diagnostics, color=False)
    assert all(d.help for d in diagnostics)
    return None


def read(name: str) -> bool:
    """Whether a name gives data; if so they are finite, and reading them again gives the same numbers."""
    found = attempt(data.load, name)
    if found is None:
        return False
    assert isinstance(found.train, Part)
    for part in (found.train, found.test):
        assert all(np.isfinite(array).all() for array in (*part.inputs.values(), *part.targets.values()))
    assert data.describe(found).lines
    again = data.load(name, found.codes)
    for key, array in again.test.inputs.items():
        np.testing.assert_array_equal(array, found.test.inputs[key])
    return True


@pytest.mark.parametrize("seed", range(4))
def test_tables(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    dice, good = random.Random(seed), 0
    for _ in range(150):
        Path("t.csv").write_bytes(mutated(dice))
        good += read(f"csv:t.csv,{dice.choice(OPTIONS)}")
    assert 15 < good < 150  # both answers occur


def test_archives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("whole.npz", x=np.arange(12).reshape(6, 2), y=np.array([0, 1] * 3))
    whole, dice, good = Path("whole.npz").read_bytes(), random.Random(0), 0
    for _ in range(200):
        raw = bytearray(whole)
        for _ in range(dice.randint(1, 3)):
            raw[dice.randrange(len(raw))] = dice.randrange(256)
        Path("t.npz").write_bytes(bytes(raw))
        good += read("npz:t.npz")
    assert 0 < good < 200


def test_names_of_data() -> None:
    dice, good = random.Random(0), 0
    assert os.sep not in WORDS
    for _ in range(3000):
        text = "".join(dice.choice(WORDS) for _ in range(dice.randint(1, 12)))
        declared = attempt(data.parse, dice.choice(("", "csv:", "npz(file: a", "csv:a,target=[")) + text)
        if declared is not None:
            good += 1
            assert data.parse(declared.text) == declared
    assert good > 50
