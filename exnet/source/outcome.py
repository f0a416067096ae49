"""The result of a stage: a value, if there is one, and everything that there is to say."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from exnet.source.diagnostic import Diagnostic
from exnet.source.error import ExnetError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """A value with its diagnostics. There is a value exactly if no diagnostic is an error."""

    value: T | None
    diagnostics: tuple[Diagnostic, ...] = ()

    def unwrap(self) -> T:
        """The value.

        Raises:
            ExnetError: with all the diagnostics, if there is no value.
        """
        if self.value is None:
            raise ExnetError(*self.diagnostics)
        return self.value
