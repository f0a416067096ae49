"""The local update: right values, and gradients that stay at their vertex."""

import numpy as np
import pytest
import torch
from passing_nets import EVERYTHING, inputs, net, passes

from exnet.passing.net import ExtractionNet
from exnet.passing.plain import Sites, assignment


def trained_apart(made: ExtractionNet, primary: torch.Tensor, complementary: torch.Tensor) -> torch.Tensor:
    """psi_v(e_v, e'_v) of the extractions that the passes left."""
    stack, row = assignment(made.plan.trainers, made.plan.vertices)
    everyone = np.arange(made.plan.vertices)
    sites = Sites(made.plan, "trainer", everyone, np.zeros_like(everyone), 1, stack, row)
    return sites.apply(made.stacks, [primary[made.plan.leaves :], complementary], None)


@pytest.mark.parametrize(("name", "mode"), EVERYTHING)
def test_predictions_are_those_of_the_passes(name: str, mode: str) -> None:
    made = net(name, mode)
    x = inputs(made, 3)
    primary, complementary, draws = passes(made, x)
    local = made.local(primary, complementary, draws)
    torch.testing.assert_close(local, trained_apart(made, primary, complementary), rtol=0, atol=1e-12)
    torch.testing.assert_close(local[-1], made.predict(x), rtol=0, atol=1e-12)
    assert local.shape == (made.plan.vertices, 3, made.spec.output_width)
    torch.testing.assert_close(made.local_predictions(x, draws), local, rtol=0, atol=1e-12)


def owners(made: ExtractionNet) -> dict[str, np.ndarray]:
    """Vertex that owns each row of each stack, for unshared specs."""
    plan = made.plan
    found = {stack.name: np.full(len(stack.classes), -1) for stack in plan.stacks}
    for groups, vertex in ((plan.local_primary, None), (plan.trainers, None), (plan.local_arcs, plan.arcs.child)):
        for i in range(len(groups)):
            group = groups[i]
            assert group.members == 1
            found[plan.stacks[group.stack].name][group.rows] = group.sites if vertex is None else vertex[group.sites]
    return found


@pytest.mark.parametrize("mode", ["stochastic", "mean", "max"])
def test_gradients_stay_at_their_vertex(mode: str) -> None:
    made = net("unshared", mode)
    primary, complementary, draws = passes(made, inputs(made, 5))
    local = made.local(primary, complementary, draws)
    names = dict(made.stacks.named_parameters())
    own = owners(made)
    touched = {name: torch.zeros(len(value), dtype=torch.bool) for name, value in names.items()}
    for row in range(made.plan.vertices):
        grads = torch.autograd.grad(local[row].square().sum(), list(names.values()), retain_graph=True)
        for (name, value), grad in zip(names.items(), grads, strict=True):
            mine = torch.from_numpy(own[name.rsplit(".", 1)[0]] == row)
            assert (grad[~mine] == 0).all(), (made.vertex_name(row), name)
            touched[name] |= grad.reshape(len(value), -1).abs().sum(1) > 0
    assert all(bool(rows.all()) for rows in touched.values())


def test_arcs_that_were_not_drawn_get_no_gradient() -> None:
    made = net("unshared")
    primary, _, draws = passes(made, inputs(made, 4))
    assert draws is not None
    first = torch.zeros_like(draws)
    local = made.local(primary, made.down(primary, first), first)
    local.sum().backward()
    arcs = made.plan.arcs
    for arc in range(len(arcs.child)):
        incoming = arcs.incoming[arcs.incoming_ptr[arcs.child[arc]] : arcs.incoming_ptr[arcs.child[arc] + 1]]
        for value in made.stacks.tensors(int(arcs.stack[arc])).values():
            assert value.grad is not None
            assert bool((value.grad[arcs.row[arc]] != 0).any()) == (arc == incoming[0])


def test_nothing_flows_into_the_passes() -> None:
    made = net("attention")
    primary, complementary, draws = passes(made, inputs(made, 2))
    primary, complementary = primary.requires_grad_(), complementary.requires_grad_()
    made.local(primary, complementary, draws).sum().backward()
    assert primary.grad is None
    assert complementary.grad is None


@pytest.mark.parametrize("name", ["tree", "attention", "mixed", "chain", "unshared"])
def test_site_counts_count_the_call_sites(name: str) -> None:
    made = net(name)
    counts = made.site_counts
    assert set(counts) == {key for key, _ in made.named_parameters()}
    assert all(len(counts[key]) == len(value) for key, value in made.named_parameters())
    for component, sites in (
        ("primary", made.plan.vertices),
        ("trainer", made.plan.vertices),
        ("complementary", len(made.plan.arcs.child)),
    ):
        weights = [key for key in counts if key.startswith(f"stacks.{component}/") and key.endswith(".w0")]
        assert sum(int(counts[key].sum()) for key in weights) == sites


def test_gradient_of_a_batch_is_the_sum_of_its_rows() -> None:
    made = net("mixed")
    primary, complementary, draws = passes(made, inputs(made, 3))
    assert draws is not None

    def gradients(some: slice) -> list[torch.Tensor]:
        made.zero_grad(set_to_none=False)
        made.local(primary[:, some], complementary[:, some], draws[:, some]).square().sum().backward()
        return [torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in made.parameters()]

    alone = [gradients(slice(b, b + 1)) for b in range(3)]
    for total, *rows in zip(gradients(slice(0, 3)), *alone, strict=True):
        torch.testing.assert_close(total, sum(rows), rtol=1e-10, atol=1e-10)
