"""Where the first infinity or NaN of a step arose."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from exnet.learn.report import StepReport
from exnet.monitor.rules import NOT_FINITE
from exnet.passing.net import ExtractionNet
from exnet.plan.model import Groups, Plan
from exnet.source import Diagnostic, ExnetError
from exnet.spec.model import Spec

WAY_OUT = "lower the learning rate (`--lr`), set `clip` in `learn`, or use `norm: layer` in the networks"

WORDS = {"primary": "primary propagator", "complementary": "complementary propagator", "trainer": "trainer"}


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
        ExnetError: EXN640; names the parameter, a vertex that it belongs to, its equation, and the step.
    """
    for number, stack in enumerate(net.plan.stacks):
        for name, values in net.stacks.named(stack.name).items():
            if not bool(torch.isfinite(values).all()):
                row = int((~torch.isfinite(values)).nonzero()[0, 0])
                vertex = first_vertex(net.plan, number, row)
                what = f"`{name}` of the {WORDS[stack.component]} of `{net.plan.vertex_name(vertex)}`"
                message = f"{what} is no longer finite after step {step}"
                raise ExnetError(NOT_FINITE.at(net.plan.span_of(vertex), message, help=WAY_OUT))


def check_loss(net: ExtractionNet, loss: float, part: str, step: int) -> None:
    """Raises if the loss on a part of the data is not finite: nothing that was measured there has a meaning.

    Raises:
        ExnetError: EXN640; names the root, its equation, the part, and the step.
    """
    if not isfinite(loss):
        root = net.plan.root
        message = f"the loss of `{net.plan.vertex_name(root)}` on the {part} part is not finite after step {step}"
        raise ExnetError(NOT_FINITE.at(net.plan.span_of(root), message, help=WAY_OUT))


def first_vertex(plan: Plan, stack: int, row: int) -> int:
    """The first vertex row with a call site of a row of a stack; for an arc, its child."""
    sites: Mapping[str, Groups] = {
        "primary": plan.local_primary,
        "complementary": plan.local_arcs,
        "trainer": plan.trainers,
    }
    groups = sites[plan.stacks[stack].component]
    for at in np.flatnonzero(groups.stack == stack):
        group = groups[int(at)]
        found = np.flatnonzero(group.rows == row)
        if len(found):
            return int(group.targets[found[0] * group.members])
    raise LookupError((stack, row))


def _locate(net: ExtractionNet, x: Any, report: StepReport, step: int) -> Diagnostic:
    with torch.no_grad():
        primary = net.up(x) if report.primary is None else report.primary
    leaves = net.plan.leaves
    broken = _rows(primary)
    if len(broken) and broken[0] < leaves:
        name = _leaf_name(net.spec, int(net.plan.leaf[broken[0]]))
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
