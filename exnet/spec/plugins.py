"""What installed packages add to exnet: one mechanism for all kinds of things, by entry points.

A *declaration* (options, shapes, cost; torch-free, a subclass of a base class of exnet) and its *implementation* are
two entry points of one name in two groups. The front end loads only the first. A name that exnet itself uses is never
taken away: such an entry point is listed as ignored.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from inspect import isabstract
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from exnet.language import parse_file
from exnet.source import Diagnostic, ExnetError, Source
from exnet.spec.network import Model
from exnet.spec.rules import BROKEN_PLUGIN, MISSING_IMPLEMENTATION

DECLARATIONS = {
    "exnet.networks": "network",
    "exnet.tokenisers": "tokeniser",
    "exnet.losses": "loss",
    "exnet.data": "data set",
}
"""Groups whose entry points are subclasses of a base class, and what each adds."""
IMPLEMENTATIONS = {
    "exnet.nets": "network",
    "exnet.tokens": "tokeniser",
    "exnet.criteria": "loss",
    "exnet.reference": "network, plainly",
    "exnet.reference_losses": "loss, plainly",
}
"""Groups whose entry points are functions; each carries the name of the declaration that it computes."""
IMPLEMENTED_IN = {
    "exnet.networks": ("exnet.nets", "exnet.reference"),
    "exnet.tokenisers": ("exnet.tokens",),
    "exnet.losses": ("exnet.criteria", "exnet.reference_losses"),
    "exnet.data": (),
}
"""The groups in which a declaration is computed: the first is needed to run it, the second to verify it."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """One entry point, loaded.

    Attributes:
        group, name, value: of the entry point, such as `exnet.networks`, `spline`, `exnet_splines.declared:Spline`.
        package: distribution and version, or an empty text where there is none.
        item: what it names; None if it cannot be used.
        problem: why it cannot be used, else empty.
    """

    group: str
    name: str
    value: str
    package: str
    item: Any = None
    problem: str = ""

    @property
    def what(self) -> str:
        """The kind of thing: `network`."""
        return {**DECLARATIONS, **IMPLEMENTATIONS}[self.group]


@cache
def entries(group: str) -> tuple[EntryPoint, ...]:
    """The entry points of a group, by name."""
    return tuple(sorted(entry_points(group=group), key=lambda entry: (entry.name, entry.value)))


@cache
def loaded(group: str, base: type | None = None, taken: Collection[str] = ()) -> tuple[Plugin, ...]:
    """All plug-ins of a group.

    Args:
        group: of the entry points.
        base: the class that a declaration must be derived from; None for an implementation, which is a function.
        taken: names of exnet's own things; plug-ins of these names are ignored, and say so.
    """
    found = entries(group)
    names = [entry.name for entry in found]
    return tuple(_load(entry, base, entry.name in taken, names.count(entry.name)) for entry in found)


def forget() -> None:
    """Looks for installed packages again at the next question."""
    entries.cache_clear()
    loaded.cache_clear()


def implementation(group: str, name: str) -> Any:
    """What the entry point `name` of a group of implementations names.

    Raises:
        ExnetError: EXN474 if no package has it, EXN473 if it cannot be loaded.
    """
    found = [plugin for plugin in loaded(group) if plugin.name == name]
    if not found:
        what = IMPLEMENTATIONS[group]
        message = f"the {what} `{name}` is declared, but no installed package computes it"
        way_out = (
            f"its package needs an entry point `{name}` in the group `{group}`; `exnet plugins` lists what there is"
        )
        raise ExnetError(MISSING_IMPLEMENTATION.at(None, message, help=way_out))
    if found[0].problem:
        raise ExnetError(broken(found[0]))
    return found[0].item


def broken(plugin: Plugin, at: Any = None) -> Diagnostic:
    """The message that a plug-in cannot be used, at the place that names it."""
    of = f" of `{plugin.package}`" if plugin.package else ""
    message = f"the {plugin.what} `{plugin.name}`{of} cannot be used"
    return BROKEN_PLUGIN.at(at, message, notes=(plugin.problem,), help="`exnet plugins` lists what is installed")


def _load(entry: EntryPoint, base: type | None, is_taken: bool, count: int) -> Plugin:
    package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else ""
    about = (entry.group, entry.name, entry.value, package)
    if is_taken:
        return Plugin(*about, problem=f"ignored: exnet's own `{entry.name}` has this name")
    if count > 1:
        return Plugin(*about, problem=f"{count} entry points have this name; uninstall all packages but one of them")
    try:
        item = entry.load()
    except (Exception, SystemExit) as error:  # code of a package that is not ours: whatever it raises is reported
        return Plugin(*about, problem=f"`{entry.value}` cannot be loaded: {type(error).__name__}: {error}")
    problem = _declaration_problem(item, entry, base) if base is not None else _function_problem(item, entry)
    return Plugin(*about, problem=problem) if problem else Plugin(*about, item=item)


def _function_problem(item: Any, entry: EntryPoint) -> str:
    return "" if callable(item) else f"`{entry.value}` is no function"


def _declaration_problem(item: Any, entry: EntryPoint, base: type) -> str:
    """Why a class is no declaration; empty if it is one."""
    if not isinstance(item, type) or not issubclass(item, base):
        return f"`{entry.value}` is no subclass of `{base.__module__}.{base.__qualname__}`"
    if isabstract(item):
        missing = ", ".join(f"`{name}`" for name in sorted(getattr(item, "__abstractmethods__", ())))
        return f"`{entry.value}` does not define {missing}"
    kind = getattr(item, "kind", None)
    if kind != entry.name:
        return f"`{entry.value}` has kind {kind!r}, and its entry point is called {entry.name!r}: they must agree"
    if not _writable(f"net a = {entry.name}"):
        return f"`{entry.name}` cannot be written in a spec: a name begins with a letter and is no reserved word"
    if entry.group == "exnet.data":  # its options stand on the command line, not in a spec
        return ""
    return next(filter(None, (_option_problem(item, name) for name in item.model_fields)), "")


def _option_problem(model: type[Model], name: str) -> str:
    """Why an option cannot be written in a spec; empty if it can."""
    if not _writable(f"net a = b({name}: 1)"):
        return f"its option `{name}` cannot be written in a spec: it is a reserved word, or no name"
    wanted = model.model_fields[name].annotation
    if not _readable(wanted):
        return (
            f"its option `{name}` has the type {wanted}; options are int, float, bool, str, Literal, or tuples of these"
        )
    return ""


def _writable(statement: str) -> bool:
    return parse_file(Source("<plug-in>", f"exnet t\n{statement}\n")).value is not None


def _readable(wanted: Any) -> bool:
    """Whether the option reader can read a value of this type."""
    origin, members = get_origin(wanted), get_args(wanted)
    if origin is Annotated:
        return _readable(members[0])
    if origin in (Union, UnionType):
        rest = [member for member in members if member is not NoneType]
        return len(rest) == 1 and _readable(rest[0])
    if origin is Literal:
        return all(isinstance(member, str) for member in members)
    if origin is tuple:
        return all(member is Ellipsis or _readable(member) for member in members)
    return wanted in (int, float, bool, str)
