"""The interpreter's plain networks against torch's own operations."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from exnet.reference.networks import compute
from exnet.spec.network import Network, Signature
from exnet.spec.networks import Gated, Linear, Mlp

ACTIVATIONS = {
    "gelu": functional.gelu,
    "relu": functional.relu,
    "tanh": torch.tanh,
    "silu": functional.silu,
    "sigmoid": torch.sigmoid,
    "identity": lambda x: x,
}


def sample(network: Network, operands: Sequence[int], out: int) -> tuple[dict[str, Tensor], list[Tensor]]:
    generator = torch.Generator().manual_seed(7)
    parameters = network.parameters(Signature(tuple(operands), out))
    values = {p.name: torch.randn(p.shape, generator=generator, dtype=torch.float64) for p in parameters}
    return values, [torch.randn(5, width, generator=generator, dtype=torch.float64) for width in operands]


def test_linear() -> None:
    values, operands = sample(Linear(), (3, 4), 2)
    expected = functional.linear(torch.cat(operands, 1), values["w0"].T, values["b0"])
    assert torch.allclose(compute(Linear(), values, operands), expected)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("norm", ["off", "layer", "rms"])
def test_mlp(activation: str, norm: str) -> None:
    network = Mlp.model_validate({"hidden": (6, 5), "activation": activation, "norm": norm})
    values, operands = sample(network, (3, 4), 4)
    x = torch.cat(operands, 1)
    for i in range(2):
        x = ACTIVATIONS[activation](functional.linear(x, values[f"w{i}"].T, values[f"b{i}"]))
    x = functional.linear(x, values["w2"].T, values["b2"])
    if norm == "layer":
        x = functional.layer_norm(x, (4,))
    if norm == "rms":
        x = functional.rms_norm(x, (4,), eps=1e-5)
    assert torch.allclose(compute(network, values, operands), x)


def test_residual_adds_a_step_to_the_first_operand() -> None:
    network, plain = Mlp(residual=True, step=0.1), Mlp()
    values, operands = sample(network, (3, 4), 3)
    expected = operands[0] + 0.1 * compute(plain, values, operands)
    assert torch.allclose(compute(network, values, operands), expected)


@pytest.mark.parametrize(("bias", "chosen"), [(-50.0, 0), (50.0, 1)])
def test_gate_chooses_between_the_first_operand_and_the_candidate(bias: float, chosen: int) -> None:
    values, operands = sample(Gated(), (3, 4), 3)
    values["bg"] = torch.full((3,), bias, dtype=torch.float64)
    candidate = compute(Mlp(norm="layer"), {n: v for n, v in values.items() if n not in ("wg", "bg")}, operands)
    assert torch.allclose(compute(Gated(), values, operands), (operands[0], candidate)[chosen])


@pytest.mark.parametrize("hidden", [(), (5,)])
def test_identity_start_norms_before_the_last_layer(hidden: tuple[int, ...]) -> None:
    network = Mlp(residual=True, step=0.5, norm="layer", hidden=hidden, start="identity")
    values, operands = sample(network, (3, 4), 3)
    x = torch.cat(operands, 1)
    if hidden:
        x = functional.gelu(functional.linear(x, values["w0"].T, values["b0"]))
    x = functional.linear(functional.layer_norm(x, x.shape[1:]), values[f"w{len(hidden)}"].T, values[f"b{len(hidden)}"])
    assert torch.allclose(compute(network, values, operands), operands[0] + 0.5 * x)


def test_gated_identity_start_adds_a_gated_branch() -> None:
    network = Gated(hidden=(), norm="off", start="identity")
    values, operands = sample(network, (3, 4), 3)
    x = torch.cat(operands, 1)
    gate = torch.sigmoid(functional.linear(x, values["wg"].T, values["bg"]))
    expected = operands[0] + gate * functional.linear(x, values["w0"].T, values["b0"])
    assert torch.allclose(compute(network, values, operands), expected)
