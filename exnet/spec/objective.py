"""What a learning rule says about the outputs: the weight and the loss of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exnet.language import syntax
from exnet.source import Label
from exnet.spec.loss import LARGEST_WEIGHT, Loss, OutputKind, default_loss
from exnet.spec.options import OptionReader
from exnet.spec.registry import ALL_LOSSES
from exnet.spec.rules import LOSS_MISFIT, OUT_OF_RANGE, UNKNOWN_PORT
from exnet.spec.wording import listed, suggestion

OBJECTIVE = ("weights", "losses")
"""Options of every learning rule that are read here."""


@dataclass(frozen=True, slots=True)
class Objective:
    """Weights and losses by the name of the output, as far as they are given; losses with their places."""

    weights: Mapping[str, float]
    losses: Mapping[str, tuple[Loss | None, syntax.Expr]]

    def weight(self, output: str) -> float:
        """1 if nothing is said."""
        return self.weights.get(output, 1.0)

    def loss(self, reader: OptionReader, statement: syntax.Output, kind: OutputKind, width: int) -> Loss:
        """The loss of an output of `width` numbers; the default one if nothing is said, or after a message."""
        given, place = self.losses.get(statement.name.id, (None, None))
        if given is None or place is None:
            return default_loss(kind)
        label = (Label(statement.type.span, "the type of the output"),)
        if kind not in given.suits:
            message = f"`{given.kind}` judges {_outputs(given.suits)}, but `{statement.name.id}` is `{kind}`"
            fitting = [name for name, other in ALL_LOSSES.kinds.items() if kind in getattr(other.model, "suits", ())]
            way_out = f"write {listed(fitting)}"
            reader.said.append(LOSS_MISFIT.at(place.span, message, help=way_out, labels=label))
        elif problem := given.problem(width):
            way_out = "an option that is left out has its default; `weights` are 1"
            reader.said.append(LOSS_MISFIT.at(place.span, problem, help=way_out, labels=label))
        else:
            return given
        return default_loss(kind)


def read_objective(reader: OptionReader, args: Sequence[syntax.Arg], outputs: Sequence[str]) -> Objective:
    """`weights: outputs(..)` and `losses: outputs(..)` among the arguments of a learning rule."""
    given = {arg.name.id: arg.value for arg in args if arg.name and arg.name.id in OBJECTIVE}
    weights = _by_output(reader, given.get("weights"), ("weights", "a weight", "1.0"), outputs)
    losses = _by_output(reader, given.get("losses"), ("losses", "a loss", ".."), outputs)
    return Objective(
        {name: weight for name, expr in weights.items() if (weight := _read_weight(reader, name, expr)) is not None},
        {name: (reader.extensible(expr, ALL_LOSSES, Loss), expr) for name, expr in losses.items()},
    )


def _by_output(
    reader: OptionReader, expr: syntax.Expr | None, words: tuple[str, str, str], outputs: Sequence[str]
) -> dict[str, syntax.Expr]:
    """The values of `outputs(y: .., z: ..)`; mistakes are reported and left out. `words`: option, noun, an example."""
    option, noun, example = words
    if expr is None:
        return {}
    if not isinstance(expr, syntax.Call) or expr.function.id != "outputs":
        examples = ", ".join(f"{name}: {example}" for name in outputs)
        reader.say_wrong(expr, option, f"{noun} for outputs", f"write `outputs({examples})`")
        return {}
    known = [arg for arg in expr.args if arg.name is None or arg.name.id in outputs]
    for name in (arg.name for arg in expr.args if arg not in known and arg.name):
        way_out = suggestion(name.id, outputs, f"outputs are {listed(outputs)}" if outputs else "")
        reader.said.append(UNKNOWN_PORT.at(name.span, f"there is no output called `{name.id}`", help=way_out))
    return {name: arg.value for name, arg in reader.options(known, "outputs", outputs).items()}


def _read_weight(reader: OptionReader, name: str, expr: syntax.Expr) -> float | None:
    weight = reader.number(expr, name)
    if weight is None or 0 <= weight <= LARGEST_WEIGHT:
        return weight
    must = "at least 0" if weight < 0 else f"at most {LARGEST_WEIGHT:.0e}"
    message = f"the weight of `{name}` must be {must}; `{expr.span.text}` is not"
    reader.said.append(OUT_OF_RANGE.at(expr.span, message, help="a weight of 0 leaves the output out"))
    return None


def _outputs(suits: Sequence[str]) -> str:
    """`class` or `real` outputs, in words."""
    return " and ".join(f"`{kind}`" for kind in suits) + " outputs"
