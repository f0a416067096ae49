"""Plans of real specs: all sizes, any order of statements, from text to folder and back."""

import gc
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pytest

from exnet.compiler import Compiled, compile_source, compile_spec, read_source
from exnet.plan import load_plan, save_plan
from exnet.plan.cost import cost
from exnet.plan.make import run_passes
from exnet.plan.text import draft_text
from exnet.source import ExnetError, Source
from exnet.spec import from_mapping, parse
from exnet.testing import permuted, random_spec

ATTENTION = """exnet attend
param  n = 3, layers = 1
input  z[n] : real[2]
output y : class[3]
space  primary = 4, complementary = 4
let    x[0, i: 0..n] = z[i]
let    x[l: 1..=layers, i: 0..n] = attention(x[l-1, :])[i]
root   tree(x[layers, :])
"""
TREE = """exnet small
param  n = 4
input  x[n] : real[2]
output y : class[3]
root   tree(x)
"""
CHAIN = TREE.replace("tree(x)", "chain(x)[n-1]")


def compiled(text: str, **overrides: int) -> Compiled:
    return compile_source(Source("test.exn", text), overrides).unwrap()


def columns(value: Any, path: str = "", found: dict[str, Any] | None = None) -> dict[str, Any]:
    """Everything in a plan but spans, flat."""
    found = {} if found is None else found
    if isinstance(value, np.ndarray):
        found[path] = value.tolist()
    elif isinstance(value, tuple):
        for i, part in enumerate(value):
            columns(part, f"{path}[{i}]", found)
    elif is_dataclass(value) and type(value).__name__ not in ("Span", "Source"):
        for field in fields(value):
            columns(getattr(value, field.name), f"{path}.{field.name}", found)
    elif type(value).__name__ not in ("Span", "Source"):
        found[path] = value
    return found


@pytest.mark.parametrize("seed", range(25))
def test_order_of_statements_does_not_matter(seed: int) -> None:
    text = random_spec(seed)
    assert columns(compiled(text).plan) == columns(compiled(permuted(text, seed)).plan)


@pytest.mark.parametrize("seed", range(100, 125))
def test_random_specs_come_back_from_their_folder(seed: int, tmp_path: Path) -> None:
    net = compiled(random_spec(seed))
    save_plan(tmp_path, net.spec, net.plan)
    spec, plan = load_plan(tmp_path)
    assert spec == parse((tmp_path / "spec.exn").read_text())
    before, after = columns(net.plan), columns(plan)
    for name in [name for name in before if name.endswith(".children") and "equations" in name]:
        assert np.array_equal(np.broadcast_to(before.pop(name), np.shape(after[name])), after.pop(name))
    assert before == {name: value for name, value in after.items() if name in before}
    names = [net.graph.vertex_name(v) for v in range(net.graph.vertex_count)]
    assert [plan.vertex_name(r) for r in range(plan.vertices)] == [names[v] for v in plan.vertex]


@pytest.mark.parametrize(("name", "text"), [("attention", ATTENTION), ("chain", CHAIN)])
def test_plan_text(name: str, text: str, golden: Callable[[str, str], None]) -> None:
    net = compiled(text)
    golden(f"{name}.txt", draft_text(run_passes(net.spec, net.graph), "form-stacks"))


def test_messages_of_a_stored_plan_point_into_the_text(tmp_path: Path) -> None:
    net = compiled(ATTENTION)
    save_plan(tmp_path, net.spec, net.plan)
    _, plan = load_plan(tmp_path)
    (first,) = (r for r in range(plan.vertices) if plan.vertex_name(r) == "x[1, _].attention.pair[0, 0]")
    span = plan.span_of(first)
    assert net.plan.vertex_name(first) == "x[1, _].attention.pair[0, 0]"
    assert span.source.name == "test.exn"
    assert span.first.line == 7
    assert plan.span_of(plan.root).first.line == 8
    assert plan.class_name(0, 0) == net.plan.class_name(0, 0)


def test_attention_needs_few_products() -> None:
    """Groups do not grow with the layers' width, only with levels."""
    plan = compiled(ATTENTION, n=64, layers=2).plan
    assert plan.vertices == 2 * (64 * 64 + 64 * 63) + 63
    assert len(plan.up) == plan.levels
    assert all((np.diff(plan.up[i].rows) == 1).all() for i in range(len(plan.up)))


def test_object_count_does_not_grow_with_the_vertices() -> None:
    """From text to plan: the same number of Python objects for 1,023 and for 65,535 vertices."""

    def objects(n: int) -> int:
        gc.collect()
        before = len(gc.get_objects())
        net = compiled(TREE, n=n)
        gc.collect()
        return len(gc.get_objects()) - before + 0 * net.plan.root

    objects(4)
    small = objects(2**10)
    assert objects(2**16) - small <= 50


@pytest.mark.parametrize(
    ("text", "overrides", "vertices"),
    [(TREE, {"n": 2**20}, 2**20 - 1), (ATTENTION, {"n": 512, "layers": 2}, 1_048_063)],
    ids=["tree", "attention"],
)
def test_a_million_vertices_compile_in_five_seconds(text: str, overrides: dict[str, int], vertices: int) -> None:
    """Five seconds of processor time are the promise; about two are needed."""
    start = process_time()
    outcome = compile_source(Source("big.exn", text), overrides)
    seconds = process_time() - start
    assert outcome.unwrap().plan.vertices == vertices
    assert seconds < 5.0


def test_refusals_come_at_once() -> None:
    """Sizes are known before anything is built."""
    for overrides in ({"n": 10**9}, {"n": 10**18}):
        start = perf_counter()
        with pytest.raises(ExnetError) as caught:
            compiled(TREE, **overrides)
        assert caught.value.code.startswith("EXN9")
        assert perf_counter() - start < 2.0


def test_imports_are_written_out_and_places_kept(tmp_path: Path) -> None:
    """A compiled net stands alone: the imported file may go away, and messages still quote it."""
    home = tmp_path / "specs"
    (home / "lib").mkdir(parents=True)
    (home / "lib/half.exn").write_text(
        "exnet half\nblock half(xs[n]) {\n  vertex h[i: 0..n // 2] = (xs[2*i], xs[2*i+1])  share all\n  yield h\n}\n"
    )
    main = home / "main.exn"
    main.write_text(TREE.replace("param", 'import "lib/half.exn"\nparam').replace("tree(x)", "tree(half(x))"))
    net = compile_source(read_source(main)).unwrap()
    save_plan(tmp_path / "net", net.spec, net.plan)
    (home / "lib/half.exn").unlink()
    spec, plan = load_plan(tmp_path / "net")
    assert "import" not in (tmp_path / "net/spec.exn").read_text()
    again = compile_source(read_source(tmp_path / "net/spec.exn")).unwrap()
    assert spec == again.spec
    assert [s.hash.tolist() for s in again.plan.stacks] == [s.hash.tolist() for s in plan.stacks]
    own = plan.origins.equations[[e.sites for e in plan.origins.equations].index(("root.half",))]
    assert own.span.source.name == "lib/half.exn"
    assert own.applied[0].source.name == "main.exn"
    assert own.applied[0].text == "half(x)"


def test_specs_from_mappings_are_stored_too(tmp_path: Path) -> None:
    mapping = {
        "exnet": "m",
        "input": {"x": {"shape": [4], "type": "real[2]"}},
        "output": {"y": "class[3]"},
        "root": "tree(x)",
    }
    net = compile_spec(from_mapping(mapping).unwrap()).unwrap()
    save_plan(tmp_path, net.spec, net.plan)
    spec, plan = load_plan(tmp_path)
    assert (spec.name, plan.vertices, plan.vertex_name(2)) == ("m", 3, "root.tree.h[2, 0]")


@pytest.mark.parametrize(
    ("root", "leaves", "giga"),
    [("tree(x)", 1024, 5.61), ("tree(l2)", 16, 6.44)],
    ids=["tree of 1,023", "attention of 1,007"],
)
def test_operations_of_known_nets(root: str, leaves: int, giga: float) -> None:
    """Counted by hand for batches of 64: 2 F1 + 3 F2 for each propagator call, 3 F1 + 3 F2 for each trainer call."""
    lets = "let l1 = attention(x)\nlet l2 = attention(l1)\n" if "l2" in root else ""
    text = f"exnet w\ninput x[{leaves}] : real[4]\noutput y : class[10]\n{lets}root {root}\n"
    assert round(64 * cost(compiled(text).plan).step / 1e9, 2) == giga
