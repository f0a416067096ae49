"""Small nets and data for tests of learning."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

import exnet
from exnet import data
from exnet.data import Dataset, Fitted, Part
from exnet.passing.net import ExtractionNet
from exnet.spec.model import Spec

TREE = """exnet toy
input x[4] : real[2]
output y : class[3]
space primary = 5, complementary = 4
net line = linear()
default vertex (primary: line, complementary: line, trainer: line)
vertex u = (x[0], x[1])
vertex v = (x[2], x[3])
vertex r = (u, v)
root r
mode {mode}
learn {learn}
"""
SHARED = TREE.replace("(x[0], x[1])", "(x[0], x[1]) share all as leaf").replace(
    "(x[2], x[3])", "(x[2], x[3]) share all as leaf"
)
DAG = """exnet dag
input x[4] : real[2]
output y : class[3]
space primary = 8, complementary = 6
let    h[0, i: 0..4] = x[i]
vertex h[l: 1..4, i: 0..4-l] = (h[l-1, i], h[l-1, i+1])
root h[3, 0]
mode {mode}
learn {learn}
"""


def build(text: str, mode: str = "stochastic()", learn: str = "xprop()", seed: int = 0) -> ExtractionNet:
    spec = exnet.parse(text.replace("{mode}", mode).replace("{learn}", learn))
    return exnet.build(spec, seed=seed, dtype=torch.float64)


def batch(rows: int = 6, seed: int = 0) -> tuple[dict[str, Tensor], dict[str, Tensor], Tensor]:
    rng = np.random.default_rng(seed)
    x, y = torch.from_numpy(rng.normal(size=(rows, 4, 2))), torch.from_numpy(rng.integers(0, 3, rows))
    return {"x": x}, {"y": y}, torch.arange(rows)


def fitted(spec: Spec, rows: int = 24, seed: int = 0) -> Fitted:
    """Instances whose class is the sign pattern of two numbers, as training and as test part."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 8))
    y = (x[:, 0] > 0).astype(np.int64) + (x[:, 5] > 0)
    part = Part({"x": x}, {"y": y})
    return data.fit(spec, Dataset("toy", part, part, {"y": 3}), dtype=np.float64)


def classes(net: ExtractionNet) -> dict[str, dict[str, Tensor]]:
    """The parameters of every sharing class by its name: copies that ask for gradients."""
    made: dict[str, dict[str, Tensor]] = {}
    for stack, row, owner in _rows(net):
        for name, parameter in net.stacks[stack].items():
            made.setdefault(owner, {})[name] = parameter.detach()[row].clone().requires_grad_()
    return made


def gradients(net: ExtractionNet) -> dict[str, dict[str, Tensor]]:
    """The gradients of every sharing class by its name; zeros where there is none."""
    made: dict[str, dict[str, Tensor]] = {}
    for stack, row, owner in _rows(net):
        for name, parameter in net.stacks[stack].items():
            gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            made.setdefault(owner, {})[name] = gradient[row].clone()
    return made


def _rows(net: ExtractionNet) -> Iterator[tuple[str, int, str]]:
    for number, stack in enumerate(net.plan.stacks):
        for row in range(len(stack.classes)):
            yield stack.name, row, net.plan.class_name(number, row)
