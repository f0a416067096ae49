"""Where an expression stands, and the words for what it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from exnet.graph.scope import Kind, Scope
from exnet.language import syntax


@dataclass(frozen=True, slots=True)
class Place:
    """Where an expression stands: which indices it may use, and which are bound only later."""

    scope: Scope
    indices: frozenset[str] = frozenset()
    later: Mapping[str, syntax.Binder] = field(default_factory=dict)
    slot: bool = False


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 index`, `2 indices`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def rank_words(rank: Kind) -> str:
    """`one vertex`, `an array of rank 2`."""
    return "one vertex" if rank == 0 else f"an array of rank {rank}"
