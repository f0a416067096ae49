"""Spaces, networks, defaults, mode and learning rule of a file."""

from collections.abc import Mapping, Sequence

from exnet.language import syntax
from exnet.source import Label
from exnet.spec.fitting import misfit
from exnet.spec.loss import LARGEST_WEIGHT
from exnet.spec.model import COMPONENTS, Components, Mode
from exnet.spec.network import Network, Signature
from exnet.spec.networks import Mlp
from exnet.spec.objective import OBJECTIVE, Objective, read_objective
from exnet.spec.options import OptionReader
from exnet.spec.ports import read_sizes
from exnet.spec.registry import ALL_NETWORKS, LEARNING_RULES, MODES, NETWORKS
from exnet.spec.rule import LearningRule, Xprop
from exnet.spec.rules import (
    DUPLICATE_OPTION,
    NETWORK_MISFIT,
    OUT_OF_RANGE,
    REPEATED_STATEMENT,
    UNKNOWN_COMPONENT,
)
from exnet.spec.wording import listed, suggestion

DEFAULT_WIDTH = 32
SPACES = ("primary", "complementary")

BUILT_IN: Mapping[str, Network] = {
    "primary": Mlp(norm="layer"),
    "complementary": Mlp(norm="layer"),
    "trainer": Mlp(),
    **{name: kind.model() for name, kind in NETWORKS.items() if issubclass(kind.model, Network)},
}
"""Networks that need no `net`: the defaults of the components, and each kind with its default options."""


def read_spaces(reader: OptionReader, statements: Sequence[syntax.Settings]) -> dict[str, int | None]:
    """Widths p and q; None where the file gives one with a mistake."""
    given = dict[str, syntax.Setting]()
    for setting in (setting for statement in statements for setting in statement.settings):
        name = setting.name.id
        if name not in SPACES:
            way_out = suggestion(name, SPACES, "spaces are `primary` and `complementary`")
            message = f"there is no space called `{name}`"
            reader.said.append(UNKNOWN_COMPONENT.at(setting.name.span, message, help=way_out))
        elif name in given:
            labels = (Label(given[name].span, "first given here"),)
            message = f"the space `{name}` is given twice"
            reader.said.append(DUPLICATE_OPTION.at(setting.span, message, labels=labels, help="leave one out"))
        else:
            given[name] = setting
    widths: dict[str, int | None] = dict.fromkeys(SPACES, DEFAULT_WIDTH)
    for name, setting in given.items():
        sizes = read_sizes(reader, [setting.value])
        widths[name] = sizes[0] if sizes else None
    return widths


def read_networks(reader: OptionReader, statements: Sequence[syntax.Net]) -> tuple[dict[str, Network], frozenset[str]]:
    """The networks of `net` statements, and the names of those with a mistake."""
    found, failed = dict[str, Network](), set[str]()
    for statement in statements:
        name, network = statement.name.id, reader.extensible(statement.value, ALL_NETWORKS, Network)
        if network is None:
            failed.add(name)
        else:
            found.setdefault(name, network)
    return found, frozenset(failed)


def only(reader: OptionReader, statements: Sequence[syntax.Statement], what: str) -> None:
    """Reports all but the first of statements of which there may be one."""
    for statement in statements[1:]:
        labels = (Label(statements[0].span, "the first"),)
        message = f"there are {len(statements)} `{what}` statements"
        reader.said.append(REPEATED_STATEMENT.at(statement.span, message, labels=labels, help="leave one out"))


def read_defaults(
    reader: OptionReader, statements: Sequence[syntax.Default], networks: Mapping[str, Network], failed: frozenset[str]
) -> tuple[Components, list[tuple[str, syntax.Name]]]:
    """What a vertex has when its equation says nothing, and the names with which the file says so."""
    only(reader, statements, "default vertex")
    chosen, places = {name: name for name in COMPONENTS}, list[tuple[str, syntax.Name]]()
    for component, arg in read_components(reader, statements[0].args if statements else ()).items():
        value = arg.value
        if not isinstance(value, syntax.Name):
            way_out = f"write `net {component}_net = {value.span.text}`, and its name here"
            reader.say_wrong(value, component, "the name of a network", way_out)
        elif value.id in networks:
            chosen[component] = value.id
            places.append((component, value))
        elif value.id not in failed:
            reader.say_unknown(value, "network", sorted(networks))
    return Components(**chosen), places


def read_components(reader: OptionReader, args: Sequence[syntax.Arg]) -> dict[str, syntax.Arg]:
    """Arguments such as `primary: mix` by component; others are reported and left out."""
    known, strange = list[syntax.Arg](), [arg for arg in args if arg.name and arg.name.id not in COMPONENTS]
    for name in (arg.name for arg in strange if arg.name):
        way_out = suggestion(name.id, COMPONENTS, f"components are {listed(COMPONENTS)}")
        message = f"there is no component called `{name.id}`"
        reader.said.append(UNKNOWN_COMPONENT.at(name.span, message, help=way_out))
    known = [arg for arg in args if arg not in strange]
    return reader.options(known, "default vertex", COMPONENTS)


def signature(component: str, children: int, primary: int, complementary: int, out: int) -> Signature:
    """The widths that a component of a vertex with so many children reads and writes."""
    match component:
        case "primary":
            return Signature((primary,) * children, primary)
        case "complementary":
            return Signature((complementary, *(primary,) * (children - 1)), complementary)
        case _:
            return Signature((primary, complementary), out)


def check_fit(reader: OptionReader, network: Network, place: syntax.Name, component: str, widths: Signature) -> None:
    """Reports a network that cannot have the widths of its component."""
    problem = misfit(network, widths)
    if problem is None:
        return
    way_out = "use `mlp` or `linear` for a trainer" if component == "trainer" else ""
    notes = (f"as {component} it reads widths {', '.join(map(str, widths.operands))} and writes {widths.out}",)
    reader.said.append(NETWORK_MISFIT.at(place.span, problem, help=way_out, notes=notes))


def read_mode(reader: OptionReader, statements: Sequence[syntax.Mode]) -> Mode:
    """The mode; the default one after a message."""
    only(reader, statements, "mode")
    if not statements:
        return Mode()
    value = statements[0].value
    mode = reader.kind(value, "mode", MODES, Mode)
    if mode is None:
        return Mode()
    weights = mode.weights
    if weights is not None and not (any(weights) and 0 <= min(weights) <= max(weights) <= LARGEST_WEIGHT):
        message = f"weights of slots are in 0..={LARGEST_WEIGHT:.0e}, and one of them is positive"
        reader.said.append(OUT_OF_RANGE.at(value.span, message, help="write one number for each slot, `[1.0, 3.0]`"))
    return mode


def read_learn(
    reader: OptionReader, statements: Sequence[syntax.Learn], outputs: Sequence[str]
) -> tuple[LearningRule, Objective]:
    """The learning rule, and what it says about outputs; defaults after a message."""
    only(reader, statements, "learn")
    if not statements:
        return Xprop(), Objective({}, {})
    value = statements[0].value
    rule = reader.kind(value, "learning rule", LEARNING_RULES, LearningRule, also=OBJECTIVE)
    args = value.args if isinstance(value, syntax.Call) else ()
    return rule or Xprop(), read_objective(reader, args, outputs)
