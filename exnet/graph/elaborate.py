"""Equations to arrays: the driver. Checks, enumerates, evaluates right sides, and hands the slots to the assembly."""

import sys
from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from exnet.graph import rules
from exnet.graph.assemble import assemble
from exnet.graph.children import Children, children
from exnet.graph.clauses import applications
from exnet.graph.domain import Axis, Box, Domain, guarded
from exnet.graph.doubts import doubts_of_text
from exnet.graph.drawing import weight_problems
from exnet.graph.enumerate import enumerate_family
from exnet.graph.frames import Frame, Pool, Rows, Value
from exnet.graph.integers import Array, Column
from exnet.graph.limits import Limits
from exnet.graph.mistakes import Mistake, mistake
from exnet.graph.model import Graph, LeafBlock
from exnet.graph.program import Program
from exnet.graph.rightside import node, value
from exnet.graph.scope import Family, Report, Scope, yield_of
from exnet.graph.symbolic import proved, symbolic_graph
from exnet.graph.tables import EquationTable, FamilyTable
from exnet.language import syntax
from exnet.source import Diagnostic, Label, Outcome
from exnet.spec.model import COMPONENTS, Spec

NESTED_CALLS = 15_000
"""Python calls that may be open at once: a thousand names that lead to one another need several thousand."""


SYMBOLIC = 20_000
"""Vertices from which on a graph stays symbolic if it can; a smaller one is enumerated in a few milliseconds."""
_NONE = np.zeros(0, np.int64)
NEVER = 2**62
"""No graph has so many vertices."""


class Stop(Exception):  # noqa: N818
    """A limit was reached: nothing more is looked at."""


@dataclass(slots=True, eq=False)
class Made:
    """One equation of one frame with its rows, and its right side: targets of a `let`, children of a `vertex`."""

    frame: Frame
    table: EquationTable
    targets: Array | None = None
    children: Children | None = None

    @property
    def rows(self) -> Rows:
        """The rows in which the right side is evaluated."""
        statement, domain = self.table.statement, self.table.domain
        assert statement is not None
        columns = {b.name.id: c for b, c in zip(statement.head.binders, domain.index, strict=True) if b.name}
        return Rows(self.frame, domain.count, domain.instance, columns, domain.index, statement)


class Elaboration:
    """The state of one elaboration: slots given out, equations made and to be made, counts against the limits."""

    def __init__(self, spec: Spec, program: Program, limits: Limits, report: Report) -> None:
        self.spec, self.program, self.limits, self.report = spec, program, limits, report
        self.slots = self.scanned = self.vertices = self.arcs = self.applications = 0
        self.made: list[Made] = []
        self.queue: deque[Made] = deque()
        self.wholes: deque[tuple[Frame, Family]] = deque()
        self.leaves: dict[str, LeafBlock] = {}
        self.root: int = -1
        self._pools: dict[tuple[str, ...], tuple[int, syntax.Call]] = {}

    # Reporting

    def tell(self, found: Mistake) -> None:
        """Reports a mistake, unless its reason was reported before."""
        if found.diagnostic is not None:
            self.report.add(found.diagnostic)

    def stop(self, reason: "Diagnostic | Mistake") -> Mistake:
        """Reports that a limit was reached, and ends everything.

        Raises:
            Stop: always.
        """
        diagnostic = reason.diagnostic if isinstance(reason, Mistake) else reason
        if diagnostic is not None:
            self.report.add(diagnostic)
        raise Stop

    def take_slots(self, count: int) -> int:
        """The first of `count` new slots."""
        self.slots += count
        return self.slots - count

    def release(self) -> None:
        """Forgets the tables in which slots are looked up: columns and frames' own indices are all that is needed now.

        Frames refer to one another in circles, so that nothing would be freed before the next full collection.
        """
        for made in self.made:
            frame, domain = made.frame, made.table.domain
            frame.families, frame.arrays, frame.whole, frame.host = {}, {}, {}, None
            nothing = Box(0, Column.constant(0), (), ())
            made.table.domain = Domain(nothing, domain.count, domain.instance, domain.index, None)
            made.targets = None
            if made.children is not None:
                made.children = replace(made.children, slots=_NONE)

    # Frames

    def run(self) -> None:
        """Evaluates the whole file."""
        frame = Frame(self.program.file, pools=dict.fromkeys(COMPONENTS, Pool()))
        frame.ints = {name: Column.constant(int(v)) for name, v in self.spec.constants.items()}
        for grid in sorted((grid for item in self.spec.inputs for grid in item.grids), key=lambda grid: grid.name):
            self.leaves[grid.name] = LeafBlock(grid.name, grid.shape, self.slots, grid.leaves)
            frame.families[grid.name] = self._leaves(grid.name, grid.shape)
        self._open(frame)
        try:
            self.root = int(node(self, self.spec.root.value, frame.rows(self.spec.root))[0])
        except Mistake as found:
            self.tell(found)
        self._drain()

    def _leaves(self, name: str, shape: tuple[int, ...]) -> FamilyTable:
        grid = np.indices(shape).reshape(len(shape), -1) if shape else np.zeros((0, 1), np.int64)
        axes = tuple(Axis(Column.constant(0), Column.constant(n), None) for n in shape)
        box = Box(grid.shape[1], Column.constant(0), tuple(Column.of(column) for column in grid), axes)
        table = FamilyTable(name, len(shape), None)
        table.equations.append(EquationTable(None, guarded(box, True), self.take_slots(box.count)))
        return table

    def enter(self, frame: Frame) -> Value:
        """Opens the frame of an application and evaluates what it yields, for each instance.

        Raises:
            Mistake: it has no value.
        """
        self.applications += 1
        if self.applications > self.limits.applications:
            message = f"more than {self.limits.applications} applications, one inside the other"
            hint = "an index makes many instances of one application"
            call = frame.call
            self.stop(rules.TOO_MANY_APPLICATIONS.at(call.span if call else None, message, help=hint))
        self._open(frame)
        assert frame.scope.block is not None
        block = frame.scope.block
        statement = next(s for s in block.block.body if isinstance(s, syntax.Yield))
        return value(self, yield_of(block), frame.rows(statement))

    def _open(self, frame: Frame) -> None:
        """Enumerates the domains of a frame; right sides wait."""
        for family in frame.scope.families.values():
            if self.is_array(frame.scope, family):
                self.wholes.append((frame, family))
                continue
            table = frame.families[family.name] = enumerate_family(self, frame, family)
            for equation in table.equations:
                made = Made(frame, equation)
                self.made.append(made)
                self.queue.append(made)
                if not frame.sites and equation.domain.count == 0 and equation.statement:
                    head = equation.statement.head
                    message = f"no index of `{head.span.text}` exists"
                    self.report.add(rules.EMPTY_EQUATION.at(head.span, message))
        frame.site_names = site_names(frame, self.spec.root)

    def is_array(self, scope: Scope, family: Family) -> bool:
        """Whether a family is a whole array under a second name."""
        return family.is_whole and self.program.family_kind(scope, family) != 0

    def whole(self, frame: Frame, name: str, expr: syntax.Expr) -> Value:
        """The array that `let name = ..` names, made when it is first read.

        Raises:
            Mistake: it has none.
        """
        if name not in frame.whole:
            frame.whole[name] = None
            statement = frame.scope.families[name].equations[0]
            try:
                frame.whole[name] = value(self, statement.value, frame.rows(statement))
            except Mistake:
                frame.whole[name] = np.zeros(0)
                raise
        found = frame.whole[name]
        if found is None:
            statement = frame.scope.families[name].equations[0]
            message = f"`{name}` = `{statement.value.span.text}` reads `{name}` itself"
            hint = "a vertex may only read what does not read it"
            raise mistake(rules.CYCLE, frame.rows(statement), None, expr, message, help=hint)
        if isinstance(found, np.ndarray) and len(found) == 0:
            raise Mistake
        return found

    def check_pool(self, frame: Frame, host: Rows, block: int) -> None:
        """Applications that share under one name must apply the same block."""
        path, call = frame.pools["primary"].path, frame.call
        assert call is not None
        known, other = self._pools.setdefault(path, (block, call))
        if known == block or host.statement is None or isinstance(host.statement, syntax.Yield):
            return
        clause = next((c for c in host.statement.clauses if isinstance(c, syntax.Share) and c.alias), None)
        names = [self.program.blocks[b].name for b in (known, block)]
        message = f"`{path[-1]}` is `{names[0]}` on line {other.span.shown.first.line} and `{names[1]}` here"
        labels = (Label(other.span, "applied here"),)
        span = clause.span if clause else call.span
        self.report.add(rules.UNLIKE_BLOCKS.at(span, message, labels=labels, help="give them different names"))

    # Right sides

    def _drain(self) -> None:
        while self.queue or self.wholes:
            while self.queue:
                self._evaluate(self.queue.popleft())
            if self.wholes:
                frame, family = self.wholes.popleft()
                try:
                    self.whole(frame, family.name, family.equations[0].value)
                except Mistake as found:
                    self.tell(found)

    def _evaluate(self, made: Made) -> None:
        rows = made.rows
        statement = made.table.statement
        if rows.count == 0:
            return
        try:
            if isinstance(statement, syntax.Vertex):
                made.children = children(self, statement, rows)
            elif statement is not None:
                made.targets = node(self, statement.value, rows)
        except Mistake as found:
            self.tell(found)


def site_names(frame: Frame, root: syntax.Root) -> dict[int, str]:
    """`host.block` for every application of a scope, with `#2`, `#3` in the order of the smallest index."""
    scope, names = frame.scope, dict[int, str]()
    hosts: list[tuple[str, list[tuple[tuple[int, ...], syntax.Call]]]] = []
    for family in scope.families.values():
        table = frame.families.get(family.name)
        found = list[tuple[tuple[int, ...], syntax.Call]]()
        for at, statement in enumerate(family.equations):
            calls = list(applications(statement, scope.visible))
            if calls:
                first = _smallest(table, statement) if table and len(family.equations) > 1 else (0,)
                found += [(first if first else (1, at), call) for call in calls]
        hosts.append((family.name, sorted(found, key=lambda pair: pair[0])))
    if scope.block is None:
        hosts.append(("root", [((), call) for call in applications(root, scope.visible)]))
    else:
        ends = [s for s in scope.block.block.body if isinstance(s, syntax.Yield)]
        hosts.append(("yield", [((), call) for end in ends for call in applications(end, scope.visible)]))
    for host, calls in hosts:
        seen: dict[str, int] = {}
        for _, call in calls:
            site = f"{host}.{call.function.id}"
            seen[site] = seen.get(site, 0) + 1
            names[id(call)] = site if seen[site] == 1 else f"{site}#{seen[site]}"
    return names


def _smallest(table: FamilyTable, statement: syntax.Let | syntax.Vertex) -> tuple[int, ...]:
    """(0, smallest index) of an equation over all instances; () if it is empty."""
    for equation in table.equations:
        if equation.statement is statement and equation.domain.count:
            domain = equation.domain
            row = 0
            if not domain.instance.is_constant and domain.index:
                row = int(np.lexsort([c.array(domain.count) for c in reversed(domain.index)])[0])
            return (0, *(c.at(row) for c in domain.index))
    return ()


def elaborate(spec: Spec, limits: Limits = Limits(), symbolic: int = SYMBOLIC) -> Outcome[Graph]:
    """The graph of a spec, or everything that is wrong with its equations. Doubts come with either.

    Counting comes before enumerating: a spec above the limits is refused before an array of that size is made. From
    `symbolic` vertices on, a graph whose counts have a closed form is enumerated only when its arrays are read.
    """
    report = Report()
    graph: Graph | None = None
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, NESTED_CALLS))
    try:
        graph = _graph(spec, limits, report, symbolic)
    except Stop:
        pass
    except RecursionError:
        message = "names lead through too many other names before they mean a node"
        report.add(rules.TOO_DEEP.at(spec.root.span, message, help="name nodes by families instead of one by one"))
    finally:
        sys.setrecursionlimit(before)
    return Outcome(None if report.failed else graph, ordered(report))


def _graph(spec: Spec, limits: Limits, report: Report, symbolic: int) -> Graph | None:
    program = Program(spec, report, limits)
    program.check()
    if report.failed:
        return None
    facts = proved(program, limits) if symbolic < NEVER else None
    if facts is not None and facts.vertices >= symbolic:
        for found in doubts_of_text(program):
            report.add(found)
        return symbolic_graph(program, facts, lambda: elaborate(spec, limits, NEVER).unwrap())
    work = Elaboration(spec, program, limits, report)
    work.run()
    graph = None if report.failed else assemble(work)
    work.release()
    if graph is not None and not report.failed:
        for found in (*doubts_of_text(program), *weight_problems(spec, graph)):
            report.add(found)
    return graph


def ordered(report: Report) -> tuple[Diagnostic, ...]:
    """The diagnostics in the order of their places."""

    def place(diagnostic: Diagnostic) -> tuple[str, int, str]:
        span = diagnostic.span
        return (span.source.name, span.start, diagnostic.code) if span else ("", 0, diagnostic.code)

    return tuple(sorted(report.diagnostics, key=place))
