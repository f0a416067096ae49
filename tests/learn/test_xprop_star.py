"""Xprop*: what a turn reaches, what stays as it is, when copies follow, and how a run goes on."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
import torch
from learn_toys import DAG, SHARED, batch, build, classes, fitted, gradients
from torch import Tensor
from torch.optim import Optimizer

from exnet.learn.loop import Run, make_rule
from exnet.learn.optimiser import clip_rows, make_optimiser
from exnet.learn.xprop_star import XpropStarRule
from exnet.monitor.epoch import EpochMeter
from exnet.passing.net import ExtractionNet
from exnet.spec.rule import XpropStar

OPTIMISERS = (
    "adam(lr: 0.05)",
    "adam(lr: 0.05, decay: 0.1)",
    "adamw(lr: 0.05, decay: 0.1)",
    "sgd(lr: 0.1, momentum: 0.9, decay: 0.1)",
)
BY_LEVEL = DAG.replace("(h[l-1, i], h[l-1, i+1])", "(h[l-1, i], h[l-1, i+1]) share by l")
ALL_SHARED = DAG.replace("(h[l-1, i], h[l-1, i+1])", "(h[l-1, i], h[l-1, i+1]) share all")


def star(net: ExtractionNet) -> tuple[XpropStarRule, Optimizer]:
    options = net.spec.learn
    assert isinstance(options, XpropStar)
    rule = make_rule(net, options)
    assert isinstance(rule, XpropStarRule)
    return rule, make_optimiser(net.parameters(), options.optimiser)


def steps(net: ExtractionNet, rule: XpropStarRule, optimiser: Optimizer, numbers: range) -> Iterator[int]:
    """Takes the steps one by one; each with a batch of its own."""
    for number in numbers:
        x, y, instances = batch(seed=number)
        rule.step(net, x, y, number, instances)
        optimiser.step()
        rule.stepped(net, optimiser, number)
        yield number


def values(net: ExtractionNet) -> dict[str, dict[str, Tensor]]:
    return {name: {key: value.detach() for key, value in own.items()} for name, own in classes(net).items()}


def moved(before: dict[str, dict[str, Tensor]], after: dict[str, dict[str, Tensor]]) -> set[str]:
    """The classes of which any bit has changed."""
    return {c for c, own in before.items() if any(not torch.equal(value, after[c][key]) for key, value in own.items())}


def reached(net: ExtractionNet, level: int) -> set[str]:
    """The classes of the unshared DAG that the losses of a level reach."""
    own = [name for name in classes(net) if name.startswith(("h/primary", "h/trainer"))]
    above = [name for name in classes(net) if name.startswith("h/complementary")]
    return {n for n in own if f"[l={level}," in n} | {n for n in above if f"[l={level + 1}," in n}


@pytest.mark.parametrize("mode", ["stochastic()", "deterministic()"])
def test_gradients_outside_the_group_are_exactly_zero(mode: str) -> None:
    net = build(DAG, mode, "xprop_star(steps: 1)")
    rule, _ = star(net)
    for level in (1, 2, 3):
        x, y, instances = batch()
        report = rule.step(net, x, y, level - 1, instances)
        touched = {c for c, own in gradients(net).items() if any(bool(g.any()) for g in own.values())}
        assert touched <= reached(net, level)
        assert {c for c in touched if "complementary" not in c} == {
            c for c in reached(net, level) if "complementary" not in c
        }
        rows = [row for row in range(net.plan.vertices) if net.plan.level[row] == level]
        assert [report.row(i) for i in range(len(report.loss))] == sorted({*rows, net.plan.root})


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("refresh", ["hard", "average"])
def test_rows_outside_the_group_do_not_move_by_a_bit(optimiser: str, refresh: str) -> None:
    net = build(DAG, learn=f"xprop_star(optimiser: {optimiser}, steps: 3, refresh: {refresh})")
    rule, own = star(net)
    for turn, level in enumerate((1, 2, 3, 1)):
        before = values(net)
        for _ in steps(net, rule, own, range(3 * turn, 3 * turn + 3)):
            pass
        changed = moved(before, values(net))
        assert changed <= reached(net, level)
        assert {c for c in changed if "complementary" not in c} == {
            c for c in reached(net, level) if "complementary" not in c
        }


def test_a_shared_class_counts_the_call_sites_of_the_group() -> None:
    """Under `share all` a gradient of level 1 is divided by its 3 vertices, not all 6; 2 arcs of each slot lead in."""
    net = build(ALL_SHARED, "deterministic()", "xprop_star(steps: 1)")
    plain = build(ALL_SHARED, "deterministic()", "xprop(average: batch)")
    x, y, instances = batch()
    star(net)[0].step(net, x, y, 0, instances)
    with torch.no_grad():
        primary = plain.up(x)
        complementary = plain.down(primary)
    result = plain.local(primary, complementary, some=plain.local_pass((plain.plan.level == 1).nonzero()[0]))
    loss = torch.nn.functional.cross_entropy(result.flatten(0, 1), y["y"].repeat(3), reduction="sum")
    loss.backward()
    for name, own in gradients(net).items():
        sites = 2 if "complementary" in name else 3
        for key, value in own.items():
            torch.testing.assert_close(value, gradients(plain)[name][key] / (6 * sites), rtol=1e-10, atol=1e-14)


def test_messages_come_from_the_copies_until_the_turn_ends() -> None:
    net = build(DAG, learn="xprop_star(optimiser: sgd(lr: 0.5), steps: 2)")
    rule, optimiser = star(net)
    x, _, _ = batch()
    before = net.up(x)
    taken = steps(net, rule, optimiser, range(2))
    next(taken)
    assert not torch.equal(net.up(x), before)
    assert torch.equal(net.up(x, stacks=rule.frozen), before)
    next(taken)
    assert torch.equal(net.up(x, stacks=rule.frozen), net.up(x))


def test_a_moving_average_follows_after_every_step() -> None:
    net = build(DAG, learn="xprop_star(optimiser: sgd(lr: 0.5), steps: 2, refresh: average, rate: 0.25)")
    rule, optimiser = star(net)
    name = next(stack.name for stack in net.plan.stacks if stack.component == "primary")
    wanted = net.stacks.named(name)["w0"].detach().clone()
    for _ in steps(net, rule, optimiser, range(4)):
        wanted += 0.25 * (net.stacks.named(name)["w0"].detach() - wanted)
        torch.testing.assert_close(rule.frozen.named(name)["w0"], wanted, rtol=1e-12, atol=0)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("text", [DAG, BY_LEVEL, SHARED])
def test_one_group_refreshed_after_every_step_is_xprop(text: str, optimiser: str) -> None:
    """Bit for bit, whatever the optimiser remembers: where one group follows itself, nothing is forgotten."""
    one = build(text, learn=f"xprop_star(optimiser: {optimiser}, group: whole, steps: 1)")
    other = build(text, learn=f"xprop(optimiser: {optimiser})")
    rule, own = star(one)
    plain, theirs = make_rule(other, other.spec.learn), make_optimiser(other.parameters(), other.spec.learn.optimiser)
    for number in steps(one, rule, own, range(6)):
        x, y, instances = batch(seed=number)
        plain.step(other, x, y, number, instances)
        theirs.step()
    assert moved(values(one), values(other)) == set()


def test_the_optimiser_forgets_when_another_group_has_its_turn() -> None:
    net = build(DAG, learn="xprop_star(steps: 2)")
    rule, optimiser = star(net)
    filled = [bool(optimiser.state) for _ in steps(net, rule, optimiser, range(4))]
    assert filled == [True, False, True, False]


def test_a_step_of_a_turn_is_the_first_step_of_a_fresh_optimiser() -> None:
    """The second turn moves as a new Adam would: by the learning rate, whatever the first turn left."""
    net = build(DAG, learn="xprop_star(optimiser: adam(lr: 0.01), steps: 5)")
    rule, optimiser = star(net)
    for _ in steps(net, rule, optimiser, range(5)):
        pass
    before = values(net)
    for _ in steps(net, rule, optimiser, range(5, 6)):
        pass
    name = "h/trainer[l=2, i=0]"
    change = (values(net)[name]["b1"] - before[name]["b1"]).abs()
    torch.testing.assert_close(change, torch.full_like(change, 0.01), rtol=1e-4, atol=0)


@pytest.mark.parametrize("learn", ["steps: 3", "steps: 4, order: random, group: single", "steps: 2, refresh: average"])
@pytest.mark.parametrize("cut", [2, 4, 6])
def test_a_run_goes_on_bit_for_bit(learn: str, cut: int) -> None:
    """Within a turn and at its end; the state is a copy, so going on does not change it."""
    whole, part = (build(DAG, learn=f"xprop_star(optimiser: adam(lr: 0.05), {learn})") for _ in range(2))
    rule, optimiser = star(whole)
    for _ in steps(whole, rule, optimiser, range(cut)):
        pass
    kept = rule.state()
    part.load_state_dict(whole.state_dict())
    again, other = star(part)
    other.load_state_dict(deepcopy(optimiser.state_dict()))
    for _ in steps(whole, rule, optimiser, range(cut, 9)):
        pass
    again.restore(kept)
    for _ in steps(part, again, other, range(cut, 9)):
        pass
    assert moved(values(whole), values(part)) == set()
    assert all(torch.equal(value, again.state()[name]) for name, value in rule.state().items())


def test_a_state_that_does_not_fit_is_refused() -> None:
    rule, other = star(build(DAG, learn="xprop_star()"))[0], star(build(BY_LEVEL, learn="xprop_star()"))[0]
    with pytest.raises(ValueError, match="frozen/complementary"):
        rule.restore(other.state())
    with pytest.raises(ValueError, match="turn"):
        rule.restore({name: value for name, value in rule.state().items() if name != "turn"})
    rule.restore({})


def test_clipping_keeps_to_the_group() -> None:
    net = build(DAG, learn="xprop_star(steps: 1)")
    rule, _ = star(net)
    x, y, instances = batch()
    rule.step(net, x, y, 0, instances)
    before = gradients(net)
    wanted = {c: {k: v.clone() for k, v in own.items()} for c, own in before.items()}
    rule.clip(net, 0.01)
    for name, own in gradients(net).items():
        norm = torch.cat([v.flatten() for v in wanted[name].values()]).norm()
        for key, value in own.items():
            torch.testing.assert_close(value, wanted[name][key] * min(1.0, 0.01 / max(float(norm), 1e-12)))
    assert clip_rows([], 1.0) is None


def test_figures_name_the_group_and_measure_the_drift() -> None:
    net = build(DAG, learn="xprop_star(optimiser: sgd(lr: 0.5), steps: 2)")
    rule, optimiser = star(net)
    level = [row for row in range(net.plan.vertices) if net.plan.level[row] == 1]
    start = {name: value.detach().clone() for name, value in net.named_parameters()}
    for _ in steps(net, rule, optimiser, range(2)):
        pass
    turn = rule.figures()["turn"]
    assert isinstance(turn, dict)
    assert (turn["number"], turn["group"]) == (0, 1)
    apart = total = 0.0
    for stack in net.plan.stacks:
        if stack.component == "trainer":
            continue
        for key, live in net.stacks.named(stack.name).items():
            value = live.detach()
            moved_rows = (value != start[f"stacks.{stack.name}.{key}"]).flatten(1).any(1)
            apart += float((value - start[f"stacks.{stack.name}.{key}"])[moved_rows].square().sum())
    sites = {f"h/primary[l=1, i={row}]" for row in range(len(level))}
    for name, own in values(net).items():
        if name in sites or name.startswith("h/complementary[l=2"):
            total += sum(float(value.square().sum()) for value in own.values())
    assert turn["drift"] == pytest.approx((apart / total) ** 0.5, rel=1e-9)
    assert turn["drift"] > 0.01


def test_metrics_show_the_levels_that_learned() -> None:
    net = build(DAG, learn="xprop_star(batch: 8, epochs: 2)")
    record = Run(net, fitted(net.spec), net.spec.learn).train().train
    assert record["turn"]["group"] == 2
    figures = {level["level"]: level.get("loss") for level in record["levels"]}
    assert figures[1] is None
    assert figures[2] > 0
    assert figures[3] == record["loss"] > 0


def test_a_meter_adds_up_turns_of_several_groups() -> None:
    net = build(DAG, learn="xprop_star(steps: 1)")
    rule, _ = star(net)
    meter = EpochMeter(net.plan, net.device)
    x, y, instances = batch()
    losses = dict[int, float]()
    for step in range(3):
        report = rule.step(net, x, y, step, instances)
        meter.add(report)
        losses |= {report.row(i): float(loss) for i, loss in enumerate(report.loss)}
    levels = {entry["level"]: entry.get("loss") for entry in meter.finish()["levels"]}
    for level in (1, 2, 3):
        rows = [row for row in range(net.plan.vertices) if net.plan.level[row] == level]
        assert levels[level] == pytest.approx(sum(losses[row] for row in rows) / len(rows))


@pytest.mark.parametrize("learn", ["steps: 3", "steps: 2, group: class, order: random", "group: whole, steps: 2"])
def test_the_toy_is_learned(learn: str) -> None:
    net = build(DAG, learn=f"xprop_star(optimiser: adam(lr: 0.01), schedule: constant, batch: 8, epochs: 60, {learn})")
    result = Run(net, fitted(net.spec), net.spec.learn).train()
    assert result.test is not None
    assert result.test.loss < 0.4


def test_dropout_masks_are_those_of_the_whole_update() -> None:
    text = DAG.replace("let ", "net leaky = mlp(dropout: 0.5)\ndefault vertex (primary: leaky, trainer: leaky)\nlet ")
    net = build(text, "stochastic()", "xprop_star(steps: 1)")
    net.train()
    rule, _ = star(net)
    x, y, instances = batch()
    part = rule.step(net, x, y, 1, instances)
    other = build(text, "stochastic()", "xprop_star(group: whole)")
    whole = make_rule(other, other.spec.learn).step(other, x, y, 1, instances)
    for i, loss in enumerate(part.loss):
        torch.testing.assert_close(loss, whole.loss[part.row(i)], rtol=1e-12, atol=0)
