"""The rule of a run: the spec's, with what the command line says instead. Free of torch."""

from typing import Any

from pydantic import ValidationError

from exnet.language import parse_file, syntax
from exnet.learn.rules import BAD_RUN_OPTION, UNKNOWN_RULE
from exnet.source import Diagnostic, ExnetError, Source, nearest
from exnet.spec.constants import Constants
from exnet.spec.options import OptionReader
from exnet.spec.registry import LEARNING_RULES
from exnet.spec.rule import Backprop, LearningRule, Xprop, XpropStar
from exnet.spec.wording import check_given, must

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
    memory: int | None = None,
) -> LearningRule:
    """The declared rule with some values replaced. Another kind keeps every option that both kinds have.

    Args:
        declared: by the spec.
        kind: name of a rule, or a call with options as a spec has it: `xprop_star(steps: 10)`.
        epochs: instead of what the declared rule and `kind` say.
        batch: likewise.
        lr: likewise, of the optimiser.
        memory: likewise, in MiB; rules of the family of Xprop have it.

    Raises:
        ExnetError: EXN620 for an unknown kind, EXN621 for a value out of range, EXN4xx for a mistake in a call.
    """
    check_given(kind, str | None, "learning rule", "its name, such as `xprop`")
    made, said = _read(kind) if kind else (type(declared), {})
    values = {**declared.model_dump(include=set(made.model_fields)), **said}
    given: dict[str, Any] = {"epochs": epochs, "batch": batch, "memory": memory}
    values |= {name: value for name, value in given.items() if value is not None}
    if memory is not None and "memory" not in made.model_fields:
        message = f"`--memory {memory}` says nothing to `{made.kind}`, which keeps all that its way back reads"
        raise ExnetError(BAD_RUN_OPTION.at(None, message, help="leave it out, or train by `xprop`"))
    if lr is not None:
        values["optimiser"] = {**values["optimiser"], "lr": lr}
    try:
        return made.model_validate(values)
    except ValidationError as error:
        raise ExnetError(_refusal(kind, error)) from error


def describe(rule: LearningRule) -> str:
    """A rule in a few words, such as `xprop, adam 0.002, cosine, batch 64, 20 epochs`."""
    optimiser, epochs = rule.optimiser, "epoch" if rule.epochs == 1 else "epochs"
    schedule = rule.schedule.kind
    name = f"{rule.kind} ({_turns(rule)})" if isinstance(rule, XpropStar) else rule.kind
    return f"{name}, {optimiser.kind} {optimiser.lr:g}, {schedule}, batch {rule.batch}, {rule.epochs} {epochs}"


def _turns(rule: XpropStar) -> str:
    """Groups, order and turns in a few words, such as `level, up, turns of 5 steps`."""
    count, unit = (rule.passes or 1, "pass") if rule.steps is None else (rule.steps, "step")
    plural = "" if count == 1 else "es" if unit == "pass" else "s"
    order = "" if rule.group == "whole" else f", {rule.order}"
    return f"{rule.group}{order}, turns of {count} {unit}{plural}"


def _refusal(kind: str | None, error: ValidationError) -> Diagnostic:
    """What is wrong with the values together, or with the first of them."""
    first = error.errors()[0]
    if not first["loc"]:
        reason = first.get("ctx", {}).get("error", first["msg"])
        message = f"`--rule {kind}` does not go with the spec's own rule: {reason}"
        return BAD_RUN_OPTION.at(None, message, help="give the options of the rule, `--rule 'xprop_star(..)'`")
    name = "lr" if first["loc"][0] == "optimiser" else str(first["loc"][0])
    message = f"`--{name} {first['input']}`: it {must(first)}"
    return BAD_RUN_OPTION.at(None, message, help="what the spec says holds if it is left out")


def _read(kind: str) -> tuple[type[LearningRule], dict[str, Any]]:
    """The kind that a text names, and the options that it gives."""
    name, bracket, rest = kind.partition("(")
    made = _find(name.strip())
    if not bracket:
        return made, {}
    file = parse_file(Source("--rule", f"exnet rule\nlearn {made.kind}({rest}\n")).unwrap()
    statement, reader = file.statements[0], OptionReader(Constants({}, frozenset(), frozenset()))
    assert isinstance(statement, syntax.Learn)
    rule = reader.kind(statement.value, "learning rule", LEARNING_RULES, LearningRule)
    if rule is None:
        raise ExnetError(*reader.said)
    return made, rule.model_dump(include=rule.model_fields_set)


def _find(kind: str) -> type[LearningRule]:
    kinds = {**RULES, **ALIASES}
    if kind not in kinds:
        near = nearest(kind, RULES)
        way_out = f"did you mean `{near}`?" if near else f"known are {', '.join(f'`{name}`' for name in RULES)}"
        raise ExnetError(UNKNOWN_RULE.at(None, f"there is no learning rule `{kind}`", help=way_out))
    return kinds[kind]
