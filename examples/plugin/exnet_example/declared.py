"""Declarations: options with ranges, parameters, cost, and what is refused. Nothing here imports torch."""

from typing import Annotated, ClassVar

from pydantic import Field

from exnet.spec.loss import Loss, OutputKind
from exnet.spec.network import Initial, Network, Parameter, Signature
from exnet.spec.tokeniser import TokeniserPart


class Bilinear(Network):
    """y = W [x_0 .. x_k] + scale * (x_0 U) * (x_1 V): a linear map, and products of the first two operands."""

    kind: ClassVar[str] = "bilinear"
    scale: Annotated[float, Field(gt=0.0)] = 1.0

    def parameters(self, signature: Signature) -> tuple[Parameter, ...]:
        """`w` [sum of operands, out], `u` and `v` [operand, out], `b` [out]."""
        rows, out = sum(signature.operands), signature.out
        first, second = signature.operands[:2]
        return (
            Parameter("w", (rows, out), Initial("uniform", (3.0 / rows) ** 0.5)),
            Parameter("u", (first, out), Initial("uniform", (3.0 / first) ** 0.5)),
            Parameter("v", (second, out), Initial("uniform", (3.0 / second) ** 0.5)),
            Parameter("b", (out,), Initial("constant", 0.0)),
        )

    def flops(self, signature: Signature) -> int:
        """Two for each entry of the three matrices."""
        return 2 * (sum(signature.operands) + sum(signature.operands[:2])) * signature.out

    def problem(self, signature: Signature) -> str | None:
        """There must be two operands to multiply."""
        return None if len(signature.operands) >= 2 else "`bilinear` multiplies two operands, and there is one"


class Fourier(TokeniserPart):
    """Sines and cosines of random projections: e = sqrt(2 / p) [sin(x F), cos(x F)], entries of F N(0, scale^2)."""

    kind: ClassVar[str] = "fourier"
    scale: Annotated[float, Field(gt=0.0)] = 1.0

    def problem(self, width: int, primary: int) -> str | None:  # noqa: ARG002
        """Sines and cosines come in pairs."""
        return None if primary % 2 == 0 else f"`fourier` makes pairs, and a primary extraction has {primary} numbers"


class Focal(Loss):
    """L = -(1 - p_y)^gamma log p_y with p = softmax(y^): easy instances count less."""

    kind: ClassVar[str] = "focal"
    suits: ClassVar[tuple[OutputKind, ...]] = ("class",)
    gamma: Annotated[float, Field(ge=0.0)] = 2.0
