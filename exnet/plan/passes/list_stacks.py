"""list-stacks: which stacks there are, in which order. Before: nothing. After: `shapes`, and each class has a stack.

Order: component as in COMPONENTS, then number of children, then name of the network.
"""

from dataclasses import replace

import numpy as np

from exnet.graph.model import Classes, StackShape
from exnet.plan.draft import Draft, Placement
from exnet.spec.model import COMPONENTS


def list_stacks(draft: Draft) -> Draft:
    """Shapes = sorted union of the shapes of all components; placement.stack = index into it."""
    found = {shape for component in COMPONENTS for shape in draft.classes(component).stacks}
    shapes = tuple(sorted(found, key=_rank))
    place = [_placed(draft.classes(component), shapes) for component in COMPONENTS]
    return replace(draft, shapes=shapes, primary=place[0], complementary=place[1], trainer=place[2])


def _rank(shape: StackShape) -> tuple[int, int, str]:
    return COMPONENTS.index(shape.component), shape.children, shape.network


def _placed(classes: Classes, shapes: tuple[StackShape, ...]) -> Placement:
    number = {shape: i for i, shape in enumerate(shapes)}
    index = np.array([number[shape] for shape in classes.stacks], np.int32)
    return Placement(stack=index[classes.stack])
