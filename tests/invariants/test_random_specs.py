"""The random specs are worth testing with: valid, repeatable, of all sizes, and every feature occurs."""

import re

import pytest

from exnet.language import parse_file
from exnet.reference import interpret
from exnet.source import Source
from exnet.spec import parse
from exnet.testing import permuted, random_spec

ALL = "\n".join(random_spec(seed) for seed in range(300))
BLOCKS = ("tree", "chain", "multilayer", "attention", "quadtree", "quadtree2", "grid", "ensemble")
FEATURES = (
    r"when",
    r"otherwise",
    r"share all",
    r"share none",
    r"share by",
    r"share over",
    r"share primary over",
    r"share (trainer|complementary) over",
    r"share (?:\w+ )?\w+(?: \w+)? as",
    r"complementary by .*slot",
    r"trainer none",
    r"per k",
    r"with \(",
    r"block block\d",
    r"let w = \w+\(",
    r"mode deterministic",
    r"mode stochastic",
    r"combine: mean",
    r"combine: sum",
    r"combine: max",
    r"stochastic\(draw: batch",
    r"stochastic\(weights",
    r"draw: batch, weights",
    r"average: batch",
    r"clip: ",
    r"learn backprop",
    r"learn xprop_star\(group: class, order: random",
    r"learn xprop_star\(order: down, refresh: average",
    r"weights: outputs\(",
    r"losses: outputs\(",
    r"cross_entropy\(smoothing",
    r"cross_entropy\(weights",
    r": absolute",
    r": squared",
    r"huber",
    r"binary\(weights",
    r"with learned",
    r"learned \+ position",
    r"learned\(network: mix\)",
    r"learned\(trainer: judge, shared: false\)",
    r"tokenise w with learned",
    r"tokenise s with learned",
    r"tokenise z with learned",
    r"with identity",
    r"with orthogonal",
    r"orthogonal \+ linear",
    r"with embedding",
    r"mlp.*residual: true.*start: identity",
    r"gated.*start: identity",
    r"gated.*norm: rms",
    r"dropout",
    r"linear\(bias: false\)",
    r"patch\[2, 2, 1, 2\]",
    r"index\[5\]",
    r"patch\[",
    r"output .*: real",
    r"output .*: labels",
    r"gated",
    r"residual",
    r"flatten\(transpose",
    r"reverse\(",
    r"a: vertex",
    r"pick\(.*step: k",
    r"flip: k",
    r"yield \w+\(u",
    r"\[-1\]",
    r"_g\[:, j\]",
    r"(?:tree|multilayer)\((?:chain|attention)\(",
    *(
        f"{block}\\("
        for block in ("tree", "chain", "multilayer", "attention", "quadtree", "quadtree2", "grid", "ensemble")
    ),
)


@pytest.mark.parametrize("feature", FEATURES)
def test_feature_occurs(feature: str) -> None:
    assert len(re.findall(feature, ALL)) >= 3


def test_sizes_vary() -> None:
    sizes = sorted(len(interpret(parse(random_spec(seed))).vertices) for seed in range(100))
    assert sizes[10] >= 5
    assert sizes[50] >= 25
    assert sizes[90] >= 80
    assert sizes[-1] <= 300


def test_a_seed_gives_one_text() -> None:
    assert random_spec(7) == random_spec(7)
    assert len({random_spec(seed) for seed in range(100)}) == 100


def test_permuting_keeps_every_statement(seed: int) -> None:
    text = random_spec(seed)
    other = permuted(text, seed)
    assert other != text
    before, after = (parse_file(Source("t", t)).unwrap().statements for t in (text, other))
    assert len(before) == len(after)
