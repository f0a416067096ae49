"""What a step holds: predicted as it is measured; the local update in parts gives the gradients of the whole."""

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

import exnet
from exnet.learn.xprop import XpropRule
from exnet.learn.xprop_star import XpropStarRule
from exnet.passing.net import ExtractionNet
from exnet.plan.memory import MIB, memory, part_rows, parts_within, within
from exnet.source import ExnetError
from exnet.spec.rule import Xprop, XpropStar

HEAD = "exnet t\ninput x[N] : real[4]\noutput y : class[3]\nspace primary = 8, complementary = 6\n"
NETS = {
    "shared": HEAD.replace("N", "16") + "root tree(x)\n",
    "chain": HEAD.replace("N", "40") + "root chain(x)[39]\n",
    "unshared": HEAD.replace("N", "8")
    + "let h[0, i: 0..8] = x[i]\nvertex h[l: 1..4, i: 0..8 >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])\nroot h[3, 0]\n",
    "attention": HEAD.replace("N", "4").replace("= 6", "= 8") + "root tree(attention(attention(x)))\n",
}
MODES = ("stochastic", "deterministic", "deterministic(combine: max)", "deterministic(combine: sum)")


def step(net: ExtractionNet, options: Xprop, parts: int | None = None) -> list[torch.Tensor]:
    """As `stepped`, by Xprop."""
    rule = XpropRule(net, options)
    if parts is not None:
        rule.parts = parts
    return stepped(net, rule)


def stepped(net: ExtractionNet, rule: XpropRule) -> list[torch.Tensor]:
    """The gradients of two steps, losses and scores of the second."""
    generator = torch.Generator().manual_seed(0)
    source = net.inputs[0]
    x = {source.name: torch.randn(6, source.leaves, 4, generator=generator, dtype=net.dtype)}
    y = {"y": torch.arange(6) % 3}
    found = list[torch.Tensor]()
    for number in (0, 1):
        report = rule.step(net, x, y, number, torch.arange(6))
        found += [p.grad.clone() for p in net.parameters() if p.grad is not None]
    assert report.score is not None
    return [*found, report.loss, report.score]


@pytest.mark.parametrize("parts", [2, 5, 1000])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NETS)
def test_parts_give_what_the_whole_gives(name: str, mode: str, parts: int) -> None:
    net = exnet.build(NETS[name] + f"mode {mode}\n", dtype=torch.float64)
    options = net.spec.learn
    assert isinstance(options, Xprop)
    whole, cut = step(net, options), step(net, options, parts)
    assert len(whole) == len(cut)
    for a, b in zip(whole, cut, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("group", ["level", "whole", "single"])
def test_turns_keep_within_it_too(group: str) -> None:
    """Xprop* computes its group again in parts: gradients, losses and scores of two turns."""
    found = list[list[torch.Tensor]]()
    for parts in (1, 6):
        net = exnet.build(NETS["attention"] + f"learn xprop_star(group: {group}, steps: 1)\n", dtype=torch.float64)
        assert isinstance(net.spec.learn, XpropStar)
        rule = XpropStarRule(net, net.spec.learn)
        rule.parts = parts
        found.append(stepped(net, rule))
    for a, b in zip(*found, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-12)


def test_parts_are_consecutive_and_balanced() -> None:
    net = exnet.build(NETS["attention"])
    rows = part_rows(net.plan, net.spec.mode, 5)
    assert torch.cat([torch.from_numpy(r) for r in rows]).tolist() == list(range(net.plan.vertices))
    assert len(part_rows(net.plan, net.spec.mode, 10**6)) <= net.plan.vertices


def test_a_budget_decides_and_the_rule_follows() -> None:
    text = HEAD.replace("N", "256").replace("8, compl", "64, compl") + "root tree(x)\n"
    net = exnet.build(text)
    options = net.spec.learn
    assert isinstance(options, Xprop)
    keep = memory(net.plan, net.spec.mode, options, 64)
    tight = options.model_copy(update={"memory": keep.peak // MIB - 10})
    found = within(net.spec, net.plan, tight)
    assert found.parts > 1
    assert found.peak <= (keep.peak // MIB - 10) * MIB
    assert XpropRule(net, tight).parts == found.parts
    assert XpropRule(net, options).parts == 1
    roomy = options.model_copy(update={"memory": keep.peak // MIB + 1})
    assert within(net.spec, net.plan, roomy).parts == 1
    assert parts_within(net.plan, net.spec.mode, options, 64, 1000) is None


def test_a_memory_that_is_too_small_is_refused() -> None:
    text = HEAD.replace("N", "256").replace("8, compl", "64, compl") + "root tree(x)\nlearn xprop(memory: 1)\n"
    net = exnet.build(text)
    assert isinstance(net.spec.learn, Xprop)
    with pytest.raises(ExnetError) as caught:
        XpropRule(net, net.spec.learn)
    assert caught.value.code == "EXN965"
    assert "MiB at least, and `memory` allows 1" in str(caught.value)


@pytest.mark.parametrize("parts", [1, 8])
@pytest.mark.parametrize("mode", ["deterministic"])
@pytest.mark.parametrize("name", ["shared", "chain", "attention"])
def test_the_prediction_is_within_fifteen_percent(name: str, mode: str, parts: int) -> None:
    """On nets large enough that what torch allocates beside tensors of the net does not matter."""
    text = NETS[name].replace("primary = 8, complementary = 6", "primary = 32, complementary = 32")
    text = text.replace("primary = 8, complementary = 8", "primary = 32, complementary = 32").replace("x[16]", "x[256]")
    text = text.replace("x[4]", "x[8]").replace("x[40]", "x[400]").replace("[39]", "[399]")
    net = exnet.build(text + f"mode {mode}\n")
    options = net.spec.learn
    assert isinstance(options, Xprop)
    rule = XpropRule(net, options)
    rule.parts = parts
    predicted = memory(net.plan, net.spec.mode, options, 64, parts=parts)
    assert abs((predicted.peak - predicted.parameters) / peak(net, rule) - 1) < 0.15


def test_a_turn_in_parts_holds_less() -> None:
    text = NETS["shared"].replace("primary = 8, complementary = 6", "primary = 32, complementary = 32")
    net = exnet.build(text.replace("x[16]", "x[256]") + "learn xprop_star(group: whole, steps: 1)\n")
    assert isinstance(net.spec.learn, XpropStar)
    rules = [XpropStarRule(net, net.spec.learn) for _ in range(2)]
    rules[1].parts = 16
    whole, cut = (peak(net, rule) for rule in rules)
    assert cut < 0.6 * whole


def peak(net: ExtractionNet, rule: XpropRule) -> int:
    """Bytes of the tensors that the third step of a rule holds at its fullest, parameters and gradients apart."""
    source = net.inputs[0]
    x, y = {"x": torch.randn(64, source.leaves, 4)}, {"y": torch.arange(64) % 3}
    for number in (0, 1):
        rule.step(net, x, y, number, torch.arange(64))
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as found:
        rule.step(net, x, y, 2, torch.arange(64))
    events = [e for e in found.profiler.kineto_results.events() if e.name() == "[memory]"]
    now = most = 0
    for event in sorted(events, key=lambda e: e.start_ns()):
        now += event.nbytes()
        most = max(most, now)
    return most + rule.held
