"""`exnet compile`: from a spec to its plan, with the numbers that say what it is."""

import json
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from exnet.cli import common
from exnet.cli.common import Exit, JsonOption, SetOption
from exnet.cli.limits import ArcsOption, ParametersOption, VerticesOption, limits
from exnet.source import nearest

if TYPE_CHECKING:
    from exnet.compiler import Compiled

LARGEST_VERIFIED = 10_000
"""Vertices that the reference interpreter goes through in about a minute."""
SpecArgument = Annotated[str, typer.Argument(metavar="SPEC", help="A spec in either form, or - for standard input.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    about = "Compile a spec to its plan, and say in numbers what it is."
    app.command("compile", help=about, epilog="Example: exnet compile specs/attention.exn -o build/attention")(compile_)


def compile_(
    spec: SpecArgument,
    folder: Annotated[Path | None, typer.Option("-o", metavar="DIR", help="Write the compiled net there.")] = None,
    overrides: SetOption = None,
    after: Annotated[str | None, typer.Option(metavar="PASS", help="Print the state after a pass, and end.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Compare with the reference interpreter (torch).")] = False,
    as_json: JsonOption = False,
    max_vertices: VerticesOption = None,
    max_arcs: ArcsOption = None,
    max_params: ParametersOption = None,
) -> None:
    """From a spec to its plan, with the numbers that say what it is."""
    from exnet.compiler import compile_source

    if after is not None and (verify or as_json or folder is not None):
        common.usage("`--after` prints a state and ends", "leave out `-o`, `--verify` and `--json`")
    if verify:
        common.needs_torch("compile --verify")
    start = perf_counter()
    bounds = limits(max_vertices, max_arcs, max_params)
    compiled = common.unwrap(compile_source(common.read_source(spec), common.settings(overrides), bounds))
    if after is not None:
        common.out(state(compiled, after))
        return
    numbers = {**summary(compiled), "seconds": round(perf_counter() - start, 3)}
    if folder is not None:
        from exnet.plan import save_plan

        save_plan(folder, compiled.spec, compiled.plan)
        numbers["folder"] = str(folder)
    report = verified(compiled) if verify else {}
    numbers |= {"verified": report} if verify else {}
    common.out(json.dumps(numbers, indent=1) + "\n" if as_json else text(numbers))
    if not report.get("equal", True):
        raise typer.Exit(Exit.INTERNAL)


def state(compiled: "Compiled", after: str) -> str:
    """The draft after a pass, as text."""
    from exnet.plan.make import run_passes
    from exnet.plan.passes import PASSES
    from exnet.plan.text import draft_text

    names = [step.name for step in PASSES]
    if after not in names:
        near = nearest(after, names)
        common.usage(f"`{after}` is not a pass", f"did you mean `{near}`?" if near else f"passes: {', '.join(names)}")
    return draft_text(run_passes(compiled.spec, compiled.graph, after), after)


def summary(compiled: "Compiled") -> dict[str, Any]:
    """What a net is, in numbers."""
    from exnet.plan.cost import cost

    graph, plan = compiled.graph, compiled.plan
    return {
        "name": plan.name,
        "vertices": plan.vertices,
        "leaves": plan.leaves,
        "arcs": graph.arc_count,
        "inner_arcs": plan.inner_arcs,
        "levels": plan.levels,
        "classes": graph.class_counts,
        "parameters": cost(plan).parameters,
        "products": plan.products,
    }


def text(numbers: dict[str, Any]) -> str:
    """The summary for people."""
    classes, products = numbers["classes"], numbers["products"]
    lines = [
        ("vertices (internal)", f"{numbers['vertices']:,}"),
        ("leaves", f"{numbers['leaves']:,}"),
        ("arcs", f"{numbers['arcs']:,} ({numbers['inner_arcs']:,} into vertices)"),
        ("levels", f"{numbers['levels']:,}"),
        ("sharing classes", ", ".join(f"{count:,} {component}" for component, count in classes.items())),
        ("parameters", f"{numbers['parameters']:,}"),
        ("batched products", f"{products['up']:,} up, {products['down']:,} down, {products['local']:,} local"),
        ("compiled in", f"{numbers['seconds']:.2f} s"),
    ]
    if "verified" in numbers:
        lines.append(("verified", numbers["verified"]["text"]))
    if "folder" in numbers:
        lines.append(("written to", numbers["folder"]))
    return f"{numbers['name']}\n" + "".join(f"  {title:<21}{value}\n" for title, value in lines)


def verified(compiled: "Compiled") -> dict[str, Any]:
    """How far the compiled module is from the reference interpreter, on a random batch in float64."""
    if compiled.plan.vertices > LARGEST_VERIFIED:
        message = f"`--verify` takes one vertex at a time, and `{compiled.spec.name}` has {compiled.plan.vertices:,}"
        common.usage(message, f"make it smaller with `--set`: at most {LARGEST_VERIFIED:,}")
    from exnet.learn.verify import verify

    found = verify(compiled.spec, compiled.plan, compiled.graph)
    if found.problems:
        said = f"the graphs differ: {'; '.join(found.problems[:3])}"
    else:
        worst = max(found.deviations, key=lambda name: found.deviations[name])
        verdict = "equal to the reference" if found.equal else "NOT equal to the reference"
        said = f"{verdict}: {found.vertices:,} vertices, largest deviation {found.worst:.1e} ({worst})"
    return {"equal": found.equal, "problems": list(found.problems), "deviations": dict(found.deviations), "text": said}
