"""Reading a compiled net. Every damage is refused with its reason; nothing is guessed, nothing is executed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from exnet.graph.model import Classes, Equation, StackShape
from exnet.plan import rules
from exnet.plan.arrays import KINDS, PLAIN, Arrays, arcs_from, groups_from, key_shapes, tables
from exnet.plan.grouping import inverse, pointers
from exnet.plan.model import Plan, Stack
from exnet.plan.origins import Origins
from exnet.plan.signatures import signature
from exnet.plan.sound import flaw
from exnet.plan.store import ARRAYS, FORMAT, PLAN, SPEC, VERSION, digest, dumped, sealed
from exnet.source import ExnetError, Rule, Source, Span
from exnet.source.reading import source_of
from exnet.spec.analysis import analyse_source
from exnet.spec.model import COMPONENTS, Spec

_AGAIN = "compile the spec again: `exnet compile SPEC -o DIR`"


def load_plan(folder: str | PathLike[str]) -> tuple[Spec, Plan]:
    """The spec and the plan in a folder that `save_plan` wrote. Free of torch.

    Raises:
        ExnetError: a file is missing, damaged, or of another format (EXN701 to EXN703).
    """
    home = Path(folder)
    data = {name: _read(home, name) for name in (PLAN, SPEC, ARRAYS)}
    description = _description(home, data[PLAN])
    for name in (SPEC, ARRAYS):
        if digest(data[name]) != description["files"][name]:
            _refuse(rules.DAMAGED_PLAN, f"`{home / name}` is not the file that `{PLAN}` describes: its hash differs")
    spec = analyse_source(source_of(data[SPEC], str(home / SPEC)).unwrap()).unwrap()
    try:
        plan = _plan(spec, description, _arrays(data[ARRAYS], description))
        problem = flaw(plan)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        _refuse_plan(home, f"{type(error).__name__}: {error}")
    if problem is not None:
        _refuse_plan(home, problem)
    return spec, plan


def _refuse(rule: Rule, message: str, help: str = _AGAIN) -> NoReturn:
    raise ExnetError(rule.at(None, message, help=help)) from None


def _refuse_plan(home: Path, problem: str) -> NoReturn:
    _refuse(rules.DAMAGED_PLAN, f"`{home}` does not hold a plan that can be run: {problem}")


def _read(home: Path, name: str) -> bytes:
    try:
        return (home / name).read_bytes()
    except FileNotFoundError:
        what = f"`{home}` does not exist" if not home.is_dir() else f"`{home}` holds no `{name}`"
        _refuse(rules.MISSING_PLAN, what)
    except OSError as error:
        _refuse(rules.MISSING_PLAN, f"`{home / name}` cannot be read: {(error.strerror or 'no reason given').lower()}")


def _description(home: Path, data: bytes) -> dict[str, Any]:
    """What plan.json says, after its hash and version have been checked."""
    place = home / PLAN
    try:
        found = json.loads(data.decode())
        intact = isinstance(found, dict) and dumped(sealed(found)) == data
    except (ValueError, RecursionError):
        _refuse(rules.DAMAGED_PLAN, f"`{place}` is not JSON")
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        _refuse(rules.FOREIGN_PLAN, f"`{place}` does not describe a compiled net")
    if found.get("version") not in (1, VERSION):
        message = f"`{place}` has format version {found.get('version')!r}; this exnet reads versions 1 and {VERSION}"
        _refuse(rules.FOREIGN_PLAN, message)
    if not intact:
        _refuse(rules.DAMAGED_PLAN, f"`{place}` has been changed: its hash differs")
    if not isinstance(found.get("files"), dict) or set(found["files"]) != {SPEC, ARRAYS}:
        _refuse(rules.DAMAGED_PLAN, f"`{place}` lists other files than `{SPEC}` and `{ARRAYS}`")
    return found


def _arrays(data: bytes, description: Mapping[str, Any]) -> Arrays:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays = load(data)
    except SafetensorError as error:
        raise ValueError(f"`{ARRAYS}` is not a safetensors file ({error})") from None
    if description["version"] == 1:  # leaf rows were those of the graph
        arrays.setdefault("leaf", np.arange(int(description["counts"]["leaves"]), dtype=np.int32))
    if sorted(arrays) != sorted(KINDS):
        raise ValueError(f"arrays are missing or unknown: {', '.join(sorted(set(arrays) ^ set(KINDS))[:4])}")
    for name, values in arrays.items():
        if values.ndim != 1 or values.dtype != np.dtype(KINDS[name]):
            raise ValueError(f"`{name}` should be {KINDS[name]} [n]")
    return arrays


def _plan(spec: Spec, description: Mapping[str, Any], arrays: Arrays) -> Plan:
    counts = description["counts"]
    stacks = _stacks(spec, description["stacks"], arrays)
    return Plan(
        name=description["name"],
        primary=spec.primary,
        complementary=spec.complementary,
        leaves=int(counts["leaves"]),
        vertices=int(counts["vertices"]),
        levels=int(counts["levels"]),
        stacks=stacks,
        root=int(counts["vertices"]) - 1,
        up=groups_from(arrays, "up"),
        down=groups_from(arrays, "down"),
        local_primary=groups_from(arrays, "local_primary"),
        local_arcs=groups_from(arrays, "local_arcs"),
        trainers=groups_from(arrays, "trainers"),
        arcs=arcs_from(arrays),
        origins=_origins(description, stacks, arrays),
        **{name: arrays[name] for name in PLAIN},
    )


def _stacks(spec: Spec, entries: list[dict[str, Any]], arrays: Arrays) -> tuple[Stack, ...]:
    ends = pointers(np.array([entry["rows"] for entry in entries], np.int64))
    if any(len(arrays[f"stacks.{name}"]) != ends[-1] for name in ("classes", "sites", "hash")):
        raise ValueError("the rows of the stacks do not add up")
    found = list[Stack]()
    for i, entry in enumerate(entries):
        shape = StackShape(entry["component"], int(entry["children"]), entry["network"])
        network, rows = spec.networks[shape.network], slice(int(ends[i]), int(ends[i + 1]))
        if (network.kind, network.model_dump(mode="json")) != (entry["kind"], entry["options"]):
            raise ValueError(f"network `{shape.network}` has other options in `{SPEC}`")
        found.append(
            Stack(
                name=f"{shape.component}/{shape.children}/{shape.network}",
                component=shape.component,
                children=shape.children,
                network=network,
                signature=signature(spec, shape),
                classes=arrays["stacks.classes"][rows],
                sites=arrays["stacks.sites"][rows],
                hash=arrays["stacks.hash"][rows],
            )
        )
    return tuple(found)


# Origins


def _origins(description: Mapping[str, Any], stacks: tuple[Stack, ...], arrays: Arrays) -> Origins:
    parts = (_classes(c, description["classes"][c], stacks, arrays) for c in COMPONENTS)
    return Origins(_equations(description, arrays), *parts)


def _equations(description: Mapping[str, Any], arrays: Arrays) -> tuple[Equation, ...]:
    entries = description["equations"]
    sources = [Source(entry["name"], entry["text"]) for entry in description["sources"]]
    index = tables(arrays["origins.index"], [(e["rows"], e["columns"][0]) for e in entries])
    outer = tables(arrays["origins.outer"], [(e["rows"], e["columns"][1]) for e in entries])
    first = pointers(np.array([entry["rows"] for entry in entries], np.int64))
    if first[-1] != len(arrays["vertex"]):
        raise ValueError("the vertices of the equations do not add up")
    children = np.diff(arrays["child_ptr"]).astype(np.int32)[inverse(arrays["vertex"])]

    def place(where: list[int]) -> Span:
        source, start, end = sources[where[0]], int(where[1]), int(where[2])
        if not 0 <= start <= end <= len(source.text):
            raise ValueError("an equation stands outside its text")
        return Span(source, start, end)

    return tuple(
        Equation(
            family=entry["family"],
            sites=tuple(entry["sites"]),
            hosts=tuple(tuple(pattern) for pattern in entry["hosts"]),
            first=int(first[i]),
            rows=int(entry["rows"]),
            index=index[i],
            outer=outer[i],
            children=children[first[i] : first[i + 1]],
            networks=tuple(entry["networks"]),
            span=place(entry["span"]),
            applied=tuple(place(where) for where in entry["applied"]),
        )
        for i, entry in enumerate(entries)
    )


def _classes(component: str, entry: Mapping[str, Any], stacks: tuple[Stack, ...], arrays: Arrays) -> Classes:
    """The classes as the stacks hold them, with their names."""
    mine = [stack for stack in stacks if stack.component == component]
    pool: NDArray[np.int32] = arrays[f"origins.{component}.pool"]
    numbers = np.concatenate([stack.classes for stack in mine]) if mine else np.zeros(0, np.int32)
    if not np.array_equal(np.sort(numbers), np.arange(len(pool))):
        raise ValueError(f"the rows of the {component} stacks do not hold each class once")
    of_stack, own_hash = np.zeros(len(pool), np.int32), np.zeros(len(pool), np.uint64)
    for i, stack in enumerate(mine):
        of_stack[stack.classes] = i
        own_hash[stack.classes] = stack.hash
    named = Classes(
        component=component,
        of=np.zeros(0, np.int32),
        stack=of_stack,
        stacks=tuple(StackShape(component, s.children, s.name.split("/")[2]) for s in mine),
        pool=pool,
        pools=tuple(entry["pools"]),
        key=(),
        labels=tuple(tuple(labels) for labels in entry["labels"]),
        hash=own_hash,
    )
    return replace(named, key=tables(arrays[f"origins.{component}.key"], key_shapes(named)))
