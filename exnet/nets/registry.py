"""Which function computes which kind of network.

Networks of other packages: their declaration is found through the entry points `exnet.networks`, the function that
computes it through `exnet.nets`; both entry points carry the kind as their name.
"""

from collections.abc import Mapping
from functools import cache

from exnet.nets.gated import apply_gated
from exnet.nets.installed import Apply, checked
from exnet.nets.linear import apply_linear
from exnet.nets.mlp import apply_mlp
from exnet.spec.network import Network
from exnet.spec.plugins import implementation as installed

NETS: Mapping[str, Apply] = {"mlp": apply_mlp, "linear": apply_linear, "gated": apply_gated}


def implementation(network: Network) -> Apply:
    """The function that computes a network.

    Raises:
        ExnetError: EXN474 if it is declared but no installed package computes it, EXN473 if that cannot be loaded.
    """
    return NETS.get(network.kind) or _installed(network.kind)


@cache
def _installed(kind: str) -> Apply:
    return checked(kind, installed("exnet.nets", kind))


def forget() -> None:
    """Looks for installed packages again at the next question."""
    _installed.cache_clear()
