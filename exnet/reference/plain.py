"""Plain versions of networks and losses that installed packages add, offered by the packages themselves."""

from typing import Any

from exnet.source import ExnetError
from exnet.spec.plugins import broken, loaded
from exnet.spec.rules import NO_REFERENCE


def plain(group: str, what: str, kind: str) -> Any:
    """The function that computes a network or loss for one vertex as its equation says.

    Raises:
        ExnetError: EXN476 if no package offers it, EXN473 if it cannot be loaded.
    """
    for plugin in loaded(group):
        if plugin.name == kind:
            if plugin.problem:
                raise ExnetError(broken(plugin))
            return plugin.item
    message = f"the reference interpreter does not know the {what} `{kind}`, so this net cannot be verified"
    way_out = f"its package can offer a plain version: an entry point `{kind}` in the group `{group}`"
    raise ExnetError(NO_REFERENCE.at(None, message, help=way_out))
