"""Chains in blocks of steps: `LENGTH` steps of a scan as one function, which `torch.compile` turns into C++.

    y_t = network(y_(t-1), x_t; W_t)        t = t_0 + 1 .. t_0 + LENGTH

The arithmetic is that of the loop in `exnet.passing.scan`, with two changes that are worth the trouble only where
operations are fused: tanh(x) = 2 sigmoid(2x) - 1, and norms in their plain form. Results agree to rounding. What does
not fit (the rest of T, other batches than that of the first step, types and devices that the compiler was not made for)
goes through the loop. Compiled code is in torch's cache, so another run finds it there.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter
from typing import TypeAlias

import torch
from torch import Tensor

from exnet.nets.layers import ACTIVATIONS, EPSILON
from exnet.nets.slopes import IN_PLACE
from exnet.passing.rules import NOT_COMPILED
from exnet.source import Diagnostic

LENGTH = 16
"""Steps of a block: calls cost little beside them, and C++ compilers are done within a minute."""

FORMS = 64
"""Kinds of blocks in one process; torch's own limit is 8."""

OPTIONS: Mapping[str, str | int | bool | Callable[..., object]] = {"cpp_wrapper": True, "pattern_matcher": False}
"""For inductor: a block all in C++, and sums beside products, which cost less than products that begin with a sum."""

TYPES = (torch.float32, torch.float64)

Function: TypeAlias = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Form:
    """What a block is compiled for, beside the number of its rows.

    Attributes:
        activation, norm: of the network.
        step: of the residual, x_0 + step * branch; None without one.
        gated: whether there is a gate.
        single: whether there is one class; else each step has a class of its own.
        carries: whether x_0, which residual and gate go past, is y_(t-1).
        widths: of y, then of each layer.
        dtype: of everything.
    """

    activation: str
    norm: str
    step: float | None
    gated: bool
    single: bool
    carries: bool
    widths: tuple[int, ...]
    dtype: torch.dtype


@dataclass(frozen=True, slots=True, eq=False)
class Strip:
    """The tensors of a scan that have a step first, [T, R, width]; a part of it belongs to one block.

    Attributes:
        layers: the first layer's opening x W + b, where its z or f(z) goes, and those of the other layers.
        values: f(z) where z is kept too; else nothing.
        x, result: of the last layer, and y.
        mean, scale: of the norm, [T, R, 1]; nothing without one.
        gate: x W_g + b_g, and the gate; apart: what it lets through. Nothing without a gate.
        held: x_0, if it is not y_(t-1).
    """

    layers: Sequence[Tensor]
    values: Sequence[Tensor]
    x: Tensor
    result: Tensor
    mean: Tensor | None
    scale: Tensor | None
    gate: Tensor | None
    apart: Tensor | None
    held: Tensor | None

    def part(self, first: int) -> "Strip":
        """The steps of one block."""
        return Strip(
            [value.narrow(0, first, LENGTH) for value in self.layers],
            [value.narrow(0, first, LENGTH) for value in self.values],
            *(
                None if value is None else value.narrow(0, first, LENGTH)
                for value in (self.x, self.result, self.mean, self.scale, self.gate, self.apart, self.held)
            ),  # pyright: ignore[reportArgumentType]  # x and result are always there
        )

    def arguments(self) -> tuple[object, ...]:
        """As a compiled function takes them."""
        return (
            list(self.layers), list(self.values), self.x, self.result, self.mean, self.scale, self.gate, self.apart,
            self.held,
        )  # fmt: skip


@dataclass(eq=False)
class Blocks:
    """The compiled blocks of a run.

    Attributes:
        seconds: on the wall, spent compiling. made: blocks that were compiled.
        failure: why there is no more compiling.
    """

    seconds: float = 0.0
    made: int = 0
    failure: str | None = None
    _functions: dict[Form, tuple[int, Function]] = field(default_factory=dict)
    _ready: set[Form] = field(default_factory=set)

    def run(self, form: Form, strip: Strip, start: Tensor, weights: Sequence[Tensor]) -> int:
        """Fills the first steps of `strip`, as many as there are whole blocks; how many.

        Args:
            form: of the scan.
            strip: of the scan.
            start: y_0 [R, w].
            weights: the rows of W_0 for the carry, W_1, b_1, .., those of W_g for the carry; with a leading T each, or
                without where there is one class.
        """
        done, y = 0, start
        while done + LENGTH <= len(strip.result) and (function := self._function(form, start)) is not None:
            own = [w if form.single else w.narrow(0, done, LENGTH) for w in weights]
            if not self._call(form, function, (y.clone(), own, *strip.part(done).arguments())):
                break
            done += LENGTH
            y = strip.result[done - 1]
        return done

    @property
    def figures(self) -> dict[str, object]:
        """For run.json."""
        return {"blocks": self.made, "seconds": round(self.seconds, 2), "failure": self.failure}

    @property
    def doubt(self) -> Diagnostic | None:
        """What there is to be said about a failure."""
        if self.failure is None:
            return None
        message = f"torch.compile failed, and chains went step by step: {self.failure}"
        return NOT_COMPILED.at(None, message, help="leave out `--compile`, or install a C++ compiler such as g++")

    def _function(self, form: Form, start: Tensor) -> Function | None:
        if self.failure is not None or start.device.type != "cpu" or form.dtype not in TYPES:
            return None
        if form not in self._functions:
            compiled = torch.compile(block(form), dynamic=False, fullgraph=True, options=dict(OPTIONS))
            self._functions[form] = len(start), compiled
        rows, function = self._functions[form]
        return function if rows == len(start) else None

    def _call(self, form: Form, function: Function, arguments: tuple[object, ...]) -> bool:
        """Whether it could be done; the first call compiles."""
        if form in self._ready:
            function(*arguments)
            return True
        begin = perf_counter()
        try:
            with torch.compiler.config.patch(recompile_limit=FORMS):  # pyright: ignore[reportAttributeAccessIssue]
                function(*arguments)
        except (RuntimeError, OSError, ImportError) as error:  # all that dynamo, inductor and a compiler may raise
            self.failure = (str(error).strip().splitlines() or [type(error).__name__])[0]
            return False
        self.seconds, self.made = self.seconds + perf_counter() - begin, self.made + 1
        self._ready.add(form)
        return True


_ACTIVE: ContextVar[Blocks | None] = ContextVar("blocks", default=None)


@contextmanager
def fusing(blocks: Blocks | None) -> Generator[None, None, None]:
    """Within it the scans of training steps use these blocks; None changes nothing."""
    token = _ACTIVE.set(blocks)
    try:
        yield
    finally:
        _ACTIVE.reset(token)


def active() -> Blocks | None:
    """The blocks to be used."""
    return _ACTIVE.get()


def block(form: Form) -> Function:
    """The steps of a block as one function, without regard to who runs it."""
    activation, norm = _activation(form.activation), _norm(form.norm)
    kept = form.activation not in IN_PLACE

    def run(
        y: Tensor,
        weights: list[Tensor],
        layers: list[Tensor],
        values: list[Tensor],
        x: Tensor,
        result: Tensor,
        mean: Tensor | None,
        scale: Tensor | None,
        gate: Tensor | None,
        apart: Tensor | None,
        held: Tensor | None,
    ) -> None:
        found: list[list[Tensor]] = []
        for t in range(LENGTH):
            own = weights if form.single else [w[t] for w in weights]
            z = layers[0][t] + torch.mm(y, own[0])
            before: list[Tensor] = []
            after: list[Tensor] = []
            for i in range(len(layers)):
                before.append(z)
                after.append(activation(z))
                z = torch.mm(after[i], own[1 + 2 * i]) + own[2 + 2 * i]
            made, m, s = norm(z)
            past = y if held is None else held[t]
            opened = apart_t = made
            if gate is not None:
                opened, apart_t = torch.sigmoid(gate[t] + torch.mm(y, own[-1])), made - past
                y = past + opened * apart_t
            elif form.step is not None:
                y = past + form.step * made
            else:
                y = made
            found.append([*(before if kept else after), *(after if kept else []), z, y, m, s, opened, apart_t])
        into = [*layers, *values, x, result, mean, scale, gate, apart]
        for tensor, parts in zip(into, zip(*found, strict=True), strict=True):
            if tensor is not None:
                tensor.copy_(torch.stack(parts))

    return run


def _activation(kind: str) -> Callable[[Tensor], Tensor]:
    return (lambda x: 2 * torch.sigmoid(2 * x) - 1) if kind == "tanh" else ACTIVATIONS[kind]


def _norm(kind: str) -> Callable[[Tensor], tuple[Tensor, Tensor, Tensor]]:
    """y, mean and one over the deviation."""
    if kind == "layer":
        return _layer
    return _rms if kind == "rms" else lambda x: (x, x, x)


def _layer(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    mean = x.mean(-1, keepdim=True)
    apart = x - mean
    scale = torch.rsqrt(apart.square().mean(-1, keepdim=True) + EPSILON)
    return apart * scale, mean, scale


def _rms(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    scale = torch.rsqrt(x.square().mean(-1, keepdim=True) + EPSILON)
    return x * scale, scale, scale
