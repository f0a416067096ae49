"""Random declarations: networks, tokenisers, modes, learning rules and losses with all their options, as text."""

from random import Random

SLOTS = 64
"""Weights that a random `weights` has: more than a random vertex has children."""


def network(random: Random) -> str:
    """An `mlp` that fits every propagator whose operands are equally wide."""
    hidden = random.choice(["[]", "[3]", "[2*d]", "[d, 4]"])
    activation = random.choice(["gelu", "relu", "tanh", "silu", "sigmoid", "identity"])
    norm = random.choice(["", ", norm: off", ", norm: layer", ", norm: rms"])
    residual = random.choice(["", "", ", residual: true", ", residual: true, step: 0.5"])
    start = random.choice(["", ", start: identity"]) if residual else ""
    dropout = random.choice(["", "", ", dropout: 0.1"])
    return f"mlp(hidden: {hidden}, activation: {activation}{norm}{residual}{start}{dropout})"


def cell(random: Random) -> str:
    """A gated network."""
    rest = random.choice(["", ", start: identity", ", norm: rms", ", norm: off, activation: tanh"])
    return f"gated(hidden: [{random.randint(2, 5)}], bias: -1.0{rest})"


def judge(random: Random) -> str:
    """A network for trainers."""
    return random.choice(["linear", "linear(bias: false)", "mlp(hidden: [4, 3])", "mlp(hidden: [4], norm: layer)"])


def outputs(random: Random) -> dict[str, str]:
    """One to three outputs: their types by name."""
    kinds = (f"class[{random.randint(2, 4)}]", random.choice(["real[2]", "real[2, 2]", "real[1]"]), "labels[3]")
    return {name: random.choice(kinds) for name in random.sample(["y", "u_out", "a_out"], random.choice([1, 1, 2, 3]))}


def mode(random: Random) -> str:
    """Both modes, all ways of combining and drawing."""
    combine = [f"mode deterministic(combine: {how})" for how in ("mean", "sum", "max")]
    weights = ", ".join(random.choice(["0.5", "1.0", "3.0"]) for _ in range(SLOTS))
    draw = random.choice(["", "draw: batch, "])
    weighted = f"mode stochastic({draw}weights: [{weights}])"
    ways = [*combine, "mode deterministic", "mode stochastic", weighted]
    return random.choice([*ways, "mode stochastic(draw: batch)", "mode stochastic(draw: instance)"])


def learn(random: Random, types: dict[str, str]) -> str:
    """A learning rule, perhaps with losses and weights of the outputs."""
    rule, options = random.choice(
        [
            ("xprop", []),
            ("xprop", ["average: batch"]),
            ("xprop", ["clip: 0.5"]),
            ("backprop", []),
            ("xprop_star", ["group: class", "order: random", "steps: 3"]),
            ("xprop_star", ["order: down", "refresh: average", "rate: 0.5"]),
        ]
    )
    options = list(options)
    if random.random() < 0.4:
        options.append("weights: outputs(" + ", ".join(f"{o}: {random.choice(['0.5', '2', '0'])}" for o in types) + ")")
    if random.random() < 0.5:
        options.append("losses: outputs(" + ", ".join(f"{o}: {loss(random, t)}" for o, t in types.items()) + ")")
    return f"learn {rule}({', '.join(options)})" if options else f"learn {rule}"


def loss(random: Random, type_: str) -> str:
    """A loss that suits an output of this type."""
    kind, size = type_[:-1].split("[")
    if kind == "real":
        return random.choice(["squared", "absolute", "huber", "huber(delta: 0.3)"])
    weights = ", ".join(random.choice(["0.5", "1.0", "2.5"]) for _ in range(int(size)))
    if kind == "labels":
        return random.choice(["binary", f"binary(weights: [{weights}])"])
    return random.choice(["cross_entropy(smoothing: 0.1)", f"cross_entropy(weights: [{weights}])"])


def tokeniser(random: Random, name: str, type_: str, width: int, primary: int) -> list[str]:
    """How an input is tokenised: nothing said, a sum of fixed parts, or learned."""
    place = random.choice(["", " + position", " + position(scale: 2.0)"])
    if random.random() < 0.4:
        options = random.choice(["", "", "(network: mix)", "(trainer: judge, shared: false)", "(shared: false)"])
        return [f"tokenise {name} with learned{options}{place}"]
    if random.random() < 0.4:
        return []
    if type_.startswith("index"):
        return [f"tokenise {name} with embedding(scale: 0.7){place}"]
    fixed = ["linear", "orthogonal(scale: 0.5)", "orthogonal + linear(scale: 2.0)", "identity"]
    return [f"tokenise {name} with {random.choice(fixed[: 4 if width <= primary else 3])}{place}"]
