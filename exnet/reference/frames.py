"""Frames: the file, and every instance of every applied block. A frame knows what its names mean."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from exnet.language import syntax
from exnet.reference.domains import Index, Row, Statement, table
from exnet.reference.integers import Number
from exnet.spec.model import BlockSource, Spec

Host = Statement | syntax.Root | syntax.Yield


@dataclass(frozen=True)
class Place:
    """One index of one family in one frame: a name of a node, not yet followed through `let`."""

    frame: "Frame"
    family: str
    index: Index


@dataclass(frozen=True, eq=False)
class View:
    """An array of nodes; indices start at 0 on every axis."""

    shape: Index
    at: Callable[[Index], Place]


@dataclass(frozen=True, eq=False)
class Scope:
    """The names of the file, or of one block body, as written."""

    families: dict[str, tuple[Statement, ...]]
    inputs: dict[str, Index]
    result: syntax.Root | syntax.Yield
    blocks: dict[str, "BlockSource"]


@dataclass(frozen=True, eq=False)
class Application:
    """Why a frame exists: `call` in `host`, applied in `parent` for these values of the lifted indices."""

    parent: "Frame"
    host: Host
    call: syntax.Call
    lifted: tuple[tuple[str, Number], ...]


@dataclass(eq=False)
class Frame:
    """The file, or one instance of a block.

    Attributes:
        scope: its names as written.
        numbers: consts, params, and formals that are numbers.
        nodes: formals that are vertices or arrays.
        application: where it comes from; None for the file.
    """

    scope: Scope
    numbers: dict[str, Number]
    nodes: dict[str, "Place | View"]
    application: Application | None = None
    _tables: dict[str, dict[Index, Row | None]] = field(default_factory=dict)
    _rows_by: dict[tuple[str, Index], dict[Index, list[Index]]] = field(default_factory=dict)
    instances: dict[tuple[int, tuple[Number, ...]], "Frame"] = field(default_factory=dict)
    values: dict[str, "Number | Place | View"] = field(default_factory=dict)

    def family(self, name: str) -> Mapping[Index, Row | None]:
        """Which row defines each index of a family; None stands for a leaf of an input."""
        if name not in self._tables:
            if name in self.scope.inputs:
                self._tables[name] = dict.fromkeys(indices(self.scope.inputs[name]))
            else:
                self._tables[name] = dict(table(self.scope.families[name], self.numbers))
        return self._tables[name]

    def matching(self, name: str, fixed: Mapping[int, int]) -> list[Index]:
        """The indices of a family that have these values on these axes, in lexicographic order."""
        axes = tuple(sorted(fixed))
        if (name, axes) not in self._rows_by:
            groups: dict[Index, list[Index]] = {}
            for index in sorted(self.family(name)):
                groups.setdefault(tuple(index[a] for a in axes), []).append(index)
            self._rows_by[name, axes] = groups
        return self._rows_by[name, axes].get(tuple(fixed[a] for a in axes), [])


def indices(shape: Index) -> list[Index]:
    """All indices of a rectangle that starts at 0, in row-major order."""
    found: list[Index] = [()]
    for size in shape:
        found = [(*index, i) for index in found for i in range(size)]
    return found


def file_frame(spec: Spec) -> Frame:
    """The frame of the file itself."""
    inputs = {grid.name: grid.shape for i in spec.inputs for grid in i.grids}
    blocks = {name: spec.blocks[at] for name, at in spec.visible.items()}
    scope = Scope(_families(spec.equations), inputs, spec.root, blocks)
    return Frame(scope, dict(spec.constants), {})


def block_scope(source: BlockSource, spec: Spec) -> Scope:
    """The names of a block body: closed but for the blocks that it sees."""
    body = source.block.body
    equations = tuple(s for s in body if not isinstance(s, syntax.Yield))
    (result,) = (s for s in body if isinstance(s, syntax.Yield))
    return Scope(_families(equations), {}, result, {n: spec.blocks[at] for n, at in source.visible.items()})


def _families(equations: tuple[Statement, ...]) -> dict[str, tuple[Statement, ...]]:
    families: dict[str, tuple[Statement, ...]] = {}
    for statement in equations:
        name = statement.head.name.id
        families[name] = (*families.get(name, ()), statement)
    return families
