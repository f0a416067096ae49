"""The rule of a run: the spec's, with what the command line says instead. Free of torch."""

from typing import Any

from pydantic import ValidationError

from exnet.learn.rules import BAD_RUN_OPTION, UNKNOWN_RULE
from exnet.source import ExnetError, nearest
from exnet.spec.rule import Backprop, LearningRule, Xprop, XpropStar

RULES: dict[str, type[LearningRule]] = {rule.kind: rule for rule in (Xprop, XpropStar, Backprop)}
"""The rules that a run can use, by name."""
ALIASES = {"xprop*": XpropStar}
"""Further names of rules: how they are written where a star is no operator."""


def choose_rule(
    declared: LearningRule,
    kind: str | None = None,
    *,
    epochs: int | None = None,
    batch: int | None = None,
    lr: float | None = None,
) -> LearningRule:
    """The declared rule with some values replaced. Another `kind` keeps every option that both kinds have.

    Raises:
        ExnetError: EXN620 for an unknown kind, EXN621 for a value out of range.
    """
    made = _find(kind) if kind else type(declared)
    values = declared.model_dump(include=set(made.model_fields))
    given: dict[str, Any] = {"epochs": epochs, "batch": batch}
    values |= {name: value for name, value in given.items() if value is not None}
    if lr is not None:
        values["optimiser"] = {**values["optimiser"], "lr": lr}
    try:
        return made.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = "lr" if first["loc"][0] == "optimiser" else str(first["loc"][0])
        message = f"`--{name} {first['input']}`: {first['msg'][:1].lower()}{first['msg'][1:]}"
        raise ExnetError(BAD_RUN_OPTION.at(None, message)) from error


def describe(rule: LearningRule) -> str:
    """A rule in a few words, such as `xprop, adam 0.002, cosine, batch 64, 20 epochs`."""
    optimiser, epochs = rule.optimiser, "epoch" if rule.epochs == 1 else "epochs"
    schedule = rule.schedule.kind
    return f"{rule.kind}, {optimiser.kind} {optimiser.lr:g}, {schedule}, batch {rule.batch}, {rule.epochs} {epochs}"


def _find(kind: str) -> type[LearningRule]:
    kinds = {**RULES, **ALIASES}
    if kind not in kinds:
        near = nearest(kind, RULES)
        way_out = f"did you mean `{near}`?" if near else f"known are {', '.join(f'`{name}`' for name in RULES)}"
        raise ExnetError(UNKNOWN_RULE.at(None, f"there is no learning rule `{kind}`", help=way_out))
    return kinds[kind]
