"""If every component is optimal, every vertex predicts the true posterior given all leaves, whatever was drawn.

The problems are small enough to be complete: every input occurs, each class as often as its posterior says (in
tenths), so that the training loss is the expected loss. The posterior is an arbitrary function of all leaves: whoever
lacks one leaf cannot come near it. So a plan that reads a wrong sibling fails; the last tests see to it that it does.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from exnet.data.mapping import Fitted
from exnet.data.model import Part
from exnet.graph import elaborate
from exnet.learn.loop import Run
from exnet.passing.net import ExtractionNet
from exnet.plan import make_plan
from exnet.plan.model import Groups, Plan
from exnet.spec import parse

TENTHS, CLASSES = 10, 3
NEAR, FAR = 0.05, 0.2
"""Mean KL divergence from the posterior, in nats: a right plan stays below NEAR, a wrong one above FAR."""

HEAD = """exnet theory
input x[{leaves}] : index[2]
output y : class[3]
tokenise x with embedding + position
net inner = mlp(hidden: [64], norm: layer)
net judge = mlp(hidden: [64])
default vertex (primary: inner, complementary: inner, trainer: judge)
learn xprop(optimiser: adam(lr: {rate}), epochs: {steps}, batch: 100000)
"""
TREE = HEAD.format(leaves=6, rate="4e-3", steps=250) + "space primary = 24, complementary = 24\nroot tree(x)"
DAG = (
    HEAD.format(leaves=4, rate="5e-3", steps=250)
    + """
space primary = 16, complementary = 16
vertex v[l: 1..4, i: 0..4-l] = (h[l-1, i], h[l-1, i+1])
let h[0, i: 0..4] = x[i]
let h[l: 1..4, i: 0..4-l] = v[l, i]
root v[3, 0]
mode """
)
CASES = {"tree": TREE, "dag, stochastic": DAG + "stochastic", "dag, deterministic": DAG + "deterministic"}


def posterior(leaves: int) -> NDArray[np.float64]:
    """A random table [inputs, classes] in tenths."""
    random = np.random.default_rng(leaves)
    return np.stack([random.multinomial(TENTHS, random.dirichlet([0.5] * CLASSES)) for _ in range(2**leaves)]) / TENTHS


def complete_data(leaves: int) -> Part:
    """Every input ten times, with the classes that the posterior gives."""
    inputs = np.repeat((np.arange(2**leaves)[:, None] >> np.arange(leaves)) & 1, TENTHS, axis=0)
    counts = np.rint(posterior(leaves) * TENTHS).astype(int)
    targets = np.concatenate([np.repeat(np.arange(CLASSES), row) for row in counts])
    return Part({"x": inputs.astype(np.int64)}, {"y": targets.astype(np.int64)})


def divergences(text: str, change: Callable[[Plan], Plan] = lambda plan: plan) -> dict[str, float]:
    """Trains, then gives the mean KL divergence of each vertex's predictions from the true posterior."""
    spec = parse(text)
    net = ExtractionNet(spec, change(make_plan(spec, elaborate(spec).unwrap())), seed=1)
    data = complete_data(spec.inputs[0].leaves)
    Run(net, Fitted(spec, data, data, {}, np.dtype(np.float32)), spec.learn).train()
    net.eval()
    true = torch.from_numpy(np.repeat(posterior(spec.inputs[0].leaves), TENTHS, axis=0))
    with torch.no_grad():
        draws = net.draws(10**6, np.arange(len(true)))
        found = net.local_predictions({"x": torch.from_numpy(data.inputs["x"])}, draws).double().log_softmax(-1)
    each = torch.xlogy(true, true).sum(-1) - (true * found).sum(-1)
    return {net.vertex_name(row): float(value) for row, value in enumerate(each.mean(-1))}


@pytest.mark.parametrize("case", CASES)
def test_every_vertex_predicts_the_posterior(case: str) -> None:
    found = divergences(CASES[case])
    assert max(found.values()) < NEAR, found


Choice = Callable[[Plan, NDArray[np.int32]], NDArray[np.int64]]


def with_siblings(plan: Plan, choose: Choice) -> Plan:
    """The same plan, where the (one) sibling of each arc is another node: `choose(plan, arc rows)`."""

    def changed(groups: Groups) -> Groups:
        operands = groups.operands.copy()
        for i in range(len(groups)):
            first, sites = groups.operand_ptr[i], groups[i].sites
            span = slice(first + len(sites), first + 2 * len(sites))
            operands[span] = choose(plan, sites)
        return replace(groups, operands=operands)

    return replace(plan, down=changed(plan.down), local_arcs=changed(plan.local_arcs))


def own_slot(plan: Plan, arcs: NDArray[np.int32]) -> NDArray[np.int64]:
    """The wrong slot is left out: the child reads itself."""
    return plan.leaves + plan.arcs.child[arcs].astype(np.int64)


def wrong_leaf(plan: Plan, arcs: NDArray[np.int32]) -> NDArray[np.int64]:
    """The first leaf in the sibling's place."""
    return np.zeros(len(arcs), np.int64)


@pytest.mark.parametrize("choose", [own_slot, wrong_leaf])
@pytest.mark.parametrize("case", CASES)
def test_a_plan_with_wrong_siblings_is_found_out(case: str, choose: Choice) -> None:
    found = divergences(CASES[case], lambda plan: with_siblings(plan, choose))
    assert max(found.values()) > FAR, found
