"""`verify` says yes to a right plan, and finds what is wrong with a wrong one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from exnet.compiler import compile_source, read_source
from exnet.graph import elaborate
from exnet.graph.model import Graph
from exnet.learn.verify import verify
from exnet.plan import make_plan
from exnet.spec import Spec, parse

TEXT = """exnet t
input x[4] : real[2]
output y : class[3]
let h[0, i: 0..4] = x[i]
vertex h[l: 1..4, i: 0..4-l] = (h[l-1, i], h[l-1, i+1]) share by l
root h[3, 0]
"""


def compiled(text: str = TEXT) -> tuple[Spec, Graph]:
    spec = parse(text)
    return spec, elaborate(spec).unwrap()


def test_equal() -> None:
    spec, graph = compiled()
    report = verify(spec, make_plan(spec, graph), graph)
    assert report.equal
    assert report.vertices == 6
    assert 0 < report.worst < 1e-10
    assert list(report.deviations) == [
        *("up", "down", "predictions", "net(x)", "losses"),
        *("xprop gradients", "xprop* gradients", "root loss", "backprop gradients"),
    ]


def test_another_graph() -> None:
    spec, graph = compiled()
    _, other = compiled(TEXT.replace("(h[l-1, i], h[l-1, i+1])", "(h[l-1, i+1], h[l-1, i])"))
    report = verify(spec, make_plan(spec, graph), other)
    assert not report.equal
    assert "has the children ('x[1]', 'x[0]'), not ('x[0]', 'x[1]')" in report.problems[0]


def test_another_sharing() -> None:
    spec, graph = compiled()
    _, other = compiled(TEXT.replace("share by l", "share primary by l, trainer all"))
    report = verify(spec, make_plan(spec, graph), other)
    assert "trainer class h/trainer, not h/trainer[l=1]" in report.problems[0]


def test_a_wrong_operand() -> None:
    spec, graph = compiled()
    plan = make_plan(spec, graph)
    operands = plan.up.operands.copy()
    operands[0] += 1
    report = verify(spec, replace(plan, up=replace(plan.up, operands=operands)), graph)
    assert report.problems == ()
    assert report.deviations["up"] > 1e-3
    assert not report.equal


def test_a_wrong_number_of_call_sites() -> None:
    spec, graph = compiled()
    plan = make_plan(spec, graph)
    stacks = tuple(replace(stack, sites=np.ones_like(stack.sites)) for stack in plan.stacks)
    report = verify(spec, replace(plan, stacks=stacks), graph)
    wrong = {name for name, value in report.deviations.items() if value > 1e-10}
    assert wrong == {"xprop gradients"}


ACCEPT = sorted((Path(__file__).parents[2] / "grammar" / "accept").glob("*.exn"))


@pytest.mark.full
@pytest.mark.parametrize("path", ACCEPT, ids=lambda path: path.stem)
def test_accepted_specs(path: Path) -> None:
    compiled = compile_source(read_source(path)).unwrap()
    report = verify(compiled.spec, compiled.plan, compiled.graph)
    assert report.equal, f"{report.problems[:3]} {report.deviations}"
