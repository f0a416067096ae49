"""Every network equals a plain torch module with the same weights, for one class and for a stack of them."""

from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor, nn

from exnet.graph.randomness import hash_text
from exnet.nets.initial import initial_values
from exnet.nets.registry import implementation
from exnet.source import ExnetError
from exnet.spec.network import Network, Signature
from exnet.spec.networks import Gated, Linear, Mlp

PARENT_AND_SIBLINGS = Signature((6, 4, 4), 6)
SIX_OPERANDS = Signature((3, 3, 3, 3, 3, 3), 5)


def random_weights(network: Network, signature: Signature, classes: int) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(1)
    return {
        p.name: torch.randn(classes, *p.shape, generator=generator, dtype=torch.float64)
        for p in network.parameters(signature)
    }


def random_operands(signature: Signature, classes: int, rows: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(2)
    return [torch.randn(classes, rows, d, generator=generator, dtype=torch.float64) for d in signature.operands]


def affine(weight: Tensor, bias: Tensor | None) -> nn.Linear:
    layer = nn.Linear(*weight.shape, bias=bias is not None, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.copy_(weight.T)
        if bias is not None:
            layer.bias.copy_(bias)
    return layer


def expected_layers(
    weights: dict[str, Tensor], count: int, activation: Callable[[Tensor], Tensor], x: Tensor
) -> Tensor:
    for i in range(count):
        x = affine(weights[f"w{i}"], weights[f"b{i}"])(x)
        x = activation(x) if i < count - 1 else x
    return x


def one_by_one(
    network: Network, weights: dict[str, Tensor], operands: Sequence[Tensor], expected: Callable[..., Tensor]
) -> None:
    """The stack, each class of it alone, and `expected` agree."""
    apply = implementation(network)
    stacked = apply(network, weights, operands)
    for g in range(len(operands[0])):
        own = {name: value[g] for name, value in weights.items()}
        wanted = expected(own, [x[g] for x in operands])
        torch.testing.assert_close(apply(network, own, [x[g] for x in operands]), wanted, rtol=0, atol=1e-12)
        torch.testing.assert_close(stacked[g], wanted, rtol=0, atol=1e-12)


@pytest.mark.parametrize("signature", [PARENT_AND_SIBLINGS, SIX_OPERANDS])
@pytest.mark.parametrize("bias", [True, False])
def test_linear(signature: Signature, bias: bool) -> None:
    network = Linear(bias=bias)
    weights = random_weights(network, signature, 3)
    one_by_one(
        network,
        weights,
        random_operands(signature, 3, 7),
        lambda own, xs: affine(own["w0"], own.get("b0"))(torch.cat(xs, -1)),
    )


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("gelu", nn.GELU()),
        ("relu", nn.ReLU()),
        ("tanh", nn.Tanh()),
        ("silu", nn.SiLU()),
        ("sigmoid", nn.Sigmoid()),
        ("identity", nn.Identity()),
    ],
)
@pytest.mark.parametrize("hidden", [None, (), (5,), (5, 3)])
def test_mlp(name: str, module: nn.Module, hidden: tuple[int, ...] | None) -> None:
    network = Mlp.model_validate({"hidden": hidden, "activation": name})
    weights = random_weights(network, PARENT_AND_SIBLINGS, 2)
    count = 2 if hidden is None else len(hidden) + 1
    one_by_one(
        network,
        weights,
        random_operands(PARENT_AND_SIBLINGS, 2, 5),
        lambda own, xs: expected_layers(own, count, module, torch.cat(xs, -1)),
    )


@pytest.mark.parametrize(("norm", "module"), [("layer", nn.LayerNorm), ("rms", nn.RMSNorm)])
def test_norms_are_those_of_torch_without_parameters(norm: str, module: type[nn.Module]) -> None:
    network = Mlp.model_validate({"norm": norm})
    weights = random_weights(network, SIX_OPERANDS, 2)
    plain = module(5, eps=1e-5, elementwise_affine=False)
    one_by_one(
        network,
        weights,
        random_operands(SIX_OPERANDS, 2, 5),
        lambda own, xs: plain(expected_layers(own, 2, nn.GELU(), torch.cat(xs, -1))),
    )


def test_residual_carries_the_first_operand() -> None:
    network = Mlp(residual=True, step=0.1, norm="layer")
    weights = random_weights(network, PARENT_AND_SIBLINGS, 2)
    norm = nn.LayerNorm(6, elementwise_affine=False)
    one_by_one(
        network,
        weights,
        random_operands(PARENT_AND_SIBLINGS, 2, 5),
        lambda own, xs: xs[0] + 0.1 * norm(expected_layers(own, 2, nn.GELU(), torch.cat(xs, -1))),
    )


def test_gated() -> None:
    network = Gated()
    weights = random_weights(network, PARENT_AND_SIBLINGS, 3)
    norm = nn.LayerNorm(6, elementwise_affine=False)

    def expected(own: dict[str, Tensor], xs: list[Tensor]) -> Tensor:
        together = torch.cat(xs, -1)
        gate = torch.sigmoid(affine(own["wg"], own["bg"])(together))
        return (1 - gate) * xs[0] + gate * norm(expected_layers(own, 2, nn.GELU(), together))

    one_by_one(network, weights, random_operands(PARENT_AND_SIBLINGS, 3, 5), expected)


def test_identity_start_norms_before_the_last_layer() -> None:
    network = Mlp(residual=True, step=0.1, norm="layer", start="identity")
    weights = random_weights(network, PARENT_AND_SIBLINGS, 2)

    def expected(own: dict[str, Tensor], xs: list[Tensor]) -> Tensor:
        hidden = nn.GELU()(affine(own["w0"], own["b0"])(torch.cat(xs, -1)))
        normed = nn.LayerNorm(12, elementwise_affine=False)(hidden)
        return xs[0] + 0.1 * affine(own["w1"], own["b1"])(normed)

    one_by_one(network, weights, random_operands(PARENT_AND_SIBLINGS, 2, 5), expected)


def test_identity_start_without_hidden_layers_norms_the_operands() -> None:
    network = Gated(hidden=(), start="identity", norm="rms")
    weights = random_weights(network, PARENT_AND_SIBLINGS, 3)

    def expected(own: dict[str, Tensor], xs: list[Tensor]) -> Tensor:
        together = torch.cat(xs, -1)
        gate = torch.sigmoid(affine(own["wg"], own["bg"])(together))
        normed = nn.RMSNorm(14, eps=1e-5, elementwise_affine=False)(together)
        return xs[0] + gate * affine(own["w0"], own["b0"])(normed)

    one_by_one(network, weights, random_operands(PARENT_AND_SIBLINGS, 3, 5), expected)


@pytest.mark.parametrize(
    "network",
    [
        Mlp(residual=True, start="identity"),
        Mlp(residual=True, start="identity", norm="layer", hidden=(5, 3), step=0.5),
        Mlp(residual=True, start="identity", hidden=()),
        Gated(start="identity"),
        Gated(start="identity", hidden=(), norm="off", bias=3.0),
    ],
)
def test_identity_start_hands_the_first_operand_on_bit_for_bit(network: Network) -> None:
    """And the first gradient reaches the last layer, so that it can leave the start."""
    parameters = network.parameters(PARENT_AND_SIBLINGS)
    hashes = hash_text("a class")[None]
    weights = {p.name: torch.from_numpy(initial_values(p, hashes, 0)).requires_grad_() for p in parameters}
    operands = random_operands(PARENT_AND_SIBLINGS, 1, 7)
    made = implementation(network)(network, weights, operands)
    assert torch.equal(made, operands[0])
    made.square().sum().backward()
    last = [name for name in weights if name.startswith("w") and name != "wg"][-1]
    assert float(weights[last].grad.abs().max()) > 0.01


@pytest.mark.parametrize(
    "network",
    [
        Linear(),
        Mlp(norm="layer", residual=True),
        Gated(),
        Mlp(norm="rms"),
        Mlp(residual=True, norm="layer", start="identity"),
        Gated(hidden=(), start="identity"),
    ],
)
def test_gradients_of_a_stack_are_those_of_its_classes(network: Network) -> None:
    apply = implementation(network)
    weights = {k: v.requires_grad_() for k, v in random_weights(network, PARENT_AND_SIBLINGS, 3).items()}
    operands = random_operands(PARENT_AND_SIBLINGS, 3, 4)
    stacked = torch.autograd.grad(apply(network, weights, operands).square().sum(), list(weights.values()))
    alone = [apply(network, {k: v[g] for k, v in weights.items()}, [x[g] for x in operands]) for g in range(3)]
    single = torch.autograd.grad(sum(y.square().sum() for y in alone), list(weights.values()))
    for a, b in zip(stacked, single, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-12)


def test_operands_stay_as_they_are() -> None:
    for network in (Linear(), Mlp(residual=True), Gated()):
        operands = random_operands(PARENT_AND_SIBLINGS, 2, 4)
        before = [x.clone() for x in operands]
        implementation(network)(network, random_weights(network, PARENT_AND_SIBLINGS, 2), operands)
        assert all(torch.equal(a, b) for a, b in zip(operands, before, strict=True))


def test_a_network_that_no_package_computes_is_named() -> None:
    class Foreign(Linear):
        kind = "foreign"

    with pytest.raises(ExnetError) as caught:
        implementation(Foreign())
    assert caught.value.code == "EXN474"
    assert "`foreign`" in str(caught.value)
