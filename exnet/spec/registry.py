"""What a spec can name: tables of kinds. Installed packages can add networks, tokenisers and losses."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from exnet.spec.loss import Absolute, Binary, CrossEntropy, Huber, Loss, Squared
from exnet.spec.model import Mode
from exnet.spec.network import Model, Network
from exnet.spec.networks import Gated, Linear, Mlp
from exnet.spec.plugins import Plugin, loaded
from exnet.spec.rule import Backprop, LearningRule, Optimiser, Schedule, Xprop, XpropStar
from exnet.spec.tokeniser import Embedding, Identity, Learned, Orthogonal, Position, TokeniserPart
from exnet.spec.tokeniser import Linear as LinearTokeniser


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


def _kinds(*models: type[Network] | type[TokeniserPart] | type[LearningRule] | type[Loss]) -> Kinds:
    return MappingProxyType({model.kind: Kind(model) for model in models})


NETWORKS: Kinds = _kinds(Mlp, Linear, Gated)
TOKENISERS: Kinds = _kinds(Orthogonal, LinearTokeniser, Identity, Embedding, Position, Learned)
LOSSES: Kinds = _kinds(CrossEntropy, Squared, Absolute, Huber, Binary)
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


@dataclass(frozen=True, slots=True)
class Extensible:
    """Kinds of one sort of thing: those of exnet, and those of installed packages.

    Attributes:
        what: for messages: `network`.
        kinds: exnet's own.
        group: of the entry points that declare others.
        base: the class of every declaration.
    """

    what: str
    kinds: Kinds
    group: str
    base: type[Model]

    def plugins(self) -> tuple[Plugin, ...]:
        """All plug-ins of this sort, those that cannot be used included. Imports their packages."""
        return loaded(self.group, self.base, frozenset(self.kinds))

    def among(self, name: str) -> tuple[Kinds, Plugin | None]:
        """The kinds that a name chooses from, and the plug-in of this name if it cannot be used.

        No package is imported for one of exnet's own names.
        """
        if name in self.kinds:
            return self.kinds, None
        plugins = self.plugins()
        found = {plugin.name: Kind(plugin.item) for plugin in plugins if plugin.item is not None}
        broken = next((plugin for plugin in plugins if plugin.name == name and plugin.item is None), None)
        return {**self.kinds, **found}, broken


ALL_NETWORKS = Extensible("network", NETWORKS, "exnet.networks", Network)
ALL_TOKENISERS = Extensible("tokeniser", TOKENISERS, "exnet.tokenisers", TokeniserPart)
ALL_LOSSES = Extensible("loss", LOSSES, "exnet.losses", Loss)
