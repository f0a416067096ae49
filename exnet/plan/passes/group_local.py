"""group-local: the batched products of the local update, which knows no steps. Before: rows and arcs. After: the rest.

Once the passes have run, all inputs of all local losses are known; each stack is one product for each number of sites
that its classes have. Drawn and certain arcs stay apart. The groups are made, and checked, when they are first read:
what only predicts never needs them.
"""

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np

from exnet.graph.deferred import parts
from exnet.plan import verify
from exnet.plan.draft import Draft, Placement
from exnet.plan.grouping import Integers, class_rows, pointers, rectangles, spread
from exnet.plan.model import Groups, Ints, Ints32
from exnet.plan.operands import arc_operands


def group_local(draft: Draft) -> Draft:
    """local_primary, local_arcs and trainers; the rows of trainer classes."""
    graph, arcs, vertices = draft.graph, draft.arcs, len(draft.vertex)
    rows, always = np.arange(vertices, dtype=np.int32), np.zeros(vertices, np.int32)
    psi = graph.trainer.of[draft.vertex]
    trainer = replace(draft.trainer, row=class_rows(draft.trainer.stack, psi, always))
    primary, done = draft.primary, Draft(draft.spec, graph)
    whole = replace(draft, trainer=trainer)
    kept = replace(whole, place=done.place, up_sites=done.up_sites, down_sites=done.down_sites)

    def propagators() -> Groups:
        phi = graph.primary.of[kept.vertex]
        return _flat(always, phi, primary, rows, kept.child_ptr, kept.child)

    def complementary() -> Groups:
        of = graph.complementary.of[kept.arc]
        return _flat(kept.arc_drawn.astype(np.int32), of, kept.complementary, arcs.child, *arc_operands(arcs))

    def trainers() -> Groups:
        psi = graph.trainer.of[kept.vertex]
        both = np.stack([rows + graph.leaf_count, rows], axis=1).ravel()
        twos = 2 * np.arange(vertices + 1, dtype=np.int64)
        return _flat(always, psi, trainer, rows, twos, both)

    return replace(
        whole,
        local_primary=_checked(kept, verify.local_primary_is_whole, propagators),
        local_arcs=_checked(kept, verify.local_arcs_are_whole, complementary),
        trainers=_checked(kept, verify.trainers_are_whole, trainers),
    )


def _checked(draft: Draft, holds: Callable[[Draft, Groups], None], make: Callable[[], Groups]) -> Groups:
    """Groups that are made, and then checked, when they are first read."""

    def made() -> Groups:
        groups = make()
        holds(draft, groups)
        return groups

    return Groups.deferred(parts(made, [f.name for f in fields(Groups)]))


def _flat(use: Ints32, of: Ints32, place: Placement, targets: Ints32, ptr: Ints, operands: Integers) -> Groups:
    """Groups of sites 0.. without steps; `use`: 1 if drawn; `of`: their classes; `ptr`, `operands`: CSR by site."""
    shape = rectangles(use, of, place.stack, place.row)
    counts = np.diff(ptr)[shape.order]
    values = operands[spread(ptr[shape.order], counts)]
    return shape.groups(shape.order.astype(np.int32), targets[shape.order], pointers(counts), values)
