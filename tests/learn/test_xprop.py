"""One step of Xprop against formulas written out by hand, and what no gradient may do."""

import pytest
import torch
from learn_toys import DAG, SHARED, TREE, batch, build, classes, gradients
from torch import Tensor
from torch.nn.functional import cross_entropy

from exnet.learn.loop import make_rule
from exnet.passing.net import ExtractionNet

Classes = dict[str, dict[str, Tensor]]


def affine(own: dict[str, Tensor], *operands: Tensor) -> Tensor:
    return torch.cat(operands, -1) @ own["w0"] + own["b0"]


def step(net: ExtractionNet, number: int = 0) -> tuple[Classes, Tensor]:
    x, y, instances = batch()
    report = make_rule(net, net.spec.learn).step(net, x, y, number, instances)
    return gradients(net), report.loss


def by_hand(net: ExtractionNet, leaf: tuple[str, str]) -> tuple[Classes, list[Tensor]]:
    """Mean losses over the batch at u, v, r of the toy tree, and their gradients, every input constant.

    `leaf` names the pools of u and v.
    """
    own, (inputs, targets, _) = classes(net), batch()
    leaves = net.tokenise(inputs)
    a, b = leaf
    with torch.no_grad():
        e_u = affine(own[f"{a}/primary"], leaves[0], leaves[1])
        e_v = affine(own[f"{b}/primary"], leaves[2], leaves[3])
    root = torch.zeros(len(e_u), 4, dtype=e_u.dtype)
    live = {
        a + "0": affine(own[f"{a}/primary"], leaves[0], leaves[1]),
        b + "1": affine(own[f"{b}/primary"], leaves[2], leaves[3]),
        "r": affine(own["r/primary"], e_u, e_v),
    }
    below = {
        a + "0": affine(own["r/complementary[slot=0]"], root, e_v),
        b + "1": affine(own["r/complementary[slot=1]"], root, e_u),
        "r": root,
    }
    trainers = {a + "0": f"{a}/trainer", b + "1": f"{b}/trainer", "r": "r/trainer"}
    losses = [cross_entropy(affine(own[trainers[n]], live[n], below[n]), targets["y"]) for n in live]
    torch.stack(losses).sum().backward()
    found = {
        c: {n: t.grad if t.grad is not None else torch.zeros_like(t) for n, t in v.items()} for c, v in own.items()
    }
    return found, losses


def agree(found: Classes, wanted: Classes) -> None:
    assert found.keys() == wanted.keys()
    for name, values in wanted.items():
        for parameter, value in values.items():
            torch.testing.assert_close(found[name][parameter], value, rtol=1e-10, atol=1e-12, msg=f"{name} {parameter}")


@pytest.mark.parametrize("mode", ["stochastic()", "deterministic()"])
def test_unshared_tree_by_hand(mode: str) -> None:
    net = build(TREE, mode)
    found, losses = step(net)
    wanted, expected = by_hand(net, ("u", "v"))
    agree(found, wanted)
    torch.testing.assert_close(losses.sort().values, torch.stack(expected).detach().sort().values)


def test_shared_classes_average_over_their_sites() -> None:
    net = build(SHARED)
    found, _ = step(net)
    wanted, _ = by_hand(net, ("leaf", "leaf"))
    for name in ("leaf/primary", "leaf/trainer"):
        wanted[name] = {parameter: value / 2 for parameter, value in wanted[name].items()}
    agree(found, wanted)


def test_shared_classes_can_be_averaged_over_the_batch_alone() -> None:
    net = build(SHARED, learn="xprop(average: batch)")
    agree(step(net)[0], by_hand(net, ("leaf", "leaf"))[0])


def test_root_agrees_with_the_prediction_of_the_net() -> None:
    net, (x, y, _) = build(DAG), batch()
    _, losses = step(net)
    torch.testing.assert_close(losses[-1], cross_entropy(net(x), y["y"]).detach())


@pytest.mark.parametrize(
    "mode", ["stochastic()", "stochastic(draw: batch)", "deterministic()", "deterministic(combine: max)"]
)
def test_no_gradient_crosses_a_vertex(mode: str) -> None:
    """The loss of one vertex reaches its own propagator and trainer and its incoming arcs; all else is exactly zero."""
    net, (x, y, instances) = build(DAG, mode), batch()
    with torch.no_grad():
        primary, draws = net.up(x), net.draws(0, instances)
        complementary = net.down(primary, draws)
    for row in range(net.plan.vertices):
        net.zero_grad()
        cross_entropy(net.local(primary, complementary, draws)[row], y["y"]).backward()
        name = net.vertex_name(row)
        own = name.replace("h[", "[l=").replace(", ", ", i=")
        arcs = net.plan.arcs
        above = [
            f"{net.vertex_name(int(arcs.parent[a]))} {int(arcs.slot[a])}"
            for a in arcs.incoming[arcs.incoming_ptr[row] : arcs.incoming_ptr[row + 1]]
        ]
        reached = {c for c, values in gradients(net).items() if any(bool((g != 0).any()) for g in values.values())}
        allowed = {f"h/primary{own}", f"h/trainer{own}"} | {arc_class(place) for place in above}
        assert {f"h/primary{own}", f"h/trainer{own}"} <= reached <= allowed
        assert len(reached) > 2 or row == net.plan.root


def arc_class(place: str) -> str:
    parent, slot = place.rsplit(" ", 1)
    inside = parent.removeprefix("h[").removesuffix("]")
    level, index = inside.split(", ")
    return f"h/complementary[l={level}, i={index}, slot={slot}]"


def test_draws_follow_the_step() -> None:
    net = build(DAG)
    first, again, later = (step(net, number)[0] for number in (0, 0, 1))
    key = "h/complementary[l=2, i=0, slot=1]"  # into h[1, 1], which has two parents
    assert all(torch.equal(first[key][n], again[key][n]) for n in first[key])
    assert any(not torch.equal(first[key][n], later[key][n]) for n in first[key])


def test_clipping_keeps_classes_apart() -> None:
    net = build(TREE)
    before, _ = step(net)
    make_rule(net, net.spec.learn).clip(net, 0.05)
    for name, values in gradients(net).items():
        norm = torch.cat([v.flatten() for v in before[name].values()]).norm()
        scale = min(1.0, 0.05 / float(norm)) if norm > 0 else 1.0
        for parameter, value in values.items():
            torch.testing.assert_close(value, before[name][parameter] * scale)
