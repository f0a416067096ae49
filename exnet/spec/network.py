"""What a component network must declare, free of torch: its options, parameters, and cost.

A network is two values. The declaration (here, a frozen pydantic model whose fields are the options) is all that the
front end needs. The implementation (`exnet.nets`) computes with stacks of its parameters.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, TypeAlias

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen, strict pydantic model that refuses unknown fields, infinities and NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


NETWORK_NAME = "the name of a network"
NetworkName: TypeAlias = Annotated[str, NETWORK_NAME]
"""An option that names a network of the spec, as `network: mix` does."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The widths that a component reads and writes.

    Args:
        operands: width of each operand, in order. Primary: the k children. Complementary: the parent's complementary
            extraction, then the k - 1 siblings in slot order. Trainer: primary, then complementary extraction.
        out: width of the result.
    """

    operands: tuple[int, ...]
    out: int


@dataclass(frozen=True, slots=True)
class Initial:
    """How one parameter starts: `kind` is `uniform` (in -scale..scale), `normal` (deviation scale), `orthogonal`
    (rows or columns orthonormal, times scale) or `constant` (scale itself).
    """

    kind: str
    scale: float


@dataclass(frozen=True, slots=True)
class Parameter:
    """One tensor of one sharing class. Weights are stored `[in, out]`."""

    name: str
    shape: tuple[int, ...]
    initial: Initial


class Network(Model, ABC):
    """A component network: frozen options.

    The first operand leads: `residual` and `gated` networks carry it.
    """

    kind: ClassVar[str]
    """The name in a spec."""

    @abstractmethod
    def parameters(self, signature: Signature) -> tuple[Parameter, ...]:
        """The parameters of one sharing class, in a fixed order."""

    @abstractmethod
    def flops(self, signature: Signature) -> int:
        """Floating-point operations of the matrix products for one row, two for each multiply-add."""

    def kept(self, signature: Signature) -> int:
        """Numbers that the way back of one row needs beside its operands; a network of a package runs again instead."""
        return sum(signature.operands)

    def problem(self, signature: Signature) -> str | None:  # noqa: ARG002
        """Why this network cannot have this signature, as a lower-case sentence; None if it can."""
        return None
