"""Learning rules as declarations: what a spec may say about training. Free of torch; implemented in `exnet.learn`."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field, model_validator

from exnet.spec.network import Model

Count: TypeAlias = Annotated[int, Field(ge=1, le=2**31)]
Unit: TypeAlias = Annotated[float, Field(ge=0.0, lt=1.0)]


class Optimiser(Model):
    """An optimiser of torch by name. Unused options of a kind are refused by the option reader.

    `decay` is weight decay: added to the gradient (adam, sgd), or apart from it (adamw).
    """

    kind: Literal["adam", "adamw", "sgd"] = "adam"
    lr: Annotated[float, Field(gt=0.0)] = 2e-3
    betas: tuple[Unit, Unit] = (0.9, 0.999)
    momentum: Unit = 0.0
    decay: Annotated[float, Field(ge=0.0)] = 0.0


class Schedule(Model):
    """The learning rate over the steps: `cosine` to zero, `constant`, `linear` to zero; after `warmup` linear steps."""

    kind: Literal["cosine", "constant", "linear"] = "cosine"
    warmup: Annotated[int, Field(ge=0, le=2**31)] = 0


class LearningRule(Model):
    """What every rule has: optimiser, schedule, batch size, number of epochs, clipping of the gradient's norm."""

    kind: ClassVar[str]
    optimiser: Optimiser = Optimiser()
    schedule: Schedule = Schedule()
    batch: Count = 64
    epochs: Count = 20
    clip: Annotated[float, Field(gt=0.0)] | None = None


class Xprop(LearningRule):
    """Extraction propagation (arXiv 2402.15883): every vertex from its own loss.

    `average` says how the gradients of the call sites of a shared component are combined: `sites` divides the sum over
    rows by (batch x call sites), `batch` by the batch alone.

    `memory`, in MiB, is what the tensors of a step may take; the passes keep what the local update needs as long as that
    fits, else the vertices are computed again, part by part.
    """

    kind: ClassVar[str] = "xprop"
    average: Literal["sites", "batch"] = "sites"
    memory: Count | None = None


class XpropStar(Xprop):
    """Xprop with messages from frozen copies of the propagators, one group of vertices after the other.

    A *group* is a level, the vertices of one primary propagator (`class`), a `single` vertex, or the `whole` graph. A
    *turn* is the time in which one group trains; then the next one has its turn. A *sweep* is a turn for every group.

    Options:
        group: what trains together.
        order: of the groups in a sweep: `up` (children before parents), `down`, `random` (anew for each sweep), or as
            `list` names them.
        list: levels by number, classes and vertices by name in quotes; each at least once.
        passes: length of a turn in passes over the data; 1 if `steps` is not given either.
        steps: length of a turn in steps, instead of `passes`.
        refresh: `hard` replaces the copies of what has moved when the turn ends; `average` lets all copies follow after
            every step: copy + rate * (component - copy).
        rate: of the moving average; 0.01 if not given.
    """

    kind: ClassVar[str] = "xprop_star"
    group: Literal["level", "class", "single", "whole"] = "level"
    order: Literal["up", "down", "random", "listed"] = "up"
    list: tuple[int | str, ...] | None = None
    passes: Count | None = None
    steps: Count | None = None
    refresh: Literal["hard", "average"] = "hard"
    rate: Annotated[float, Field(gt=0.0, le=1.0)] | None = None

    @model_validator(mode="after")
    def _options_agree(self) -> "XpropStar":
        if self.passes is not None and self.steps is not None:
            raise ValueError("`passes` and `steps` both say how long a turn is")
        if self.rate is not None and self.refresh == "hard":
            raise ValueError("`rate` is that of a moving average, and there is none without `refresh: average`")
        if self.order != "up" and self.group == "whole":
            raise ValueError("`group: whole` is one group, so `order` says nothing")
        if self.order == "listed" and not self.list:
            raise ValueError("`order: listed` needs a `list` of the groups")
        if self.order != "listed" and self.list is not None:
            raise ValueError(f"`list` is the order of the groups, and so is `order: {self.order}`")
        return self

    def turn_steps(self, steps: int) -> int:
        """The length of a turn, if a pass over the data takes so many steps."""
        return (self.passes or 1) * steps if self.steps is None else self.steps

    @property
    def follow(self) -> float:
        """By how much copies follow after every step; 0 if they wait for the end of a turn."""
        return (0.01 if self.rate is None else self.rate) if self.refresh == "average" else 0.0


class Backprop(LearningRule):
    """End-to-end backpropagation of the root's loss through the up pass of the same graph."""

    kind: ClassVar[str] = "backprop"
