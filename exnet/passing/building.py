"""From a spec in any form to its module."""

from collections.abc import Mapping
from numbers import Integral
from os import PathLike
from typing import Any

import torch

from exnet.compiler import compile_any
from exnet.passing.net import ExtractionNet
from exnet.spec import Spec
from exnet.spec.builder import Builder
from exnet.spec.wording import check_given, refused


def build(
    spec: "str | PathLike[str] | Mapping[str, Any] | Spec | Builder",
    *,
    overrides: Mapping[str, int | bool] | None = None,
    seed: int = 0,
    dtype: torch.dtype | None = None,
) -> ExtractionNet:
    """The module that a spec describes.

    Args:
        spec: the path of a file, a text of several lines, a mapping, an `exnet.Builder`, or a `Spec`.
        overrides: values of params, as `--set` gives them.
        seed: of initial parameters, tokenisers, draws and dropout.
        dtype: of parameters and extractions; torch's default if None.

    Raises:
        ExnetError: with everything that is wrong in the spec; EXN470 for a value of the wrong type.
    """
    check_given(seed, Integral, "seed", "an integer, such as 0")
    kinds = "`torch.float32`, `torch.float64` or `torch.bfloat16`"
    check_given(dtype, torch.dtype | None, "type of parameters", kinds)
    if dtype is not None and not dtype.is_floating_point:
        raise refused(str(dtype), "type of parameters", kinds)
    compiled = compile_any(spec, overrides).unwrap()
    return ExtractionNet(compiled.spec, compiled.plan, seed=int(seed), dtype=dtype)
