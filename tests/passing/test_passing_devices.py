"""Everything that a pass makes is made where the net is. Shown on the device `meta`, which refuses other tensors."""

from typing import Any

import numpy as np
import pytest
import torch

import exnet
from exnet.learn.heads import Heads
from exnet.nets.dropout import Moment
from exnet.passing import adjacency, net
from exnet.passing.down import DownPass
from exnet.passing.up import UpPass

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
