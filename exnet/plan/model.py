"""The plan: what runs, in which order, on which rows. Index arrays and widths; serialisable, deterministic, torch-free.

Rows. The runtime keeps all primary extractions in one buffer E[node row, batch, p], all complementary ones in
E'[vertex row, batch, q]. Node rows are leaves 0..L, then vertices; vertex row r is node row L + r.
`Plan.vertex[r]` is the graph's vertex id, `Plan.leaf[r]` its leaf. Arc rows number the arcs into internal vertices
only.

Groups. A group is a rectangle of call sites that run as one batched product: G sharing classes of one stack, m sites of
each, ordered [class, site]. Classes with different numbers of sites at one step fall into different groups.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exnet.graph.deferred import Deferrable
from exnet.plan.origins import Origins
from exnet.source import Span
from exnet.spec.network import Network, Parameter, Signature

Ints = NDArray[np.int64]
Ints32 = NDArray[np.int32]
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, eq=False)
class Stack(Deferrable):
    """Parameters of equal shape, one row for each sharing class.

    Attributes:
        name: such as `primary/2/mix`: component, number of children, network. Unique; names the tensors in checkpoints.
        component: `primary`, `complementary` or `trainer`.
        children: k.
        network: options; `signature`: widths.
        classes: int32 [rows], the graph's class number of each row. Rows are ordered by first use (level, or depth).
        sites: int64 [rows], call sites S of each class, for the average of gradients.
        hash: uint64 [rows], identity for random numbers.
    """

    name: str
    component: str
    children: int
    network: Network
    signature: Signature
    classes: Ints32
    sites: Ints
    hash: Hashes

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.classes)

    @property
    def calls(self) -> int:
        """The call sites of all rows."""
        return int(self.sites.sum())

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What one row holds."""
        return self.network.parameters(self.signature)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A rectangle of call sites.

    Attributes:
        step: level (up), depth of the child (down), or 0 (local).
        stack: index into `Plan.stacks`.
        rows: int32 [G], rows of the stack.
        members: m, sites of each class here.
        sites: int32 [G * m], vertex rows (primary, trainer) or arc rows (complementary), ordered [class, site].
        operands: int32 [k, G * m]. Primary: node rows of the children, by slot. Complementary: first the parent's
            vertex row, then the node rows of the siblings. Trainer: node row, then vertex row.
        targets: int32 [G * m]: vertex rows that receive the result (for arcs: the child).
        drawn: for arcs: whether the children have several incoming arcs (so that stochastic mode draws among them).
    """

    step: int
    stack: int
    rows: Ints32
    members: int
    sites: Ints32
    operands: Ints32
    targets: Ints32
    drawn: bool


@dataclass(frozen=True, eq=False)
class Groups(Deferrable):
    """A sequence of groups in the order in which they run, as columns; `groups[i]` makes one.

    Attributes (n groups):
        step, stack, classes (G), members (m): int32 [n]; drawn: bool [n].
        rows: int32 [sum of G]; sites, targets: int32 [sum of G * m]; operands: int32 [sum of k * G * m].
        row_ptr, site_ptr, operand_ptr: int64 [n + 1].
    """

    step: Ints32
    stack: Ints32
    classes: Ints32
    members: Ints32
    drawn: NDArray[np.bool_]
    rows: Ints32
    sites: Ints32
    targets: Ints32
    operands: Ints32
    row_ptr: Ints
    site_ptr: Ints
    operand_ptr: Ints

    def __len__(self) -> int:
        return len(self.step)

    def __getitem__(self, i: int) -> Group:
        sites = slice(int(self.site_ptr[i]), int(self.site_ptr[i + 1]))
        operands = self.operands[self.operand_ptr[i] : self.operand_ptr[i + 1]]
        count = sites.stop - sites.start
        return Group(
            step=int(self.step[i]),
            stack=int(self.stack[i]),
            rows=self.rows[self.row_ptr[i] : self.row_ptr[i + 1]],
            members=int(self.members[i]),
            sites=self.sites[sites],
            operands=operands.reshape(-1, count) if count else operands.reshape(0, 0),
            targets=self.targets[sites],
            drawn=bool(self.drawn[i]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Arcs:
    """The arcs into internal vertices, by arc row (ordered by depth of the child, then as the groups need them).

    Attributes:
        parent, child: int32 [arcs], vertex rows.
        slot: int32 [arcs].
        stack, row: int32 [arcs], stack index and row in that stack of its complementary propagator.
        incoming_ptr: int64 [V + 1]; incoming: int32 [arcs]: the arc rows into each vertex row, in canonical order
            (parent's graph vertex id, then slot). A draw is a position in this list.
        sibling_ptr: int64 [arcs + 1]; sibling: int32: node rows of the siblings, by slot.
    """

    parent: Ints32
    child: Ints32
    slot: Ints32
    stack: Ints32
    row: Ints32
    incoming_ptr: Ints
    incoming: Ints32
    sibling_ptr: Ints
    sibling: Ints32


@dataclass(frozen=True, eq=False)
class Plan(Deferrable):
    """Everything that the runtime needs besides the options of the spec.

    Arrays may be made, and checked, when they are first read: hashes and the groups of the local update always, all of
    them for a graph whose counts have a closed form.

    Attributes:
        name: of the spec.
        primary, complementary: widths p and q.
        leaves: L. vertices: V. levels: number of levels of vertices.
        stacks: in a fixed order (component as in COMPONENTS, then children, then network).
        leaf: int32 [L], the graph's leaf of each leaf row.
        vertex: int32 [V], graph vertex id of each vertex row (rows ordered by level, then by up group).
        hash: uint64 [V], the graph's vertex hash by vertex row (for draws).
        level: int32 [V] by vertex row.
        root: vertex row of the root (always the last, V - 1).
        up: groups of primary propagators by level; `targets` of group i are consecutive vertex rows.
        down: groups of complementary propagators by depth of the child. Groups never mix drawn with certain arcs.
        local_primary, local_arcs, trainers: the same call sites without steps, each stack in as few groups as its
            classes allow: for the local update. `local_arcs` keeps drawn and certain arcs apart.
        arcs: the arcs, for draws and for the plain edge_index route.
        child_ptr, child: CSR of children by vertex row: node rows in slot order (arcs into leaves included).
        origins: equation, index and place of each vertex, names of classes: for messages.
    """

    name: str
    primary: int
    complementary: int
    leaves: int
    vertices: int
    levels: int
    stacks: tuple[Stack, ...]
    leaf: Ints32
    vertex: Ints32
    hash: Hashes
    level: Ints32
    root: int
    up: Groups
    down: Groups
    local_primary: Groups
    local_arcs: Groups
    trainers: Groups
    arcs: Arcs
    child_ptr: Ints
    child: Ints32
    origins: Origins

    @property
    def inner_arcs(self) -> int:
        """The number of arcs into internal vertices."""
        return len(self.arcs.child)

    @property
    def products(self) -> dict[str, int]:
        """Batched products: of the up pass, the down pass and the local update."""
        local = len(self.local_primary) + len(self.local_arcs) + len(self.trainers)
        return {"up": len(self.up), "down": len(self.down), "local": local}

    def vertex_name(self, row: int) -> str:
        """The path of the vertex in a vertex row, such as `x[1, _].attention.out[3].tree.h[2, 0]`."""
        return self.origins.vertex_name(int(self.vertex[row]))

    def span_of(self, row: int) -> Span:
        """The user's own place of a vertex row: its equation, or the application of the block that it stands in."""
        return self.origins.span_of(int(self.vertex[row]))

    def class_name(self, stack: int, row: int) -> str:
        """The stable name of a row of a stack, such as `x.attention.pair/primary[l=1]`."""
        own = self.stacks[stack]
        return self.origins.class_name(own.component, int(own.classes[row]))
