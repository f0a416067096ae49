"""Xprop* as a plain story: which vertices learn at a step, what moves, and when the frozen copies follow.

turn t = step // length; sweep s = t // turns of a sweep
at a step       live <- live - lr * (gradient + decay * live)      classes at the vertices of the group, no others
refresh average frozen <- frozen + rate * (live - frozen)          after every step, all classes
refresh hard    frozen <- live                                     at the end of a turn, classes that had it
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from exnet.graph.randomness import bits
from exnet.reference.graph import ReferenceGraph
from exnet.reference.step import Draws, Gradients, Parameters, ReferenceStep, Stepper
from exnet.spec.model import Spec
from exnet.spec.rule import XpropStar


def vertex_levels(graph: ReferenceGraph) -> dict[str, int]:
    """Longest path down to a leaf, by name of the vertex."""
    levels: dict[str, int] = {}
    for vertex in graph.vertices.values():
        levels[vertex.name] = 1 + max(levels.get(child, 0) for child in vertex.children)
    return levels


def groups_upwards(graph: ReferenceGraph, kind: str, numbering: Sequence[str]) -> dict[int | str, list[str]]:
    """The vertices of every group by what a list calls it, children before parents.

    Args:
        graph: of the spec.
        kind: `level`, `class`, `single` or `whole`.
        numbering: names of all vertices, or of all classes of primary propagators, in the order that breaks ties.
    """
    levels = vertex_levels(graph)
    if kind == "level":
        keys: dict[str, int | str] = dict(levels)
    elif kind == "class":
        keys = {vertex.name: vertex.primary for vertex in graph.vertices.values()}
    else:
        keys = {name: name if kind == "single" else "whole" for name in graph.vertices}
    found: dict[int | str, list[str]] = {}
    for name, key in keys.items():
        found.setdefault(key, []).append(name)
    place = {key: at for at, key in enumerate(numbering)}
    order = sorted(found, key=lambda key: (min(levels[name] for name in found[key]), place.get(str(key), 0)))
    return {key: found[key] for key in order}


def group_at(upwards: Mapping[int | str, list[str]], rule: XpropStar, turn: int, seed: int) -> list[str]:
    """The vertices that have turn number `turn`."""
    keys = list(upwards)
    if rule.order == "down":
        keys.reverse()
    if rule.order == "listed":
        keys = list(rule.list or ())
    sweep, place = turn // len(keys), turn % len(keys)
    if rule.order == "random":
        drawn = {key: int(bits(seed, "xprop_star", sweep, np.int64(at))) for at, key in enumerate(keys)}
        keys.sort(key=lambda key: drawn[key])
    return upwards[keys[place]]


@dataclass
class Training:
    """Training by Xprop* with plain gradient descent.

    Attributes:
        spec, graph: what is trained; the rule is `rule`, not that of the spec.
        rule: group, order and refresh.
        upwards: all groups, from `groups_upwards`.
        live, frozen: parameters by class; the frozen ones of trainers are never used.
        length: steps of a turn. seed: of random orders. lr, decay: of the descent.
        steps: how many are done.
    """

    spec: Spec
    graph: ReferenceGraph
    rule: XpropStar
    upwards: Mapping[int | str, list[str]]
    live: Gradients
    frozen: Gradients
    length: int
    seed: int
    lr: float
    decay: float
    steps: int = 0

    def step(self, leaves: Mapping[str, Tensor], targets: Mapping[str, Tensor], draws: Draws) -> ReferenceStep:
        """One step on a batch."""
        turn, at = divmod(self.steps, self.length)
        group = group_at(self.upwards, self.rule, turn, self.seed)
        stepper = Stepper(self.spec, self.graph, self.live, draws, self.frozen)
        made = stepper.step(leaves, targets, group)
        moving = sorted({name for vertex in group for name in stepper.classes_of(vertex)})
        for name in moving:
            for key, value in self.live[name].items():
                self.live[name][key] = value - self.lr * (made.gradients[name][key] + self.decay * value)
        if self.rule.refresh == "average":
            rate = 0.01 if self.rule.rate is None else self.rule.rate
            for name, values in self.frozen.items():
                self.frozen[name] = {k: v + rate * (self.live[name][k] - v) for k, v in values.items()}
        elif at == self.length - 1:
            for name in moving:
                self.frozen[name] = dict(self.live[name])
        self.steps += 1
        return made


def copied(parameters: Parameters) -> Gradients:
    """The same numbers in dictionaries of their own."""
    return {name: {key: value.clone() for key, value in values.items()} for name, values in parameters.items()}
