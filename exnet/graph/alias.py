"""Second names: from the slots of `let` to the nodes that they mean, by pointer jumping."""

from typing import TYPE_CHECKING

import numpy as np

from exnet.graph import rules
from exnet.graph.integers import Array
from exnet.graph.mistakes import mistake
from exnet.language import syntax

if TYPE_CHECKING:
    from exnet.graph.elaborate import Elaboration, Made


def resolve(work: "Elaboration") -> tuple[Array, Array] | None:
    """(targets as written, nodes that are meant) of every slot; None if names only rename each other.

    Each round halves the longest chain of names. What is tested is where a name leads, not whether it still moves: an
    even cycle becomes a fixed point of the jumping.
    """
    written = np.arange(work.slots)
    names = np.zeros(work.slots, dtype=bool)
    for made in work.made:
        if made.targets is not None:
            first = made.table.first
            written[first : first + len(made.targets)] = made.targets
            names[first : first + len(made.targets)] = True
    meant = written.copy()
    open_slots = np.flatnonzero(names[meant])
    rounds = 0
    while len(open_slots):
        if 2**rounds > work.slots:
            _report(work, written, int(open_slots[0]))
            return None
        meant[open_slots] = meant[meant[open_slots]]
        open_slots = open_slots[names[meant[open_slots]]]
        rounds += 1
    return written, meant


def _report(work: "Elaboration", written: Array, slot: int) -> None:
    path: list[int] = []
    while slot not in path and len(path) < 10_000:
        path.append(slot)
        slot = int(written[slot])
    circle = path[path.index(slot) :] if slot in path else path
    least = circle.index(min(circle))
    circle = circle[least:] + circle[:least]
    shown = [slot_name(work, s) for s in circle[:7]]
    dots = ["..", f"`{shown[0]}`"] if len(circle) > 7 else [f"`{shown[0]}`"]
    chain = " = ".join([*(f"`{name}`" for name in shown), *dots])
    made, row = made_of(work, circle[0])
    statement = made.table.statement
    assert statement is not None
    message = f"{chain}: these names only rename each other"
    hint = "one of them must be a `vertex`, or a name of a leaf"
    work.tell(mistake(rules.ALIAS_CYCLE, made.rows, row, statement.value, message, help=hint))


def made_of(work: "Elaboration", slot: int) -> "tuple[Made, int]":
    """The equation that a slot belongs to, and the row in it."""
    for made in work.made:
        if made.table.first <= slot < made.table.first + made.table.domain.count:
            return made, slot - made.table.first
    raise KeyError(slot)


def slot_name(work: "Elaboration", slot: int) -> str:
    """The path of what a slot stands for."""
    for block in work.leaves.values():
        if block.first <= slot < block.first + block.leaves:
            return block.leaf_name(slot - block.first)
    made, row = made_of(work, slot)
    return made.rows.path(row)


def read_of(made: "Made", slot: int) -> syntax.Expr:
    """The part of a vertex' right side that gives the child in a slot, as far as it can be told."""
    from exnet.graph.children import items_of

    statement = made.table.statement
    assert isinstance(statement, syntax.Vertex)
    items = items_of(statement.value)
    if made.children is not None and isinstance(made.children.count, int) and made.children.count == len(items):
        return items[slot]
    return items[0] if len(items) == 1 else statement.value
