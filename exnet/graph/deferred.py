"""Frozen values some of whose fields are made when they are first read."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Self, TypeVar

T = TypeVar("T")
Maker = Callable[[], Any]


class Deferrable:
    """A base of frozen dataclasses without slots.

    `deferred` leaves fields out. What makes one is a pure function of what is kept, so it does not matter when it runs;
    its result stays, and the function goes.
    """

    @classmethod
    def deferred(cls, makers: Mapping[str, Maker], **known: object) -> Self:
        """A value with some fields given, and for each other one a function that makes it.

        Raises:
            TypeError: a field is missing, unknown, or given twice.
        """
        wanted = sorted(f.name for f in fields(cls))  # pyright: ignore[reportArgumentType] - of a dataclass
        if sorted([*makers, *known]) != wanted:
            raise TypeError(f"{cls.__name__} has the fields {', '.join(wanted)}")
        made = object.__new__(cls)
        vars(made).update(known, _makers=dict(makers))
        return made

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            make = vars(self).get("_makers", {}).get(name)
            if make is None:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            value = vars(self)[name] = make()
            self._makers.pop(name, None)
            return value

        def __getstate__(self) -> dict[str, object]:
            """Copies and pickles hold values."""
            return {**{name: getattr(self, name) for name in list(vars(self).get("_makers", ()))}, **_values(self)}

    def waits(self, name: str) -> bool:
        """Whether a field has not been made yet."""
        return name not in vars(self)


def _values(value: object) -> dict[str, object]:
    return {name: held for name, held in vars(value).items() if name != "_makers"}


def once(make: Callable[[], T]) -> Callable[[], T]:
    """A function that makes its value when it is first called."""
    made = list[T]()

    def get() -> T:
        if not made:
            made.append(make())
        return made[0]

    return get


def parts(whole: Callable[[], object], names: "list[str] | tuple[str, ...]") -> dict[str, Maker]:
    """Makers of some fields that are those of one value, which is made once."""
    kept = once(whole)
    return {name: (lambda name=name: getattr(kept(), name)) for name in names}
