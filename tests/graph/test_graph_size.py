"""Sizes: limits are refused at once, large graphs are fast, and Python objects do not grow with the vertices."""

import gc
import time
import tracemalloc

import numpy as np
import pytest
from graph_specs import file, graph, outcome

from exnet.graph import Limits, elaborate
from exnet.graph.check import problems
from exnet.spec import parse


def refused(body: str, limits: Limits = Limits(), inputs: str = "x[8] : real[2]") -> tuple[str, str, str]:
    spec = parse(file(body, inputs))
    begin = time.perf_counter()
    tracemalloc.start()
    try:
        (diagnostic,) = (d for d in elaborate(spec, limits).diagnostics if d.is_error)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert time.perf_counter() - begin < 1.0  # it takes milliseconds; tests share a busy machine
    assert peak < 30 * 2**20
    assert diagnostic.is_limit
    return diagnostic.name, diagnostic.message, diagnostic.help


def test_ten_to_the_eighteen() -> None:
    assert refused("vertex h[i: 0..10**9, j: 0..10**9] = (x[0], x[1])\nroot h[0, 0]") == (
        "too-many-vertices",
        "`h` would have 10^18; the limit is 2*10^7",
        "lower `10**9` in line 4, or raise `--max-vertices`",
    )


def test_the_largest_factor_and_its_param_are_named() -> None:
    body = "param m = 10**8\nvertex h[i: 0..10, j: 0..2*m] = (x[0], x[1])\nroot h[0, 0]"
    assert refused(body)[2] == "lower `m` or `2*m` in line 5, or raise `--max-vertices`"


@pytest.mark.parametrize(
    "body",
    [
        "vertex p[i: 0..10**6, j: 0..=i] = (x[0])\nroot p[0, 0]",
        "vertex p[i: 0..10**7, j: 0..=i] = (x[0])\nroot p[0, 0]",
        "vertex p[i: 0..10**4, j: 0..=i, k: 0..=j] = (x[0])\nroot p[0, 0, 0]",
        "param m = 10**5\nlet h[i: 0..m] = x[0]\nroot tree(f(h))\n"
        "block f(xs[n]) {\n vertex p[i: 0..n, j: 0..n] = (xs[i], xs[j])\n yield flatten(p)\n}",
    ],
)
def test_ragged_domains_are_counted_first(body: str) -> None:
    assert refused(body)[0] == "too-many-vertices"


@pytest.mark.parametrize(
    ("body", "limits", "name"),
    [
        ("let h[i: 0..10**4, j: 0..10**4 when i == j] = x[0]\nroot h[0, 0]", Limits(), "too-many-indices"),
        ("vertex h[i: 0..100] = (x)\nroot tree(h)", Limits(arcs=500), "too-many-arcs"),
        ("vertex h[i: 0..100] = (x)\nvertex r = (h)\nroot r", Limits(children=50), "too-many-children"),
        ("vertex h[i: 0..100] = (x)\nroot tree(h)", Limits(vertices=150), "too-many-vertices"),
        ("vertex r = (tree(x), tree(x))\nroot r", Limits(applications=1), "too-many-applications"),
    ],
)
def test_other_limits(body: str, limits: Limits, name: str) -> None:
    assert refused(body, limits)[0] == name


def test_a_wide_attention_is_refused_where_it_is_applied() -> None:
    name, message, hint = refused("let h[i: 0..10**5] = x[0]\nroot tree(attention(h))")
    assert (name, message) == ("too-many-indices", "`pair` would look at 10^10 index tuples; the limit is 5*10^7")
    assert hint == "apply `attention` to something smaller, or raise `--max-vertices`"


def test_depth_limit() -> None:
    body = "vertex h[i: 1..4000] = (h[(i*i) // (i+1)], x[0])\nlet h[0] = x[1]\nroot h[3999]"
    assert outcome(body, limits=Limits(deep_levels=10_000)).value is not None
    assert refused(body.replace("(i*i) // (i+1)", "i - 1 - (i % 7) // 6"), Limits(deep_levels=500))[0] == "too-deep"


def objects_of(n: int) -> int:
    """Python objects that are alive while a graph of n leaves is, beyond those of before."""
    spec = parse(file("root tree(x)", f"x[{n}] : real[2]"))
    gc.collect()
    before = len(gc.get_objects())
    found = elaborate(spec).unwrap()
    gc.collect()
    after = len(gc.get_objects())
    assert found.vertex_count == n - 1
    return after - before


def test_objects_do_not_grow_with_the_graph() -> None:
    objects_of(2**4)
    small, large = objects_of(2**10), objects_of(2**16)
    assert large <= small + 20


@pytest.mark.parametrize(
    ("body", "inputs", "vertices", "levels"),
    [
        ("root tree(x)", f"x[{2**20}] : real[2]", 2**20 - 1, 20),
        (
            "let h[0, i: 0..512] = x[i]\nlet h[l: 1..=2, i: 0..512] = attention(h[l-1, :])[i]\nroot tree(h[2, :])",
            "x[512] : real[2]",
            1_048_063,
            29,
        ),
        (f"root chain(x)[{2**20 - 1}]", f"x[{2**20}] : real[2]", 2**20 - 1, 2**20 - 1),
    ],
    ids=["tree", "attention", "chain"],
)
def test_a_million_vertices(body: str, inputs: str, vertices: int, levels: int) -> None:
    spec = parse(file(body, inputs))
    begin = time.process_time()
    found = elaborate(spec).unwrap()
    assert time.process_time() - begin < 4.0
    assert (found.vertex_count, found.levels) == (vertices, levels)
    for array in (found.child, found.level, found.depth, found.primary.of, found.complementary.of):
        assert array.dtype == np.int32
    assert list(problems(found)) == []


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_small_sizes_of_every_standard_block(n: int) -> None:
    for block in ("tree(x)", "chain(x)[n-1]", "multilayer(x)", "tree(attention(x))", "ensemble(x, 2)"):
        graph(f"param n = {n}\nvertex r = ({block}, x[n-1])\nroot r", f"x[{n}] : real[2]")
    graph(f"vertex r = (grid(x)[{n - 1}, {n - 1}], x[0, 0])\nroot r", f"x[{n}, {n}] : real[2]")
    side = 1 << n
    graph("vertex r = (quadtree(x), quadtree2(x))\nroot r", f"x[{side}, {side}] : real[2]")


@pytest.mark.parametrize(
    ("line", "first", "last", "vertices"),
    [
        ("let a{} = a{}", "vertex a0 = (x[0])", "a399", 1),
        ("vertex a{} = (a{})", "vertex a0 = (x[0])", "a399", 400),
        ("let a{} = reverse(a{})", "let a0 = x", "tree(a399)", 7),
        ("let a{} = same(a{})", "let a0 = x", "tree(a399)", 7),
    ],
)
def test_many_names_in_a_line(line: str, first: str, last: str, vertices: int) -> None:
    lines = [line.format(i, i - 1) for i in reversed(range(1, 400))]
    block = "block same(xs[n]) {\n  let v[i: 0..n] = xs[i]\n  yield v\n}"
    assert graph("\n".join([*lines, first, block, f"root {last}"])).vertex_count == vertices


def test_names_that_lead_nowhere_near() -> None:
    body = "\n".join(["let a0 = x", *(f"let a{i} = flatten(a{i - 1})" for i in range(1, 9000)), "root tree(a8999)"])
    (error,) = (d for d in outcome(body).diagnostics if d.is_error)
    assert error.name == "too-deep"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("let h[0] = x[0]\nlet h[10**12] = x[1]\nroot tree(h)", "slice-with-hole"),
        ("let h[i: 0..4, j: 0..10**9 when j < 3 and i < 4] = x[0]\nroot tree(h[0, :])", "too-many-indices"),
        ("root tree(x[0..10**12])", "read-outside-domain"),
        ("vertex h[i: 0..4] = (x[i..10**15])\nroot tree(h)", "read-outside-domain"),
        ("let h[i: 0..10**6] = x[0]\nlet t[i: 0..10**4] = tree(h[i..10**6])\nroot tree(t)", "too-many-indices"),
        ("let h[0, 0] = x[0]\nlet h[10**12, 10**12] = x[1]\nroot tree(flatten(h))", "slice-with-hole"),
        ("let h[0, 0] = x[0]\nlet h[2**40, 2**40] = x[1]\nroot tree(h[0, :])", "root-not-a-vertex"),
    ],
)
def test_huge_numbers_make_no_huge_arrays(body: str, name: str) -> None:
    tracemalloc.start()
    try:
        (error,) = (d for d in outcome(body).diagnostics if d.is_error)
        assert tracemalloc.get_traced_memory()[1] < 200 * 2**20
    finally:
        tracemalloc.stop()
    assert error.name == name
