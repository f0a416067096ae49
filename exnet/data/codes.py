"""What stands behind the numbers of a data set: names of columns, vocabularies, names of classes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Codes:
    """Kept with a run, so that later data get the same numbers and predictions get their names.

    Attributes:
        columns: names of the columns of a table, by input. Such an input is standardised column by column.
        words: vocabularies, by input that is an index: word i has the number i.
        names: names of the classes or labels, by target.
        targets: the column that each target of a table was read from.
        means: what stands in for a missing number, by column; empty where none may be missing.
    """

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    targets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    means: Mapping[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it; what is empty is left out."""
        lists = {key: getattr(self, key) for key in ("columns", "words", "names", "targets")}
        found: dict[str, Any] = {k: {n: list(v) for n, v in entry.items()} for k, entry in lists.items() if entry}
        return {**found, "means": dict(self.means)} if self.means else found

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Codes":
        """What `to_json` wrote."""
        columns, words, names, targets = (_tuples(value.get(k, {})) for k in ("columns", "words", "names", "targets"))
        return cls(columns, words, names, targets, {str(k): float(v) for k, v in value.get("means", {}).items()})


def _tuples(entries: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in entries.items()}
