"""Small nets and data for tests of several processes. (`learn_toys` belongs to another folder.)"""

import numpy as np
import torch

from exnet import data
from exnet.compiler import Compiled, compile_source
from exnet.data import Dataset, Fitted, Part
from exnet.source import Source
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


# Unshared graphs

HEAD = """exnet t
param n = 4
input x[n] : real[2]
output y : class[3]
space primary = 5, complementary = 4
net some = mlp(dropout: 0.2)
net plain = mlp()
default vertex (primary: some)
mode {mode}
learn xprop(batch: 5, epochs: 2, clip: 0.5)
"""
GRAPHS = {
    "tree": """let h[0, i: 0..n] = x[i]
vertex h[l: 1..=2, i: 0..n >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])
root h[2, 0]
""",
    "multilayer": """let h[0, i: 0..n] = x[i]
vertex h[l: 1..n, i: 0..n-l] = (h[l-1, i], h[l-1, i+1])
root h[n-1, 0]
""",
    "chain": """let h[0] = x[0]
vertex h[t: 1..n] = (h[t-1], x[t])
root h[n-1]
""",
    "longer chain": """let h[0] = x[0]
vertex h[t: 1..40] = (h[t-1], x[t % n]) with (primary: plain)
root h[39]
""",
    "ladder": """let g[0] = x[0]
let h[0] = x[1]
vertex g[t: 1..20] = (g[t-1], x[t % n]) with (primary: plain)
vertex h[t: 1..20] = (h[t-1], g[t]) with (primary: plain)
vertex top = (g[19], h[19])
root top
""",
    "attention": """let z[0, i: 0..n] = x[i]
vertex p[l: 1..=2, i: 0..n, j: 0..n] = (z[l-1, i], z[l-1, j])
vertex t[l: 1..=2, i: 0..n] = (p[l, i, 0], p[l, i, 1], p[l, i, 2], p[l, i, 3])
let z[l: 1..=2, i: 0..n] = t[l, i]
vertex r = (z[2, 0], z[2, 1], z[2, 2], z[2, 3])
root r
""",
}


def compiled(name: str, mode: str, seed: int = 0) -> Compiled:
    """One of the graphs, equations as they are, or `random`: vertices with one to three children among all before."""
    body = random_body(seed) if name == "random" else GRAPHS.get(name, name)
    return compile_source(Source("toy.exn", HEAD.replace("{mode}", mode) + body)).unwrap()


def random_body(seed: int) -> str:
    """Equations of 3 to 12 vertices; the root reads all that nobody else reads."""
    rng = np.random.default_rng(seed)
    nodes, lines, unread = [f"x[{i}]" for i in range(4)], list[str](), set[str]()
    for number in range(int(rng.integers(3, 12))):
        children = [nodes[int(i)] for i in rng.integers(0, len(nodes), int(rng.integers(1, 4)))]
        lines.append(f"vertex v{number} = ({', '.join(children)},)".replace(",)", ")" if len(children) > 1 else ",)"))
        unread = (unread | {f"v{number}"}) - set(children)
        nodes.append(f"v{number}")
    ends = sorted(unread)
    lines.append(f"vertex top = ({', '.join(ends)}{',' if len(ends) == 1 else ''})")
    return "\n".join([*lines, "root top", ""])
