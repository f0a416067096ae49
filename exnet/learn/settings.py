"""How a run is carried out: types, device, validation, early stopping. Free of torch."""

from dataclasses import dataclass
from numbers import Integral
from typing import NoReturn

from exnet.learn.rules import BAD_RUN_OPTION, PATIENCE_WITHOUT_VALIDATION
from exnet.source import ExnetError

PRECISIONS = ("float32", "float64", "bfloat16")
DEVICES = ("cpu", "cuda", "auto")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a spec does not say about a run, beside its data and seed.

    Attributes:
        dtype: of parameters and extractions; with bfloat16 parameters and losses are float32.
        device: `cpu`, `cuda`, or `auto` for the GPU if there is one.
        validation: share of the training part that is held back.
        patience: epochs without a lower validation loss after which the run ends; None means never.
        balance: whether classes weigh inversely to their frequency.
        compile: whether chains go in blocks that torch compiles.
        capture: whether a card captures the steps of full batches where it can; without a card it has no meaning.

    Raises:
        ExnetError: EXN621 for a value out of range, EXN631 for patience without validation.
    """

    dtype: str = "float32"
    device: str = "cpu"
    validation: float = 0.0
    patience: int | None = None
    balance: bool = False
    compile: bool = False
    capture: bool = True

    def __post_init__(self) -> None:
        _one_of("dtype", self.dtype, PRECISIONS)
        _one_of("device", self.device, DEVICES)
        if not _is_number(self.validation) or not 0.0 <= self.validation < 1.0:
            _refuse(f"`--validation {self.validation}` is not a share", "write `--validation 0.1` for a tenth")
        if self.patience is not None and (type(self.patience) is not int or self.patience < 1):
            _refuse(f"`--patience {self.patience}` is no number of epochs", "write `--patience 5`, say")
        if self.patience is not None and not self.validation:
            message = "`--patience` stops by the validation loss, and nothing is held back for validation"
            raise ExnetError(PATIENCE_WITHOUT_VALIDATION.at(None, message, help="add `--validation 0.1`"))

    @property
    def numbers(self) -> str:
        """The type of the data: that in which parameters are kept."""
        return "float32" if self.dtype == "bfloat16" else self.dtype


def check_seed(seed: object) -> int:
    """A seed, if it is an integer in 0..2^63.

    Raises:
        ExnetError: EXN621.
    """
    number = int(seed) if not isinstance(seed, bool) and isinstance(seed, Integral) else -1
    if not 0 <= number < 2**63:
        _refuse(f"the seed `{seed}` is not in 0..2^63", "write an integer such as 0")
    return number


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        _refuse(f"`--{name} {value}` is not known", "known are " + ", ".join(f"`{k}`" for k in known))


def _refuse(message: str, help: str) -> NoReturn:
    raise ExnetError(BAD_RUN_OPTION.at(None, message, help=help))
