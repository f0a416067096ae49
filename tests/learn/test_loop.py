from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from learn_toys import DAG, TREE, build, fitted

from exnet import data
from exnet.learn import loop
from exnet.learn.batches import Batches
from exnet.learn.evaluate import Evaluation, evaluate
from exnet.learn.loop import Observer, Progress, Result, Run
from exnet.learn.options import choose_rule, describe
from exnet.learn.state import State
from exnet.monitor.finite import first_vertex
from exnet.passing.net import ExtractionNet
from exnet.source import ExnetError
from exnet.spec.rule import Backprop, Optimiser, Schedule, Xprop


class Diary(Observer):
    """Keeps all it is told."""

    def __init__(self) -> None:
        self.steps: list[Progress] = []
        self.records: list[Mapping[str, Any]] = []
        self.cut: list[Mapping[str, Any]] = []

    def stepped(self, progress: Progress) -> None:
        self.steps.append(progress)

    def epoch_ended(self, record: Mapping[str, Any], net: ExtractionNet, state: State) -> None:
        self.records.append(record)

    def stopped(self, record: Mapping[str, Any], net: ExtractionNet, state: State) -> None:
        self.cut.append(record)


def train(text: str, learn: str, mode: str = "stochastic()", seed: int = 0) -> tuple[Result, Diary, ExtractionNet]:
    net, diary = build(text, mode, learn, seed), Diary()
    return Run(net, fitted(net.spec), net.spec.learn, seed, diary).train(), diary, net


@pytest.mark.parametrize("rule", ["xprop", "backprop"])
@pytest.mark.parametrize("mode", ["stochastic()", "deterministic()"])
def test_a_small_problem_is_learned_by_heart(rule: str, mode: str) -> None:
    result, _, _ = train(DAG, f"{rule}(optimiser: adam(lr: 1e-2), batch: 8, epochs: 80)", mode)
    assert result.test is not None
    assert result.test.accuracy == 1.0
    assert result.test.loss < 0.05


def test_figures_of_every_epoch_and_level() -> None:
    result, diary, net = train(DAG, "xprop(batch: 7, epochs: 3)")
    assert [r["epoch"] for r in diary.records] == [0, 1, 2, 3]
    assert [r["step"] for r in diary.records] == [0, 4, 8, 12]
    assert [p.step for p in diary.steps] == list(range(1, 13))
    last = diary.records[-1]
    assert result.train == last
    assert (result.finished, result.step, result.epoch) == (True, 12, 3)
    assert [level["level"] for level in last["levels"]] == [0, 1, 2, 3]
    assert [level.get("vertices") for level in last["levels"]] == [None, 3, 2, 1]
    assert last["levels"][3]["loss"] == pytest.approx(last["loss"])
    assert last["levels"][3]["accuracy"] == pytest.approx(last["accuracy"])
    assert last["levels"][3]["draw_entropy"] is None
    assert last["levels"][2]["draw_entropy"] is None  # one parent each
    assert 0.7 < last["levels"][1]["draw_entropy"] <= 1.0  # the middle one has two
    for level in last["levels"][1:]:
        assert set(level["primary"]) == set(level["complementary"]) == {"norm", "variance", "rank"}
    assert last["levels"][3]["complementary"]["norm"] == 0.0
    assert net.training


def test_backprop_reports_the_root_alone() -> None:
    _, diary, _ = train(DAG, "backprop(epochs: 2)")
    assert diary.records[-1]["levels"] == []
    assert diary.records[-1]["loss"] > 0


def test_loss_of_an_epoch_is_the_mean_over_its_instances() -> None:
    net = build(DAG, "deterministic()", "xprop(optimiser: sgd(lr: 1e-12), batch: 7, epochs: 1)")
    diary, part = Diary(), fitted(net.spec)
    before = evaluate(net, part.test)
    Run(net, part, net.spec.learn, 0, diary).train()
    assert diary.records[-1]["loss"] == pytest.approx(before.loss, rel=1e-6)
    assert diary.records[-1]["accuracy"] == pytest.approx(before.accuracy)


@pytest.mark.parametrize("rule", ["xprop", "backprop"])
def test_same_seed_same_bits(rule: str) -> None:
    learn = f"{rule}(batch: 8, epochs: 2)"
    first, again, other = (train(DAG, learn, seed=seed)[2].state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


def test_stopping_keeps_what_was_done() -> None:
    net, diary = build(DAG, learn="xprop(batch: 8, epochs: 5)"), Diary()
    run = Run(net, fitted(net.spec), net.spec.learn, 0, diary, lambda: len(diary.steps) >= 4)
    result = run.train()
    assert (result.finished, result.step, result.epoch, result.test) == (False, 4, 1, None)
    assert [r["step"] for r in diary.records] == [0, 3]
    assert [r["step"] for r in diary.cut] == [4]


def test_infinite_numbers_name_vertex_equation_and_step() -> None:
    with pytest.raises(ExnetError) as caught:
        train(TREE, "xprop(optimiser: sgd(lr: 1e200), epochs: 9)")
    error = caught.value
    assert error.code == "EXN640"
    assert error.span is not None
    assert error.span.text.startswith("vertex")
    assert "at step 1" in str(error) or "at step 2" in str(error)
    assert "--lr" in error.hint


class Spoiler(Diary):
    """Damages a parameter after the last step."""

    def __init__(self, net: ExtractionNet) -> None:
        super().__init__()
        self.net = net

    def stepped(self, progress: Progress) -> None:
        super().stepped(progress)
        if progress.step == progress.steps:
            with torch.no_grad():
                self.net.stacks.named("trainer/2/line")["w0"][1, 0, 0] = torch.inf


def test_parameters_that_are_no_longer_finite_are_not_saved() -> None:
    net = build(TREE, learn="xprop(epochs: 1)")
    spoiler = Spoiler(net)
    with pytest.raises(ExnetError) as caught:
        Run(net, fitted(net.spec), net.spec.learn, 0, spoiler).train()
    assert caught.value.code == "EXN640"
    assert "`w0` of the trainer of `v` is no longer finite after step 1" in str(caught.value)
    assert caught.value.span is not None
    assert caught.value.span.text.startswith(("vertex", "root"))
    assert [r["epoch"] for r in spoiler.records] == [0]


def test_a_row_of_a_stack_leads_to_a_vertex_that_uses_it() -> None:
    plan = build(DAG).plan
    for number, stack in enumerate(plan.stacks):
        component = {"primary": plan.local_primary, "complementary": plan.local_arcs, "trainer": plan.trainers}
        for row in range(len(stack.classes)):
            vertex = first_vertex(plan, number, row)
            groups = component[stack.component]
            using = [groups[i] for i in range(len(groups)) if groups.stack[i] == number]
            assert any(
                vertex in group.targets[at * group.members : (at + 1) * group.members]
                for group in using
                for at in np.flatnonzero(group.rows == row)
            )


@pytest.mark.parametrize(("part", "saved"), [("test", [0, 1]), ("validation", [0])])
def test_a_loss_that_is_not_finite_is_no_result(part: str, saved: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    def spoilt(*_: object, **__: object) -> Evaluation:
        return Evaluation(float("nan"), 0.5, 10, {})

    monkeypatch.setattr(loop, "evaluate", spoilt)
    net, diary = build(TREE, learn="xprop(epochs: 1)"), Diary()
    found = fitted(net.spec)
    if part == "validation":
        found = replace(found, validation=found.test)
    with pytest.raises(ExnetError, match=f"the loss of `r` on the {part} part is not finite after step 1") as caught:
        Run(net, found, net.spec.learn, 0, diary).train()
    assert caught.value.code == "EXN640"
    assert caught.value.span is not None
    assert [r["epoch"] for r in diary.records] == saved


def test_order_is_a_function_of_seed_and_epoch() -> None:
    net = build(DAG)
    part, device = fitted(net.spec), torch.device("cpu")

    def order(seed: int, epoch: int) -> list[int]:
        return torch.cat([b.instances for b in Batches(part, 5, seed, device).epoch(epoch)]).tolist()

    assert order(0, 0) == order(0, 0)
    assert order(0, 0) != order(0, 1)
    assert order(0, 0) != order(1, 0)
    assert sorted(order(0, 0)) == list(range(24))
    batches = list(Batches(part, 5, 0, device).epoch(0))
    assert [len(b.instances) for b in batches] == [5, 5, 5, 5, 4]
    raw = part.train.take(batches[2].instances.numpy())  # type: ignore[union-attr]
    np.testing.assert_array_equal(batches[2].x["x"].numpy(), raw.inputs["x"])
    np.testing.assert_array_equal(batches[2].y["y"].numpy(), raw.targets["y"])


def test_generated_batches_are_fresh() -> None:
    import exnet

    spec = exnet.parse("exnet t input x[5] : index[4] output y : class[4] root tree(x)")
    part = data.fit(spec, data.load("recall(length: 5, steps: 3)"))
    batches = Batches(part, 6, 0, torch.device("cpu"))
    first, second = list(batches.epoch(0)), list(batches.epoch(1))
    assert batches.steps == len(first) == 3
    assert [int(b.instances[0]) for b in first + second] == [0, 6, 12, 18, 24, 30]
    assert first[0].x["x"].shape == (6, 5)
    assert not torch.equal(first[0].x["x"], second[0].x["x"])


def test_evaluation_is_the_root_in_evaluation_mode() -> None:
    net = build(DAG)
    part = fitted(net.spec, rows=300).test
    found = evaluate(net, part)
    with torch.no_grad():
        result = net(torch.from_numpy(part.inputs["x"]))
    target = torch.from_numpy(part.targets["y"])
    assert found.loss == pytest.approx(torch.nn.functional.cross_entropy(result, target).item())
    assert found.accuracy == pytest.approx((result.argmax(1) == target).double().mean().item())
    assert found.count == 300
    assert net.training


# Options of a run


def test_other_rule_keeps_what_both_have() -> None:
    declared = Xprop(optimiser=Optimiser(lr=0.5), schedule=Schedule(kind="linear"), batch=7, epochs=3, average="batch")
    found = choose_rule(declared, "backprop", epochs=4, lr=0.25)
    assert found == Backprop(optimiser=Optimiser(lr=0.25), schedule=Schedule(kind="linear"), batch=7, epochs=4)
    assert choose_rule(declared, batch=9) == declared.model_copy(update={"batch": 9})
    assert choose_rule(declared) == declared
    assert describe(found) == "backprop, adam 0.25, linear, batch 7, 4 epochs"


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ({"kind": "backprpo"}, "EXN620", "did you mean `backprop`?"),
        ({"kind": "genetic"}, "EXN620", "known are"),
        ({"epochs": 0}, "EXN621", "--epochs 0"),
        ({"batch": -1}, "EXN621", "--batch -1"),
        ({"lr": 0.0}, "EXN621", "--lr 0"),
        ({"lr": float("nan")}, "EXN621", "--lr nan"),
    ],
)
def test_options_out_of_range(options: dict[str, Any], code: str, says: str) -> None:
    with pytest.raises(ExnetError) as caught:
        choose_rule(Xprop(), **options)
    assert caught.value.code == code
    assert says in str(caught.value)
