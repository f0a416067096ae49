"""form-stacks: the stacks with their rows. Before: every class has a stack and a row. After: `stacks`."""

from dataclasses import replace

import numpy as np

from exnet.graph.model import StackShape
from exnet.plan.draft import Draft
from exnet.plan.model import Stack
from exnet.plan.signatures import signature


def form_stacks(draft: Draft) -> Draft:
    """stacks[s].classes[row] = the graph's class; its number of sites and its hash beside it."""
    return replace(draft, stacks=tuple(_stack(draft, i, shape) for i, shape in enumerate(draft.shapes)))


def _stack(draft: Draft, number: int, shape: StackShape) -> Stack:
    place, classes = draft.placement(shape.component), draft.classes(shape.component)
    mine = np.flatnonzero(place.stack == number)
    mine = mine[np.argsort(place.row[mine])]
    return Stack.deferred(
        {"hash": lambda: classes.hash[mine]},
        name=f"{shape.component}/{shape.children}/{shape.network}",
        component=shape.component,
        children=shape.children,
        network=draft.spec.networks[shape.network],
        signature=signature(draft.spec, shape),
        classes=mine.astype(np.int32),
        sites=classes.sites[mine].astype(np.int64),
    )
