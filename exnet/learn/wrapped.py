"""A rule that is another one but for its steps."""

from collections.abc import Mapping

from torch import Tensor
from torch.optim import Optimizer

from exnet.learn.report import Inputs, StepReport
from exnet.learn.rule import Rule
from exnet.passing.net import ExtractionNet


class WrappedRule(Rule):
    """Does everything as the rule within; subclasses change `step`.

    Args:
        rule: within.
    """

    def __init__(self, rule: Rule) -> None:
        self._rule = rule

    def step(self, net: ExtractionNet, x: Inputs, y: Inputs, step: int, instances: Tensor) -> StepReport:
        """As the rule."""
        return self._rule.step(net, x, y, step, instances)

    def clip(self, net: ExtractionNet, limit: float) -> None:
        """As the rule."""
        self._rule.clip(net, limit)

    def stepped(self, net: ExtractionNet, optimiser: Optimizer, step: int) -> None:
        """As the rule."""
        self._rule.stepped(net, optimiser, step)

    def figures(self) -> dict[str, object]:
        """As the rule."""
        return self._rule.figures()

    def state(self) -> dict[str, Tensor]:
        """As the rule."""
        return self._rule.state()

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """As the rule."""
        self._rule.restore(state)
