"""Small nets and data for tests of several processes. (`learn_toys` belongs to another folder.)"""

import numpy as np
import torch

from exnet import data
from exnet.data import Dataset, Fitted, Part
from exnet.spec.model import Spec

SHARED = """exnet shared
input x[4] : real[2]
output y : class[3]
space primary = 5, complementary = 4
vertex u = (x[0], x[1]) share all as leaf
vertex v = (x[2], x[3]) share all as leaf
vertex r = (u, v)
root r
mode {mode}
learn {learn}
"""
DAG = """exnet dag
input x[4] : real[2]
output y : class[3]
space primary = 5, complementary = 4
net some = mlp(dropout: 0.2)
default vertex (primary: some)
let    h[0, i: 0..4] = x[i]
vertex h[l: 1..4, i: 0..4-l] = (h[l-1, i], h[l-1, i+1]) share by l
root h[3, 0]
mode {mode}
learn {learn}
"""


def fitted(spec: Spec, rows: int = 26, seed: int = 0, columns: torch.dtype = torch.float64) -> Fitted:
    """Instances whose class is the sign pattern of two numbers; the last of the batches of 5 has one instance."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, 8))
    y = (x[:, 0] > 0).astype(np.int64) + (x[:, 5] > 0)
    part = Part({"x": x}, {"y": y})
    return data.fit(spec, Dataset("toy", part, part, {"y": 3}), dtype=str(columns).removeprefix("torch."))
