"""Every component and option of the language, one at a time: the compiled step equals the reference."""

from collections.abc import Callable

import pytest
import torch

from exnet.graph import elaborate
from exnet.learn.verify import TOLERANCE, Comparison, deviation, verify
from exnet.learn.xprop import XpropRule
from exnet.plan import make_plan
from exnet.reference import interpret
from exnet.spec import Spec, parse
from exnet.spec.rule import Xprop

DAG = """exnet t
input  x[5] : real[3]
output y : class[3]
space  primary = 4, complementary = 3
vertex a[i: 0..4] = (x[i], x[i+1])
vertex b[i: 0..3] = (a[i], a[i+1])
vertex c = (a[0], b[0], b[1])
vertex d = (b[2], b[1], a[3], b[1])
vertex r = (c, d, b[0])
root   r
"""
"""Vertices with one to five incoming arcs, in several slots; `d` reads one child twice."""


def compared(text: str, batch: int = 4) -> Comparison:
    spec = parse(text)
    graph = elaborate(spec).unwrap()
    return Comparison(spec, make_plan(spec, graph), graph, interpret(spec), batch)


def verified(text: str) -> None:
    spec = parse(text)
    graph = elaborate(spec).unwrap()
    for seed in range(2):
        report = verify(spec, make_plan(spec, graph), graph, seed=seed)
        assert report.equal, f"{report.problems[:3]} {report.deviations}"


def class_counts(spec: Spec) -> dict[str, int]:
    graph = elaborate(spec).unwrap()
    return {c.component: len(c) for c in (graph.primary, graph.complementary, graph.trainer)}


# Sharing


@pytest.mark.parametrize(
    ("clause", "primary", "complementary", "trainer"),
    [
        ("share primary all", 1, 2, 1),
        ("share primary none", 4, 8, 4),
        ("share primary none, complementary all", 4, 1, 4),
        ("share primary none, trainer all", 4, 8, 1),
        ("share primary all, complementary none, trainer none", 1, 8, 4),
        ("share primary by i // 2, complementary by slot, trainer by i % 2", 2, 2, 2),
        ("share primary all, complementary by (i, slot), trainer by i // 3", 1, 8, 2),
    ],
)
def test_components_share_separately(clause: str, primary: int, complementary: int, trainer: int) -> None:
    """Four vertices `v` of one family with two vertices as children each, and what they stand between."""
    text = f"""exnet t
input  x[5] : real[2]
output y : class[2]
space  primary = 3, complementary = 2
vertex w[i: 0..5] = (x[i])                share all
vertex v[i: 0..4] = (w[i], w[i+1])        {clause}
vertex r = v[:]                           share primary all, complementary all
root   r
"""
    assert class_counts(parse(text)) == {
        "primary": primary + 2,
        "complementary": complementary + 1,
        "trainer": trainer + 2,
    }
    for mode in ("mode stochastic", "mode deterministic"):
        verified(text + mode)


# Parents


@pytest.mark.parametrize("combine", ["mean", "sum", "max"])
def test_combining_parents(combine: str) -> None:
    verified(DAG + f"mode deterministic(combine: {combine})")


@pytest.mark.parametrize("combine", ["mean", "sum", "max"])
def test_equal_messages_of_parents(combine: str) -> None:
    """All messages are exactly zero: for `max` every arc is the largest, and all share the gradient."""
    made = compared(DAG + f"mode deterministic(combine: {combine})")
    with torch.no_grad():
        for name, parameter in made.net.named_parameters():
            if name.startswith("stacks.complementary"):
                parameter.zero_()
    assert max(dict(made.deviations()).values()) <= TOLERANCE
    step = XpropRule(made.net, Xprop()).step(made.net, made.inputs, made.targets, 0, made.instances)
    assert step.complementary is not None
    assert not step.complementary.any()
    reached = {name: values["b1"] for name, values in made.gradients().items() if "/complementary" in name}
    assert len(reached) == 16
    assert all(value.any() for value in reached.values())


def bias_gradient(text: str) -> dict[str, torch.Tensor]:
    made = compared(text)
    XpropRule(made.net, Xprop()).step(made.net, made.inputs, made.targets, 0, made.instances)
    return {name: values["b1"] for name, values in made.gradients().items() if "/complementary" in name}


def test_equal_messages_share_the_gradient_of_the_largest() -> None:
    """A child that is read in three slots with one complementary class: its three messages are equal for ever."""
    text = """exnet t
input  x[2] : real[2]
output y : class[2]
space  primary = 3, complementary = 2
vertex v = (x[0], x[1])
vertex r = (v, v, v)        share primary all, complementary all
root   r
"""
    largest, mean = (bias_gradient(text + f"mode deterministic(combine: {how})") for how in ("max", "mean"))
    assert largest.keys() == mean.keys() == {"r/complementary"}
    assert deviation(largest["r/complementary"], mean["r/complementary"]) <= TOLERANCE


def test_permuting_parents_changes_no_number() -> None:
    """Which names the parents have decides their order; what a child receives does not depend on it."""
    plain = DAG.replace("root   r", "root r")
    swapped = plain.replace("vertex c", "vertex z").replace("(c,", "(z,")
    for how in ("mean", "sum", "max"):
        one, other = (compared(text + f"mode deterministic(combine: {how})") for text in (plain, swapped))
        with torch.no_grad():
            for parameter in (*one.net.parameters(), *other.net.parameters()):
                parameter.copy_(torch.linspace(-1, 1, parameter.numel(), dtype=parameter.dtype).view_as(parameter))
        found = list[dict[str, torch.Tensor]]()
        for made in (one, other):
            made.net.stacks.load_state_dict(by_shape(made))
            values = made.net.down(made.net.up(made.inputs))
            found.append(dict(zip((name.replace("z", "c") for name in made.vertices), values, strict=True)))
        assert all(deviation(found[1][name], value) <= TOLERANCE for name, value in found[0].items())


def by_shape(made: Comparison) -> dict[str, torch.Tensor]:
    """Equal parameters for all classes of a stack, so that renaming a vertex renames nothing else."""
    return {name: value[:1].expand_as(value).clone() for name, value in made.net.stacks.state_dict().items()}


def test_weighted_draws_follow_the_slot() -> None:
    """`b[1]` is read by `c` in slot 2 and by `d` in slots 1 and 3: weights 1, 2 and 0 there."""
    net = compared(DAG + "mode stochastic(weights: [1.0, 2.0, 1.0, 0.0])").net
    row = [net.vertex_name(v) for v in range(net.plan.vertices)].index("b[1]")
    arcs = net.plan.arcs
    first, end = arcs.incoming_ptr[row : row + 2]
    slots = arcs.slot[arcs.incoming[first:end]].tolist()
    drawn = net.draws(0, torch.arange(30_000))
    assert drawn is not None
    share = torch.bincount(drawn[row], minlength=3) / 30_000
    expected = torch.tensor([{1: 2.0, 2: 1.0, 3: 0.0}[slot] for slot in slots]) / 3.0
    assert sorted(slots) == [1, 2, 3]
    assert (share - expected).abs().max() < 0.01
    assert share[slots.index(3)] == 0.0


@pytest.mark.parametrize("mode", ["stochastic(weights: [1.0, 0.0, 3.0, 0.5])", "stochastic(draw: batch)"])
def test_drawn_parents(mode: str) -> None:
    verified(DAG + f"mode {mode}")


# Outputs


@pytest.mark.parametrize("rule", ["xprop", "backprop"])
def test_several_outputs_with_weights(rule: str) -> None:
    text = DAG.replace("output y : class[3]", "output y : class[3]\noutput a : real[2, 2]\noutput t : labels[3]")
    verified(text + f"learn {rule}(weights: outputs(y: 0.5, t: 2.0, a: 0))")


def test_an_output_of_weight_zero_gets_no_gradient() -> None:
    text = DAG.replace("output y : class[3]", "output y : class[3]\noutput z : real[2]")
    made = compared(text + "learn xprop(weights: outputs(z: 0))")
    XpropRule(made.net, Xprop()).step(made.net, made.inputs, made.targets, 0, made.instances)
    for name, values in made.gradients().items():
        if "/trainer" in name:
            assert values["b1"][:3].any()
            assert not values["b1"][3:].any()


@pytest.mark.parametrize("output", ["real[1]", "real[2, 3]", "labels[4]", "class[2]"])
@pytest.mark.parametrize("mode", ["stochastic", "deterministic"])
def test_kinds_of_outputs(output: str, mode: str) -> None:
    verified(DAG.replace("class[3]", output) + f"mode {mode}")


# Networks


@pytest.mark.parametrize(
    "network",
    [
        "mlp(hidden: [3], residual: true, start: identity)",
        "mlp(residual: true, step: 0.5, norm: layer, start: identity)",
        "mlp(hidden: [], residual: true, norm: rms, start: identity)",
        "gated(start: identity)",
        "gated(hidden: [], start: identity, norm: off, bias: 0.0)",
    ],
)
def test_identity_starts(network: str) -> None:
    verified(DAG + f"net cell = {network}\ndefault vertex (primary: cell, complementary: cell)")


def test_a_chain_of_identities_hands_on_its_first_leaf() -> None:
    from exnet.passing.net import ExtractionNet

    made = compared("""exnet t
input  x[6] : real[3]
output y : class[3]
net    cell = mlp(residual: true, norm: layer, start: identity)
let    h[0] = x[0]
vertex h[t: 1..6] = (h[t-1], x[t])      share all   with (primary: cell, complementary: cell)
root   h[5]
""")
    net = ExtractionNet(made.spec, made.plan, dtype=torch.float64)
    values = net.up(made.inputs)
    first = values[net.plan.leaf.tolist().index(0)]
    assert all(torch.equal(row, first) for row in values[net.plan.leaves :])
    assert not net.down(values).any()


# Tokenisers

LEARNED = """exnet t
input  x[2, 3] : real[5]
input  w[4] : index[7]
input  s : patch[2, 2]
output y : class[3]
space  primary = 3, complementary = 2
net    core = mlp(hidden: [4])
net    judge = linear
vertex r = (tree(flatten(x)), multilayer(w), s, s)
root   r
"""


@pytest.mark.parametrize("mode", ["stochastic", "deterministic(combine: sum)"])
@pytest.mark.parametrize(
    "tokenisers",
    [
        ("learned", "learned", "learned"),
        ("learned + position", "learned(shared: false) + position(scale: 2.0)", "position + learned"),
        ("learned(network: core, trainer: judge)", "embedding", "learned(trainer: judge, shared: false)"),
    ],
)
def test_learned_tokenisers(tokenisers: tuple[str, str, str], mode: str) -> None:
    lines = [f"tokenise {name} with {how}\n" for name, how in zip("xws", tokenisers, strict=True)]
    verified(LEARNED + "".join(lines) + f"mode {mode}")


def isolated(made: Comparison, chosen: Callable[[str], bool]) -> None:
    """The losses of the chosen vertices reach the classes of those vertices and of their incoming arcs alone."""
    report = XpropRule(made.net, Xprop()).step(made.net, made.inputs, made.targets, 0, made.instances)
    assert report.primary is not None
    assert report.complementary is not None
    incoming = made.reference.incoming()
    rows = [row for row, name in enumerate(made.vertices) if chosen(name)]
    assert rows
    for row in rows:
        made.net.zero_grad(set_to_none=True)
        made.net.local(report.primary, report.complementary, report.draws)[row].square().sum().backward()
        vertex = made.reference.vertices[made.vertices[row]]
        own = {vertex.primary, vertex.trainer}
        own |= {made.reference.vertices[u].complementary[slot] for u, slot in incoming[vertex.name]}
        reached = {name for name, values in made.gradients().items() if any(v.any() for v in values.values())}
        assert {vertex.primary, vertex.trainer} <= reached <= own


def test_the_loss_of_a_learned_leaf_trains_its_tokeniser_alone() -> None:
    text = LEARNED + "tokenise x with learned + position\ntokenise w with learned(shared: false)\n"
    isolated(compared(text), lambda name: name.startswith(("x[", "w[")))
    isolated(compared(text), lambda name: name == "r")
