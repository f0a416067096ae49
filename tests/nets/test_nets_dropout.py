"""Dropout masks belong to sites and instances, not to batches."""

import numpy as np
import torch

from exnet.nets.dropout import Masks, Moment
from exnet.nets.registry import implementation
from exnet.spec.network import Signature
from exnet.spec.networks import Mlp

SITES = np.array([[11, 12], [13, 14]], np.uint64)
INSTANCES = np.array([5, 3, 9])


def ones(*shape: int) -> torch.Tensor:
    return torch.ones(*shape, dtype=torch.float64)


def test_rate_and_scale() -> None:
    mask = Masks(0, Moment(1, np.arange(200))).sites("primary", SITES)(0, ones(2, 400, 50), 0.25)
    assert set(mask.unique().tolist()) == {0.0, 1 / 0.75}
    assert abs(float((mask == 0).double().mean()) - 0.25) < 0.01


def test_single_rows_see_the_mask_of_the_whole() -> None:
    masks = Masks(4, Moment(7, INSTANCES))
    whole = masks.sites("complementary", SITES)(1, ones(2, 6, 8), 0.5).view(2, 2, 3, 8)
    rows = masks.rows("complementary", SITES[[1, 0], [0, 1]], np.array([2, 1]))(1, ones(2, 8), 0.5)
    assert torch.equal(rows, torch.stack((whole[1, 0, 2], whole[0, 1, 1])))


def test_an_instance_alone_sees_the_mask_that_it_sees_in_a_batch() -> None:
    whole = Masks(4, Moment(7, INSTANCES)).sites("primary", SITES[0])(0, ones(6, 8), 0.5).view(2, 3, 8)
    alone = Masks(4, Moment(7, INSTANCES[1:2])).sites("primary", SITES[0])(0, ones(2, 8), 0.5).view(2, 1, 8)
    assert torch.equal(alone, whole[:, 1:2])


def test_everything_else_changes_the_mask() -> None:
    def mask(seed: int = 0, step: int = 0, component: str = "primary", layer: int = 0) -> torch.Tensor:
        return Masks(seed, Moment(step, INSTANCES)).sites(component, SITES[0])(layer, ones(6, 64), 0.5)

    base = mask()
    for other in (mask(seed=1), mask(step=1), mask(component="trainer"), mask(layer=1)):
        assert 0.3 < float((other == base).double().mean()) < 0.7


def test_mlp_drops_hidden_activations() -> None:
    network = Mlp(hidden=(64,), dropout=0.5, activation="identity")
    weights = {"w0": ones(1, 64), "b0": ones(64) * 0, "w1": torch.eye(64, dtype=torch.float64), "b1": ones(64) * 0}
    mask = Masks(0, Moment(0, np.arange(3))).sites("primary", SITES[0, :1])
    y = implementation(network)(network, weights, [ones(3, 1)], mask)
    assert set(y.unique().tolist()) == {0.0, 2.0}
    assert network.parameters(Signature((1,), 64))[0].shape == (1, 64)
    assert torch.equal(implementation(network)(network, weights, [ones(3, 1)], None), ones(3, 64))
