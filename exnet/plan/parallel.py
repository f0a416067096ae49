"""Which way to train on several processes: each with a part of every batch (`data`), or with a part of the vertices.

data     all gradients cross in every step: 4 bytes for each parameter
vertex   extractions cross where the cut goes; only unshared components can be cut apart
"""

from dataclasses import dataclass

from exnet.plan.cost import BYTES, cost
from exnet.plan.crossing import Sent
from exnet.plan.cut import Cut, cut, parted_classes
from exnet.plan.model import Plan
from exnet.plan.rules import NOT_BY_VERTICES, PARTED_CLASS
from exnet.source import ExnetError
from exnet.source.sizes import readable
from exnet.spec.rule import LearningRule

DATA, VERTEX = "data", "vertex"
RATE = 4e10
"""Operations in a second that the choice assumes of a process."""
GRADIENTS = 1e7
"""Bytes of gradients for each second of a step up to which exchanging them is cheap (1 MB in 100 ms)."""
SMALL = 2**16
"""Bytes of gradients that are cheap in any case: a message costs more than they do."""
WORTH = 0.5
"""Predicted efficiency below which a cut is not worth its waiting."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`data` or `vertex`, and the reason in a few words."""

    kind: str
    reason: str


def choose(plan: Plan, rule: LearningRule, ranks: int, batch: int) -> Choice:
    """The kind that suits a plan: `data` where gradients are small or components shared, else `vertex`."""
    if rule.kind != "xprop":
        return Choice(DATA, f"`{rule.kind}` is not cut by vertices")
    size, seconds = BYTES * cost(plan).parameters, cost(plan).step * batch / (RATE * ranks)
    if size <= max(SMALL, GRADIENTS * seconds):
        return Choice(DATA, f"gradients of {readable(size)} cross in a step, little for its work")
    try:
        made = cut(plan, ranks, batch)
    except ExnetError:
        return Choice(DATA, f"the graph cannot be cut into {ranks} parts")
    if parted_classes(plan, made.owner):
        return Choice(DATA, "components are shared across the cut")
    if made.efficiency < WORTH:
        return Choice(DATA, f"a cut would leave the ranks waiting (predicted efficiency {made.efficiency:.2f})")
    crossing = largest_bytes(plan, made.crossings.sent(ranks), batch)
    less = f"{readable(crossing)} of extractions cross in a step instead of {readable(size)} of gradients"
    return Choice(VERTEX, less)


def largest_bytes(plan: Plan, sent: Sent, batch: int, width: int = BYTES) -> int:
    """The bytes that the rank that sends the most sends in a step; numbers of `width` bytes."""
    return int((width * batch * (plan.primary * sent.primary + plan.complementary * sent.complementary)).max())


def checked_cut(plan: Plan, rule: LearningRule, ranks: int, batch: int) -> Cut:
    """The cut for vertex-parallel training.

    Raises:
        ExnetError: EXN660 if there are too many ranks, EXN661 naming a class that several ranks would share, EXN662
            for a rule whose gradients cross vertices.
    """
    if rule.kind != "xprop":
        message = f"`{rule.kind}` cannot be trained vertex-parallel"
        raise ExnetError(NOT_BY_VERTICES.at(None, message, help="train with `--parallel data`, or by `--rule xprop`"))
    made = cut(plan, ranks, batch)
    parted = parted_classes(plan, made.owner)
    if parted:
        name = plan.class_name(*parted[0])
        more = f" and {len(parted) - 1:,} more" if len(parted) > 1 else ""
        message = f"`{name}`{more} would be shared by several ranks"
        raise ExnetError(PARTED_CLASS.at(None, message, help="train with `--parallel data`, or write `share none`"))
    return made
