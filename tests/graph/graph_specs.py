"""Small texts and how to elaborate them."""

import numpy as np

from exnet.graph import Graph, Limits, elaborate
from exnet.graph.check import verify
from exnet.source import Diagnostic, Outcome
from exnet.spec import parse

TREE = """
let    h[0, i: 0..16] = x[i]
vertex h[l: 1..=4, i: 0..16 >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])  share by l
root   h[4, 0]
"""
ATTENTION = """
let x[0, i: 0..16] = flatten(image)[i]
let x[l: 1..=2, i: 0..16] = attention(x[l-1, :])[i]
root tree(x[2, :])
"""


def file(body: str, inputs: str = "x[8] : real[2]") -> str:
    """A whole spec around some equations."""
    return f"exnet t\ninput  {inputs}\noutput y_ : class[3]\n{body}"


def outcome(body: str, inputs: str = "x[8] : real[2]", limits: Limits = Limits()) -> Outcome[Graph]:
    """What elaboration says to some equations."""
    return elaborate(parse(file(body, inputs)), limits)


def graph(body: str, inputs: str = "x[8] : real[2]") -> Graph:
    """The verified graph of some equations."""
    return verify(outcome(body, inputs).unwrap())


def said(body: str, inputs: str = "x[8] : real[2]") -> list[Diagnostic]:
    """All messages."""
    return list(outcome(body, inputs).diagnostics)


def messages(body: str, inputs: str = "x[8] : real[2]") -> list[str]:
    """`name: message` of all messages."""
    return [f"{d.name}: {d.message}" for d in said(body, inputs)]


def node_names(g: Graph) -> list[str]:
    """The names of all nodes."""
    leaves = [f"{b.name}{list(map(int, i))}" for b in g.leaves for i in np.ndindex(b.shape)]
    return leaves + [g.vertex_name(v) for v in range(g.vertex_count)]


def shape(g: Graph) -> dict[str, tuple[object, ...]]:
    """Everything that a graph means, by the names of its vertices: children, classes, networks, identities."""
    names = node_names(g)
    found: dict[str, tuple[object, ...]] = {}
    for v in range(g.vertex_count):
        arcs = range(int(g.child_ptr[v]), int(g.child_ptr[v + 1]))
        below = [int(g.complementary.of[a]) for a in arcs]
        found[g.vertex_name(v)] = (
            [names[g.child[a]] for a in arcs],
            g.primary.name(int(g.primary.of[v])),
            g.trainer.name(int(g.trainer.of[v])),
            [None if c < 0 else g.complementary.name(c) for c in below],
            int(g.hash[v]),
            int(g.primary.hash[g.primary.of[v]]),
            int(g.level[v]),
            int(g.depth[v]),
        )
    return found
