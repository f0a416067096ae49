"""Learning rules as declarations: what a spec may say about training. Free of torch; implemented in `exnet.learn`."""

from typing import ClassVar, Literal

from exnet.spec.network import Model


class Optimiser(Model):
    """An optimiser of torch by name. Unused options of a kind are refused by the option reader."""

    kind: Literal["adam", "adamw", "sgd"] = "adam"
    lr: float = 2e-3
    betas: tuple[float, float] = (0.9, 0.999)
    momentum: float = 0.0
    decay: float = 0.0


class Schedule(Model):
    """The learning rate over the steps: `cosine` to zero, `constant`, `linear` to zero; after `warmup` linear steps."""

    kind: Literal["cosine", "constant", "linear"] = "cosine"
    warmup: int = 0


class LearningRule(Model):
    """What every rule has: optimiser, schedule, batch size, number of epochs, clipping of the gradient's norm."""

    kind: ClassVar[str]
    optimiser: Optimiser = Optimiser()
    schedule: Schedule = Schedule()
    batch: int = 64
    epochs: int = 20
    clip: float | None = None


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
