"""A safetensors file of exnet: named tensors, and one JSON text that says what they are and carries their digest.

The file is a function of its contents alone: tensors are written in the order of their names, and the metadata have one
key, because the order of several is not defined.
"""

import json
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from exnet.export.atomic import write_atomically
from exnet.export.rules import CANNOT_READ, CORRUPT_CHECKPOINT
from exnet.source import ExnetError

KEY = "exnet"
"""The only key of the metadata."""


def write_tensors(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Writes a file atomically.

    Raises:
        ExnetError: EXN750.
    """
    kept = {name: tensors[name].detach().cpu().contiguous() for name in sorted(tensors)}
    text = json.dumps({**about, "digest": digest(kept, about)}, sort_keys=True)
    write_atomically(path, save(kept, {KEY: text}))


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors (on the CPU) and what is said about them.

    Raises:
        ExnetError: EXN751 if there is no such file, EXN752 if a single byte of it is not as it was written.
    """
    if not path.is_file():
        raise ExnetError(CANNOT_READ.at(None, f"there is no file `{path}`"))
    try:
        with safe_open(str(path), "pt") as file:
            text = (file.metadata() or {}).get(KEY)
            tensors = {name: file.get_tensor(name) for name in sorted(file.keys())}
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError) as error:
        raise _corrupt(path, f"it is no whole safetensors file ({error})") from error
    about = _parse(path, text)
    expected = about.pop("digest", None)
    if digest(tensors, about) != expected:
        raise _corrupt(path, "its digest does not match its contents")
    return tensors, about


def digest(tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> str:
    """A hash of names, types, shapes, values, and of what is said about them."""
    state = blake2b(json.dumps(about, sort_keys=True).encode(), digest_size=16)
    for name in sorted(tensors):
        tensor = tensors[name].contiguous()
        state.update(f"{name}|{tensor.dtype}|{tuple(tensor.shape)}|".encode())
        state.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return state.hexdigest()


def _parse(path: Path, text: str | None) -> dict[str, Any]:
    if text is None:
        raise _corrupt(path, "it was not written by exnet")
    try:
        about = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _corrupt(path, "its description is no JSON") from error
    if not isinstance(about, dict):
        raise _corrupt(path, "its description is no JSON object")
    return about


def _corrupt(path: Path, reason: str) -> ExnetError:
    return ExnetError(CORRUPT_CHECKPOINT.at(None, f"`{path}` is not usable: {reason}", help="use an earlier one"))
