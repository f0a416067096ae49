"""A single linear map."""

from typing import ClassVar

from exnet.spec.network import Network, Parameter, Signature
from exnet.spec.networks.layers import bias, layers_flops, weight


class Linear(Network):
    """y = [operands] W + b.

    Parameters `w0` [sum of operands, out] (the operands' rows follow one another) and, with `bias`, `b0` [out].
    """

    kind: ClassVar[str] = "linear"
    bias: bool = True

    def parameters(self, signature: Signature) -> tuple[Parameter, ...]:
        """`w0`, and `b0` if there is a bias."""
        rows = sum(signature.operands)
        made = (weight("w0", rows, signature.out),)
        return (*made, bias("b0", signature.out)) if self.bias else made

    def flops(self, signature: Signature) -> int:
        """2 * in * out."""
        return layers_flops((sum(signature.operands), signature.out))

    def kept(self, signature: Signature) -> int:  # noqa: ARG002
        """Nothing but its operands."""
        return 0
