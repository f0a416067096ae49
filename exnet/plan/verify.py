"""What must hold between the passes. A violation is a mistake of this compiler, never of a spec."""

from collections.abc import Callable

import numpy as np

from exnet.graph.model import Classes
from exnet.plan.draft import Draft, Placement
from exnet.plan.grouping import Integers, gathered, pointers, spread, uniform
from exnet.plan.model import Groups, Ints
from exnet.plan.operands import arc_operands
from exnet.spec.model import COMPONENTS

Check = Callable[[Draft], None]


class PlanViolationError(RuntimeError):
    """An invariant of the plan does not hold."""


def _must(condition: bool | np.bool_, text: str) -> None:
    if not condition:
        raise PlanViolationError(text)


def _is_permutation(values: Integers, count: int) -> bool:
    if len(values) != count or (count and (values.min() < 0 or values.max() >= count)):
        return False
    seen = np.zeros(count, np.bool_)
    seen[values] = True
    return bool(seen.all())


# The stacks and their rows


def stacks_are_sorted(draft: Draft) -> None:
    """Shapes are distinct, in the order of component, children, network."""
    ranks = [(COMPONENTS.index(s.component), s.children, s.network) for s in draft.shapes]
    _must(ranks == sorted(set(ranks)), "stacks are not sorted, or not distinct")


def classes_have_stacks(draft: Draft) -> None:
    """Each class lies in the stack of its own shape."""
    for component in COMPONENTS:
        classes, stack = draft.classes(component), draft.placement(component).stack
        _must(len(stack) == len(classes), f"some {component} class has no stack")
        for own, shape in enumerate(classes.stacks):
            right = stack[classes.stack == own] == draft.shapes.index(shape)
            _must(right.all(), f"a {component} class lies in a stack of another shape")


def rows_are_full(draft: Draft) -> None:
    """Each row of each stack holds one class, with its number of sites and its hash."""
    _must(len(draft.stacks) == len(draft.shapes), "a stack is missing")
    for number, stack in enumerate(draft.stacks):
        classes, place = draft.classes(stack.component), draft.placement(stack.component)
        _must(_is_permutation(place.row[place.stack == number], len(stack.classes)), f"`{stack.name}` has a hole")
        _must((place.row[stack.classes] == np.arange(len(stack.classes))).all(), f"rows of `{stack.name}` are mixed up")
        _must((stack.sites == classes.sites[stack.classes]).all(), f"`{stack.name}` miscounts its call sites")
        _must((stack.hash == classes.hash[stack.classes]).all(), f"`{stack.name}` has a foreign hash")


# Vertices


def leaves_are_permuted(draft: Draft) -> None:
    """Leaf rows number all leaves once; every vertex has a place."""
    _must(_is_permutation(draft.leaf, draft.graph.leaf_count), "leaf rows are not a permutation")
    _must(len(draft.place) == draft.graph.vertex_count, "a vertex has no place")


def vertices_are_permuted(draft: Draft) -> None:
    """Vertex rows number all vertices once; `row_of` is the inverse; the root is the last."""
    count = draft.graph.vertex_count
    _must(_is_permutation(draft.vertex, count), "vertex rows are not a permutation")
    _must(_counts_up(draft.vertex.take(draft.row_of)), "`row_of` is not the inverse of `vertex`")
    _must(draft.vertex[-1] == draft.graph.root, "the root is not the last vertex row")


def levels_rise(draft: Draft) -> None:
    """Vertex rows are ordered by level."""
    _must((np.diff(draft.graph.level.take(draft.vertex)) >= 0).all(), "vertex rows are not ordered by level")


def children_first(draft: Draft) -> None:
    """Each row lists the children of its vertex, and they stand before it."""
    graph, counts, width = draft.graph, np.diff(draft.child_ptr), uniform(draft.child_ptr)
    same = counts == (np.diff(graph.child_ptr)[draft.vertex] if width is None else np.diff(graph.child_ptr))
    _must(same.all(), "a vertex has lost or gained children")
    row = np.arange(graph.leaf_count, graph.leaf_count + len(counts), dtype=np.int32)
    _must((draft.child < _repeat(row, counts)).all(), "a child comes too late")
    node = np.concatenate([draft.leaf, draft.vertex + np.int32(graph.leaf_count)]).take(draft.child)
    there = gathered(graph.child_ptr, graph.child, draft.vertex)
    _must((node == there).all(), "a vertex has other children than in the graph")


def up_groups_are_whole(draft: Draft) -> None:
    """Up groups: every vertex row once and in order, with its class and its children."""
    up = draft.up
    _whole(up, len(draft.vertex), "up")
    _must(not up.drawn.any(), "an up group is drawn")
    _must(_counts_up(up.sites) and _counts_up(up.targets), "up groups do not write consecutive rows")
    _classes_match(up, draft.graph.primary, draft.primary, draft.vertex, "up")
    _operands_match(up, draft.child_ptr, draft.child, "up")


def up_follows_levels(draft: Draft) -> None:
    """The step of an up group is the level of all its vertices."""
    level = _repeat(draft.up.step, np.diff(draft.up.site_ptr))
    _must((level == draft.graph.level.take(draft.vertex)).all(), "an up group mixes levels")
    _must((np.diff(draft.up.step) >= 0).all(), "up groups are not in order")


# Arcs


def arcs_are_permuted(draft: Draft) -> None:
    """Arc rows number all arcs into internal vertices once."""
    graph, arc = draft.graph, draft.arc
    seen, inside = np.zeros(graph.arc_count, np.bool_), len(arc) == 0 or 0 <= arc.min() <= arc.max() < graph.arc_count
    seen[arc if inside else []] = True
    inner = graph.child >= graph.leaf_count
    rows = len(arc) == np.count_nonzero(inner) and np.array_equal(seen, inner)
    _must(inside and rows, "arc rows are not a permutation")
    several = (np.bincount(graph.child) > 1)[graph.child]
    _must((draft.arc_drawn == several.take(arc)).all(), "an arc is wrongly certain or drawn")


def arcs_match_graph(draft: Draft) -> None:
    """Ends, slots, propagators and siblings are those of the graph."""
    graph, arcs, place = draft.graph, draft.arcs, draft.complementary
    parent = draft.vertex.take(arcs.parent)
    _must(_starts(graph.child_ptr, parent, arcs.slot, draft.arc), "an arc has another parent or slot")
    child = draft.vertex.take(arcs.child)
    child += np.int32(graph.leaf_count)
    _must((child == graph.child.take(draft.arc)).all(), "an arc has another child")
    of = graph.complementary.of.take(draft.arc)
    _must((_of_classes(place.stack, of) == arcs.stack).all(), "an arc has another stack")
    _must((_of_classes(place.row, of) == arcs.row).all(), "an arc has another propagator")
    del parent, child, of
    width, count = uniform(draft.child_ptr), np.diff(arcs.sibling_ptr)
    others = np.diff(draft.child_ptr)[arcs.parent] - 1 if width is None else width - 1
    _must((count == others).all(), "an arc has lost or gained siblings")
    _must(_siblings_match(draft, count), "a sibling is wrong")


def _starts(ptr: Ints, row: Integers, slot: Integers, entry: Integers) -> bool:
    """Whether each entry of a CSR stands in that slot of that row."""
    width = uniform(ptr)
    first = ptr[row] if width is None else row * row.dtype.type(width)
    return bool((first + slot == entry).all())


def _of_classes(values: Integers, of: Integers) -> Integers:
    """A value of each class for each site; one where all classes have the same, and sites have a class."""
    same = len(values) > 0 and (values == values[0]).all() and (len(of) == 0 or 0 <= of.min() <= of.max() < len(values))
    return values[:1] if same else values.take(of)


def _siblings_match(draft: Draft, count: Integers) -> bool:
    """Sibling number n stands in slot n, or in slot n + 1 from the slot of the arc on."""
    arcs, width = draft.arcs, uniform(draft.child_ptr)
    if width is not None and width > 1:
        table, found = draft.child.reshape(-1, width).take(arcs.parent, axis=0), arcs.sibling.reshape(-1, width - 1)
        return all(
            (np.where(arcs.slot <= n, table[:, n + 1], table[:, n]) == found[:, n]).all() for n in range(width - 1)
        )
    nth = spread(np.zeros(len(count), np.int64), count)
    slot = nth + (nth >= _repeat(arcs.slot, count))
    return bool((draft.child[_repeat(draft.child_ptr[arcs.parent], count) + slot] == arcs.sibling).all())


def incoming_is_canonical(draft: Draft) -> None:
    """The arcs into each vertex are listed by the graph's arc number."""
    arcs, count = draft.arcs, draft.graph.vertex_count
    _must(_is_permutation(arcs.incoming, len(arcs.child)), "incoming arcs are not a permutation")
    below = _repeat(np.arange(count, dtype=np.int32), np.diff(arcs.incoming_ptr))
    _must((arcs.child.take(arcs.incoming) == below).all(), "an arc is listed at another child")
    arc = draft.arc.take(arcs.incoming)
    _must(((arc[1:] > arc[:-1]) | (below[1:] > below[:-1])).all(), "incoming arcs are not in canonical order")


def down_groups_are_whole(draft: Draft) -> None:
    """Down groups: every arc row once and in order, with its class, its parent and its siblings."""
    arcs, down = draft.arcs, draft.down
    _whole(down, len(arcs.child), "down")
    _must(_counts_up(down.sites), "down groups do not use consecutive arc rows")
    _arc_groups_match(draft, down, "down")


def down_follows_depths(draft: Draft) -> None:
    """The step of a down group is the depth of its children, and the parents are less deep."""
    depth, arcs = draft.graph.depth.take(draft.vertex), draft.arcs
    step = _repeat(draft.down.step, np.diff(draft.down.site_ptr))
    _must((depth.take(arcs.child) == step).all(), "a down group mixes depths")
    _must((depth.take(arcs.parent) < step).all(), "an arc runs before its parent is ready")
    _must((np.diff(draft.down.step) >= 0).all(), "down groups are not in order")


# The local update


def local_groups_are_whole(draft: Draft) -> None:
    """The local groups hold the same call sites as the passes, and a trainer for every vertex."""
    local_primary_is_whole(draft, draft.local_primary)
    local_arcs_are_whole(draft, draft.local_arcs)
    trainers_are_whole(draft, draft.trainers)


def local_primary_is_whole(draft: Draft, groups: Groups) -> None:
    """Every primary propagator once, with its children."""
    _vertex_groups_match(draft, groups, draft.graph.primary, draft.primary, "local primary")
    _operands_match(groups, draft.child_ptr, draft.child, "local primary")


def trainers_are_whole(draft: Draft, groups: Groups) -> None:
    """Every trainer once, with both extractions of its vertex."""
    _vertex_groups_match(draft, groups, draft.graph.trainer, draft.trainer, "trainer")
    rows = np.arange(len(draft.vertex), dtype=np.int32)
    both = np.stack([rows + draft.graph.leaf_count, rows], axis=1).ravel()
    _operands_match(groups, 2 * np.arange(len(rows) + 1), both, "trainer")


def local_arcs_are_whole(draft: Draft, groups: Groups) -> None:
    """Every arc once, with its parent and its siblings."""
    _whole(groups, len(draft.arcs.child), "local arc")
    _must(not groups.step.any(), "a local arc group has a step")
    _arc_groups_match(draft, groups, "local arc")


def _vertex_groups_match(draft: Draft, groups: Groups, classes: Classes, place: Placement, name: str) -> None:
    _whole(groups, len(draft.vertex), name)
    _must(not groups.drawn.any() and not groups.step.any(), f"a group of {name} has a step or is drawn")
    _must((groups.targets == groups.sites).all(), f"{name} groups write elsewhere")
    _classes_match(groups, classes, place, draft.vertex[groups.sites], name)


# What the checks of groups share


def _repeat(values: Integers, counts: Integers) -> Integers:
    return np.repeat(values, counts)


def _counts_up(values: Integers) -> bool:
    """Whether the values are 0, 1, 2, .."""
    return np.array_equal(values, np.arange(len(values), dtype=np.int32))


def _whole(groups: Groups, sites: int, name: str) -> None:
    """Pointers are consistent, and the groups hold each site once."""
    products = groups.classes.astype(np.int64) * groups.members
    _must((products > 0).all(), f"a group of {name} is empty")
    _must(np.array_equal(groups.row_ptr, pointers(groups.classes)), f"row pointers of {name} are wrong")
    _must(np.array_equal(groups.site_ptr, pointers(products)), f"site pointers of {name} are wrong")
    _must(len(groups.rows) == groups.row_ptr[-1], f"rows of {name} are missing")
    _must(len(groups.targets) == len(groups.sites) == groups.site_ptr[-1], f"sites of {name} are missing")
    whole = len(groups.sites) == sites and _counts_up(groups.sites)
    _must(whole or _is_permutation(groups.sites, sites), f"a site of {name} is missing or twice there")


def _classes_match(groups: Groups, classes: Classes, place: Placement, site: Integers, name: str) -> None:
    """Each site runs with its own class: its stack and its row."""
    own = classes.of.take(site)
    _runs_as(groups, _of_classes(place.stack, own), _of_classes(place.row, own), name)


def _runs_as(groups: Groups, stack: Integers, row: Integers, name: str) -> None:
    """Each site runs on its stack and row, given in the order of the sites of the groups, and rows rise in a group."""
    sites = np.diff(groups.site_ptr)
    _must((stack == _repeat(groups.stack, sites)).all(), f"a site of {name} runs on another stack")
    rows = _repeat(groups.rows, _repeat(groups.members, groups.classes))
    _must((row == rows).all(), f"a site of {name} runs on another row")
    within = np.repeat(np.arange(len(groups)), groups.classes)
    rising = (np.diff(groups.rows) > 0) | (np.diff(within) > 0)
    _must(rising.all(), f"the rows of a group of {name} do not rise")


def _operands_match(groups: Groups, ptr: Ints, values: Integers, name: str) -> None:
    """The operands of each site are those that a CSR by site lists."""
    sites, width = np.diff(groups.site_ptr), uniform(ptr)
    ends = groups.site_ptr
    ends = ends * width if width is not None else pointers(np.diff(ptr)[groups.sites])[ends]
    _must(np.array_equal(groups.operand_ptr, ends), f"operand pointers of {name} are wrong")
    _must(len(groups.operands) == groups.operand_ptr[-1], f"operands of {name} are missing")
    in_order = bool((groups.sites[1:] > groups.sites[:-1]).all())  # they are a permutation
    wanted = values if in_order else gathered(ptr, values, groups.sites)
    _must(_turned(groups, sites, wanted), f"an operand of {name} is wrong")


def _turned(groups: Groups, sites: Integers, wanted: Integers) -> bool:
    """Whether the operands are `wanted`, which goes site by site, turned to [k, sites] in each group."""
    equal, wide = groups.operands == wanted, np.flatnonzero(sites > 1)
    if len(wide) > len(wanted) // 64 + 64:
        group = np.repeat(np.arange(len(sites)), np.diff(groups.operand_ptr))
        nth = np.arange(len(wanted)) - groups.operand_ptr[group]
        slots = np.diff(groups.operand_ptr)[group] // sites[group]
        site, slot = nth // slots, nth % slots
        return bool((groups.operands[groups.operand_ptr[group] + slot * sites[group] + site] == wanted).all())
    for i in wide.tolist():
        part = slice(int(groups.operand_ptr[i]), int(groups.operand_ptr[i + 1]))
        equal[part] = (wanted[part].reshape(sites[i], -1) == groups.operands[part].reshape(-1, sites[i]).T).ravel()
    return bool(equal.all())


def _arc_groups_match(draft: Draft, groups: Groups, name: str) -> None:
    """The groups agree with the table of arcs, which was compared with the graph."""
    arcs, sites = draft.arcs, np.diff(groups.site_ptr)
    child, drawn, stack, row = arcs.child, draft.arc_drawn, arcs.stack, arcs.row
    if not _counts_up(groups.sites):
        child, drawn = child.take(groups.sites), drawn.take(groups.sites)
        stack, row = stack.take(groups.sites), row.take(groups.sites)
    _must((groups.targets == child).all(), f"{name} groups write elsewhere")
    _must((drawn == np.repeat(groups.drawn, sites)).all(), f"{name} groups mix drawn arcs")
    _runs_as(groups, stack, row, name)
    _operands_match(groups, *arc_operands(arcs), name)
