"""Where the first infinity or NaN of a step arose."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.learn.report import StepReport
from exnet.monitor.rules import NOT_FINITE
from exnet.passing.net import ExtractionNet
from exnet.plan.model import Plan
from exnet.source import Diagnostic, ExnetError
from exnet.spec.model import Spec

WAY_OUT = "lower the learning rate (`--lr`), set `clip` in `learn`, or use `norm: layer` in the networks"


def check_step(net: ExtractionNet, x: Any, report: StepReport, step: int) -> None:
    """Raises if the losses of a step are not all finite.

    Raises:
        ExnetError: EXN640; names the first vertex, its equation, and the step.
    """
    if not bool(torch.isfinite(report.loss).all()):
        raise ExnetError(_locate(net, x, report, step))


def check_parameters(net: ExtractionNet, step: int) -> None:
    """Raises if a parameter is not finite: the last step made it so, and a checkpoint of it would be useless.

    Raises:
        ExnetError: EXN640; names the parameter and the step.
    """
    for name, parameter in net.named_parameters():
        if not bool(torch.isfinite(parameter).all()):
            raise ExnetError(NOT_FINITE.at(None, f"`{name}` is no longer finite after step {step}", help=WAY_OUT))


def _locate(net: ExtractionNet, x: Any, report: StepReport, step: int) -> Diagnostic:
    with torch.no_grad():
        primary = net.up(x) if report.primary is None else report.primary
    leaves = net.plan.leaves
    broken = _rows(primary)
    if len(broken) and broken[0] < leaves:
        name = _leaf_name(net.spec, int(broken[0]))
        return NOT_FINITE.at(None, f"leaf `{name}` is not finite at step {step}", help="look at the data")
    if len(broken):
        return _at_vertex(net.plan, int(broken[0]) - leaves, "the primary extraction", step)
    if report.complementary is not None and len(broken := _rows(report.complementary)):
        return _at_vertex(net.plan, _uppermost(net.plan, broken), "the complementary extraction", step)
    first = int((~torch.isfinite(report.loss)).nonzero()[0])
    return _at_vertex(net.plan, report.row(first), "the prediction", step)


def _rows(values: Tensor) -> NDArray[np.int64]:
    return (~torch.isfinite(values).flatten(1).all(1)).nonzero().flatten().cpu().numpy()


def _uppermost(plan: Plan, broken: NDArray[np.int64]) -> int:
    """The first of the vertex rows `broken` none of whose parents is."""
    bad = np.zeros(plan.vertices, np.bool_)
    bad[broken] = True
    told = np.zeros(plan.vertices, np.bool_)
    told[plan.arcs.child[bad[plan.arcs.parent]]] = True
    return int(np.flatnonzero(bad & ~told)[0])


def _leaf_name(spec: Spec, node: int) -> str:
    for grid in sorted((grid for entry in spec.inputs for grid in entry.grids), key=lambda grid: grid.name):
        if node < grid.leaves:
            return grid.leaf_name(node)
        node -= grid.leaves
    raise IndexError(node)


def _at_vertex(plan: Plan, row: int, what: str, step: int) -> Diagnostic:
    message = f"{what} of `{plan.vertex_name(row)}` is not finite at step {step}"
    return NOT_FINITE.at(plan.span_of(row), message, help=WAY_OUT)
