"""From a spec in any form to its module."""

from collections.abc import Mapping
from os import PathLike
from typing import Any

import torch

from exnet.compiler import compile_any
from exnet.passing.net import ExtractionNet
from exnet.spec import Spec
from exnet.spec.builder import Builder


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
        ExnetError: with everything that is wrong in the spec.
    """
    compiled = compile_any(spec, overrides).unwrap()
    return ExtractionNet(compiled.spec, compiled.plan, seed=seed, dtype=dtype)
