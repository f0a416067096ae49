"""What a plan costs: parameters, floating-point operations, bytes. Exact, and without building anything."""

from dataclasses import dataclass
from math import prod

from exnet.plan.model import Plan, Stack
from exnet.spec.network import Network, Signature

BYTES = 4
"""Of one float32 number."""


def parameter_count(network: Network, signature: Signature) -> int:
    """The numbers in one row of a stack."""
    return sum(prod(parameter.shape) for parameter in network.parameters(signature))


def operand_flops(network: Network, signature: Signature) -> int:
    """The part of `network.flops` in products that read the operands.

    Every network reads its operands through one linear map of all of them, so one more operand of width 1 shows what a
    unit of width costs. The first operand stays as it is, because default hidden widths follow it.
    """
    wider = Signature((*signature.operands, 1), signature.out)
    return sum(signature.operands) * (network.flops(wider) - network.flops(signature))


def training_flops(stack: Stack) -> int:
    """Operations of one call in a training step: forward, and gradients of what learns.

    With F1 in products that read operands and F2 in the others: 2 F1 + 3 F2 for propagators, whose operands are
    constants, and 3 F1 + 3 F2 for trainers, whose operands carry gradients to the propagators.
    """
    every = stack.network.flops(stack.signature)
    first = operand_flops(stack.network, stack.signature)
    return 3 * every - (0 if stack.component == "trainer" else first)


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one instance; multiply by the batch.

    Attributes:
        parameters: numbers that learn. `bytes`: of them, in float32.
        up, down: operations of the two passes (forward only, all arcs). `step`: of a training step, without the
            optimiser: forward and gradients; matrix products only.
        extractions: bytes of all extractions of one instance, in float32.
    """

    parameters: int
    bytes: int
    up: int
    down: int
    step: int
    extractions: int


def cost(plan: Plan) -> Cost:
    """The cost of a plan if every arc is computed (deterministic mode; in stochastic mode, at most this)."""
    calls = [(stack, stack.calls) for stack in plan.stacks]
    numbers = sum(parameter_count(s.network, s.signature) * s.rows for s in plan.stacks)
    extracted = (plan.leaves + plan.vertices) * plan.primary + plan.vertices * plan.complementary
    return Cost(
        parameters=numbers,
        bytes=BYTES * numbers,
        up=_forward(calls, "primary"),
        down=_forward(calls, "complementary"),
        step=sum(training_flops(stack) * sites for stack, sites in calls),
        extractions=BYTES * extracted,
    )


def _forward(calls: list[tuple[Stack, int]], component: str) -> int:
    return sum(s.network.flops(s.signature) * sites for s, sites in calls if s.component == component)
