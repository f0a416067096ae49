"""Slopes of the activations at zero, where one-sided derivatives differ: torch's choice."""

import pytest
import torch

from exnet.nets.layers import ACTIVATIONS as COMPILED
from exnet.reference.networks import ACTIVATIONS


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_the_slope_at_zero_is_that_of_the_compiled_net(name: str) -> None:
    slopes = []
    for activation in (ACTIVATIONS[name], COMPILED[name]):
        x = torch.zeros(3, dtype=torch.float64, requires_grad=True)
        activation(x).sum().backward()
        assert x.grad is not None
        slopes.append(x.grad)
    assert torch.allclose(*slopes, atol=1e-15)
