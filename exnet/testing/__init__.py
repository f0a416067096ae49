"""A test kit for those who extend exnet: random valid specs, and the same spec in another order. Free of torch."""

from exnet.testing.permute import permuted
from exnet.testing.random_spec import random_spec

__all__ = ["permuted", "random_spec"]
