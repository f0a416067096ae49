"""Losses as declarations: what a spec may say about how a prediction is judged. Free of torch.

Implemented in `exnet.learn.losses`, and once more, plainly, in `exnet.reference.losses`. A loss judges one instance;
the mean over a batch is the rule's business, so that no instance weighs more because of its neighbours.
"""

from abc import ABC
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import Field

from exnet.spec.network import Model

OutputKind: TypeAlias = Literal["class", "real", "labels"]
LARGEST_WEIGHT = 1e9
"""Of a class, an output or a slot: sums of weights stay finite and exact enough, also in float32."""
Weights: TypeAlias = Annotated[
    tuple[Annotated[float, Field(ge=0.0, le=LARGEST_WEIGHT)], ...], Field(min_length=1, max_length=2**20)
]


class Loss(Model, ABC):
    """The loss of one output: frozen options. `suits` are the kinds of outputs that it can judge."""

    kind: ClassVar[str]
    """The name in a spec."""
    suits: ClassVar[tuple[OutputKind, ...]]

    def problem(self, width: int) -> str | None:  # noqa: ARG002
        """Why it cannot judge an output of `width` numbers, as a lower-case sentence; None if it can."""
        return None


class CrossEntropy(Loss):
    """L = -(1 - s) w_y log p_y - s / K * sum over c of w_c log p_c, with p = softmax(y^): for `class[K]`.

    Options: `smoothing` is s; `weights` are w, one for each class, 1 if not given. They are not normalised.
    """

    kind: ClassVar[str] = "cross_entropy"
    suits: ClassVar[tuple[OutputKind, ...]] = ("class",)
    smoothing: Annotated[float, Field(ge=0.0, lt=1.0)] = 0.0
    weights: Weights | None = None

    def problem(self, width: int) -> str | None:
        """There is one weight for each class."""
        return count_problem(self.weights, width, "class")


class Squared(Loss):
    """L = mean over the numbers of (y^ - y)^2: for `real[..]`."""

    kind: ClassVar[str] = "squared"
    suits: ClassVar[tuple[OutputKind, ...]] = ("real",)


class Absolute(Loss):
    """L = mean over the numbers of |y^ - y|: for `real[..]`."""

    kind: ClassVar[str] = "absolute"
    suits: ClassVar[tuple[OutputKind, ...]] = ("real",)


class Huber(Loss):
    """L = mean over the numbers of r^2 / 2 where |r| <= delta, else delta (|r| - delta / 2), r = y^ - y: `real[..]`."""

    kind: ClassVar[str] = "huber"
    suits: ClassVar[tuple[OutputKind, ...]] = ("real",)
    delta: Annotated[float, Field(gt=0.0)] = 1.0


class Binary(Loss):
    """L = mean over the labels of -w_k y_k log p_k - (1 - y_k) log(1 - p_k), with p = sigmoid(y^): for `labels[K]`.

    Options: `weights` are w, one for each label, 1 if not given: what an instance that has the label counts.
    """

    kind: ClassVar[str] = "binary"
    suits: ClassVar[tuple[OutputKind, ...]] = ("labels",)
    weights: Weights | None = None

    def problem(self, width: int) -> str | None:
        """There is one weight for each label."""
        return count_problem(self.weights, width, "label")


def default_loss(kind: OutputKind) -> Loss:
    """What an output has when nothing is said: `cross_entropy`, `squared` or `binary`."""
    match kind:
        case "class":
            return CrossEntropy()
        case "real":
            return Squared()
        case "labels":
            return Binary()


def count_problem(weights: tuple[float, ...] | None, width: int, what: str) -> str | None:
    """Why weights do not belong to that many classes or labels; None if they do."""
    if weights is None:
        return None
    if len(weights) != width:
        return f"there is one weight for each {what}, {width} in all, and {len(weights)} are given"
    return None if any(weights) else "one of the weights must be positive"
