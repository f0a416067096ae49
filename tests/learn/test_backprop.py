import pytest
import torch
from learn_toys import DAG, SHARED, TREE, batch, build, classes, gradients
from test_xprop import affine, agree
from torch.nn.functional import cross_entropy

from exnet.learn.loop import make_rule


def test_gradient_of_the_root_through_the_tree_by_hand() -> None:
    for text, (a, b) in ((TREE, ("u", "v")), (SHARED, ("leaf", "leaf"))):
        net, (x, y, instances) = build(text, learn="backprop()"), batch()
        report = make_rule(net, net.spec.learn).step(net, x, y, 0, instances)
        own, leaves = classes(net), net.tokenise(x)
        e_u = affine(own[f"{a}/primary"], leaves[0], leaves[1])
        e_v = affine(own[f"{b}/primary"], leaves[2], leaves[3])
        root = affine(own["r/primary"], e_u, e_v)
        loss = cross_entropy(affine(own["r/trainer"], root, torch.zeros(len(root), 4, dtype=root.dtype)), y["y"])
        loss.backward()
        zero = {
            c: {n: t.grad if t.grad is not None else torch.zeros_like(t) for n, t in v.items()} for c, v in own.items()
        }
        agree(gradients(net), zero)
        assert report.loss.tolist() == pytest.approx([loss.item()], rel=1e-14)
        assert report.rows == slice(net.plan.root, net.plan.root + 1)


def test_clipping_scales_all_gradients_alike() -> None:
    net, (x, y, instances) = build(DAG, learn="backprop()"), batch()
    rule = make_rule(net, net.spec.learn)
    rule.step(net, x, y, 0, instances)
    before = [p.grad.clone() for p in net.parameters() if p.grad is not None]
    norm = torch.cat([g.flatten() for g in before]).norm()
    rule.clip(net, float(norm) / 4)
    for parameter, value in zip((p for p in net.parameters() if p.grad is not None), before, strict=True):
        torch.testing.assert_close(parameter.grad, value / 4, rtol=1e-4, atol=1e-12)
