"""A step that is replayed is the step: bit for bit, and without the processor looking at a number."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from learn_toys import DAG, SHARED, TREE, build, fitted
from recorders import Operations, operations
from suite.workloads import QUICK
from torch import Tensor

import exnet
from exnet.learn import loop
from exnet.learn.captured import Recorder, not_static, recorder_of
from exnet.learn.loop import Run, make_rule
from exnet.learn.observer import Observer
from exnet.learn.options import choose_rule
from exnet.learn.report import StepReport
from exnet.learn.rule import Rule
from exnet.passing.net import ExtractionNet

SIZE = 6
SEVERAL = """exnet several
input x[4] : real[2]
input t[3] : index[5]
output y : class[3]
output z : real[2]
output w : labels[2]
space primary = 8, complementary = 6
net mix = mlp(hidden: [7], norm: layer)
net gate = gated()
default vertex (primary: mix, complementary: gate)
let    h[0, i: 0..4] = x[i]
vertex h[l: 1..4, i: 0..4-l] = (h[l-1, i], h[l-1, i+1]) share by l
vertex k = (t[0], t[1], t[2])
vertex g = (h[3, 0], k, h[1, 0])
root g
mode deterministic(combine: COMBINE)
learn xprop(batch: 6, losses: outputs(y: cross_entropy(weights: [1.0, 2.0, 3.0], smoothing: 0.1), w: LABELS))
"""
Batch = tuple[dict[str, Tensor], dict[str, Tensor], Tensor]


def batch_for(net: ExtractionNet, seed: int, size: int = SIZE) -> Batch:
    rng, x, y = np.random.default_rng(seed), dict[str, Tensor](), dict[str, Tensor]()
    for source in net.inputs:
        index = source.type.kind == "index"
        drawn = rng.integers(0, source.type.sizes[0], (size, source.leaves)) if index else None
        values = rng.normal(size=(size, source.leaves, source.type.width)) if drawn is None else drawn
        x[source.name] = torch.from_numpy(values).to(torch.int64 if index else net.dtype)
    for output in net.outputs:
        kind, width = output.type.kind, output.type.width
        values = {
            "class": lambda w: rng.integers(0, w, size),
            "labels": lambda w: rng.integers(0, 2, (size, w)).astype(np.float64),
            "real": lambda w: rng.normal(size=(size, w)),
        }[kind](width)
        y[output.name] = torch.from_numpy(values).to(torch.int64 if kind == "class" else net.dtype)
    return x, y, torch.arange(size) + seed * size


def rule_of(net: ExtractionNet, record: Recorder | None = None) -> Rule:
    """The net's rule in batches of `SIZE`, its steps recorded if there is a recorder."""
    made = make_rule(net, choose_rule(net.spec.learn, batch=SIZE))
    if record is not None:
        made.capture(net, record, pytest.fail)
    return made


def counting(record: Recorder) -> tuple[Recorder, list[Callable[[], object]]]:
    """A recorder, and what it has recorded so far."""
    made = list[Callable[[], object]]()

    def counted(action: Callable[[], None]) -> Callable[[], object]:
        made.append(record(action))
        return made[-1]

    return counted, made


@torch.no_grad()
def descend(net: ExtractionNet) -> None:
    for parameter in net.parameters():
        if parameter.grad is not None:
            parameter -= 0.05 * parameter.grad


def same(found: StepReport, wanted: StepReport) -> None:
    for name in ("loss", "score", "primary", "complementary", "draws"):
        a, b = getattr(found, name), getattr(wanted, name)
        assert (a is None) == (b is None), name
        assert a is None or torch.equal(a, b), name
    assert (found.rows, found.batch) == (wanted.rows, wanted.batch)


def same_gradients(net: ExtractionNet, other: ExtractionNet) -> None:
    for (name, a), (_, b) in zip(net.named_parameters(), other.named_parameters(), strict=True):
        assert a.grad is not None, name
        assert b.grad is not None, name
        assert torch.equal(a.grad, b.grad), name


def follow(make: Callable[[], ExtractionNet], record: Recorder = operations) -> None:
    """Four steps, the third with fewer instances, recorded and not."""
    net, other = make(), make()
    counted, made = counting(record)
    recorded, launched = rule_of(net, counted), rule_of(other)
    for number, size in enumerate((SIZE, SIZE, 4, SIZE)):
        batch = batch_for(net, number, size)
        same(*(rule.step(n, *batch[:2], number, batch[2]) for rule, n in ((recorded, net), (launched, other))))
        same_gradients(net, other)
        descend(net)
        descend(other)
    assert len(made) == 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("name", ["w1", "w2", "w3", "w4", "w5"])
def test_replayed_steps_of_the_suite(name: str, dtype: torch.dtype) -> None:
    follow(lambda: QUICK[name].net(dtype))


@pytest.mark.parametrize("combine", ["mean", "sum", "max"])
@pytest.mark.parametrize("average", ["sites", "batch"])
def test_replayed_steps_with_all_kinds_of_outputs(combine: str, average: str) -> None:
    text = (
        SEVERAL.replace("COMBINE", combine)
        .replace("LABELS", "binary(weights: [1.0, 3.0])")
        .replace("batch: 6", f"batch: 6, average: {average}")
    )
    follow(lambda: exnet.build(text, dtype=torch.float32))


@pytest.mark.parametrize("text", [TREE, SHARED])
def test_trees_draw_nothing_in_stochastic_mode_either(text: str) -> None:
    follow(lambda: build(text))


def test_gradients_that_were_taken_away_come_back() -> None:
    net, other = build(TREE), build(TREE)
    rule, launched, batch = rule_of(net, operations), rule_of(other), batch_for(net, 0)
    rule.step(net, *batch[:2], 0, batch[2])
    net.zero_grad(set_to_none=True)
    rule.step(net, *batch[:2], 0, batch[2])
    launched.step(other, *batch[:2], 0, batch[2])
    same_gradients(net, other)


def test_what_a_step_told_outlives_the_next_one() -> None:
    net = build(TREE)
    rule, batch, next_batch = rule_of(net, operations), batch_for(net, 0), batch_for(net, 1)
    first = rule.step(net, *batch[:2], 0, batch[2])
    loss = first.loss.clone()
    second = rule.step(net, *next_batch[:2], 1, next_batch[2])
    assert torch.equal(first.loss, loss)
    assert not torch.equal(second.loss, loss)


def test_parameters_that_move_in_memory_are_recorded_anew() -> None:
    net, other = build(TREE), build(TREE)
    counted, made = counting(operations)
    rule, launched = rule_of(net, counted), rule_of(other)
    for number in range(2):
        batch = batch_for(net, number)
        rule.step(net, *batch[:2], number, batch[2])
        launched.step(other, *batch[:2], number, batch[2])
        same_gradients(net, other)
        for parameter in net.parameters():
            parameter.data = parameter.data.clone()
    assert len(made) == 2


def test_other_steps_read_numbers_back() -> None:
    """The recorder can refuse: drawn arcs decide shapes."""
    net = build(DAG, "stochastic()")
    batch = batch_for(net, 0)
    with pytest.raises(RuntimeError, match="reads numbers back"), Operations():
        rule_of(net).step(net, *batch[:2], 0, batch[2])


@pytest.mark.parametrize(
    ("text", "mode", "learn", "reason"),
    [
        (DAG, "stochastic()", "xprop()", "which arcs are drawn"),
        (TREE.replace("linear()", "mlp(dropout: 0.1)"), "stochastic()", "xprop()", "dropout masks"),
        (TREE, "stochastic()", "xprop_star()", "only those of `xprop`"),
        (TREE, "stochastic()", "xprop(memory: 100)", "a budget of memory"),
        (TREE, "stochastic()", "backprop()", "only those of `xprop`"),
    ],
)
def test_what_is_not_static_says_so(text: str, mode: str, learn: str, reason: str) -> None:
    net, said = build(text, mode, learn), list[str]()
    rule, batch = make_rule(net, net.spec.learn), batch_for(net, 0)
    rule.capture(net, lambda _: pytest.fail("nothing is recorded"), said.append)
    (remark,) = said
    assert remark.startswith("steps are not captured, each is launched anew: ")
    assert reason in remark
    assert rule.step(net, *batch[:2], 0, batch[2]).loss.isfinite().all()


def test_networks_and_losses_of_packages_are_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    net = build(TREE)
    assert not_static(net) is None
    monkeypatch.setattr("exnet.learn.captured.CRITERIA", {})
    assert "the loss `cross_entropy`" in str(not_static(net))
    monkeypatch.setattr("exnet.learn.captured.NETS", {})
    assert "the network `linear`" in str(not_static(net))


def test_a_recorder_that_fails_is_told_once_and_steps_go_on() -> None:
    net, other, said = build(TREE), build(TREE), list[str]()
    rule, launched = rule_of(net), rule_of(other)

    def failing(action: Callable[[], None]) -> Callable[[], object]:
        action()
        raise RuntimeError("operation not permitted\nwhen stream is capturing")

    rule.capture(net, failing, said.append)
    for number in range(2):
        batch = batch_for(net, number)
        same(*(r.step(n, *batch[:2], number, batch[2]) for r, n in ((rule, net), (launched, other))))
        same_gradients(net, other)
    (remark,) = said
    assert remark.endswith("RuntimeError: operation not permitted when stream is capturing")


class Remarks(Observer):
    def __init__(self) -> None:
        self.remarks: list[str] = []

    def said(self, remark: str) -> None:
        self.remarks.append(remark)


def run(mode: str = "deterministic()", learn: str = "xprop(batch: 5, epochs: 2)", capture: bool = True) -> Run:
    net = build(DAG, mode, learn)
    return Run(net, fitted(net.spec), net.spec.learn, observer=Remarks(), capture=capture)


def test_runs_are_the_same_with_recorded_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = run()
    plain.train()
    counted, made = counting(operations)
    monkeypatch.setattr(loop, "recorder_of", lambda _: counted)
    for capture, wanted in ((True, 1), (False, 1)):
        other = run(capture=capture)
        result = other.train()
        assert len(made) == wanted
        assert result.step == 10
        for name, value in plain.net.state_dict().items():
            assert torch.equal(other.net.state_dict()[name], value), name


def test_runs_say_why_nothing_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "recorder_of", lambda _: operations)
    stochastic = run("stochastic()")
    stochastic.train()
    assert isinstance(stochastic.observer, Remarks)
    assert len(stochastic.observer.remarks) == 1


def test_only_cards_record() -> None:
    assert recorder_of(torch.device("cpu")) is None
    assert recorder_of(torch.device("cuda")) is not None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no GPU")
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("name", ["w1", "w2", "w3", "w4", "w5"])
def test_captured_steps_on_a_card(name: str, dtype: torch.dtype) -> None:
    device = torch.device("cuda")
    net, other = (QUICK[name].net(dtype, "cuda") for _ in range(2))
    record = recorder_of(device)
    assert record is not None
    recorded, launched = rule_of(net, record), rule_of(other)
    for number in range(3):
        x, y, instances = batch_for(net, number)
        x, y = ({name: value.to(device) for name, value in values.items()} for values in (x, y))
        found, wanted = (r.step(n, x, y, number, instances) for r, n in ((recorded, net), (launched, other)))
        torch.testing.assert_close(found.loss, wanted.loss)
        for a, b in zip(net.parameters(), other.parameters(), strict=True):
            torch.testing.assert_close(a.grad, b.grad)
        descend(net)
        descend(other)
