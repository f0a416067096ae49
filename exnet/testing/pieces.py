"""Pieces of specs: a few equations that turn an array of n nodes into another array, or into one node.

Each piece is valid for every n >= 2, as text with `n` left symbolic, so that it can stand in the file or in a block.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

Size = Callable[[int], int]


@dataclass(frozen=True)
class Piece:
    """Some equations.

    Attributes:
        lines: statements.
        result: the expression to read: a family's name, or a node.
        length: number of nodes of the result for n; None if it is one node.
        vertices: how many vertices it makes for n.
    """

    lines: tuple[str, ...]
    result: str
    length: Size | None
    vertices: Size


@dataclass(frozen=True)
class Names:
    """What a piece may use: its own family's name, the array that it reads, and how its size is written."""

    family: str
    array: str
    size: str


Maker = Callable[[Random, Names], Piece]


def share(random: Random, indices: tuple[str, ...], alias: str) -> str:
    """A sharing clause for equations whose vertices all have the same number of children, or nothing."""
    key = random.choice(indices) if indices else "7"
    choices = [
        "",
        "",
        "share all",
        "share none",
        f"share by {key}",
        f"share by {key} % 2",
        f"share by ({', '.join(indices or ('1', '2'))})",
        f"share by {key} // 2 == 0",
        f"share all as {alias}",
        f"share as {alias}",
        f"share trainer all, primary by {key}",
        f"share primary by {key} % 2, trainer none",
        "share trainer all",
        "share primary all",
        "share primary all, complementary by slot, trainer by " + key,
        f"share complementary by (slot + {key}) % 2",
        "share complementary all",
        "share all, complementary none",
        f"share primary none, complementary by ({key}, slot), trainer all",
    ]
    return random.choice(choices)


def shift(random: Random, n: Names) -> Piece:
    """Neighbours, n - 1 of them."""
    clause = share(random, ("i",), n.family + "_c")
    line = f"vertex {n.family}[i: 0..{n.size} - 1] = ({n.array}[i], {n.array}[i+1]) {clause}"
    return Piece((line,), n.family, lambda s: s - 1, lambda s: s - 1)


def pairs(random: Random, n: Names) -> Piece:
    """Every other neighbour; the lowest index is 1."""
    clause = share(random, ("k",), n.family + "_c")
    line = f"vertex {n.family}[k: 1..={n.size} // 2] = ({n.array}[2*k-2], {n.array}[2*k-1]) {clause}"
    lines = (line, f"let {n.family}_r[i: 0..{n.size} // 2] = {n.family}[i+1]")
    return Piece(lines, f"{n.family}_r", lambda s: s // 2, lambda s: s // 2)


def mirrored(random: Random, n: Names) -> Piece:
    """A guard, and `otherwise` that only renames."""
    clause = share(random, ("i",), n.family + "_c")
    lines = (
        f"vertex {n.family}[i: 0..{n.size} when i % 2 == 0] = ({n.array}[i], {n.array}[{n.size}-1-i]) {clause}",
        f"let {n.family}[i: 0..{n.size} otherwise] = {n.array}[i]",
    )
    return Piece(lines, n.family, lambda s: s, lambda s: (s + 1) // 2)


def ends(random: Random, n: Names) -> Piece:
    """Equations with one and with two children in one family; `otherwise` stands first."""
    key = random.choice(["share by i", "share none", "", f"share by i + 1 < {n.size}"])
    lines = (
        f"vertex {n.family}[i: 0..{n.size} otherwise] = ({n.array}[i]) {key}",
        f"vertex {n.family}[j: 0..{n.size} when j + 1 < {n.size}] = ({n.array}[j], {n.array}[j+1]) "
        + key.replace(" i", " j"),
    )
    return Piece(lines, n.family, lambda s: s, lambda s: s)


def prefixes(random: Random, n: Names) -> Piece:
    """A recurrence along the array; every prefix can be read."""
    clause = share(random, ("t",), n.family + "_c")
    lines = (
        f"let {n.family}[0] = {n.array}[0]",
        f"vertex {n.family}[t: 1..{n.size}] = ({n.family}[t-1], {n.array}[t]) {clause}",
    )
    return Piece(lines, n.family, lambda s: s, lambda s: s - 1)


def halving(random: Random, n: Names) -> Piece:
    """A tree for any n, by levels; an odd last node moves up."""
    clause = share(random, ("l", "i"), n.family + "_c")
    f, size = n.family, n.size
    head = f"{f}[l: 1..=ceil_log2({size}), i: 0..ceil_div({size}, 2**l)"
    lines = (
        f"let {f}[0, i: 0..{size}] = {n.array}[i]",
        f"vertex {head} when 2*i+1 < ceil_div({size}, 2**(l-1))] = ({f}[l-1, 2*i], {f}[l-1, 2*i+1]) {clause}",
        f"let {head} otherwise] = {f}[l-1, 2*i]",
    )
    return Piece(lines, f"{f}[ceil_log2({size}), 0]", None, lambda s: s - 1)


def triangle(random: Random, n: Names) -> Piece:
    """A triangular family: most vertices have two parents."""
    clause = share(random, ("l", "i"), n.family + "_c")
    f, size = n.family, n.size
    lines = (
        f"let {f}[0, i: 0..{size}] = {n.array}[i]",
        f"vertex {f}[l: 1..{size}, i: 0..{size}-l] = ({f}[l-1, i], {f}[l-1, i+1]) {clause}",
    )
    return Piece(lines, f"{f}[{size}-1, 0]", None, lambda s: s * (s - 1) // 2)


def dense(random: Random, n: Names) -> Piece:
    """Layers over a ring; each layer reads the one below, one of its edges is skipped."""
    clause = share(random, ("l", "i"), n.family + "_c")
    f, size, depth = n.family, n.size, random.randint(1, 3)
    reads = random.choice([(0, 1), (1, 0), (0, 0), (0, 1, 2), (1,)])
    children = ", ".join(f"{f}[l-1, (i+{r}) % {size}]" for r in reads) + ("," if len(reads) == 1 else "")
    lines = (
        f"vertex {f}[l: 1..={depth}, i: 0..{size}] = ({children}) {clause}",
        f"let {f}[0, i: 0..{size}] = {n.array}[i]",
        f"let {f}_r = {f}[{depth}, :]",
    )
    return Piece(lines, f"{f}_r", lambda s: s, lambda s: s * depth)


def windows(random: Random, n: Names) -> Piece:
    """Slices whose length depends on the index."""
    f, size, a = n.family, n.size, n.array
    width = f"min({size}, i+2) - max(0, i-1)"
    key = random.choice(["share none", "share by i", "", f"share by {width}", f"share by ({width}, i % 2)"])
    line = f"vertex {f}[i: 0..{size}] = {a}[max(0, i-1)..min({size}, i+2)] {key}"
    return Piece((line,), f, lambda s: s, lambda s: s)


def growing(random: Random, n: Names) -> Piece:
    """A slice inside a tuple."""
    key = random.choice(["share none", "share by i", ""])
    line = f"vertex {n.family}[i: 1..{n.size}] = ({n.array}[{n.size}-1-i], {n.array}[0..i]) {key}"
    lines = (line, f"let {n.family}_r = {n.family}")
    return Piece(lines, f"{n.family}_r", lambda s: s - 1, lambda s: s - 1)


def turned(random: Random, n: Names) -> Piece:
    """Names only: backwards, by a function or by index."""
    if random.random() < 0.5:
        return Piece((f"let {n.family} = reverse({n.array})",), n.family, lambda s: s, lambda _: 0)
    line = f"let {n.family}[i: 0..{n.size}] = {n.array}[{n.size} - 1 - i]"
    return Piece((line,), n.family, lambda s: s, lambda _: 0)


def doubled(random: Random, n: Names) -> Piece:
    """The same child twice."""
    clause = share(random, ("i",), n.family + "_c")
    line = f"vertex {n.family}[i: 0..{n.size}] = ({n.array}[i], {n.array}[i]) {clause}"
    return Piece((line,), n.family, lambda s: s, lambda s: s)


def joined(random: Random, n: Names) -> Piece:
    """One wide vertex."""
    right = random.choice([n.array, f"{n.array}[:]", f"({n.array}[0..{n.size}], {n.array}[0])"])
    return Piece((f"vertex {n.family} = {right}",), n.family, None, lambda _: 1)


def thirds(random: Random, n: Names) -> Piece:
    """A domain in three parts, of which two may share under one name."""
    clause = random.choice([f"share all as {n.family}_c", "share by 1", "share none", ""])
    f, size, a = n.family, n.size, n.array
    lines = (
        f"vertex {f}[{size}-1] = ({a}[{size}-1], {a}[0]) {clause}",
        f"vertex {f}[0] = ({a}[0], {a}[1]) {clause}",
        f"let {f}[i: 1..{size}-1] = {a}[i]",
    )
    return Piece(lines, f, lambda s: s, lambda _: 2)


def from_below(random: Random, n: Names) -> Piece:
    """A recurrence that starts at index -1, read as a slice that does not start at 0."""
    clause = share(random, ("t",), n.family + "_c")
    f, a = n.family, n.array
    lines = (
        f"let {f}[-1] = {a}[{n.size}-1]",
        f"vertex {f}[t: 0..{n.size}] = ({f}[t-1], {a}[t]) {clause}",
        f"let {f}_r = {f}[0..{n.size}]",
    )
    return Piece(lines, f"{f}_r", lambda s: s, lambda s: s)


def mutual(random: Random, n: Names) -> Piece:
    """Two families that read each other, perhaps with one pool."""
    f, a = n.family, n.array
    clause = random.choice(["share all", "share all as " + f + "_c", "share by t as " + f + "_c", "share by t % 2", ""])
    lines = (
        f"let {f}[0] = {a}[0]",
        f"let {f}_b[0] = {a}[{n.size}-1]",
        f"vertex {f}[t: 1..{n.size}] = ({f}_b[t-1], {a}[t]) {clause}",
        f"vertex {f}_b[t: 1..{n.size}] = ({f}[t-1], {a}[t]) {clause}",
    )
    return Piece(lines, f, lambda s: s, lambda s: 2 * (s - 1))


def folded(random: Random, n: Names) -> Piece:
    """Two rows of half the length: slices of both axes, a rectangle, its transpose."""
    f, half = n.family, f"{n.size} // 2"
    right = random.choice([f"{f}_g[:, j]", f"({f}_g[0..2, j])", f"({f}_g[1, j], {f}_g[0, {half} - 1 - j])"])
    whole = random.choice([f"flatten({f}_g)", f"flatten(transpose({f}_g))", f"{f}_g[1, :]"])
    lines = (
        f"let {f}_g[i: 0..2, j: 0..{half}] = {n.array}[i * ({half}) + j]",
        f"vertex {f}[j: 0..{half}] = {right} {share(random, ('j',), f + '_c')}",
        f"vertex {f}_w = {whole}",
        f"let {f}_r[0] = {f}_w",
        f"let {f}_r[j: 1..=({half})] = {f}[j-1]",
    )
    return Piece(lines, f"{f}_r", lambda s: s // 2 + 1, lambda s: s // 2 + 1)


def two_boxes(random: Random, n: Names) -> Piece:
    """Two `otherwise` with boxes of their own, and a gap that nobody reads."""
    f, a, size = n.family, n.array, n.size
    clause = share(random, ("b",), f + "_c")
    lines = (
        f"vertex {f}[b: 0..2, i: 0..{size} when i % 3 == b] = ({a}[i], {a}[{size}-1-i]) {clause}",
        f"let {f}[0, i: 0..{size} otherwise] = {a}[i]",
        f"let {f}[1, j: 0..{size} otherwise] = {f}[0, j]",
        f"let {f}[7, 0] = {a}[0]",
        f"let {f}_r = {f}[1, :]",
    )
    return Piece(lines, f"{f}_r", lambda s: s, lambda s: (s + 2) // 3 + (s + 1) // 3)


MAKERS: tuple[Maker, ...] = (
    shift,
    pairs,
    mirrored,
    ends,
    prefixes,
    halving,
    triangle,
    dense,
    windows,
    growing,
    turned,
    doubled,
    joined,
    thirds,
    from_below,
    mutual,
    folded,
    two_boxes,
)
"""All pieces that need no block."""
