"""Every written-out backward pass against autograd through the same network's `apply`: parameters and operands."""

from itertools import product

import numpy as np
import pytest
import torch

from exnet.nets.cells import AutogradCell, cell_of
from exnet.nets.dropout import Masks, Moment
from exnet.nets.operands import Operand, Plain, Repeated
from exnet.nets.registry import implementation
from exnet.nets.slopes import Into
from exnet.spec.network import Network, Signature
from exnet.spec.networks import Gated, Linear, Mlp

ACTIVATIONS = ("gelu", "relu", "tanh", "silu", "sigmoid", "identity")
NORMS = ("off", "layer", "rms")

NETWORKS: list[Network] = [
    *(Mlp(activation=a, norm=n) for a, n in product(ACTIVATIONS, NORMS)),
    Mlp(hidden=(), norm="layer"),
    Mlp(hidden=(5, 3), norm="rms", dropout=0.3),
    Mlp(hidden=(6,), norm="layer", activation="tanh", dropout=0.4),
    Mlp(residual=True, step=0.3, norm="layer"),
    *(Mlp(residual=True, start="identity", norm=n, hidden=(6, 5)) for n in NORMS),
    Mlp(residual=True, start="identity", norm="layer", hidden=()),
    Gated(),
    Gated(hidden=(), norm="off"),
    Gated(start="identity", dropout=0.3),
    Linear(),
    Linear(bias=False),
]


def weights_of(network: Network, signature: Signature, lead: tuple[int, ...]) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return {
        p.name: torch.randn(*lead, *p.shape, generator=generator, dtype=torch.float64)
        for p in network.parameters(signature)
    }


def check(network: Network, operands: list[Operand], lead: tuple[int, ...], out: int) -> None:
    """Twice into the same place, so that both a fresh write and an addition are compared."""
    signature = Signature(tuple(x.width for x in operands), out)
    weights = weights_of(network, signature, lead)
    read = [x.value().detach().requires_grad_() for x in operands]
    rows = read[0].shape[-2]
    sites = np.arange(int(np.prod(lead)) * rows, dtype=np.uint64).reshape(*lead, rows)
    mask = Masks(3, Moment(1, np.arange(1))).sites("primary", sites)
    live = {name: value.clone().requires_grad_() for name, value in weights.items()}
    wanted = implementation(network)(network, live, read, mask)
    slope = torch.randn(wanted.shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    slopes = torch.autograd.grad(wanted, [*live.values(), *read], slope)
    into = {name: torch.full_like(value, torch.nan) for name, value in weights.items()}
    with torch.no_grad():
        for fresh in (True, False):
            made, kept = cell_of(network).forward(network, weights, operands, mask)
            torch.testing.assert_close(made, wanted.detach(), rtol=1e-12, atol=1e-12)
            reached = cell_of(network).backward(network, weights, kept, slope.clone(), Into(into, fresh), True)
    for name, value in zip(live, slopes, strict=False):
        torch.testing.assert_close(into[name], 2 * value, rtol=1e-10, atol=1e-10, msg=name)
    for have, want in zip(reached, slopes[len(live) :], strict=True):
        torch.testing.assert_close(have, want, rtol=1e-10, atol=1e-10)


def random(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=torch.float64)


@pytest.mark.parametrize("lead", [(), (3,)])
@pytest.mark.parametrize("network", NETWORKS, ids=repr)
def test_backward_equals_autograd(network: Network, lead: tuple[int, ...]) -> None:
    check(network, [Plain(random(*lead, 7, 4)), Plain(random(*lead, 7, 5))], lead, 4)


@pytest.mark.parametrize("kinds", [(True, None), (None, False), (True, False)])
@pytest.mark.parametrize("network", [Mlp(norm="layer"), Gated(), Linear(bias=False)], ids=repr)
def test_operands_that_many_rows_read(network: Network, kinds: tuple[bool | None, ...]) -> None:
    """Three outer places, two inner ones, a batch of five: rows that are read once and rows that are read often."""
    operands: list[Operand] = [
        Plain(random(30, 4 + i)) if by is None else Repeated(random((3 if by else 2) * 5, 4 + i), 3, 2, by, 5)
        for i, by in enumerate(kinds)
    ]
    check(network, operands, (), 4)


def test_repeated_operands_are_laid_out_as_they_say() -> None:
    x = torch.arange(4.0).view(4, 1)  # two places of two rows
    assert Repeated(x, 2, 2, True, 2).value().flatten().tolist() == [0, 1, 0, 1, 2, 3, 2, 3]
    assert Repeated(x, 2, 2, False, 2).value().flatten().tolist() == [0, 1, 2, 3, 0, 1, 2, 3]


def test_many_operands_are_joined() -> None:
    operands = [Plain(random(7, 2 + i)) for i in range(6)]
    network = Mlp(hidden=(5,), norm="layer")
    signature = Signature(tuple(x.width for x in operands), 3)
    weights = weights_of(network, signature, ())
    with torch.no_grad():
        made, _ = cell_of(network).forward(network, weights, operands, None)
    wanted = implementation(network)(network, weights, [x.x for x in operands], None)
    torch.testing.assert_close(made, wanted)


@pytest.mark.parametrize("network", [Mlp(norm="layer"), Gated(), Linear()], ids=repr)
def test_autograd_cell_serves_any_network(network: Network) -> None:
    operands = [Plain(random(2, 7, 4)), Plain(random(2, 7, 4))]
    weights = weights_of(network, Signature((4, 4), 4), (2,))
    cells = (cell_of(network), AutogradCell(implementation(network)))
    found = list[dict[str, torch.Tensor]]()
    with torch.no_grad():
        for cell in cells:
            into = {name: torch.empty_like(value) for name, value in weights.items()}
            made, kept = cell.forward(network, weights, operands, None)
            cell.backward(network, weights, kept, torch.ones_like(made), Into(into, True), False)
            found.append(into)
    for name in weights:
        torch.testing.assert_close(found[0][name], found[1][name], rtol=1e-10, atol=1e-10)
