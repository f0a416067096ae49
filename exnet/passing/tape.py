"""What the two passes keep for the local update of the same step."""

from dataclasses import dataclass, field
from typing import Optional, TypeAlias

from exnet.nets.arena import Arena, New
from exnet.passing.arcs import Sent
from exnet.passing.product import Made, Product


@dataclass(slots=True, eq=False)
class Tape:
    """What the passes of one step leave for the way back, extractions included; a new step writes over it.

    Attributes:
        arena: where it lies. up, down: by group.
    """

    arena: Arena = field(default_factory=Arena)
    up: list[tuple[Product, list[Made]]] = field(default_factory=list)
    down: list[Sent] = field(default_factory=list)

    def begin(self) -> None:
        """Forgets the last step."""
        self.up, self.down = [], []
        self.arena.begin()

    @property
    def new(self) -> New:
        """Where its tensors come from."""
        return self.arena.new


MaybeTape: TypeAlias = Optional[Tape]  # noqa: UP045  # in the hooks of PyG
