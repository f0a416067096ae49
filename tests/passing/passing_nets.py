"""Nets that together have everything: unequal numbers of children, shared and unshared classes, leaves read at several
levels, the same child twice, several inputs and outputs, vertices with many incoming arcs.
"""

import torch
from torch import Tensor

import exnet
from exnet.passing.net import ExtractionNet

TREE = """
exnet t
input  x[7] : real[3]
output y    : class[4]
space  primary = 6, complementary = 5
root   tree(x)
"""

UNSHARED = """
exnet u
input  x[4] : real[3]
output y    : class[4]
space  primary = 6, complementary = 5
vertex a[i: 0..3] = (x[i], x[i+1])
vertex b[i: 0..2] = (a[i], a[i+1])
vertex c = (b[0], b[1], a[1])
root   c
"""

CHAIN = """
exnet c
input  x[9] : real[3]
output y    : class[4]
space  primary = 6, complementary = 6
net    step = gated(bias: -1.0)
default vertex (primary: step, complementary: step)
let    h[0] = x[0]
vertex h[t: 1..9] = (h[t-1], x[t]) share all
root   h[8]
"""

ATTENTION = """
exnet a
input  x[4] : real[3]
output y    : class[4]
space  primary = 6, complementary = 5
let    h[0, i: 0..4] = x[i]
let    h[l: 1..=2, i: 0..4] = attention(h[l-1, :])[i]
root   tree(h[2, :])
"""

MIXED = """
exnet m
input  x[5] : real[3]
input  t[2] : index[7]
output y    : class[3]
output a    : real[2]
space  primary = 6, complementary = 5
net    deep = mlp(hidden: [7, 5], activation: tanh, norm: rms)
net    wide = mlp(hidden: [9], activation: relu, residual: true, step: 0.5)
vertex a[i: 0..4] = (x[i], x[i+1])                share all
vertex b[i: 0..3] = (a[i], a[i+1], t[i % 2])
vertex c          = (b[0], b[0])
vertex d          = (c)
vertex e[i: 0..2] = (b[i], d, a[3], x[0], t[1])
  share primary by i, complementary all, trainer all  with (primary: deep)
vertex f[i: 0..3] = (e[i % 2], b[2])              share primary by i // 2  with (complementary: wide)
vertex r          = (f[0], f[1], f[2], c, e[0])
root   r
"""

SPECS = {"tree": TREE, "unshared": UNSHARED, "chain": CHAIN, "attention": ATTENTION, "mixed": MIXED}

MODES = {
    "stochastic": "mode stochastic",
    "per batch": "mode stochastic(draw: batch)",
    "mean": "mode deterministic",
    "sum": "mode deterministic(combine: sum)",
    "max": "mode deterministic(combine: max)",
}


def net(name: str, mode: str = "stochastic", dtype: torch.dtype = torch.float64, seed: int = 0) -> ExtractionNet:
    made = exnet.build(f"{SPECS[name].strip()}\n{MODES[mode]}\n", seed=seed, dtype=dtype)
    assert isinstance(made, ExtractionNet)
    return made


def inputs(made: ExtractionNet, batch: int, seed: int = 0) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    found = dict[str, Tensor]()
    for source in made.inputs:
        if source.type.kind == "index":
            found[source.name] = torch.randint(0, source.type.sizes[0], (batch, source.leaves), generator=generator)
        else:
            shape = (batch, source.leaves, source.type.width)
            found[source.name] = torch.randn(*shape, generator=generator, dtype=torch.float64).to(made.dtype)
    return found


def rows(x: dict[str, Tensor], some: slice) -> dict[str, Tensor]:
    return {name: value[some] for name, value in x.items()}


def passes(made: ExtractionNet, x: dict[str, Tensor], step: int = 1) -> tuple[Tensor, Tensor, Tensor | None]:
    """E, E' and the draws."""
    batch = len(next(iter(x.values())))
    draws = made.draws(step, torch.arange(batch))
    with torch.no_grad():
        primary = made.up(x)
        return primary, made.down(primary, draws), draws


EVERYTHING = [
    (name, mode) for name in SPECS for mode in (MODES if name in ("attention", "mixed") else ("stochastic", "mean"))
]
"""All specs in all modes in which they differ."""
