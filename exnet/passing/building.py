"""From a spec in any form to its module."""

from collections.abc import Mapping
from os import PathLike
from typing import Any

import torch

from exnet.compiler import Compiled, compile_source, compile_spec, read_source
from exnet.passing.net import ExtractionNet
from exnet.source import Outcome
from exnet.source.reading import source_of_text
from exnet.spec import Spec, analyse, from_mapping


def build(
    spec: "str | PathLike[str] | Mapping[str, Any] | Spec",
    *,
    overrides: Mapping[str, int | bool] | None = None,
    seed: int = 0,
    dtype: torch.dtype | None = None,
) -> ExtractionNet:
    """The module that a spec describes.

    Args:
        spec: the path of a file, a mapping, a `Spec`, or a text that starts with `exnet` and has several lines.
        overrides: values of params, as `--set` gives them.
        seed: of initial parameters, tokenisers, draws and dropout.
        dtype: of parameters and extractions; torch's default if None.

    Raises:
        ExnetError: with everything that is wrong in the spec.
    """
    compiled = _compile(spec, overrides).unwrap()
    return ExtractionNet(compiled.spec, compiled.plan, seed=seed, dtype=dtype)


def _compile(
    spec: "str | PathLike[str] | Mapping[str, Any] | Spec", overrides: Mapping[str, int | bool] | None
) -> Outcome[Compiled]:
    if isinstance(spec, Spec):
        return compile_spec(analyse(spec.file, spec.source, overrides).unwrap() if overrides else spec)
    if isinstance(spec, Mapping):
        return compile_spec(from_mapping(spec, overrides=overrides).unwrap())
    if isinstance(spec, str) and _is_text(spec):
        return compile_source(source_of_text(spec), overrides)
    return compile_source(read_source(spec), overrides)


def _is_text(text: str) -> bool:
    return "\n" in text
