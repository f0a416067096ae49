"""Values of wrong types that a program gives to the functions of exnet are answered, not stumbled over."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

import exnet

TEXT = "exnet t\nparam n = 4\ninput x[n] : real[2]\noutput y : class[3]\nroot tree(x)\n"
DATA = {"x": np.zeros((20, 4, 2), np.float32), "y": np.arange(20) % 3}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: exnet.parse(3), "`3` is no text"),  # pyright: ignore[reportArgumentType]
        (lambda: exnet.parse(TEXT.encode()), "`bytes` is no text"),  # pyright: ignore[reportArgumentType]
        (lambda: exnet.parse(TEXT, overrides=[1]), "`list` is no mapping"),  # pyright: ignore[reportArgumentType]
        (lambda: exnet.build(None), "`None` is no spec"),  # pyright: ignore[reportArgumentType]
        (lambda: exnet.build(TEXT, seed="a"), "`'a'` is no seed"),  # pyright: ignore[reportArgumentType]
        (lambda: exnet.build(TEXT, dtype=torch.int32), "`'torch.int32'` is no type of parameters"),
        (lambda: exnet.build(TEXT, dtype="float64"), "`'float64'` is no type of parameters"),  # pyright: ignore[reportArgumentType]
        (lambda: exnet.load(None), "`None` is no path"),  # pyright: ignore[reportArgumentType]
        (lambda: exnet.picture(None), "`None` is no spec"),  # pyright: ignore[reportArgumentType]
        (lambda: exnet.train(3, DATA), "`3` is no spec"),  # pyright: ignore[reportArgumentType]
        (lambda: exnet.train(TEXT, DATA, rule=3), "`3` is no learning rule"),  # pyright: ignore[reportArgumentType]
        (lambda: exnet.train(TEXT, DATA, out=3), "`3` is no path"),  # pyright: ignore[reportArgumentType]
        (lambda: exnet.train(TEXT, DATA, observer=3), "`3` is no observer"),  # pyright: ignore[reportArgumentType]
    ],
)
def test_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(exnet.ExnetError) as found:
        call()
    assert found.value.code == "EXN470"
    assert found.value.diagnostics[0].message.startswith(message)
    assert found.value.hint.startswith("give ")


def test_integers_of_numpy_are_integers() -> None:
    spec = exnet.parse(TEXT, overrides={"n": np.int64(8)})  # pyright: ignore[reportArgumentType]
    assert spec == exnet.parse(TEXT, overrides={"n": 8})
    assert type(spec.overrides["n"]) is int
    assert exnet.build(TEXT, seed=np.int64(3)).seed == 3  # pyright: ignore[reportArgumentType]


def test_values_out_of_range_are_told_in_our_words() -> None:
    with pytest.raises(exnet.ExnetError) as found:
        exnet.train(TEXT, DATA, epochs=0)
    assert found.value.diagnostics[0].message == "`--epochs 0`: it must be at least 1"
