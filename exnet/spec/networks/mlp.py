"""Fully connected layers with an activation between them."""

from typing import ClassVar

from pydantic import model_validator

from exnet.spec.network import Network, Parameter, Signature
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


class Mlp(Network):
    """y = norm(a_L W_L + b_L) with a_0 = [operands] and a_(i+1) = dropout(activation(a_i W_i + b_i)).

    With `residual`: y = first operand + step * norm(..). The norm has no parameters of its own.

    With `residual` and the start `identity`: y = first operand + step * (norm(a_L) W_L + b_L), where W_L and b_L start
    at zero, so that y is the first operand, exactly. The norm stands before the last layer: after it, it would blow up
    whatever the first step of training writes there to full size.

    Options:
        hidden: widths of the hidden layers; `[]` for none. If not given, one layer, twice as wide as the first operand.
        activation: after each hidden layer.
        norm: of the result: `layer` subtracts the mean and divides by the deviation, `rms` divides by the root mean
            square.
        dropout: rate at which hidden activations are set to zero in training.
        residual, step: see above; the widths of first operand and result must agree.
        start: `random` or `identity`, see above.
    """

    kind: ClassVar[str] = "mlp"
    hidden: Widths | None = None
    activation: Activation = "gelu"
    norm: Norm = "off"
    dropout: Rate = 0.0
    residual: bool = False
    step: float = 1.0
    start: Start = "random"

    @model_validator(mode="after")
    def _step_needs_residual(self) -> "Mlp":
        if self.step != 1.0 and not self.residual:
            raise ValueError("`step` scales a residual branch, and there is none without `residual: true`")
        return self

    @model_validator(mode="after")
    def _identity_needs_residual(self) -> "Mlp":
        if self.start == "identity" and not self.residual:
            raise ValueError("`start: identity` needs `residual: true`: without it the first operand is not handed on")
        return self

    def widths(self, signature: Signature) -> tuple[int, ...]:
        """Widths from input to result: layer i maps `widths[i]` numbers to `widths[i + 1]`."""
        return hidden_widths(self.hidden, signature.operands, signature.out)

    def parameters(self, signature: Signature) -> tuple[Parameter, ...]:
        """`w0`, `b0`, `w1`, `b1`, ..: weights [in, out]; the rows of `w0` are those of the operands, in order."""
        return layers(self.widths(signature), self.start)

    def flops(self, signature: Signature) -> int:
        """2 * in * out, summed over the layers."""
        return layers_flops(self.widths(signature))

    def kept(self, signature: Signature) -> int:
        """What the layers keep."""
        return layers_kept(self.widths(signature), self.activation, self.norm, self.start)

    def problem(self, signature: Signature) -> str | None:
        """A residual network needs a result as wide as its first operand."""
        return carry_problem("a residual `mlp`", signature.operands, signature.out) if self.residual else None
