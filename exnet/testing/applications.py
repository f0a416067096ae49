"""Pieces that apply blocks: the standard ones, and random ones of the file, lifted in every way."""

from dataclasses import dataclass
from random import Random

from exnet.testing.pieces import MAKERS, Names, Piece, Size


@dataclass(frozen=True)
class Callee:
    """A block that can be applied to an array.

    Attributes:
        name, options: `name(xs, options)`.
        smallest: the smallest array that it takes.
        length, vertices: as of `Piece`.
        text: its definition; empty for standard blocks.
    """

    name: str
    options: str
    smallest: int
    length: Size | None
    vertices: Size
    text: str = ""

    def call(self, array: str) -> str:
        """The application."""
        return f"{self.name}({array}{self.options})"

    def node(self, array: str, size: int) -> str:
        """The application as one node: the last, if it gives an array."""
        return self.call(array) if self.length is None else f"{self.call(array)}[{self.length(size) - 1}]"


def _attention(n: int, window: int, causal: bool) -> int:
    rows = [sum(abs(i - j) <= window and (j <= i or not causal) for j in range(n)) for i in range(n)]
    return sum(2 * row - 1 for row in rows)


STANDARD = (
    Callee("tree", "", 1, None, lambda n: n - 1),
    Callee("chain", "", 1, lambda n: n, lambda n: n - 1),
    Callee("multilayer", "", 1, None, lambda n: n * (n - 1) // 2),
    Callee("attention", "", 1, lambda n: n, lambda n: _attention(n, n, False)),
    Callee("attention", ", window: 1", 1, lambda n: n, lambda n: _attention(n, 1, False)),
    Callee("attention", ", causal: true", 1, lambda n: n, lambda n: _attention(n, n, True)),
    Callee("attention", ", 1, true", 1, lambda n: n, lambda n: _attention(n, 1, True)),
    Callee("ensemble", ", 2", 1, None, lambda n: 2 * (n - 1) + 1),
)
"""The standard blocks over one axis."""


def random_block(random: Random, name: str, others: tuple[Callee, ...]) -> Callee:
    """A block of one or two pieces, which may apply one of `others` in any way."""
    first = random.choice(MAKERS)(random, Names("u", "xs", "n"))
    lines, ending = list(first.lines), (first.result, first.length)
    smallest, vertices = 2, [first.vertices]
    length = first.length
    if length is not None and random.random() < 0.6:
        other = random.choice(others)
        smallest = 2 * other.smallest + 4
        keeps = length(50) == 50 and length(51) == 51
        if keeps and other.length is None and random.random() < 0.7:
            last = random.choice(APPLICATIONS)(random, Names("w", first.result, "n"), 50, other)
            lines += last.lines
            ending = (last.result, last.length)
            vertices.append(last.vertices)
        else:
            text = other.call(first.result)
            in_yield = random.random() < 0.3
            lines += [] if in_yield else [f"let w = {text} {random.choice(['', 'share as inner'])}"]
            inner = other.length
            ending = (text if in_yield else "w", None if inner is None else _after(length, inner))
            vertices.append(lambda n: other.vertices(length(n)))
    random.shuffle(lines)
    body = "\n".join(f"  {line}" for line in (*lines, f"yield {ending[0]}"))
    text = f"block {name}(xs[n]) {{\n{body}\n}}"
    return Callee(name, "", smallest, ending[1], lambda n: sum(v(n) for v in vertices), text)


def _after(first: Size, second: Size) -> Size:
    return lambda n: second(first(n))


PICK = """block pick(a: vertex, xs[n], step = 1, flip = false) {
  vertex v[i: 0..n - step when not flip] = (a, xs[i+step]) CLAUSE
  vertex v[i: 0..n - step otherwise] = (xs[i], a) CLAUSE
  yield v
}"""
"""A block of vertices, integers and booleans; its sizes may differ between instances."""


def picked(random: Random, n: Names, size: int, _: Callee) -> Piece:
    """`pick`, lifted over the index that its vertex, its integer and its boolean depend on."""
    f, a = n.family, n.array
    step, clause = random.choice(["1", "k + 1"] if size > 2 else ["1"]), random.choice(["", "share over k", "per k"])
    line = f"let {f}[k: 0..2] = pick({a}[k], {a}, step: {step}, flip: k == 1)[0] {clause}"
    other = f"let {f}_w[k: 0..2, i: 0..{n.size} - 1] = pick({a}[0], {a}, flip: k % 2 == 0)[i]"
    lines = (line, other, f"let {f}_r[k: 0..2] = {f}_w[k, 0]", f"vertex {f}_v = ({f}[0], {f}[1], {f}_r[0], {f}_r[1])")
    return Piece(lines, f"{f}_v", None, lambda s: 4 * s)


def nested(random: Random, n: Names, size: int, callee: Callee) -> Piece:
    """An application in the argument of another, and one over pairs of indices."""
    inner = random.choice([f"chain({n.array})", f"attention({n.array}, 1)", f"reverse({n.array})"])
    clause = random.choice(["", f"share as {n.family}_s"]) if inner.startswith("reverse") else ""
    assert size >= callee.smallest
    line = f"let {n.family} = {callee.call(inner)} {clause}"
    return Piece((line,), n.family, callee.length, lambda s: callee.vertices(s) + 3 * s)


def whole(random: Random, n: Names, size: int, callee: Callee) -> Piece:
    """One application, to the whole array."""
    clauses = ["", "", f"share as {n.family}_s", "with (trainer: judge)", "with (primary: cell)"]
    line = f"let {n.family} = {callee.call(n.array)} {random.choice(clauses)}"
    assert size >= callee.smallest
    return Piece((line,), n.family, callee.length, callee.vertices)


def copies(random: Random, n: Names, size: int, callee: Callee) -> Piece:
    """`per`: copies of one application."""
    clause = random.choice(["per k", "share over k per k", "share trainer over k per k"])
    line = f"let {n.family}[k: 0..2] = {callee.node(n.array, size)} {clause}"
    return Piece((line,), n.family, lambda _: 2, lambda s: 2 * callee.vertices(s))


def layers(random: Random, n: Names, size: int, callee: Callee) -> Piece:
    """Layers of one block that keeps the length, stacked by a level index."""
    if callee.length is None or callee.length(size) != size:
        return whole(random, n, size, callee)
    clause = random.choice(["", "share over l", "share primary over l", f"share over l as {n.family}_s"])
    lines = (
        f"let {n.family}[l: 1..=2, i: 0..{n.size}] = {callee.call(f'{n.family}[l-1, :]')}[i] {clause}",
        f"let {n.family}[0, i: 0..{n.size}] = {n.array}[i]",
        f"let {n.family}_r = {n.family}[2, :]",
    )
    return Piece(lines, f"{n.family}_r", lambda s: s, lambda s: 2 * callee.vertices(s))


def sliding(random: Random, n: Names, size: int, callee: Callee) -> Piece:
    """One instance for each window."""
    if size <= callee.smallest + 1:
        return whole(random, n, size, callee)
    width = callee.smallest + 1
    clause = random.choice(["", "share over i", "share over i", f"share complementary over i as {n.family}_s"])
    node = callee.node(f"{n.array}[i..i+{width}]", width)
    line = f"let {n.family}[i: 0..{n.size} - {width - 1}] = {node} {clause}"
    return Piece((line,), n.family, lambda s: s - width + 1, lambda s: (s - width + 1) * callee.vertices(width))


def shrinking(random: Random, n: Names, size: int, callee: Callee) -> Piece:
    """Instances whose sizes depend on an outer index."""
    if size < callee.smallest + 1 or callee.length is not None:
        return whole(random, n, size, callee)
    clause = random.choice(["", "share over l"]) if callee.name in ("tree", "multilayer") else ""
    low = callee.smallest
    line = f"let {n.family}[l: 0..{n.size} - {low - 1}] = {callee.call(f'{n.array}[l..{n.size}]')} {clause}"
    return Piece((line,), n.family, lambda s: s - low + 1, lambda s: sum(callee.vertices(c) for c in range(low, s + 1)))


def twice(random: Random, n: Names, size: int, callee: Callee) -> Piece:
    """Two applications in one family, and one inside a tuple."""
    f = n.family
    lines = (
        f"let {f}[1] = {callee.node(f'reverse({n.array})', size)}",
        f"let {f}[0] = {callee.node(n.array, size)}",
        f"vertex {f}[2] = ({callee.node(n.array, size)}, {n.array}[0])",
    )
    order = list(lines)
    random.shuffle(order)
    return Piece(tuple(order), f, lambda _: 3, lambda s: 3 * callee.vertices(s) + 1)


def one_encoder(random: Random, n: Names, size: int, callee: Callee) -> Piece:
    """Two sites with one set of parameters."""
    sides = [("a", n.array), ("b", f"reverse({n.array})")]
    random.shuffle(sides)
    lines = tuple(
        f"let {n.family}_{side} = {callee.node(array, size)} share as {n.family}_enc" for side, array in sides
    )
    join = f"vertex {n.family} = ({n.family}_a, {n.family}_b)"
    return Piece((*lines, join), n.family, None, lambda s: 2 * callee.vertices(s) + 1)


APPLICATIONS = (whole, copies, layers, sliding, shrinking, twice, one_encoder, picked, nested)
"""All ways of applying a block that are tried."""
