"""Rectangles: sorting call sites into batched products.

A *site* is one call of a component: a vertex, or an arc into an internal vertex. Every function here takes one entry
for each site or class and works on whole columns.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exnet.plan.model import Groups, Ints, Ints32

Bools = NDArray[np.bool_]
Integers = NDArray[np.integer]
_RADIX = 2**62
_FEW = 1024
"""Codes that are sorted by comparing."""


def order_by(*keys: Integers | Bools) -> Ints:
    """The stable order that sorts by the first key, then by the second, and so on. Keys are not negative."""
    found = code_of(*keys)
    return np.lexsort(keys[::-1]) if found is None else _order(*found)


def code_of(*keys: Integers | Bools) -> tuple[Integers, int] | None:
    """A number for each row that sorts as its keys do, and a bound above them; None if it does not fit."""
    lows = [int(key.min()) if len(key) else 0 for key in keys]
    extents = [int(key.max(initial=low)) - low + 1 for key, low in zip(keys, lows, strict=True)]
    size, most = math.prod(extents), max(low + extent for low, extent in zip(lows, extents, strict=True))
    if size >= _RADIX:
        return None
    kind, code = np.int32 if max(size, most) < 2**31 else np.int64, None
    for key, low, extent in zip(keys, lows, extents, strict=True):
        if extent > 1:
            code = _one_more(code, extent, key.astype(kind))
            code -= low
    return (np.zeros(len(keys[0]), kind) if code is None else code), size


def _one_more(code: Integers | None, extent: int, key: Integers) -> Integers:
    """The code so far times an extent, plus the next key; in place."""
    if code is None:
        return key
    code *= extent
    code += key
    return code


def _order(code: Integers, size: int) -> Ints:
    """Stable order of codes below `size`: nothing to do if they rise; each at its own place if no two are equal and few
    places are left empty; else by 16 bits at a time where that is faster.

    A million codes: 2 ms if they rise, 10 ms by place or for each 16 bits, 90 ms by comparing.
    """
    if (code[1:] >= code[:-1]).all():
        return np.arange(len(code))
    if size > 2**48 or len(code) < _FEW:
        return np.argsort(code, kind="stable")
    if len(code) <= size <= 8 * len(code):
        place = np.full(size, -1, np.int32)
        place[code] = np.arange(len(code), dtype=np.int32)
        found = place[place >= 0]
        if len(found) == len(code):
            return found.astype(np.int64)
    order = np.argsort(code.astype(np.uint16), kind="stable")
    for shift in range(16, (size - 1).bit_length(), 16):
        digit = (code >> shift).astype(np.uint16)[order]
        order = order[np.argsort(digit, kind="stable")]
    return order


def pointers(counts: Integers) -> Ints:
    """ptr[i] = counts[0] + .. + counts[i - 1], int64 [n + 1]."""
    ptr = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=ptr[1:])
    return ptr


def spread(starts: Integers, counts: Integers) -> Ints:
    """The ranges `starts[i] .. starts[i] + counts[i]`, one after the other."""
    if len(counts) and (counts == counts[0]).all():
        return np.add.outer(starts, np.arange(counts[0])).ravel()
    ptr = pointers(counts)
    return np.repeat(starts - ptr[:-1], counts) + np.arange(ptr[-1])


def uniform(ptr: Ints) -> int | None:
    """The number of entries of each row of a CSR, if all rows have the same."""
    rows = len(ptr) - 1
    width = int(ptr[-1]) // rows if rows else 0
    return width if rows and ptr[-1] == width * rows and (np.diff(ptr) == width).all() else None


def gathered(ptr: Ints, values: Integers, rows: Integers) -> Integers:
    """The entries of some rows of a CSR, one row after the other."""
    width = uniform(ptr)
    if width is not None:
        return values.reshape(-1, width).take(rows, axis=0).ravel()
    return values[spread(ptr[rows], np.diff(ptr)[rows])]


def slots_of(values: Integers, width: int, rows: Integers) -> Integers:
    """The entries of some rows of a table of equal rows, slot by slot: [width, rows]."""
    return values.reshape(-1, width).take(rows, axis=0).T


def owners(ptr: Ints, entries: Integers) -> Integers:
    """The row of a CSR that each entry belongs to."""
    counts = np.diff(ptr)
    if len(counts) and (counts == counts[0]).all():
        return entries // max(int(counts[0]), 1)
    return np.repeat(np.arange(len(counts), dtype=np.int32), counts)[entries]


def inverse(order: Integers) -> Ints32:
    """Position with position[order[i]] = i."""
    position = np.empty(len(order), np.int32)
    position[order] = np.arange(len(order), dtype=np.int32)
    return position


def starts_of_runs(*keys: Integers | Bools) -> Ints:
    """Where any of the keys differs from the entry before it, the first entry included."""
    if not len(keys[0]):
        return np.zeros(0, np.int64)
    change = np.zeros(len(keys[0]), np.bool_)
    change[0] = True
    for key in keys:
        change[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(change)


def class_rows(stack: Ints32, of: Integers, use: Integers) -> Ints32:
    """The row of each class in its stack, so that what runs together lies together.

    Classes are ordered by stack, first use, number of sites at that first use, first site.

    Args:
        stack: [classes], the stack of each class.
        of: [sites], the class of each site.
        use: int32 [sites], twice the step at which it runs, and one more if it runs only when drawn.
    """
    classes = len(stack)
    first, together = _first_uses(classes, of, use)
    order = order_by(stack, first, together)
    if len(starts_of_runs(stack[order], first[order], together[order])) < classes:
        site = np.full(classes, len(of), np.int32)
        site[of[::-1]] = np.arange(len(of) - 1, -1, -1, dtype=np.int32)  # the one that is written last stays
        order = order_by(stack, first, together, site)
    begin = pointers(np.bincount(stack, minlength=int(stack.max(initial=0)) + 1))
    row = np.empty(classes, np.int32)
    row[order] = np.arange(classes) - begin[stack[order]]
    return row


def _first_uses(classes: int, of: Integers, use: Integers) -> tuple[Integers, Integers]:
    """The smallest use of each class, and how many of its sites have it."""
    uses = int(use.max(initial=0)) + 1
    if classes * uses <= len(of):
        code = of * np.int32(uses)
        code += use
        count = np.bincount(code, minlength=classes * uses).reshape(classes, uses)
        first = np.argmax(count > 0, axis=1)
        return first, count[np.arange(classes), first]
    first = np.full(classes, np.iinfo(np.int32).max, np.int32)
    np.minimum.at(first, of, use)
    return first, np.bincount(of[use == first[of]], minlength=classes)


@dataclass(frozen=True, slots=True, eq=False)
class Rectangles:
    """Groups without their operands.

    Attributes:
        order: int64 [sites], the sites as the groups need them.
        The others as in `Groups`.
    """

    order: Ints
    step: Ints32
    stack: Ints32
    classes: Ints32
    members: Ints32
    drawn: Bools
    rows: Ints32
    row_ptr: Ints
    site_ptr: Ints

    def groups(self, sites: Ints32, targets: Ints32, operand_ptr: Ints, operands: Integers) -> Groups:
        """The groups, given for each entry of `order` its number, its target and its operands (as CSR)."""
        flat, ptr = _by_slot(self.site_ptr, operand_ptr, operands)
        return Groups(
            step=self.step,
            stack=self.stack,
            classes=self.classes,
            members=self.members,
            drawn=self.drawn,
            rows=self.rows,
            sites=sites,
            targets=targets,
            operands=flat,
            row_ptr=self.row_ptr,
            site_ptr=self.site_ptr,
            operand_ptr=ptr,
        )


def rectangles(use: Integers, of: Integers, stack: Ints32, row: Ints32) -> Rectangles:
    """Sorts sites by (use, stack, sites of the class at that use, row) and cuts them into rectangles.

    Sites of one class keep their order. `use` and `of` are [sites] as in `class_rows`, `stack` and `row` [classes].
    """
    rank = inverse(order_by(stack, row))
    order, cell = _cells(use, rank.take(of) if len(rank) > 1 else np.zeros(len(of), np.int32))
    members = np.diff(cell, append=len(order))
    head = order[cell]
    arranged = order_by(use[head], stack[of[head]], members)
    if (arranged[1:] < arranged[:-1]).any():
        head, members = head[arranged], members[arranged]
        order = order[spread(cell[arranged], members)]
    shape = stack[of[head]]
    first = starts_of_runs(use[head], shape, members)
    classes = np.diff(first, append=len(head))
    lead, width = use[head[first]], members[first]
    return Rectangles(
        order=order,
        step=(lead >> 1).astype(np.int32),
        stack=shape[first].astype(np.int32),
        classes=classes.astype(np.int32),
        members=width.astype(np.int32),
        drawn=(lead & 1) > 0,
        rows=row[of[head]].astype(np.int32),
        row_ptr=pointers(classes),
        site_ptr=pointers(classes * width),
    )


def _cells(use: Integers, rank: Integers) -> tuple[Ints, Ints]:
    """Sites by use and rank, and where a new pair of them begins."""
    found = code_of(use, rank)
    if found is None:
        order = order_by(use, rank)
        return order, starts_of_runs(use[order], rank[order])
    order = _order(*found)
    return order, starts_of_runs(found[0].take(order))


def _by_slot(site_ptr: Ints, operand_ptr: Ints, operands: Integers) -> tuple[Ints32, Ints]:
    """From CSR by site to [k, sites] for each group, and the pointers of the groups.

    The sites of a group have equally many operands. A group of one site stays as it is; the others are turned one by
    one, unless they are many and small.
    """
    sites, ptr = np.diff(site_ptr), operand_ptr[site_ptr]
    wide = np.flatnonzero(sites > 1)
    if len(wide) > len(operands) // 64 + 64:
        return _by_slot_at_once(site_ptr, operand_ptr, operands)
    flat = np.array(operands, np.int32)
    for first, end, count in zip(ptr[wide].tolist(), ptr[wide + 1].tolist(), sites[wide].tolist(), strict=True):
        flat[first:end] = flat[first:end].reshape(count, -1).T.ravel()
    return flat, ptr


def _by_slot_at_once(site_ptr: Ints, operand_ptr: Ints, operands: Integers) -> tuple[Ints32, Ints]:
    """`_by_slot` without a loop over groups."""
    counts, sites = np.diff(operand_ptr), np.diff(site_ptr)
    ptr = operand_ptr[site_ptr]
    group = np.repeat(np.arange(len(sites)), sites)
    base = ptr[group] + np.arange(len(group)) - site_ptr[group]
    slot = np.arange(len(operands)) - np.repeat(operand_ptr[:-1], counts)
    flat = np.empty(len(operands), np.int32)
    flat[np.repeat(base, counts) + slot * np.repeat(sites[group], counts)] = operands
    return flat, ptr
