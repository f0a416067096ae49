"""What stays symbolic equals what is enumerated: every count, every array, every message."""

from collections.abc import Iterator
from random import Random

import numpy as np
import pytest

from exnet.cli.compile import summary
from exnet.compiler import Compiled, compile_source
from exnet.graph import Limits, elaborate
from exnet.graph.elaborate import NEVER
from exnet.graph.symbolic import SymbolicGraph
from exnet.plan.arrays import arrays_of
from exnet.plan.make import plan_spec
from exnet.plan.symbolic import SymbolicPlan
from exnet.source import Source
from exnet.spec import parse
from exnet.spec.model import COMPONENTS, Spec
from exnet.testing import random_spec

DIGITS = """
let h[0, i: 0..{n}] = x[i]
vertex h[l: 1..={k}, i: 0..{n} >> l] = (h[l-1, 2*i], h[l-1, 2*i+1]) {s}
root h[{k}, 0]
"""
CHAIN = "let h[0] = x[0]\nvertex h[t: 1..{n}] = (h[t-1], x[t]) {s}\nroot h[{n}-1]"
SHARES = ["share by l", "share none", "share all", "share primary by l, trainer all, complementary by (l, slot)"]
ON_CHAINS = ["share none", "share all", "share by t", "share primary all, complementary by slot, trainer none"]
BLOCK = "block b(z[m]) { let h[0] = z[0]\nvertex h[t: 1..m] = (h[t-1], z[t])\nyield h[m-1] }\n"


def spec_of(body: str, n: int) -> Spec:
    return parse(f"exnet t\ninput x[{n}] : real[2]\noutput y : class[3]\n{body}\n")


def both(spec: Spec) -> tuple[Compiled, Compiled] | None:
    """The symbolic and the enumerated form, or None if there is no symbolic one. Messages must be the same."""
    symbolic, plain = elaborate(spec, symbolic=0), elaborate(spec, symbolic=NEVER)
    assert [d.message for d in symbolic.diagnostics] == [d.message for d in plain.diagnostics]
    if not isinstance(symbolic.value, SymbolicGraph):
        return None
    graph = plain.unwrap()
    a, b = plan_spec(spec, symbolic.value), plan_spec(spec, graph)
    assert a.diagnostics == b.diagnostics
    if a.value is None or b.value is None:
        return None
    assert isinstance(a.value, SymbolicPlan)
    return Compiled(spec, symbolic.value, a.value), Compiled(spec, graph, b.value)


def same(spec: Spec) -> bool:
    """Whether a spec stays symbolic; if so, it equals the enumerated form."""
    found = both(spec)
    if found is None:
        return False
    a, b = found
    assert summary(a) == summary(b)
    assert a.graph.deepest == b.graph.deepest
    assert [(s.name, s.rows, s.calls) for s in a.plan.stacks] == [(s.name, s.rows, s.calls) for s in b.plan.stacks]
    assert all(a.graph.waits(name) for name in ("child", "level", "depth", "primary", "hash"))
    assert all(a.plan.waits(name) for name in ("vertex", "child", "up", "down", "arcs"))
    mine, theirs = arrays_of(a.plan), arrays_of(b.plan)
    assert sorted(mine) == sorted(theirs)
    assert all(np.array_equal(mine[name], theirs[name]) for name in mine)
    for name in ("child_ptr", "child", "level", "depth", "hash"):
        assert np.array_equal(getattr(a.graph, name), getattr(b.graph, name))
    for component in COMPONENTS:
        x, y = getattr(a.graph, component), getattr(b.graph, component)
        assert np.array_equal(x.of, y.of)
        assert [x.name(i) for i in range(len(x))] == [y.name(i) for i in range(len(y))]
    return True


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 16, 17, 23, 31, 32, 33, 47, 64, 100, 127, 128, 129])
def test_the_standard_tree(n: int) -> None:
    assert same(spec_of("root tree(x)", n))


@pytest.mark.parametrize("n", [2, 3, 5, 17, 64])
def test_chains(n: int) -> None:
    assert same(spec_of(f"root chain(x)[{n}-1]", n))
    for share in ON_CHAINS:
        assert same(spec_of(CHAIN.format(n=n, s=share), n))


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("k", [1, 2, 3, 6])
def test_written_out_trees(share: str, k: int) -> None:
    assert same(spec_of(DIGITS.format(n=2**k, k=k, s=share), 2**k))


@pytest.mark.parametrize(
    "body",
    [
        "vertex a = (tree(x), chain(x)[31])\nroot a",
        "vertex a = (chain(x)[31], chain(reverse_(x))[31])\nroot a\nblock reverse_(z[n]) { yield z }",
        "let w = x\nroot tree(w)",
        "root b(x)\n" + BLOCK,
        "vertex a = (b(x), x[3], tree(x))\nroot a\n" + BLOCK,
        "vertex v[i: 0..32] = (x[i], x[31-i])\n" + CHAIN.format(n=32, s="share all").replace("x[", "v["),
        "vertex v[i: 0..32] = (x[i])\nroot tree(v)",
        DIGITS.format(n=32, k=5, s="share all").replace(">> l]", ">> l when i >= 0]"),
        "vertex v[i: 0..32 when i != 5] = (x[i], x[i])\nlet v[i: 0..32 otherwise] = x[5]\nroot tree(v)",
    ],
)
def test_other_equations_that_stay_symbolic(body: str) -> None:
    assert same(spec_of(body, 32))


@pytest.mark.parametrize(
    "body",
    [
        "root multilayer(x)",
        "root tree(attention(x))",
        "vertex h[t: 1..32] = (h[t//2], x[t])\nlet h[0] = x[0]\nroot h[31]",
        "vertex h[t: 1..32] = (h[t-1], x[t]) share by t % 2\nlet h[0] = x[0]\nroot h[31]",
        "vertex v[i: 0..32] = (x[i], x[0])\nroot tree(v[0..16])",
        "vertex v[i: 0..31] = (x[i], x[0])\nroot tree(v)",
        "vertex a = (x[0], x[1])\nvertex c = (a, a)\nroot c",
    ],
)
def test_what_is_enumerated(body: str) -> None:
    """Several parents, doubts, bounds and keys without a closed form."""
    assert both(spec_of(body, 32)) is None


MISTAKES = [
    "let h[0] = x[0]\nvertex h[t: 1..33] = (h[t-1], x[t])\nroot h[32]",
    "let h[0] = x[0]\nvertex h[t: 1..32] = (h[t], x[t])\nroot h[31]",
    "let h[0] = x[0]\nvertex h[t: 1..32] = (h[t-2], x[t])\nroot h[31]",
    "let h[0] = h[0]\nvertex h[t: 1..32] = (h[t-1], x[t])\nroot h[31]",
    "let h[t: 0..2] = x[t]\nvertex h[t: 1..32] = (h[t-1], x[t])\nroot h[31]",
    "vertex v[i: 0..32] = (x[i])\nlet w = tree(v[0..40])\nroot tree(v)",
    "vertex v[i: 0..32] = (x[i * 10**17 // 10**17])\nroot tree(v)",
    "vertex v[i: 0..32] = (x[i + (i * 2**57 - i * 2**57)])\nroot tree(v)",
    "vertex a = (u, x[0])\nvertex u = (a, x[1])\nvertex z[i: 0..32] = (x[i])\nroot tree(z)",
]


@pytest.mark.parametrize("body", MISTAKES)
def test_mistakes_are_told_as_ever(body: str) -> None:
    spec = spec_of(body, 32)
    assert elaborate(spec, symbolic=0).diagnostics == elaborate(spec, symbolic=NEVER).diagnostics


def test_random_specs() -> None:
    """Whatever of these stays symbolic equals the enumerated form. Few do: most have several parents or doubts."""
    for seed in range(40):
        same(parse(random_spec(seed)))


def random_forest(seed: int) -> Spec:
    """Layers over leaves, trees and chains over them, joined at a root; random sizes, bounds, keys."""
    random, lines, tops = Random(seed), list[str](), list[str]()
    n = random.choice([2, 3, 4, 5, 8, 12, 16, 21])
    for at in range(random.randint(1, 3)):
        lo = random.choice([0, 0, 1, 3])
        reads = random.sample([f"x[i-{lo}]", f"x[{n - 1 + lo}-i]", "x[0]", f"x[{random.randrange(n)}]"], 2)
        share = random.choice(["", "share all", "share by i", "share none", "share by (i, 3)", "share trainer all"])
        guard = ""
        if random.random() < 0.3:
            cut = random.randint(lo, lo + n - 1)
            guard = f" when i {random.choice(['!=', '<', '>='])} {cut}"
            lines.append(f"let v{at}[i: {lo}..{lo + n} otherwise] = x[{random.randrange(n)}]")
        lines.append(f"vertex v{at}[i: {lo}..{lo + n}{guard}] = ({', '.join(reads)}) {share}")
        over = random.choice([f"v{at}", f"v{at}[:]", f"reverse(v{at})"])
        tops.append(random.choice([f"tree({over})", f"chain({over})[{n - 1}]", f"b({over})"]))
    value = random.choice(ON_CHAINS).replace("share by t", "share by (t, 1)")
    block = f"block b(z[m]) {{ let h[0] = z[0]\nvertex h[t: 1..m] = (h[t-1], z[t]) {value}\nyield h[m-1] }}"
    used = [block] if any(top.startswith("b(") for top in tops) else []
    return spec_of("\n".join([*lines, f"vertex top = ({', '.join(tops)})", "root top", *used]), n)


def test_random_forests() -> None:
    """Whatever of these stays symbolic equals the enumerated form, and many do."""
    assert sum(same(random_forest(seed)) for seed in range(80)) >= 20


def variants() -> Iterator[tuple[Spec, Limits]]:
    yield spec_of("root tree(x)", 64), Limits(vertices=62)
    yield spec_of("root tree(x)", 64), Limits(arcs=125)
    yield spec_of("root tree(x)", 64), Limits(scanned=100)
    yield spec_of("root chain(x)[63]", 64), Limits(parameters=1000)


@pytest.mark.parametrize("number", range(4))
def test_limits_are_those_of_enumeration(number: int) -> None:
    spec, limits = list(variants())[number]
    found = [elaborate(spec, limits, symbolic) for symbolic in (0, NEVER)]
    said = [(*e.diagnostics, *(plan_spec(spec, e.value, limits).diagnostics if e.value else ())) for e in found]
    assert said[0] == said[1]
    assert said[0]


def test_a_tree_of_millions_makes_no_array() -> None:
    text = "exnet t\ninput x[2**22] : real[2]\noutput y : class[3]\nroot tree(x)\n"
    compiled = compile_source(Source("t.exn", text)).unwrap()
    assert compiled.plan.vertices == 2**22 - 1
    assert summary(compiled)["products"] == {"up": 22, "down": 21, "local": 22 + 21 + 22}
    assert compiled.graph.waits("child")
    assert compiled.plan.waits("child")
