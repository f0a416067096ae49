"""What a spec can name: tables of kinds. Installed packages can add networks (entry points `exnet.networks`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any

from exnet.spec.model import Mode
from exnet.spec.network import Model, Network
from exnet.spec.networks import Gated, Linear, Mlp
from exnet.spec.rule import Backprop, LearningRule, Optimiser, Schedule, Xprop, XpropStar
from exnet.spec.tokeniser import Embedding, Identity, Orthogonal, Position, TokeniserPart
from exnet.spec.tokeniser import Linear as LinearTokeniser

NETWORK_GROUP = "exnet.networks"
"""Entry points of this group are subclasses of `Network`; the entry point's name is the kind in a spec."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A name that takes options: the options are the fields of `model`, or those listed in `options`.

    `preset` holds field values that this name fixes or chooses as its own defaults.
    """

    model: type[Model]
    options: tuple[str, ...] | None = None
    preset: Mapping[str, Any] = field(default_factory=dict)

    @property
    def option_names(self) -> tuple[str, ...]:
        """What may be written in the brackets."""
        return tuple(self.model.model_fields) if self.options is None else self.options


Kinds = Mapping[str, Kind]


def _kinds(*models: type[Network] | type[TokeniserPart] | type[LearningRule]) -> Kinds:
    return MappingProxyType({model.kind: Kind(model) for model in models})


NETWORKS: Kinds = _kinds(Mlp, Linear, Gated)
TOKENISERS: Kinds = _kinds(Orthogonal, LinearTokeniser, Identity, Embedding, Position)
LEARNING_RULES: Kinds = _kinds(Xprop, XpropStar, Backprop)
OPTIMISERS: Kinds = MappingProxyType(
    {
        "adam": Kind(Optimiser, ("lr", "betas", "decay"), {"kind": "adam"}),
        "adamw": Kind(Optimiser, ("lr", "betas", "decay"), {"kind": "adamw", "decay": 0.01}),
        "sgd": Kind(Optimiser, ("lr", "momentum", "decay"), {"kind": "sgd", "lr": 0.1}),
    }
)
SCHEDULES: Kinds = MappingProxyType(
    {name: Kind(Schedule, ("warmup",), {"kind": name}) for name in ("cosine", "constant", "linear")}
)
MODES: Kinds = MappingProxyType(
    {
        "stochastic": Kind(Mode, ("draw", "weights"), {"kind": "stochastic"}),
        "deterministic": Kind(Mode, ("combine",), {"kind": "deterministic"}),
    }
)
NESTED: Mapping[type[Model], tuple[str, Kinds]] = MappingProxyType(
    {Optimiser: ("optimiser", OPTIMISERS), Schedule: ("schedule", SCHEDULES)}
)
"""Options that are calls with options of their own: what they are called, and the kinds they choose from."""


@cache
def installed_networks() -> tuple[Kinds, Mapping[str, str]]:
    """Networks of installed packages by name, and why those that cannot be used cannot."""
    found, broken = dict[str, Kind](), dict[str, str]()
    for entry in entry_points(group=NETWORK_GROUP):
        if entry.name in NETWORKS:
            continue
        try:
            model = entry.load()
        except Exception as error:  # code of a package that is not ours: whatever it raises, it is reported by name
            broken[entry.name] = f"`{entry.value}` cannot be loaded: {error}"
            continue
        if isinstance(model, type) and issubclass(model, Network):
            found[entry.name] = Kind(model)
        else:
            broken[entry.name] = f"`{entry.value}` is no subclass of `exnet.spec.network.Network`"
    return MappingProxyType(found), MappingProxyType(broken)
