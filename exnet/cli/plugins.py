"""`exnet plugins`: what installed packages add to exnet, and what of it cannot be used and why."""

import json
from typing import TYPE_CHECKING, Any

import typer

from exnet.cli import common
from exnet.cli.common import JsonOption

if TYPE_CHECKING:
    from exnet.spec.plugins import Plugin


def register(app: typer.Typer) -> None:
    """Add the verb."""
    about = "List what installed packages add to exnet. What cannot be used is listed with the reason."
    app.command(help=about, epilog="Example: exnet plugins")(plugins)


def plugins(as_json: JsonOption = False) -> None:
    """What installed packages add to exnet, and what of it cannot be used and why.

    Declarations are imported, implementations are only looked up: nothing loads torch here.
    """
    found = [*declarations(), *implementations()]
    common.out(json.dumps(found, indent=1) + "\n" if as_json else text(found))


def declarations() -> list[dict[str, Any]]:
    """Every declared network, tokeniser, loss and data set."""
    from exnet.data.installed import plugins as data_plugins
    from exnet.data.source import REGISTRY
    from exnet.spec.registry import ALL_LOSSES, ALL_NETWORKS, ALL_TOKENISERS

    sorts = (ALL_NETWORKS, ALL_TOKENISERS, ALL_LOSSES)
    found = [plugin for sort in sorts for plugin in sort.plugins()] + list(data_plugins(REGISTRY))
    return [entry(plugin) for plugin in found]


def entry(plugin: "Plugin") -> dict[str, Any]:
    """One declaration, with the groups in which it is implemented."""
    from exnet.spec.plugins import IMPLEMENTED_IN, entries

    wanted = IMPLEMENTED_IN[plugin.group]
    have = [group for group in wanted if any(e.name == plugin.name for e in entries(group))]
    problem = plugin.problem
    if not problem and wanted and wanted[0] not in have:
        problem = f"no package computes it: an entry point `{plugin.name}` in the group `{wanted[0]}` is missing"
    return {
        "name": plugin.name,
        "what": plugin.what,
        "package": plugin.package,
        "declared": plugin.value,
        "implemented": have,
        "problem": problem,
    }


def implementations() -> list[dict[str, Any]]:
    """Implementations of what nobody declares."""
    from exnet.spec.plugins import IMPLEMENTATIONS, IMPLEMENTED_IN, entries

    found = list[dict[str, Any]]()
    for group, groups in IMPLEMENTED_IN.items():
        declared = {e.name for e in entries(group)}
        for e in (e for other in groups for e in entries(other) if e.name not in declared):
            found.append(
                {
                    "name": e.name,
                    "what": IMPLEMENTATIONS[e.group],
                    "package": f"{e.dist.name} {e.dist.version}" if e.dist else "",
                    "declared": "",
                    "implemented": [e.group],
                    "problem": f"nothing declares it: an entry point `{e.name}` in the group `{group}` is missing",
                }
            )
    return found


def text(found: list[dict[str, Any]]) -> str:
    """One line for each, and one more for what is wrong with it."""
    if not found:
        return "no installed package adds anything to exnet\n"
    rows = [(p["name"], p["what"], p["package"], "broken" if p["problem"] else "ok") for p in found]
    rows = [("name", "what", "package", "state"), *rows]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    shown = [lines[0]]
    for line, plugin in zip(lines[1:], found, strict=True):
        shown += [line, f"  {plugin['problem']}"] if plugin["problem"] else [line]
    return "\n".join(shown) + "\n"
