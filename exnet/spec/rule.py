"""Learning rules as declarations: what a spec may say about training. Free of torch; implemented in `exnet.learn`."""

from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

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
    """

    kind: ClassVar[str] = "xprop"
    average: Literal["sites", "batch"] = "sites"


class Backprop(LearningRule):
    """End-to-end backpropagation of the root's loss through the up pass of the same graph."""

    kind: ClassVar[str] = "backprop"
