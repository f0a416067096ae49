"""Over random specs: several turns of Xprop* leave the compiled net where the reference's plain story leaves it."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

import pytest
import torch

from exnet.graph import elaborate
from exnet.learn.verify import TOLERANCE, Comparison, deviation
from exnet.learn.xprop_star import XpropStarRule
from exnet.plan import make_plan
from exnet.plan.turns import groups, make_turns
from exnet.reference import interpret
from exnet.reference.step import Gradients
from exnet.reference.turns import Training, copied, group_at, groups_upwards
from exnet.spec import Mode, parse
from exnet.spec.rule import XpropStar
from exnet.testing import random_spec

MODES = ("stochastic", "deterministic")
ORDERS = (
    *({"group": group, "order": order} for group, order in product(("level", "class", "single"), ("up", "random"))),
    {"group": "level", "order": "down"},
    {"group": "class", "order": "down"},
    {"group": "single", "order": "listed"},
    {"group": "class", "order": "listed"},
    {"group": "whole"},
)
REFRESH = ({"steps": 1}, {"steps": 2}, {"steps": 1, "refresh": "average", "rate": 0.3})
CASES = [(mode, {**order, **refresh}) for order, refresh, mode in product(ORDERS, REFRESH, MODES)]
STEPS, LR, DECAY = 4, 0.02, 0.05


def comparison(number: int, mode: str, average: str) -> Comparison:
    spec = parse(random_spec(number, 20))
    spec = replace(spec, mode=Mode.model_validate({"kind": mode}), learn=XpropStar.model_validate({"average": average}))
    graph = elaborate(spec).unwrap()
    return Comparison(spec, make_plan(spec, graph), graph, interpret(spec))


def rule_for(made: Comparison, options: Mapping[str, object], average: str) -> XpropStar:
    """The options; a list names all groups downwards, and the first of them once more."""
    rule = XpropStar.model_validate({**options, "order": "up", "average": average})
    if options.get("order") == "listed":
        names = list(groups_upwards(made.reference, rule.group, made.numbering(rule.group)))[::-1]
        return rule.model_copy(update={"order": "listed", "list": (*names, names[0])})
    return rule.model_copy(update={"order": options.get("order", "up")})


def farthest(compiled: Gradients, reference: Gradients) -> float:
    assert set(compiled) == set(reference)
    return max(deviation(compiled[c][k], value) for c, values in reference.items() for k, value in values.items())


@pytest.mark.parametrize("number", range(102))
def test_turns_are_those_of_the_reference(number: int) -> None:
    (mode, options), average = CASES[number % len(CASES)], ("sites", "batch")[number % 7 == 0]
    made = comparison(number, mode, average)
    options = rule_for(made, options, average)
    rule = XpropStarRule(made.net, options)
    optimiser = torch.optim.SGD(made.net.parameters(), LR, weight_decay=DECAY)
    start = copied(made.parameters())
    upwards = groups_upwards(made.reference, options.group, made.numbering(options.group))
    assert [sorted(group) for group in upwards.values()] == vertices_of_groups(made, options)
    story = Training(
        made.spec, made.reference, options, upwards, copied(start), copied(start), options.steps or 1, 0, LR, DECAY
    )
    for step in range(STEPS):
        report = rule.step(made.net, made.inputs, made.targets, step, made.instances)
        assert report.primary is not None
        optimiser.step()
        rule.stepped(made.net, optimiser, step)
        leaves = dict(zip(made.leaves, report.primary, strict=False))
        told = story.step(leaves, made.targets, made.draws(report))
        found = {made.vertices[report.row(i)]: loss for i, loss in enumerate(report.loss)}
        assert set(told.losses) | {made.vertices[-1]} == set(found)
        assert max(deviation(found[name], loss) for name, loss in told.losses.items()) <= TOLERANCE
    assert farthest(made.parameters(), story.live) <= TOLERANCE
    assert farthest(propagators(made.parameters(rule.frozen)), propagators(story.frozen)) <= TOLERANCE
    assert farthest(made.parameters(), start) > 1e-4  # something has been learned


def propagators(parameters: Gradients) -> Gradients:
    return {name: values for name, values in parameters.items() if "/trainer" not in name}


def vertices_of_groups(made: Comparison, rule: XpropStar) -> list[list[str]]:
    """The compiled groups, upwards, by the names of their vertices."""
    of = groups(made.plan, rule.group)
    return [
        sorted(name for name, own in zip(made.vertices, of, strict=True) if own == number)
        for number in range(int(of.max()) + 1)
    ]


@pytest.mark.parametrize("number", range(10))
@pytest.mark.parametrize("order", ["up", "down", "random"])
def test_orders_are_those_of_the_reference(number: int, order: str) -> None:
    made = comparison(number, "deterministic", "sites")
    rule = XpropStar.model_validate({"group": "class", "order": order})
    turns, upwards = make_turns(made.plan, rule), groups_upwards(made.reference, "class", made.numbering("class"))
    for turn in range(2 * len(upwards) + 1):
        rows = turns.rows(turns.at(turn, 5))
        assert sorted(made.vertices[row] for row in rows) == sorted(group_at(upwards, rule, turn, 5))
