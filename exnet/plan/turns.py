"""Who learns when under Xprop*: groups of vertices, and the order in which they have their turns.

Groups are numbered upwards, children before parents: levels from the lowest, single vertices by level, sharing classes
by the lowest level at which their primary propagator stands; ties in the graph's own numbering.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from exnet.graph.randomness import bits
from exnet.language import syntax
from exnet.plan.grouping import inverse, order_by
from exnet.plan.model import Ints, Plan
from exnet.plan.rules import MISSING_GROUP, UNKNOWN_GROUP
from exnet.source import Diagnostic, ExnetError, Span, nearest
from exnet.spec.model import Spec
from exnet.spec.rule import XpropStar

SHOWN = 3
"""How many groups a message names that a list leaves out."""


@dataclass(frozen=True, slots=True, eq=False)
class Turns:
    """The groups of a net, and the groups of a sweep in their order.

    Attributes:
        group: int64 [V], the number of each vertex row's group.
        sweep: int64 [turns], the number of the group that has each turn of a sweep.
        shuffled: whether every sweep has an order of its own.
    """

    group: Ints
    sweep: Ints
    shuffled: bool

    def at(self, turn: int, seed: int) -> int:
        """The group that has turn number `turn`; with `seed` it decides random orders."""
        sweep, place = divmod(turn, len(self.sweep))
        if not self.shuffled:
            return int(self.sweep[place])
        order = bits(seed, "xprop_star", sweep, np.arange(len(self.sweep))).argsort(kind="stable")
        return int(self.sweep[order[place]])

    def rows(self, number: int) -> Ints:
        """The vertex rows of a group, ascending."""
        return np.flatnonzero(self.group == number)


def make_turns(plan: Plan, rule: XpropStar) -> Turns:
    """The groups and the order that a rule asks for.

    Raises:
        ExnetError: EXN622 and EXN623, if its list does not name the groups of this net.
    """
    group = groups(plan, rule.group)
    up = np.arange(int(group.max()) + 1)
    if rule.order == "listed":
        found, said = _listed(plan, rule, group, [None] * len(rule.list or ()))
        if said:
            raise ExnetError(*said)
        return Turns(group, found, False)
    return Turns(group, up[::-1] if rule.order == "down" else up, rule.order == "random")


def groups(plan: Plan, kind: str) -> Ints:
    """The number of the group of each vertex row, int64 [V]."""
    match kind:
        case "level":
            return plan.level.astype(np.int64) - 1
        case "single":
            return inverse(order_by(plan.level, plan.vertex)).astype(np.int64)
        case "class":
            return _by_class(plan)
        case _:
            return np.zeros(plan.vertices, np.int64)


def _by_class(plan: Plan) -> Ints:
    own = _primary_classes(plan)
    numbers, of = np.unique(own, return_inverse=True)
    lowest = np.full(len(numbers), plan.levels)
    np.minimum.at(lowest, of, plan.level)
    return inverse(order_by(lowest, numbers)).astype(np.int64)[of]


def _primary_classes(plan: Plan) -> Ints:
    """The graph's number of the class of each vertex row's primary propagator."""
    made, found = np.empty(plan.vertices, np.int64), plan.local_primary
    for i in range(len(found)):
        group = found[i]
        made[group.sites] = np.repeat(plan.stacks[group.stack].classes[group.rows], group.members)
    return made


def group_name(plan: Plan, kind: str, row: int) -> int | str:
    """What a list calls the group of a vertex row: the number of a level, the name of a class or of a vertex."""
    match kind:
        case "level":
            return int(plan.level[row])
        case "class":
            return plan.origins.class_name("primary", int(_primary_classes(plan)[row]))
        case "single":
            return plan.vertex_name(row)
        case _:
            return "whole"


def list_problems(spec: Spec, plan: Plan) -> tuple[Diagnostic, ...]:
    """What is wrong with the list of groups that a spec gives, each with its place."""
    if not isinstance(spec.learn, XpropStar) or spec.learn.list is None:
        return ()
    places = list(_places(spec)) or [None] * len(spec.learn.list)
    return _listed(plan, spec.learn, groups(plan, spec.learn.group), places)[1]


def _places(spec: Spec) -> Iterator[Span]:
    """The entries of `list` in the text."""
    calls = [s.value for s in spec.file.statements if isinstance(s, syntax.Learn)]
    for arg in (arg for call in calls if isinstance(call, syntax.Call) for arg in call.args):
        if arg.name is not None and arg.name.id == "list" and isinstance(arg.value, syntax.List):
            yield from (item.span for item in arg.value.items)


def _listed(
    plan: Plan, rule: XpropStar, group: Ints, places: Sequence[Span | None]
) -> tuple[Ints, tuple[Diagnostic, ...]]:
    """The numbers of the groups that a list names, and what is wrong with it."""
    entries = rule.list or ()
    known = dict(zip(_names(plan, rule.group, group), range(int(group.max()) + 1), strict=True))
    said = [_unknown(rule.group, entry, place, known) for entry, place in zip(entries, places, strict=True)]
    left = [name for name in known if name not in entries]
    if left and not any(said):
        said.append(_missing(rule.group, left, places[0] if places else None))
    found = np.array([known[entry] for entry in entries if entry in known], np.int64)
    return found, tuple(diagnostic for diagnostic in said if diagnostic)


def _names(plan: Plan, kind: str, group: Ints) -> Iterator[int | str]:
    """The name of every group, upwards."""
    first = np.unique(group, return_index=True)[1]
    if kind == "class":
        own = _primary_classes(plan)
        return (plan.origins.class_name("primary", int(own[row])) for row in first)
    return (group_name(plan, kind, int(row)) for row in first)


def _unknown(kind: str, entry: int | str, place: Span | None, known: dict[int | str, int]) -> Diagnostic | None:
    if entry in known:
        return None
    if kind == "level":
        message = f"`list` names the level `{entry}`, and this net has no such level"
        return UNKNOWN_GROUP.at(place, message, help=f"its levels are 1 to {len(known)}, written as numbers")
    what = "class of primary propagators" if kind == "class" else "vertex"
    near = nearest(str(entry), (str(name) for name in known))
    example = f'names stand in quotes, such as `"{next(iter(known))}"`; `exnet info` and messages show them'
    message = f"`list` names `{entry}`, and this net has no {what} of that name"
    return UNKNOWN_GROUP.at(place, message, help=f"did you mean `{near}`?" if near else example)


def _missing(kind: str, left: Sequence[int | str], place: Span | None) -> Diagnostic:
    what = {"level": "level", "class": "class", "single": "vertex"}[kind]
    shown = ", ".join(f"`{name}`" for name in islice(left, SHOWN))
    more = f" and {len(left) - SHOWN:,} more" if len(left) > SHOWN else ""
    message = f"`list` leaves out the {what} {shown}{more}, which would never learn"
    return MISSING_GROUP.at(place, message, help="name every group at least once")
