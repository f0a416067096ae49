"""An update gate between the first operand and a candidate."""

from math import sqrt
from typing import ClassVar

from exnet.spec.network import Initial, Network, Parameter, Signature
from exnet.spec.networks.layers import (
    Activation,
    Norm,
    Rate,
    Start,
    Widths,
    carry_problem,
    hidden_widths,
    layers,
    layers_flops,
    layers_kept,
)


class Gated(Network):
    """y = (1 - g) * first operand + g * candidate, with g = sigmoid([operands] W_g + b_g), candidate = mlp(operands).

    It hands its first operand on almost unchanged until it has learnt better: b_g starts at `bias` = -2, where
    g = 0.12. That is what lets information pass many vertices (chains).

    With the start `identity`: candidate = first operand + norm(a_L) W_L + b_L, where W_L and b_L, the last layer of the
    mlp, start at zero, so that y is the first operand, exactly, and y = first operand + g * (norm(a_L) W_L + b_L). The
    norm stands before the last layer, where it cannot undo the zeros.

    Options: `hidden`, `activation`, `dropout` and `norm` are those of `mlp`, for the candidate; the candidate is
    normalised by default, so that y stays bounded in any depth. `bias` is the start of b_g. `start` is `random` or
    `identity`.
    """

    kind: ClassVar[str] = "gated"
    hidden: Widths | None = None
    activation: Activation = "gelu"
    norm: Norm = "layer"
    dropout: Rate = 0.0
    bias: float = -2.0
    start: Start = "random"

    def widths(self, signature: Signature) -> tuple[int, ...]:
        """Widths of the candidate's layers, from input to result."""
        return hidden_widths(self.hidden, signature.operands, signature.out)

    def parameters(self, signature: Signature) -> tuple[Parameter, ...]:
        """`w0`, `b0`, .. of the candidate as of `mlp`, then the gate's `wg` [sum of operands, out] and `bg` [out]."""
        rows, out = sum(signature.operands), signature.out
        gate = Parameter("wg", (rows, out), Initial("uniform", 1.0 / sqrt(rows)))
        return (
            *layers(self.widths(signature), self.start),
            gate,
            Parameter("bg", (out,), Initial("constant", self.bias)),
        )

    def flops(self, signature: Signature) -> int:
        """2 * in * out, summed over the candidate's layers and the gate."""
        return layers_flops(self.widths(signature)) + layers_flops((sum(signature.operands), signature.out))

    def kept(self, signature: Signature) -> int:
        """What the layers keep, the gate, and what passes it."""
        return layers_kept(self.widths(signature), self.activation, self.norm, self.start) + 2 * signature.out

    def problem(self, signature: Signature) -> str | None:
        """The result must be as wide as the first operand."""
        return carry_problem("`gated`", signature.operands, signature.out)
