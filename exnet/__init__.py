"""exnet: extraction networks as a language, compiled into batched PyTorch modules and trained by Xprop.

`parse`, `picture` and `Spec` are free of torch; `build`, `train` and `load` import it when they are called.
"""

from collections.abc import Mapping
from importlib.util import find_spec
from os import PathLike
from typing import TYPE_CHECKING, Any

from exnet.source import ExnetError

if TYPE_CHECKING:
    import torch

    from exnet.learn.observer import Observer
    from exnet.passing import ExtractionNet
    from exnet.spec import Spec
    from exnet.spec.builder import Builder, Call, call
    from exnet.training import Trained
    from exnet.view.picture import Picture

__version__ = "0.1.0"
__all__ = ["Builder", "Call", "ExnetError", "Spec", "__version__", "build", "call", "load", "parse", "picture", "train"]


def parse(text: str, name: str = "<text>", overrides: Mapping[str, int | bool] | None = None) -> "Spec":
    """The spec that a text in the exnet language means; needs no torch.

    Args:
        text: such as `"exnet t  input x[4] : real[2]  output y : class[3]  root tree(x)"`.
        name: what messages call the text.
        overrides: values of params, as `--set` gives them.

    Raises:
        ExnetError: with everything that is wrong in it.
    """
    from exnet import spec

    return spec.parse(text, name, overrides)


def build(
    spec: "str | PathLike[str] | Mapping[str, Any] | Spec | Builder",
    *,
    overrides: Mapping[str, int | bool] | None = None,
    seed: int = 0,
    dtype: "torch.dtype | None" = None,
) -> "ExtractionNet":
    """The module that a spec describes: `net(x)` predicts at the root.

    Args:
        spec: the path of a file, a text of several lines, a mapping, a `Builder`, or what `parse` gave.
        overrides: values of params, as `--set` gives them.
        seed: of the initial parameters, fixed tokenisers and draws.
        dtype: of parameters and extractions; torch's default if not given.

    Raises:
        ExnetError: with everything that is wrong in the spec; EXN690 where torch is not installed.
    """
    _check_torch("exnet.build")
    from exnet import passing

    return passing.build(spec, overrides=overrides, seed=seed, dtype=dtype)


def train(
    spec: "str | PathLike[str] | Mapping[str, Any] | Spec | Builder",
    data: object,
    *,
    test: object = None,
    seed: int = 0,
    rule: str | None = None,
    epochs: int | None = None,
    batch: int | None = None,
    lr: float | None = None,
    memory: int | None = None,
    overrides: Mapping[str, int | bool] | None = None,
    validation: float = 0.0,
    patience: int | None = None,
    balance: bool = False,
    compile: bool = False,
    capture: bool = True,
    out: "str | PathLike[str] | None" = None,
    overwrite: bool = False,
    device: str = "cpu",
    dtype: str = "float32",
    observer: "Observer | None" = None,
) -> "Trained":
    """Trains the net of a spec on a data set, as the verb `exnet train` does; prints nothing.

    Args:
        spec: as of `build`.
        data: the name of a data set; arrays by name, or a pair (inputs, targets) of them; a PyTorch `Dataset` or
            `DataLoader`; a data set of `exnet.data`.
        test: for arrays the share that is held back for the test (0.2), or a value like `data`.
        seed: of all that is random.
        rule: the name of another learning rule than the spec's.
        epochs: instead of the spec's.
        batch: instead of the spec's.
        lr: the learning rate instead of the spec's.
        memory: what the tensors of a step may take, in MiB, instead of what the spec says.
        overrides: values of params, as `--set` gives them.
        validation: share of the training part that is held back to be looked at after every epoch.
        patience: epochs without a lower validation loss after which training ends, with the best epoch's parameters.
        balance: whether classes weigh inversely to their frequency.
        compile: whether chains go in blocks of 16 steps that `torch.compile` makes, which takes a minute.
        capture: whether a card captures the steps of full batches, where it can.
        out: a folder for the run, which is not kept otherwise.
        overwrite: whether a run in that folder is replaced.
        device: `cpu`, `cuda`, or `auto`.
        dtype: `float32`, `float64` or `bfloat16`.
        observer: an `exnet.learn.observer.Observer`, told of every step and epoch.

    Raises:
        ExnetError: with everything that is wrong in spec, data or options; EXN640 if a number is no longer finite;
            EXN690 where torch is not installed.
    """
    _check_torch("exnet.train")
    from exnet import training

    return training.train(
        spec, data, test=test, seed=seed, rule=rule, epochs=epochs, batch=batch, lr=lr, memory=memory,
        overrides=overrides, validation=validation, patience=patience, balance=balance, compile=compile,
        capture=capture,
        out=out, overwrite=overwrite, device=device, dtype=dtype, observer=observer,
    )  # fmt: skip


def load(path: str | PathLike[str]) -> "ExtractionNet":
    """The module of a folder that `exnet compile -o` or `exnet train` wrote, without compiling again.

    Raises:
        ExnetError: if the folder does not hold one; EXN690 where torch is not installed.
    """
    _check_torch("exnet.load")
    from exnet import export

    return export.load(path)


def picture(
    of: "str | PathLike[str] | Mapping[str, Any] | Spec | Builder",
    *,
    overrides: Mapping[str, int | bool] | None = None,
    unfolded: bool = False,
    most: int = 300,
) -> "Picture":
    """The picture of a spec, or the curves of a run, as SVG that a notebook shows; needs no torch.

    Args:
        of: the path of a file, the text of a spec, a mapping, a builder, a `Spec`, or the folder of a run or
            of a compiled net.
        overrides: values of params, as `--set` gives them.
        unfolded: every vertex instead of one box for each family.
        most: nodes of an unfolded picture.

    Raises:
        ExnetError: with everything that is wrong in it.
    """
    from exnet.view import picture as view

    return view.picture(of, overrides=overrides, unfolded=unfolded, most=most)


def _check_torch(what: str) -> None:
    missing = [name for name in ("torch", "torch_geometric") if find_spec(name) is None]
    if missing:
        from exnet.spec.rules import MISSING_TORCH

        message = f"`{what}` needs {' and '.join(missing)}"
        raise ExnetError(MISSING_TORCH.at(None, message, help="pip install 'exnet[torch]'"))


def __getattr__(name: str) -> Any:
    if name == "Spec":
        from exnet.spec import Spec

        return Spec
    if name in ("Builder", "Call", "call"):
        from exnet.spec import builder

        return getattr(builder, name)
    if name == "data":
        from importlib import import_module

        return import_module("exnet.data")
    raise AttributeError(f"module `exnet` has no attribute `{name}`")
