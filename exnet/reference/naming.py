"""Names of vertices and sharing classes: the path of applications from the file inwards, with and without indices."""

from collections.abc import Iterator

from exnet.language import syntax
from exnet.reference.domains import Statement
from exnet.reference.frames import Application, Frame, Host, Place
from exnet.reference.lifting import applications
from exnet.reference.sharing import share_alias
from exnet.reference.values import Evaluator


class Naming:
    """Gives names. Two applications `host.block` in one scope are told apart by `#2`, in the order of their smallest
    index; finding that may need all instances of the scope, whether or not the root reads them.
    """

    def __init__(self, evaluator: Evaluator, file: Frame) -> None:
        self._evaluator = evaluator
        self._file = file
        self._marks: dict[tuple[int, ...], str] = {}

    def vertex(self, place: Place) -> str:
        """`x[1, _].attention.out[3].tree.h[2, 0]`; also of a leaf."""
        if place.frame.family(place.family)[place.index] is None:
            return leaf(place.family, place.index)
        return ".".join([*(self._step(a) for a in lineage(place.frame)), indexed(place.family, place.index)])

    def pool(self, frame: Frame, family: str) -> str:
        """`x.attention.out.tree.h`: the path without indices, `as` names in the place of what they replace."""
        return ".".join([*(share_alias(a.host) or self._site(a) for a in lineage(frame)), family])

    def _step(self, application: Application) -> str:
        host, block = host_name(application.host), application.call.function.id
        lifted = dict(application.lifted)
        binders = application.host.head.binders if isinstance(application.host, syntax.Let | syntax.Vertex) else ()
        shown = [str(lifted.get(b.name.id, "_")) if b.name is not None else "_" for b in binders]
        return f"{host}[{', '.join(shown)}].{block}{self._mark(application)}" if shown else self._site(application)

    def _site(self, application: Application) -> str:
        return f"{host_name(application.host)}.{application.call.function.id}{self._mark(application)}"

    def _mark(self, application: Application) -> str:
        """The empty text for the first (or only) application of this block in this host, then `#2`, `#3`."""
        key = (*(id(a.call) for a in lineage(application.parent)), id(application.call))
        if key not in self._marks:
            same = self._alike(application)
            at = [id(call) for _, call in same].index(id(application.call))
            self._marks[key] = f"#{at + 1}" if at else ""
        return self._marks[key]

    def _alike(self, application: Application) -> list[tuple[Host, syntax.Call]]:
        """The applications of one block in one family (or the root) of one scope, in their order."""
        scope = application.parent.scope
        if isinstance(application.host, syntax.Let | syntax.Vertex):
            hosts: tuple[Host, ...] = scope.families[application.host.head.name.id]
        else:
            hosts = (application.host,)
        block = application.call.function.id
        found = [(h, c) for h in hosts for c in applications(h.value, scope.blocks) if c.function.id == block]
        if len({id(host) for host, _ in found}) > 1:
            smallest = self._smallest(application)
            found.sort(key=lambda pair: smallest.get(id(pair[0]), (1, ())))
        return found

    def order(self, frame: Frame, statement: Statement) -> tuple[object, ...]:
        """The place of an equation among all: its path, its family, its smallest index with the lifted ones before."""
        path, family = lineage(frame), statement.head.name.id
        smallest = min(
            (tuple(int(value) for a in lineage(other) for _, value in a.lifted), index)
            for other in self._frames(path)
            for index, row in other.family(family).items()
            if row is not None and row.statement is statement
        )
        return tuple(self._site(application) for application in path), family, *smallest

    def _smallest(self, application: Application) -> dict[int, tuple[int, tuple[int, ...]]]:
        """The smallest index of each equation of the host's family, over all instances of its scope."""
        assert isinstance(application.host, syntax.Let | syntax.Vertex)
        family, smallest = application.host.head.name.id, dict[int, tuple[int, tuple[int, ...]]]()
        for frame in self._frames(lineage(application.parent)):
            for index, row in frame.family(family).items():
                if row is not None:
                    equation = id(row.statement)
                    smallest[equation] = min(smallest.get(equation, (0, index)), (0, index))
        return smallest

    def _frames(self, path: tuple[Application, ...]) -> Iterator[Frame]:
        """All instances of a scope."""
        if not path:
            yield self._file
            return
        last = path[-1]
        for parent in self._frames(path[:-1]):
            if not isinstance(last.host, syntax.Let | syntax.Vertex):
                yield self._evaluator.apply(last.call, parent, last.host, {})
                continue
            for row in parent.family(last.host.head.name.id).values():
                if row is not None and row.statement is last.host:
                    yield self._evaluator.apply(last.call, parent, last.host, row.names)


def lineage(frame: Frame) -> tuple[Application, ...]:
    """The applications that lead to a frame, outermost first."""
    path: list[Application] = []
    while frame.application is not None:
        path.append(frame.application)
        frame = frame.application.parent
    return tuple(reversed(path))


def host_name(host: Host) -> str:
    """What an application's host is called in paths."""
    match host:
        case syntax.Let(head=head) | syntax.Vertex(head=head):
            return head.name.id
        case syntax.Root():
            return "root"
        case syntax.Yield():
            return "yield"


def indexed(name: str, index: tuple[int, ...]) -> str:
    """`h[2, 0]`, or `h` alone without indices."""
    return f"{name}[{', '.join(str(i) for i in index)}]" if index else name


def leaf(grid: str, index: tuple[int, ...]) -> str:
    """`x[3]` of the grid `x`; below a learned tokeniser `x[3].raw[0]` of `x.raw`, `x[3].position` of `x.position`."""
    name, dot, below = grid.partition(".")
    if below == "raw":
        return f"{indexed(name, index[:-1])}.raw[{index[-1]}]"
    return indexed(name, index) + dot + below
