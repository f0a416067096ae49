"""Every spec of the zoo learns by every rule: a few steps on one batch, and the loss of that batch has fallen.

For Xprop in its modes and for Xprop* it is the mean of all vertices' local losses, for backprop the loss at the root.
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import zoo_runs

from exnet.data import Fitted, Generator
from exnet.learn.batches import Batch, to_tensors
from exnet.learn.heads import Heads
from exnet.learn.loop import Run
from exnet.passing.net import ExtractionNet
from exnet.spec.rule import LearningRule, XpropStar

ROWS, STEPS = 16, 8
ENTRIES = {entry.name: entry for entry in zoo_runs.entries()}
HERE = [name for name, entry in ENTRIES.items() if entry.folder is None]


def small(fitted: Fitted) -> Fitted:
    """One batch of the training part, as training and test part."""
    train = fitted.draw(0, 0, ROWS) if isinstance(fitted.train, Generator) else fitted.train.take(np.arange(ROWS))
    return replace(fitted, train=train, test=train)


def losses(net: ExtractionNet, batch: Batch, everywhere: bool) -> float:
    """The mean loss of the root's prediction, or of the local predictions of all vertices."""
    heads = Heads(net.spec.outputs)
    with torch.no_grad():
        if not everywhere:
            return float(heads.loss(net.predict(batch.x), batch.y).mean())
        up, draws = net.up(batch.x), net.draws(0, batch.instances)
        return float(heads.loss(net.local(up, net.down(up, draws), draws), batch.y).mean())


def rule_for(job: zoo_runs.Job) -> LearningRule:
    """The job's rule for one batch; turns of Xprop* are short, so that there are several."""
    rule = zoo_runs.rule_of(job).model_copy(update={"batch": ROWS, "epochs": STEPS})
    return rule.model_copy(update={"steps": 2}) if isinstance(rule, XpropStar) else rule


def test_every_spec_is_in_the_zoo() -> None:
    specs = {path.stem for path in (zoo_runs.ROOT / "specs").glob("*.exn")}
    assert specs == {entry.spec for entry in ENTRIES.values()}
    assert len(specs) >= 12
    for entry in ENTRIES.values():
        text = entry.path.read_text()
        assert text.startswith("# "), entry.name
        assert f"exnet train specs/{entry.spec}.exn --data" in text, f"{entry.name} does not say how it is trained"


@pytest.mark.parametrize("name", HERE)
def test_the_loss_falls(name: str) -> None:
    entry = ENTRIES[name]
    if "fashion" in entry.data and not Path("/usr/share/datasets/fashion-mnist").is_dir():
        pytest.skip("Fashion-MNIST is not installed")
    compiled, data = zoo_runs.compiled(entry), small(zoo_runs.fitted(entry))
    batch = to_tensors(data.train, torch.device("cpu"))
    for method in zoo_runs.methods(entry):
        if method == "plain":
            continue
        job = zoo_runs.Job(entry, method, 0)
        net = ExtractionNet(zoo_runs.in_mode(compiled.spec, method), compiled.plan)
        before = losses(net, batch, method != "backprop")
        Run(net, data, rule_for(job)).train()
        after = losses(net, batch, method != "backprop")
        assert np.isfinite(after), (name, method)
        assert after < before, (name, method)
