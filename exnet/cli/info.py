"""`exnet info`: what a net will cost, before anything is built."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exnet.cli import common
from exnet.cli.common import JsonOption, SetOption
from exnet.cli.compile import SpecArgument, summary
from exnet.cli.info_ranks import parts, ranks_text
from exnet.cli.limits import ArcsOption, ParametersOption, VerticesOption, limits
from exnet.source.sizes import readable

if TYPE_CHECKING:
    from exnet.compiler import Compiled


def register(app: typer.Typer) -> None:
    """Add the verb."""
    about = "Show what a net will cost, before anything is built."
    app.command(help=about, epilog="Example: exnet info specs/attention.exn --set d=64")(info)


def info(
    spec: SpecArgument,
    overrides: SetOption = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Instances in a batch; the spec's own if not given.")] = None,
    ranks: Annotated[
        int | None, typer.Option(min=1, help="Also show how the vertices would be cut for so many processes.")
    ] = None,
    memory: Annotated[
        int | None,
        typer.Option(min=1, metavar="MIB", help="What a training step may hold; the spec's own if not given."),
    ] = None,
    as_json: JsonOption = False,
    max_vertices: VerticesOption = None,
    max_arcs: ArcsOption = None,
    max_params: ParametersOption = None,
) -> None:
    """What a net will cost, before anything is built."""
    from exnet.compiler import compile_source

    bounds = limits(max_vertices, max_arcs, max_params)
    compiled = common.unwrap(compile_source(common.read_source(spec), common.settings(overrides), bounds))
    rows = batch or compiled.spec.learn.batch
    numbers = {**summary(compiled), **costs(compiled, rows, memory)}
    if ranks is not None:
        numbers["ranks"] = parts(compiled.plan, compiled.spec.learn, ranks, rows)
    shown = text(numbers) + (ranks_text(numbers["ranks"]) if ranks is not None else "")
    common.out(json.dumps(numbers, indent=1) + "\n" if as_json else shown)


def costs(compiled: "Compiled", batch: int, budget: int | None = None) -> dict[str, Any]:
    """Depth, stacks, operations and bytes."""
    from exnet.plan.cost import cost, parameter_count, training_flops
    from exnet.plan.store import digest
    from exnet.spec.canonical import canonical_text

    spec, plan, price = compiled.spec, compiled.plan, cost(compiled.plan)
    return {
        "hash": digest(canonical_text(spec).encode()),
        "depth": compiled.graph.deepest,
        "widths": {"primary": spec.primary, "complementary": spec.complementary, "output": spec.output_width},
        "mode": spec.mode.kind,
        "rule": spec.learn.kind,
        "stacks": [
            {
                "name": stack.name,
                "kind": stack.network.kind,
                "classes": stack.rows,
                "call_sites": stack.calls,
                "parameters_each": parameter_count(stack.network, stack.signature),
                "parameters": parameter_count(stack.network, stack.signature) * stack.rows,
                "step_flops": training_flops(stack) * stack.calls,
            }
            for stack in plan.stacks
        ],
        "flops": {"up": price.up, "down": price.down, "step": price.step},
        "batch": batch,
        "bytes": {"parameters": price.bytes, "extractions": price.extractions * batch},
        "memory": held(compiled, batch, budget),
    }


RUNTIME = 331 * 2**20
"""Resident memory of a process that has imported torch and PyG and has no net yet: `python benchmarks/memory.py`."""


def held(compiled: "Compiled", batch: int, budget: int | None) -> dict[str, int] | None:
    """Bytes of tensors at the fullest moment of a step; None for a rule without local losses."""
    from exnet.plan.memory import memory, within
    from exnet.spec.rule import Xprop

    spec, plan, rule = compiled.spec, compiled.plan, compiled.spec.learn
    if not isinstance(rule, Xprop):
        return None
    rule = rule.model_copy(update={"batch": batch, "memory": rule.memory if budget is None else budget})
    found = memory(plan, spec.mode, rule, batch) if rule.memory is None else within(spec, plan, rule)
    sizes = {"parameters": found.parameters, "extractions": found.extractions, "kept": found.kept}
    rest = {"working": found.working, "peak": found.peak, "parts": found.parts, "resident": found.peak + RUNTIME}
    return sizes | rest


def text(numbers: dict[str, Any]) -> str:
    """The numbers for people."""
    classes, flops, size, widths = numbers["classes"], numbers["flops"], numbers["bytes"], numbers["widths"]
    lines = [
        ("vertices (internal)", f"{numbers['vertices']:,}"),
        ("leaves", f"{numbers['leaves']:,}"),
        ("arcs", f"{numbers['arcs']:,} ({numbers['inner_arcs']:,} into vertices)"),
        ("levels, depth", f"{numbers['levels']:,}, {numbers['depth']:,}"),
        ("sharing classes", ", ".join(f"{count:,} {component}" for component, count in classes.items())),
        ("widths", ", ".join(f"{name} {width:,}" for name, width in widths.items())),
        ("mode, rule", f"{numbers['mode']}, {numbers['rule']}"),
        ("FLOPs per instance", f"{flops['up']:,} up, {flops['down']:,} down, {flops['step']:,} training step"),
        ("parameters", f"{numbers['parameters']:,} ({readable(size['parameters'])} in float32)"),
        ("extractions", f"{readable(size['extractions'])} for a batch of {numbers['batch']:,}"),
        *memory_lines(numbers["memory"]),
        ("hash", numbers["hash"]),
    ]
    shown = "".join(f"  {title:<21}{value}\n" for title, value in lines)
    return f"{numbers['name']}\n{shown}\n{table(numbers['stacks'])}"


def memory_lines(found: dict[str, int] | None) -> list[tuple[str, str]]:
    """What a step holds, for people."""
    if found is None:
        return []
    how = "vertices computed again in" if found["parts"] > 1 else "everything kept"
    how += f" {found['parts']} parts" if found["parts"] > 1 else ""
    sizes = ", ".join(f"{readable(found[name])} {name}" for name in ("parameters", "extractions", "kept", "working"))
    resident = f"{readable(found['resident'])} with torch itself"
    return [
        ("memory of a step", f"{readable(found['peak'])} of tensors ({how}); resident {resident}"),
        ("", sizes.replace("parameters", "parameters, gradients and optimiser")),
    ]


def table(stacks: list[dict[str, Any]]) -> str:
    """One line for each stack."""
    rows = [("stack", "network", "classes", "call sites", "parameters", "step FLOPs")]
    for s in stacks:
        each = f"{s['classes']:,} x {s['parameters_each']:,}"
        rows.append((s["name"], s["kind"], f"{s['classes']:,}", f"{s['call_sites']:,}", each, f"{s['step_flops']:,}"))
    widths = [max(len(row[i]) for row in rows) for i in range(6)]
    return "".join(f"  {_line(row, widths)}\n" for row in rows)


def _line(row: tuple[str, ...], widths: list[int]) -> str:
    """Names to the left, numbers to the right."""
    cells = (cell.ljust(w) if i < 2 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True)))
    return "  ".join(cells)
