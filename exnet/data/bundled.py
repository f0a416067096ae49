"""Tables that come with scikit-learn: `iris`, `wine`, `breast-cancer`, `diabetes`."""

from abc import abstractmethod
from typing import Any, ClassVar, Literal

import numpy as np

from exnet.data.codes import Codes
from exnet.data.columns import NUMBERS
from exnet.data.model import Array, Data, Dataset, Part
from exnet.data.rules import MISSING_DATA
from exnet.data.split import split
from exnet.source import ExnetError


class Bundled(Data):
    """A table of numbers [N, k]; a fixed fifth, of each class where there are classes, is the test part.

    `part: tuning` puts the test part away altogether: a fifth of the training part takes its place.
    """

    part: Literal["all", "tuning"] = "all"
    target: ClassVar[str]

    @abstractmethod
    def read(self) -> Any:
        """What scikit-learn's loader returns: `data`, `target`, `feature_names`, and `target_names` of classes."""

    def load(self) -> Dataset:
        """Reads scikit-learn's copy."""
        with_sklearn(self.kind)
        found = self.read()
        targets: Array = found.target
        classes = tuple(str(name) for name in found.get("target_names", ()))
        codes = Codes(
            columns={NUMBERS: tuple(str(name) for name in found.feature_names)},
            names={self.target: classes} if classes else {},
            targets={self.target: (self.target,)},
        )
        part = Part({NUMBERS: found.data}, {self.target: targets.astype(np.int64) if classes else targets})
        counts = {self.target: len(classes)} if classes else {}
        train, test = split(part, counts, 0.2, f"{self.kind}/test", "test")
        if self.part == "tuning":
            train, test = split(train, counts, 0.2, f"{self.kind}/tuning", "part: tuning")
        return Dataset(self.text, train, test, counts, codes)


class Iris(Bundled):
    """150 irises of three species (Fisher 1936), four lengths in centimetres."""

    kind: ClassVar[str] = "iris"
    target: ClassVar[str] = "species"

    def read(self) -> Any:
        """Scikit-learn's `load_iris`."""
        from sklearn.datasets import load_iris

        return load_iris()


class Wine(Bundled):
    """178 wines of three cultivars, thirteen chemical figures."""

    kind: ClassVar[str] = "wine"
    target: ClassVar[str] = "cultivar"

    def read(self) -> Any:
        """Scikit-learn's `load_wine`."""
        from sklearn.datasets import load_wine

        return load_wine()


class BreastCancer(Bundled):
    """569 tumours, malignant or benign, thirty figures of cell nuclei."""

    kind: ClassVar[str] = "breast-cancer"
    target: ClassVar[str] = "diagnosis"

    def read(self) -> Any:
        """Scikit-learn's `load_breast_cancer`."""
        from sklearn.datasets import load_breast_cancer

        return load_breast_cancer()


class Diabetes(Bundled):
    """442 patients, ten figures; the target is a number: how far the disease has gone after a year."""

    kind: ClassVar[str] = "diabetes"
    target: ClassVar[str] = "progression"

    def read(self) -> Any:
        """Scikit-learn's `load_diabetes`, in the units in which it was measured."""
        from sklearn.datasets import load_diabetes

        return load_diabetes(scaled=False)


def with_sklearn(kind: str) -> None:
    """Refuses a data set of scikit-learn where that is not installed.

    Raises:
        ExnetError: EXN602.
    """
    from importlib.util import find_spec

    if find_spec("sklearn") is None:
        message = f"`{kind}` comes with scikit-learn, which is not installed"
        raise ExnetError(MISSING_DATA.at(None, message, help="pip install 'exnet[torch]'"))
