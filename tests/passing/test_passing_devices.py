"""Everything that a pass makes is made where the net is. Shown on the device `meta`, which refuses other tensors."""

from typing import Any

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

import exnet
from exnet.learn.gradients import Gradients, divisors
from exnet.learn.heads import Heads
from exnet.nets.dropout import Moment
from exnet.passing import adjacency, net
from exnet.passing.down import DownPass
from exnet.passing.tape import Tape
from exnet.passing.up import UpPass
from exnet.passing.update import Judge, Told

TEXT = """exnet dag
input x[4] : real[2]
input t[3] : index[5]
output y : class[3]
output z : real[2]
space primary = 8, complementary = 6
net mix = mlp(hidden: [7], dropout: 0.2, norm: layer)
default vertex (primary: mix, complementary: mix)
let    h[0, i: 0..4] = x[i]
vertex h[l: 1..4, i: 0..4-l] = (h[l-1, i], h[l-1, i+1]) share by l
vertex k = (t[0], t[1], t[2])
vertex g = (h[3, 0], k, h[1, 0])
root g
mode deterministic(combine: COMBINE)
"""
META = torch.device("meta")


class OnlyThere(TorchDispatchMode):
    """No operation touches a tensor that is elsewhere, to bring it there least of all."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        found = {leaf.device for leaf in tree_leaves((args, kwargs, made)) if isinstance(leaf, torch.Tensor)}
        assert found <= {META}, f"{func}: {found}"
        return made


@pytest.fixture
def on_meta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes the steps that look at values, or that PyG does on the sparse adjacency, out of the way."""

    def up(
        self: UpPass, edges: Any, stacks: Any, masks: Any, *, leaves: Any, root_only: bool = False, tape: Any
    ) -> Any:
        return self.message_and_aggregate(edges, leaves, stacks, masks, root_only, tape)

    def down(self: DownPass, edges: Any, primary: Any, stacks: Any, masks: Any, *, draws: Any, tape: Any) -> Any:
        return self.message_and_aggregate(edges, primary, draws, stacks, masks, tape)

    monkeypatch.setattr(UpPass, "_send", up)
    monkeypatch.setattr(DownPass, "_send", down)
    monkeypatch.setattr(net, "checked_inputs", lambda inputs, x, dtype, device: [x[source.name] for source in inputs])
    for name in ("upward", "downward"):
        real = getattr(adjacency, name)
        monkeypatch.setattr(adjacency, name, lambda plan, device, real=real: real(plan, torch.device("cpu")))


@pytest.mark.parametrize("combine", ["mean", "sum", "max"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_nothing_is_made_elsewhere(on_meta: None, combine: str, dtype: torch.dtype) -> None:
    made = exnet.build(TEXT.replace("COMBINE", combine), dtype=dtype).to(META)
    x = {"x": torch.empty(5, 4, 2, device=META), "t": torch.zeros(5, 3, dtype=torch.int64, device=META)}
    y = {"y": torch.zeros(5, dtype=torch.int64, device=META), "z": torch.zeros(5, 2, device=META)}
    moment, heads = Moment(0, np.arange(5)), Heads(made.spec.outputs, {"y": torch.tensor([1.0, 2.0, 3.0])})
    with torch.no_grad():
        primary = made.up(x, moment=moment)
        complementary = made.down(primary, moment=moment)
    loss = heads.loss(made.local(primary, complementary, moment=moment), y)
    loss.sum().backward()
    assert {value.device for value in (primary, complementary, loss)} == {META}
    assert all(p.grad is None or p.grad.device == META for p in made.parameters())
    made.zero_grad()
    loss = heads.loss(made.predict(x, moment=moment), y)
    loss.mean().backward()
    assert loss.device == META
    with pytest.raises((RuntimeError, NotImplementedError)):
        heads.loss(made.predict(x, moment=moment), {**y, "z": torch.zeros(5, 2)})  # the test can fail


@pytest.mark.parametrize(
    "text", [TEXT.replace("dropout: 0.2, ", ""), TEXT.replace("(hidden: [7], dropout: 0.2, norm: layer)", "()")]
)
@pytest.mark.parametrize("combine", ["mean", "sum", "max"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_step_brings_nothing_from_elsewhere(text: str, combine: str, dtype: torch.dtype) -> None:
    """What a captured step does: nothing is taken out of its way. Index tensors are made in the first run."""
    made = exnet.build(text.replace("COMBINE", combine), dtype=dtype).to(META)
    leaves = torch.empty(made.plan.leaves, 5, 8, device=META, dtype=dtype)
    y = {"y": torch.zeros(5, dtype=torch.int64, device=META), "z": torch.zeros(5, 2, device=META)}
    heads = Heads(made.spec.outputs, {"y": torch.tensor([1.0, 2.0, 3.0])})
    judge, by = heads.placed(next(made.parameters())).judge(y, 5), divisors(made, made.site_counts)
    slopes, tape = Gradients(made, made.site_counts), Tape()

    def step(judge: Judge) -> Told:
        tape.begin()
        primary, complementary = made.passes_from(leaves, None, tape)
        told = made.learn(primary, complementary, None, judge, slopes.stacks, tape=tape)
        slopes.finish(by)
        return told

    step(judge)
    with OnlyThere():
        told = step(judge)
    assert told.loss.device == META
    assert all(p.grad is not None and p.grad.device == META for p in made.parameters())
    with pytest.raises(AssertionError, match="cpu"), OnlyThere():  # the test can fail: weights that nobody has placed
        step(heads.judge(y, 5))
