"""The component networks that come with exnet, as declarations. Their implementations are in `exnet.nets`."""

from exnet.spec.networks.gated import Gated
from exnet.spec.networks.linear import Linear
from exnet.spec.networks.mlp import Mlp

__all__ = ["Gated", "Linear", "Mlp"]
