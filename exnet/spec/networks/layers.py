"""Fully connected layers as declarations: shapes, initial values and cost. Shared by the networks."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import sqrt
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from exnet.spec.network import Initial, Parameter

Activation: TypeAlias = Literal["gelu", "relu", "tanh", "silu", "sigmoid", "identity"]
Norm: TypeAlias = Literal["off", "layer", "rms"]
Start: TypeAlias = Literal["random", "identity"]
Width: TypeAlias = Annotated[int, Field(ge=1, le=2**20)]
Widths: TypeAlias = Annotated[tuple[Width, ...], Field(max_length=256)]
Rate: TypeAlias = Annotated[float, Field(ge=0.0, lt=1.0)]


def weight(name: str, rows: int, columns: int) -> Parameter:
    """The W of y = x W, stored [in, out] = [rows, columns]; starts uniform in +-sqrt(3 / in): y is as large as x.

    With torch.nn.Linear's start, a third of that variance and biases as large as what is left of the signal, deep
    graphs hardly learn by backprop (docs/results.md).
    """
    return Parameter(name, (rows, columns), Initial("uniform", sqrt(3.0 / rows)))


def bias(name: str, columns: int) -> Parameter:
    """The b of y = x W + b, stored [out]; starts at zero."""
    return Parameter(name, (columns,), Initial("constant", 0.0))


def layers(widths: Sequence[int], start: Start = "random") -> tuple[Parameter, ...]:
    """w0, b0, w1, b1, ..: layer i maps `widths[i]` numbers to `widths[i + 1]`.

    With the start `identity` the last layer begins at zero, and so does what a network adds to its first operand.
    """
    made = list[Parameter]()
    for i, (rows, columns) in enumerate(pairwise(widths)):
        made += [weight(f"w{i}", rows, columns), bias(f"b{i}", columns)]
    if start == "identity":
        made[-2] = replace(made[-2], initial=Initial("constant", 0.0))
    return tuple(made)


def layers_flops(widths: Sequence[int]) -> int:
    """The sum of 2 * in * out over the layers, for one row."""
    return sum(2 * rows * columns for rows, columns in pairwise(widths))


def hidden_widths(hidden: tuple[int, ...] | None, operands: Sequence[int], out: int) -> tuple[int, ...]:
    """All widths from input to result: sum of operands, hidden ones, out. None: one layer, twice the first operand."""
    return (sum(operands), *((2 * operands[0],) if hidden is None else hidden), out)


def carry_problem(what: str, operands: Sequence[int], out: int) -> str | None:
    """Why a network that carries its first operand cannot have this signature; None if it can."""
    if operands[0] == out:
        return None
    return f"{what} carries its first operand, of width {operands[0]}, so its result cannot have width {out}"


def layers_kept(widths: Sequence[int], activation: str, norm: str, start: str) -> int:
    """What the layers keep for one row: each hidden layer's result, what a `gelu` or `silu` read, what a norm read."""
    hidden = sum(widths[1:-1]) * (2 if activation in ("gelu", "silu") else 1)
    normed = widths[-2] if start == "identity" else 0
    return hidden + widths[-1] + (normed + 2 if norm != "off" else 0)
