"""Checks what a net is given: tensors by input, in the shapes that their tokenisers take."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from exnet.passing.rules import INDEX_OUT_OF_RANGE, NOT_FINITE, WRONG_INPUT
from exnet.source import ExnetError, nearest
from exnet.spec.model import Input


def checked_inputs(inputs: Sequence[Input], x: Any, dtype: torch.dtype, device: torch.device) -> list[Tensor]:
    """One tensor for each input, in their order: numbers [B, leaves, width] of `dtype`, or int64 [B, leaves].

    Args:
        inputs: of the spec.
        x: a tensor if there is one input, else a mapping from names to tensors.
        dtype: of the net.
        device: of the net.

    Raises:
        ExnetError: EXN610 to EXN612.
    """
    given = _by_name(inputs, x)
    found = [_checked(source, given[source.name], dtype, device) for source in inputs]
    sizes = {source.name: len(value) for source, value in zip(inputs, found, strict=True)}
    if len(set(sizes.values())) > 1:
        shown = ", ".join(f"`{name}` {size}" for name, size in sizes.items())
        _refuse(f"inputs have different numbers of instances: {shown}", "give as many of each")
    return found


def _refuse(message: str, help: str) -> None:
    raise ExnetError(WRONG_INPUT.at(None, message, help=help))


def _by_name(inputs: Sequence[Input], x: Any) -> Mapping[str, Any]:
    names = [source.name for source in inputs]
    if isinstance(x, Mapping):
        for name in x:
            if name not in names:
                near = nearest(str(name), names)
                known = "inputs are " + ", ".join(f"`{n}`" for n in names)
                _refuse(f"the spec has no input `{name}`", f"did you mean `{near}`?" if near else known)
        for name in names:
            if name not in x:
                _refuse(f"the input `{name}` is missing", "give a tensor for every input of the spec")
        return x
    if len(inputs) > 1:
        shown = ", ".join(f'"{name}": ..' for name in names)
        _refuse(f"the spec has {len(inputs)} inputs, one value was given", f"give a dict {{{shown}}}")
    return {names[0]: x}


def _checked(source: Input, value: Any, dtype: torch.dtype, device: torch.device) -> Tensor:
    if not isinstance(value, Tensor):
        message = f"`{source.name}` takes a torch tensor, not {type(value).__name__}"
        _refuse(message, "convert with `torch.as_tensor`")
    if source.type.kind == "index":
        return _index(source, value).to(device)
    shape = (source.leaves, source.type.width)
    if value.is_complex() or value.dtype == torch.bool:
        _refuse(f"`{source.name}` takes real numbers, not {value.dtype}", "convert with `.float()`")
    if tuple(value.shape[1:]) not in _shapes(source):
        _refuse(_shape_message(source, value, f"[B, {shape[0]}, {shape[1]}]"), _way_out(source, value))
    numbers = value.to(device=device, dtype=dtype).reshape(len(value), *shape)
    if not bool(torch.isfinite(numbers.sum())) and not bool(torch.isfinite(numbers).all()):
        bad = (~torch.isfinite(numbers)).nonzero()[0].tolist()
        message = f"`{source.name}` holds {float(numbers[tuple(bad)])} at leaf {bad[1]} of instance {bad[0]}"
        raise ExnetError(NOT_FINITE.at(None, message, help="replace or drop such instances before training"))
    return numbers


def _way_out(source: Input, value: Tensor) -> str:
    if source.type.kind == "patch" and len(source.shape) == 2:
        (p, q), (s, t) = source.type.sizes, source.type.stride or source.type.sizes
        (a, b) = source.shape
        if tuple(value.shape[1:]) == ((a - 1) * s + p, (b - 1) * t + q):
            return f"cut the images into patches: `x.unfold(1, {p}, {s}).unfold(2, {q}, {t})`"
    return "reshape it; the first axis is the batch"


def _shapes(source: Input) -> set[tuple[int, ...]]:
    """Accepted shapes of one instance: leaves flat or as a grid, each leaf flat or in its declared sizes."""
    leaves = {(source.leaves,), source.shape}
    values = {(source.type.width,), source.type.sizes if source.type.kind != "index" else ()}
    return {a + b for a in leaves for b in values}


def _index(source: Input, value: Tensor) -> Tensor:
    if value.is_floating_point() or value.is_complex() or value.dtype == torch.bool:
        _refuse(f"`{source.name}` takes integers, not {value.dtype}", "convert with `.long()`")
    if tuple(value.shape[1:]) not in _shapes(source):
        _refuse(_shape_message(source, value, f"[B, {source.leaves}]"), "reshape it; the first axis is the batch")
    index, size = value.reshape(len(value), source.leaves).long(), source.type.sizes[0]
    if index.numel() and (int(index.min()) < 0 or int(index.max()) >= size):
        low, high = int(index.min()), int(index.max())
        message = f"`{source.name}` takes integers in 0..{size}, found {low if low < 0 else high}"
        raise ExnetError(
            INDEX_OUT_OF_RANGE.at(source.span, message, help=f"declare `index[{high + 1}]` or check the data")
        )
    return index


def _shape_message(source: Input, value: Tensor, wanted: str) -> str:
    return f"`{source.name}` takes {wanted}, given {list(value.shape)}"
