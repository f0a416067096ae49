"""What is legal about a run and rarely meant. Free of torch."""

from exnet.data import Fitted, Generator
from exnet.learn.rules import UNFINISHED_SWEEP
from exnet.plan.model import Plan
from exnet.plan.turns import make_turns
from exnet.source import Diagnostic
from exnet.spec.rule import LearningRule, XpropStar


def run_doubts(plan: Plan, rule: LearningRule, data: Fitted) -> tuple[Diagnostic, ...]:
    """What to say before a run begins.

    Raises:
        ExnetError: EXN622 and EXN623, if the rule lists groups that the net does not have.
    """
    if not isinstance(rule, XpropStar):
        return ()
    train = data.train
    steps = train.steps if isinstance(train, Generator) else -(-len(train) // rule.batch)
    length, groups = rule.turn_steps(steps), len(make_turns(plan, rule).sweep)
    turns = -(-rule.epochs * steps // length)
    if turns >= groups:
        return ()
    had = "1 turn" if turns == 1 else f"{turns:,} turns"
    message = f"the run has {rule.epochs * steps:,} steps, {had}, and there are {groups:,} groups to have one"
    return (UNFINISHED_SWEEP.at(None, message, help=_way_out(rule, rule.epochs * steps // groups)),)


def _way_out(rule: XpropStar, most: int) -> str:
    shorter = f"turns of {most:,} {'step' if most == 1 else 'steps'}, `steps: {most}`, or "
    larger = "" if rule.group == "level" else ", or larger groups"
    return (shorter if most else "") + f"more epochs{larger}"
