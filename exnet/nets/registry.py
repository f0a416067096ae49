"""Which function computes which kind of network.

Networks of other packages: their declaration is found through the entry points `exnet.networks`, the function that
computes it through `exnet.nets`; both entry points carry the kind as their name.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Protocol

from torch import Tensor

from exnet.nets.dropout import Mask
from exnet.nets.gated import apply_gated
from exnet.nets.layers import Weights
from exnet.nets.linear import apply_linear
from exnet.nets.mlp import apply_mlp
from exnet.spec.network import Network

NETS_GROUP = "exnet.nets"


class Apply(Protocol):
    """apply(network, weights by name [G, ..], operands [G, R, d_j], dropout mask or None) -> [G, R, out].

    Where there is one class, G is left out of every shape.
    """

    def __call__(
        self, network: Any, weights: Weights, operands: Sequence[Tensor], mask: Mask | None = None, /
    ) -> Tensor:
        """The result of the network."""
        ...


NETS: Mapping[str, Apply] = {"mlp": apply_mlp, "linear": apply_linear, "gated": apply_gated}


@cache
def _installed(kind: str) -> Apply:
    for entry in entry_points(group=NETS_GROUP, name=kind):
        return entry.load()
    raise LookupError(f"no package computes networks of the kind `{kind}` (entry points `{NETS_GROUP}`)")


def implementation(network: Network) -> Apply:
    """The function that computes a network.

    Raises:
        LookupError: it is declared, but no installed package computes it.
    """
    return NETS.get(network.kind) or _installed(network.kind)
