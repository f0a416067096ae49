"""The meaning of a file: frozen values, every option resolved, every name checked. Free of torch.

Equations stay syntax (`Spec.equations`, `Spec.blocks`); `exnet.graph` gives them their meaning.
"""

from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from math import prod
from typing import Literal

from exnet.language import syntax
from exnet.source import Source, Span
from exnet.spec.canonical import canonical_key, canonical_text
from exnet.spec.learned import LeafGrid
from exnet.spec.loss import Loss
from exnet.spec.network import Model, Network
from exnet.spec.rule import LearningRule
from exnet.spec.tokeniser import TokeniserPart

COMPONENTS = ("primary", "complementary", "trainer")
"""The three kinds of component, in the order of the paper."""


class InputType(Model):
    """`real[a, ..]`: numbers; `index[V]`: one integer in 0..V; `patch[p, q, s, t]`: a p x q piece of an image.

    Attributes:
        sizes: of one leaf; p, q of a patch.
        stride: s, t: rows and columns from one patch to the next, at most p and q. None: patches lie side by side, as
            with s = p and t = q. A grid of a x b patches covers ((a - 1) s + p) x ((b - 1) t + q) pixels.
    """

    kind: Literal["real", "index", "patch"]
    sizes: tuple[int, ...]
    stride: tuple[int, int] | None = None

    @property
    def width(self) -> int:
        """Numbers that one leaf receives (1 for an index)."""
        return 1 if self.kind == "index" else prod(self.sizes)

    @property
    def numbers(self) -> int:
        """Numbers that a learned tokeniser sees: `width`, and V of an index, which counts as V numbers."""
        return prod(self.sizes)


class OutputType(Model):
    """`class[K]`: one of K; `real[a, ..]`: numbers; `labels[K]`: any of K."""

    kind: Literal["class", "real", "labels"]
    sizes: tuple[int, ...]

    @property
    def width(self) -> int:
        """Numbers that a trainer predicts for it."""
        return prod(self.sizes)


@dataclass(frozen=True, slots=True)
class Input:
    """One named input: a grid of leaves, in row-major order.

    Attributes:
        name, shape, type: as declared. Data are laid out by them, whatever the tokeniser.
        tokeniser: the parts of the sum.
        grids: the leaves of the graph that belong to it, by name: a grid of this name and shape, or, with a learned
            tokeniser, the raw leaves and positions below the vertices of this name.
        equation: makes those vertices, with a learned tokeniser; it is among the equations of the spec.
    """

    name: str
    shape: tuple[int, ...]
    type: InputType
    tokeniser: tuple[TokeniserPart, ...]
    grids: tuple[LeafGrid, ...]
    equation: syntax.Vertex | None
    span: Span = field(compare=False, repr=False)

    @property
    def leaves(self) -> int:
        """Number of its places, each with `type.width` numbers."""
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class Output:
    """One named output; `weight` multiplies its loss."""

    name: str
    type: OutputType
    weight: float
    loss: Loss
    span: Span = field(compare=False, repr=False)


class Mode(Model):
    """How the down pass combines the incoming arcs of a vertex.

    `stochastic`: one arc is drawn, for each instance or for the whole batch (`draw`), uniformly or by slot `weights`.
    `deterministic`: the messages of all arcs are combined by `combine`.
    """

    kind: Literal["stochastic", "deterministic"] = "stochastic"
    draw: Literal["instance", "batch"] = "instance"
    weights: tuple[float, ...] | None = None
    combine: Literal["mean", "sum", "max"] = "mean"


@dataclass(frozen=True, slots=True)
class Components:
    """The network of each component, by its name in `Spec.networks`."""

    primary: str
    complementary: str
    trainer: str


@dataclass(frozen=True, slots=True, eq=False)
class BlockSource:
    """A block that equations may apply.

    `visible` names the blocks that its own body sees, as indices into `Spec.blocks`: a file's blocks see those of
    that file, its imports and the standard ones.
    """

    block: syntax.Block
    origin: Literal["file", "import", "standard"]
    visible: dict[str, int]


@dataclass(frozen=True, eq=False, repr=False)
class Spec:
    """The meaning of one spec. Two specs are equal if they say the same, in whatever order (`spec_hash`).

    Attributes:
        name: of the net.
        constants: values of `const` and `param` names (after `--set`), visible in the equations of the file scope.
        parameters: the names among them that are `param`, so that `--set` may change them.
        inputs, outputs: in the order of the text; names are unique. Canonical order is by name.
        primary, complementary: widths p and q of the extraction spaces.
        networks: every network by its name: those of `net`, the registered kinds with their default options
            (`mlp`, `gated`, `linear`), and `primary`, `complementary`, `trainer`, the built-in defaults of a vertex.
        defaults: what a vertex has when its equation says nothing.
        mode, learn: how it learns.
        equations: Let and Vertex statements of the file scope, in the order of the text; then those of learned
            tokenisers.
        root: the root statement.
        blocks: all blocks that can be applied, directly or through others.
        visible: block names that the file scope sees, as indices into `blocks`. Standard blocks are among them only
            where the file applies them; `exnet.spec.library.STANDARD` names them all.
        overrides: values of params that were set from outside.
        file: the syntax tree, for the formatter and for canonical text.
        source: the text it came from.
    """

    name: str
    constants: dict[str, int | bool]
    parameters: frozenset[str]
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    primary: int
    complementary: int
    networks: dict[str, Network]
    defaults: Components
    mode: Mode
    learn: LearningRule
    equations: tuple[syntax.Let | syntax.Vertex, ...]
    root: syntax.Root
    blocks: tuple[BlockSource, ...]
    visible: dict[str, int]
    overrides: dict[str, int | bool]
    file: syntax.File
    source: Source

    @property
    def output_width(self) -> int:
        """Width of a trainer's result: the heads of all outputs, in the order of their names."""
        return sum(output.type.width for output in self.outputs)

    @cached_property
    def text(self) -> str:
        """Canonical `.exn` text: formatted, without comments, set params at their values, imported blocks inlined."""
        return canonical_text(self)

    @cached_property
    def spec_hash(self) -> str:
        """SHA-256 of what the spec says, in hex: the order of statements and of named options does not count."""
        return sha256("\n".join(canonical_key(self)).encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return self.spec_hash == other.spec_hash if isinstance(other, Spec) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.spec_hash)

    def __repr__(self) -> str:
        return f"parse({self.text!r})"
