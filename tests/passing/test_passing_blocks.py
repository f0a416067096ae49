"""Chains in compiled blocks give the gradients of the loop, whatever the network, and do without a compiler."""

import shutil
from collections.abc import Callable
from itertools import product

import pytest
import torch
from torch import Tensor

import exnet
from exnet.learn.loop import make_rule
from exnet.passing import blocks
from exnet.passing.blocks import Blocks, fusing

SPEC = """
exnet c
input  x[{length}] : real[3]
output y : class[4]
space  primary = 3, complementary = 3
tokenise x with identity
net    cell = {net}
default vertex (primary: cell, complementary: cell)
let    h[0] = x[0]
vertex h[t: 1..{length}] = {order} {shared}
root   h[{length} - 1]
mode   deterministic
"""
NETS = (
    "mlp(hidden: [4], activation: tanh, norm: layer)",
    "mlp(hidden: [4, 5], activation: gelu, norm: rms)",
    "mlp(hidden: [4], activation: relu, norm: off, residual: true, step: 0.3)",
    "gated(hidden: [4], activation: silu, norm: layer)",
    "gated(hidden: [4, 2], activation: tanh, norm: off)",
)
ORDERS = ("(h[t-1], x[t])", "(x[t], h[t-1])")
SHARED = ("share all", "share by t")
CALM = pytest.mark.filterwarnings("default")  # torch's compiler warns of its own code
COMPILER = pytest.mark.skipif(shutil.which("g++") is None, reason="torch finds no C++ compiler (g++) here")


def stepped(
    text: str, found: Blocks | None, batches: tuple[int, ...] = (2,), dtype: torch.dtype = torch.float64
) -> list[Tensor]:
    """The gradients of a step with each batch."""
    net = exnet.build(text, seed=3, dtype=dtype)
    rule, made = make_rule(net, net.spec.learn), list[Tensor]()
    for batch in batches:
        generator = torch.Generator().manual_seed(batch)
        x = torch.randn(batch, net.spec.inputs[0].leaves, 3, generator=generator, dtype=torch.float64).to(dtype)
        with fusing(found):
            rule.step(net, {"x": x}, {"y": torch.arange(batch) % 4}, 0, torch.arange(batch))
        made += [parameter.grad.clone() for parameter in net.parameters() if parameter.grad is not None]
    return made


def agree(text: str, found: Blocks, batches: tuple[int, ...] = (2,)) -> None:
    for own, wanted in zip(stepped(text, found, batches), stepped(text, None, batches), strict=True):
        torch.testing.assert_close(own, wanted, rtol=1e-10, atol=1e-12)


def spec(net: str = NETS[0], order: str = ORDERS[0], shared: str = SHARED[0], length: int = 12) -> str:
    return SPEC.format(net=net, order=order, shared=shared, length=length)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Blocks of 4 steps that are not compiled; their calls."""
    made = list[int]()

    def uncompiled(function: Callable[..., None], **_: object) -> Callable[..., None]:
        def run(*arguments: object) -> None:
            made.append(1)
            function(*arguments)

        return run

    monkeypatch.setattr(blocks, "LENGTH", 4)
    monkeypatch.setattr(torch, "compile", uncompiled)
    return made


@pytest.mark.parametrize(("net", "order", "shared"), list(product(NETS, ORDERS, SHARED)))
def test_blocks_are_the_loop(net: str, order: str, shared: str, calls: list[int]) -> None:
    agree(spec(net, order, shared), Blocks())
    assert calls, "no block ran"


def test_batches_of_other_sizes_go_through_the_loop(calls: list[int]) -> None:
    agree(spec(), Blocks(), (2, 3))
    several = len(calls)
    calls.clear()
    agree(spec(), Blocks(), (2,))
    assert several == len(calls) > 0


def test_other_types_go_through_the_loop(calls: list[int]) -> None:
    stepped(spec(), Blocks(), dtype=torch.bfloat16)
    assert not calls


def test_without_a_compiler_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> Callable[..., None]:
        def run(*_: object) -> None:
            raise RuntimeError("No working C++ compiler found\nand more")

        return run

    monkeypatch.setattr(torch, "compile", none)
    found = Blocks()
    agree(spec(length=24), found)
    assert found.failure == "No working C++ compiler found"
    assert found.made == 0
    assert found.doubt is not None
    assert found.doubt.code == "EXN632"


@COMPILER
@CALM
def test_compiled_blocks_are_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LENGTH", 2)
    found = Blocks()
    agree(spec(), found)
    assert (found.failure, found.made) == (None, 1)
    assert found.seconds > 0


@COMPILER
@CALM
@pytest.mark.full
@pytest.mark.parametrize(("net", "shared"), list(product(NETS, SHARED)))
def test_compiled_blocks_of_every_kind_are_the_loop(net: str, shared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LENGTH", 4)
    found = Blocks()
    agree(spec(net, shared=shared), found)
    assert found.failure is None
    assert found.made
