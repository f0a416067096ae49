"""A draft or a plan as text: readable, the same from run to run, and short for regular indices."""

from collections.abc import Iterator

import numpy as np

from exnet.plan.cost import parameter_count
from exnet.plan.draft import Draft
from exnet.plan.grouping import Integers, starts_of_runs
from exnet.plan.model import Group, Groups
from exnet.plan.signatures import signature

SHOWN = 200
"""Groups or runs of one part that are shown; the others are counted."""


def draft_text(draft: Draft, after: str) -> str:
    """What the passes up to `after` have found."""
    lines = [f"{draft.spec.name} after {after}"]
    for title, part in (
        ("stacks", _shapes(draft)),
        ("leaf rows", _leaves(draft)),
        ("vertex rows", _vertices(draft)),
        ("up", _groups(draft, draft.up)),
        ("arc rows", _arcs(draft)),
        ("down", _groups(draft, draft.down)),
        ("local primary", _groups(draft, draft.local_primary)),
        ("local arcs", _groups(draft, draft.local_arcs)),
        ("trainers", _groups(draft, draft.trainers)),
        ("rows of stacks", _rows(draft)),
    ):
        found = list(part)
        if found:
            lines += ["", title, *(f"  {line}" for line in found)]
    return "\n".join(lines) + "\n"


def indices(values: Integers) -> str:
    """`0..8`, `0..16 by 2`, `3 x 8` (eight times 3), `0 1 0 2`: rows as a person would write them."""
    if not len(values):
        return "none"
    step = np.diff(values.astype(np.int64))
    if len(values) > 3 and (step == step[0]).all():
        return _progression(int(values[0]), int(values[-1]), int(step[0]), len(values))
    head = " ".join(map(str, values[:16].tolist()))
    if len(values) <= 16:
        return head
    pieces = _pieces(values)
    return f"{head} .. ({len(values)})" if len(pieces) > 6 else ", ".join(indices(piece) for piece in pieces)


def _progression(first: int, last: int, step: int, count: int) -> str:
    if step == 0:
        return f"{first} x {count}"
    if step == 1:
        return f"{first}..{last + 1}"
    return f"{first}..{last + 1} by {step}" if step > 1 else f"{first}, {first + step} .. {last}"


def _pieces(values: Integers) -> list[Integers]:
    """Cut where the step changes; more than six pieces are not looked for."""
    step = np.diff(values.astype(np.int64))
    pieces, at = list[Integers](), 0
    while at < len(values) and len(pieces) <= 6:
        same = np.flatnonzero(step[at:] != step[at]) if at < len(step) else np.zeros(0, np.int64)
        end = at + int(same[0]) + 1 if len(same) else len(values)
        pieces.append(values[at:end])
        at = end
    return pieces


def _shapes(draft: Draft) -> Iterator[str]:
    for i, shape in enumerate(draft.shapes):
        widths = signature(draft.spec, shape)
        network = draft.spec.networks[shape.network]
        operands = " + ".join(map(str, widths.operands[:8])) + (" + .." if len(widths.operands) > 8 else "")
        size = parameter_count(network, widths)
        yield f"{i} {shape.component}/{shape.children}/{shape.network}: {operands} -> {widths.out}, {size} parameters"


def _leaves(draft: Draft) -> Iterator[str]:
    """Where they are in the graph, once that is known."""
    if len(draft.leaf):
        yield f"leaves {indices(draft.leaf)}"


def _vertices(draft: Draft) -> Iterator[str]:
    """One line for each run of rows that follow one another in one equation and level."""
    if not len(draft.vertex):
        return
    graph, row = draft.graph, draft.primary.row[draft.graph.primary.of[draft.vertex]]
    starts = np.array([equation.first for equation in graph.equations])
    equation = np.searchsorted(starts, draft.vertex, side="right")
    cuts = starts_of_runs(equation, graph.level[draft.vertex], np.arange(len(row)) - draft.vertex)
    for first, end in zip(cuts[:SHOWN], np.append(cuts[1:], len(row))[:SHOWN], strict=True):
        names = [graph.vertex_name(int(draft.vertex[i])) for i in dict.fromkeys((first, end - 1))]
        rows = f"{first}..{end}" if end - first > 1 else str(first)
        level = graph.level[draft.vertex[first]]
        yield f"{rows}: {' .. '.join(names)}, level {level}, class rows {indices(row[first:end])}"
    if len(cuts) > SHOWN:
        yield f".. and {len(cuts) - SHOWN} more"


def _groups(draft: Draft, groups: Groups) -> Iterator[str]:
    for i in range(min(len(groups), SHOWN)):
        yield from _group(draft, groups[i])
    if len(groups) > SHOWN:
        yield f".. and {len(groups) - SHOWN} more groups"


def _group(draft: Draft, group: Group) -> Iterator[str]:
    shape = draft.shapes[group.stack]
    drawn = ", drawn" if group.drawn else ""
    when = f"step {group.step}, " if group.step else ""
    size = f"{len(group.rows)} x {group.members}"
    yield f"{when}{shape.component}/{shape.children}/{shape.network}: {size}, rows {indices(group.rows)}{drawn}"
    yield f"  sites {indices(group.sites)}"
    for slot, operand in enumerate(group.operands[:8]):
        yield f"  reads {slot}: {indices(operand)}"
    if len(group.operands) > 8:
        yield f"  .. and {len(group.operands) - 8} more"
    yield f"  gives {indices(group.targets)}"


def _arcs(draft: Draft) -> Iterator[str]:
    """Parent, slot and child once they are known; the graph's arcs before."""
    arcs = draft.arcs
    if not len(arcs.child):
        if len(draft.arc):
            yield f"arcs {indices(draft.arc)}"
        return
    yield f"parents {indices(arcs.parent)}"
    yield f"slots {indices(arcs.slot)}"
    yield f"children {indices(arcs.child)}"
    yield f"incoming {indices(arcs.incoming)}"
    yield f"siblings {indices(arcs.sibling)}"


def _rows(draft: Draft) -> Iterator[str]:
    for stack in draft.stacks:
        classes = draft.classes(stack.component)
        names = [classes.name(int(c)) for c in stack.classes[:8]]
        more = f" .. ({len(stack.classes)})" if len(stack.classes) > 8 else ""
        yield f"{stack.name}: {'; '.join(names)}{more}"
        yield f"  call sites {indices(stack.sites)}"
