"""Learned tokenisers: what their leaves hold, what they learn, and that their nets are stored as any other."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

import exnet
from exnet.learn.xprop import XpropRule
from exnet.passing.net import ExtractionNet
from exnet.plan import load_plan, save_plan
from exnet.spec import parse
from exnet.spec.rule import Xprop

TOKENS, CLASSES = 24, 3
TABLE = """exnet table
input  x[2] : index[24]
output y : class[3]
space  primary = 3, complementary = 8
net    small = mlp(hidden: [4])
net    judge = mlp(hidden: [16])
default vertex (primary: small, complementary: small, trainer: judge)
tokenise x with {tokeniser}
vertex r = (x[0], x[1])
root   r
"""


def net(tokeniser: str, seed: int = 0) -> ExtractionNet:
    return exnet.build(TABLE.replace("{tokeniser}", tokeniser), seed=seed)


def task() -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """All pairs of tokens; each token means a number, in no order, and the class is the sum modulo three."""
    meaning = np.random.default_rng(5).integers(0, CLASSES, TOKENS)
    pairs = np.array(list(product(range(TOKENS), repeat=2)))
    return {"x": torch.from_numpy(pairs)}, {"y": torch.from_numpy(meaning[pairs].sum(1) % CLASSES)}


def trained(made: ExtractionNet, steps: int = 250) -> float:
    """The accuracy on all pairs after training on them."""
    inputs, targets = task()
    rule, instances = XpropRule(made, Xprop()), torch.arange(TOKENS**2)
    optimiser = torch.optim.Adam(made.parameters(), lr=1e-2)
    for step in range(steps):
        rule.step(made, inputs, targets, step, instances)
        optimiser.step()
    with torch.no_grad():
        return float((made.predict(inputs).argmax(-1) == targets["y"]).double().mean())


@pytest.mark.parametrize("seed", [0, 1])
def test_a_learned_table_tells_tokens_apart_that_a_narrow_fixed_one_does_not(seed: int) -> None:
    fixed, learned = (trained(net(how, seed)) for how in ("embedding", "learned"))
    assert learned > 0.95
    assert fixed < 0.8


def test_leaves_hold_positions_then_the_raw_numbers_in_pieces() -> None:
    made = exnet.build(
        "exnet t\ninput x[2] : real[5]\noutput y : class[2]\nspace primary = 3\n"
        "tokenise x with learned + position\nvertex r = (x[0], x[1])\nroot r\n",
        dtype=torch.float64,
    )
    x = torch.arange(20, dtype=torch.float64).view(2, 2, 5)
    leaves = made.tokenise(x)
    assert leaves.shape == (6, 2, 3)
    assert torch.equal(leaves[:2, 0], leaves[:2, 1])  # positions: the same for every instance, different for every leaf
    assert not torch.equal(leaves[0], leaves[1])
    assert leaves[2:, 1].tolist() == [[10, 11, 12], [13, 14, 0], [15, 16, 17], [18, 19, 0]]


def test_an_index_is_one_number_of_many() -> None:
    made = net("learned")
    leaves = made.tokenise(torch.tensor([[0, 23], [7, 4]]))
    assert leaves.shape == (16, 2, 3)
    numbers = leaves.view(2, 8, 2, 3).permute(2, 0, 1, 3).reshape(2, 2, 24)
    assert numbers.argmax(-1).tolist() == [[0, 23], [7, 4]]
    assert float(numbers.sum()) == 4.0


def test_leaves_of_one_input_share_unless_they_are_told_not_to() -> None:
    shared, own = net("learned"), net("learned(shared: false)")
    assert sorted(n for n in places(shared) if n.startswith("x")) == ["x/primary", "x/trainer"]
    assert sorted(n for n in places(own) if n.startswith("x")) == [
        "x/primary[i=0]",
        "x/primary[i=1]",
        "x/trainer[i=0]",
        "x/trainer[i=1]",
    ]


def test_a_stored_plan_gives_the_same_net(tmp_path: Path) -> None:
    spec = parse(TABLE.replace("{tokeniser}", "learned + position"))
    made = exnet.build(spec)
    save_plan(tmp_path, spec, made.plan)
    again = ExtractionNet(*load_plan(tmp_path))
    again.load_state_dict(made.state_dict())
    inputs, _ = task()
    assert torch.equal(again.predict(inputs), made.predict(inputs))


def test_the_seed_and_the_name_of_the_input_decide_how_a_tokeniser_starts() -> None:
    """Adding an input, or moving a statement, leaves the start of the others alone."""
    text = TABLE.replace("{tokeniser}", "learned")
    more = text.replace("input  x", "input  a[2] : real[3]\ninput  x").replace("(x[0], x[1])", "(x[0], x[1], a[:])")
    one, other = exnet.build(text), exnet.build(more)
    found = [start(made) for made in (one, other)]
    assert torch.equal(found[0], found[1])
    assert not torch.equal(found[0], start(exnet.build(text, seed=1)))


def start(made: ExtractionNet) -> Tensor:
    """`w0` of the tokeniser of `x`."""
    stack, row = places(made)["x/primary"]
    return made.stacks.tensors(stack)["w0"][row]


def places(made: ExtractionNet) -> dict[str, tuple[int, int]]:
    """Stack and row of every class, by its name."""
    stacks = enumerate(made.plan.stacks)
    return {made.plan.class_name(s, row): (s, row) for s, stack in stacks for row in range(len(stack.classes))}
