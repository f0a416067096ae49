"""A plan's arrays by name, and back: what goes into plan.safetensors."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from exnet.graph.model import Classes, Equation
from exnet.plan.model import Arcs, Groups, Plan
from exnet.spec.model import COMPONENTS

Arrays = dict[str, NDArray[Any]]
GROUPS = ("up", "down", "local_primary", "local_arcs", "trainers")
PLAIN = ("leaf", "vertex", "hash", "level", "child_ptr", "child")
KINDS: dict[str, str] = {
    **{f"{part}.{f.name}": "bool" if f.name == "drawn" else "int32" for part in GROUPS for f in fields(Groups)},
    **{f"{part}.{name}": "int64" for part in GROUPS for name in ("row_ptr", "site_ptr", "operand_ptr")},
    **{f"arcs.{f.name}": "int64" if f.name.endswith("_ptr") else "int32" for f in fields(Arcs)},
    **dict(zip(PLAIN, ("int32", "int32", "uint64", "int32", "int64", "int32"), strict=True)),
    "stacks.classes": "int32",
    "stacks.sites": "int64",
    "stacks.hash": "uint64",
    "origins.index": "int64",
    "origins.outer": "int64",
    **{f"origins.{part}.{name}": kind for part in COMPONENTS for name, kind in (("pool", "int32"), ("key", "int64"))},
}
"""Every array of a stored plan with its type."""


def arrays_of(plan: Plan) -> Arrays:
    """All arrays of a plan. Those of stacks, equations and pools follow one another in one array each."""
    found: Arrays = {name: getattr(plan, name) for name in PLAIN}
    for part in (*GROUPS, "arcs"):
        value = getattr(plan, part)
        found |= {f"{part}.{f.name}": getattr(value, f.name) for f in fields(value)}
    for name in ("classes", "sites", "hash"):
        found[f"stacks.{name}"] = _joined([getattr(stack, name) for stack in plan.stacks])
    for name in ("index", "outer"):
        found[f"origins.{name}"] = _joined([getattr(e, name).ravel() for e in plan.origins.equations])
    for component in COMPONENTS:
        classes = plan.origins.classes(component)
        found[f"origins.{component}.pool"] = classes.pool
        found[f"origins.{component}.key"] = _joined([key.ravel() for key in classes.key])
    return {name: np.ascontiguousarray(found[name], dtype=KINDS[name]) for name in sorted(found)}


def _joined(parts: list[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def groups_from(arrays: Mapping[str, NDArray[Any]], part: str) -> Groups:
    """The groups of one part of the plan."""
    return Groups(**{f.name: arrays[f"{part}.{f.name}"] for f in fields(Groups)})


def arcs_from(arrays: Mapping[str, NDArray[Any]]) -> Arcs:
    """The table of arcs."""
    return Arcs(**{f.name: arrays[f"arcs.{f.name}"] for f in fields(Arcs)})


def tables(flat: NDArray[np.int64], shapes: list[tuple[int, int]]) -> tuple[NDArray[np.int64], ...]:
    """Tables [rows, columns] that follow one another in one array.

    Raises:
        ValueError: their sizes do not add up.
    """
    ends = np.cumsum([0] + [rows * columns for rows, columns in shapes])
    if ends[-1] != len(flat) or any(min(shape) < 0 for shape in shapes):
        raise ValueError("an array has the wrong length")
    return tuple(flat[ends[i] : ends[i + 1]].reshape(shape) for i, shape in enumerate(shapes))


def equation_columns(equation: Equation) -> tuple[int, int]:
    """Columns of `index` and of `outer`."""
    return equation.index.shape[1], equation.outer.shape[1]


def key_shapes(classes: Classes) -> list[tuple[int, int]]:
    """Rows and columns of the key of each pool."""
    rows = np.bincount(classes.pool, minlength=len(classes.pools))
    return [(int(n), len(labels)) for n, labels in zip(rows, classes.labels, strict=True)]
