"""Data sets of installed packages: entry points of the group `exnet.data`, subclasses of `Data`."""

from collections.abc import Mapping
from typing import cast

from exnet.data.model import Data, Dataset
from exnet.source import ExnetError
from exnet.spec.plugins import Plugin, broken, loaded
from exnet.spec.rules import FAILED_PLUGIN


def plugins(own: Mapping[str, type[Data]]) -> tuple[Plugin, ...]:
    """All of them, those that cannot be used included. Imports their packages."""
    return loaded("exnet.data", Data, frozenset(own))


def kinds(own: Mapping[str, type[Data]], name: str) -> Mapping[str, type[Data]]:
    """What a name chooses from: `own`, and unless it is one of those, what is installed.

    Raises:
        ExnetError: EXN473 if the name is one of an installed package that cannot be used.
    """
    if name in own:
        return own
    found = plugins(own)
    unusable = next((plugin for plugin in found if plugin.name == name and plugin.item is None), None)
    if unusable is not None:
        raise ExnetError(broken(unusable))
    return {**own, **{plugin.name: plugin.item for plugin in found if plugin.item is not None}}


def load_installed(data: Data) -> Dataset:
    """The arrays of a data set; what a package's code raises becomes a message.

    Raises:
        ExnetError: EXN475, or what the data set itself says.
    """
    if type(data).__module__.startswith("exnet."):
        return data.load()
    way_out = "report it to its package; EXNET_DEBUG=1 shows where"
    try:
        made = cast(object, data.load())
    except ExnetError:
        raise
    except Exception as error:
        message = f"the data set `{data.kind}` cannot be loaded: {type(error).__name__}: {error}"
        raise ExnetError(FAILED_PLUGIN.at(None, message, help=way_out)) from error
    if not isinstance(made, Dataset):
        message = f"the data set `{data.kind}` is loaded as {type(made).__name__}, and must be an `exnet.data.Dataset`"
        raise ExnetError(FAILED_PLUGIN.at(None, message, help=way_out))
    return made
