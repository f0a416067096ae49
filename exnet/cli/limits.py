"""The limits as options: what the verbs that build a graph share."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from exnet.graph.limits import Limits

VerticesOption = Annotated[
    int | None, typer.Option("--max-vertices", min=1, help="Raise or lower the limit on internal vertices.")
]
ArcsOption = Annotated[int | None, typer.Option("--max-arcs", min=1, help="Raise or lower the limit on arcs.")]
ParametersOption = Annotated[
    int | None, typer.Option("--max-params", min=1, help="Raise or lower the limit on parameters.")
]


def limits(vertices: int | None, arcs: int | None, parameters: int | None) -> "Limits":
    """The default limits with those that the command line sets. What may be scanned grows with the vertices."""
    from exnet.graph.limits import Limits

    chosen = Limits()
    if vertices is not None:
        chosen = replace(chosen, vertices=vertices, scanned=max(chosen.scanned, 2 * vertices))
    if arcs is not None:
        chosen = replace(chosen, arcs=arcs)
    return chosen if parameters is None else replace(chosen, parameters=parameters)
