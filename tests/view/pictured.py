"""Specs that the tests of pictures draw, and what they ask of a picture."""

import re
from itertools import pairwise
from xml.etree import ElementTree

from exnet.graph import elaborate
from exnet.spec import parse
from exnet.view import Quotient, quotient

TREE = """exnet small
input  x[4] : real[2]
output y : class[3]
let    h[0, i: 0..4] = x[i]
vertex h[l: 1..=2, i: 0..4 >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])  share by l
root   h[2, 0]
"""
ATTENTION = """exnet attend
param  n = 4
input  z[n] : index[9]
output y : labels[3]
let    x[0, i: 0..n] = z[i]
let    x[l: 1..=2, i: 0..n] = attention(x[l-1, :])[i]
root   tree(x[2, :])
"""
CHAIN = """exnet recall
input  tokens[6] : index[4]
output first : class[4]
root   chain(tokens)[5]
"""
GRID = """exnet squares
input  x[3, 3] : real[2]
output y : class[3]
let    g = grid(x)
root   g[2, 2]
"""
QUADTREE = """exnet quad
input  image[4, 4] : patch[2, 2]
output digit : class[10]
root   quadtree(image)
"""
ENSEMBLE = """exnet together
input  x[8] : real[2]
output y : class[3]
root   ensemble(x, 3)
"""
MANY_PORTS = """exnet ports
input  words[6]    : index[100]
input  image[2, 2] : patch[3, 3]
input  extra       : real[5]
output digit       : class[10]
output tags        : labels[5]
output place       : real[2]
net    judge = mlp(hidden: [48, 24])
vertex r = (tree(words), quadtree(image), extra)
  with (trainer: judge)
root   r
"""
SHARING = """exnet sharing
input  x[16] : real[2]
output y     : class[3]
let    h[0, i: 0..16] = x[i]
vertex h[l: 1..=4, i: 0..16 >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])
  share primary by l, complementary by (l, slot), trainer all
vertex edge[i: 0..15] = (x[i], x[i+1])      share all
let    t[k: 0..3] = tree(edge)              share over k  per k
vertex r = (h[4, 0], t[:])
root   r
"""
SPECS = {
    "tree": TREE,
    "attention": ATTENTION,
    "chain": CHAIN,
    "grid": GRID,
    "quadtree": QUADTREE,
    "ensemble": ENSEMBLE,
    "ports": MANY_PORTS,
    "sharing": SHARING,
}

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
SVG = "{http://www.w3.org/2000/svg}"


def picture(text: str) -> Quotient:
    """The quotient of a spec."""
    spec = parse(text)
    return quotient(spec, elaborate(spec).unwrap())


def tree_of(svg: str) -> ElementTree.Element:
    """The document of an SVG text; fails if it is not well-formed."""
    return ElementTree.fromstring(svg)


def rectangles(root: ElementTree.Element, kinds: set[str]) -> list[Box]:
    """The rectangles whose class is among `kinds`."""
    found = list[Box]()
    for rect in root.iter(f"{SVG}rect"):
        if kinds & set(rect.get("class", "").split()):
            x, y, w, h = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
            found.append((x, y, x + w, y + h))
    return found


def overlap(a: Box, b: Box) -> bool:
    """Whether two boxes have more than a border in common."""
    return a[0] < b[2] - 0.2 and b[0] < a[2] - 0.2 and a[1] < b[3] - 0.2 and b[1] < a[3] - 0.2


def contains(outer: Box, inner: Box) -> bool:
    """Whether one box lies inside another."""
    return outer[0] <= inner[0] and outer[1] <= inner[1] and inner[2] <= outer[2] and inner[3] <= outer[3]


def points(path: str, steps: int = 24) -> list[tuple[float, float]]:
    """Points on a path of the commands M, V and C, close to one another."""
    corners = list[tuple[float, float]]()
    x = y = 0.0
    for command, text in re.findall(r"([MVC])([^MVC]*)", path):
        numbers = [float(n) for n in text.split()]
        if command == "M":
            x, y = numbers
            corners.append((x, y))
        elif command == "V":
            corners += [(x, y + (numbers[0] - y) * t / steps) for t in range(1, steps + 1)]
            y = numbers[0]
        else:
            (a, b, c, d, e, f), start = numbers, (x, y)
            for step in range(1, steps + 1):
                t = step / steps
                weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3)
                xs, ys = (start[0], a, c, e), (start[1], b, d, f)
                corners.append((sum(map(float.__mul__, weights, xs)), sum(map(float.__mul__, weights, ys))))
            x, y = e, f
    return corners


def ends(path: str) -> tuple[tuple[float, float], tuple[float, float]]:
    """The first and the last point of a path."""
    found = points(path)
    return found[0], found[-1]


def steps_down(path: str) -> bool:
    """Whether a path never goes up, texts in it left out."""
    return all(b[1] >= a[1] - 0.2 for a, b in pairwise(points(path)))
