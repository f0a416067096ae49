"""The words of the equations behind a graph: their domains, and the read in each slot."""

from dataclasses import dataclass

from exnet.graph.model import Graph
from exnet.language import syntax
from exnet.language.text import binder, expression, guard
from exnet.source import Span
from exnet.spec.model import Spec


@dataclass(frozen=True, slots=True)
class Words:
    """What one equation says.

    Attributes:
        domain: what stands between the brackets of its head, such as `l: 1..=4, i: 0..16 >> l`.
        reads: the items of its right side. An array among them may fill several slots, or none.
        arrays: the positions of those that may be arrays.
    """

    domain: str = ""
    reads: tuple[str, ...] = ()
    arrays: tuple[int, ...] = ()

    def read(self, slot: int, children: int | None) -> str:
        """The read that fills a slot of a vertex with so many children; None: the vertices differ in that.

        It is the whole right side where arrays leave open which read it was.
        """
        last = len(self.reads) - 1
        if children == last + 1:
            return self.reads[slot]
        if len(self.arrays) == 1:
            (array,) = self.arrays
            if slot < array or (children is None and array == last):
                return self.reads[min(slot, array)]
            if children is not None and children >= last:
                wide = children - last
                return self.reads[array if slot < array + wide else slot - wide + 1]
        return ", ".join(self.reads)


def words_of(spec: Spec, graph: Graph) -> tuple[Words, ...]:
    """For each equation of the graph what its statement says, or nothing where no one statement stands behind it."""
    known = dict[tuple[object, ...], Words]()
    for statement in _statements(spec):
        known.setdefault(_place(statement.span, statement.head.name.id), _words(statement))
    return tuple(known.get(_place(equation.span, equation.family), Words()) for equation in graph.equations)


def _statements(spec: Spec) -> list[syntax.Vertex]:
    bodies = [spec.equations, *(block.block.body for block in spec.blocks)]
    return [statement for body in bodies for statement in body if isinstance(statement, syntax.Vertex)]


def _place(span: Span, family: str) -> tuple[object, ...]:
    return span.source.name, span.start, span.end, family


def _words(statement: syntax.Vertex) -> Words:
    head, right = statement.head, statement.value
    match right:
        case syntax.Tuple():
            items = right.items
        case syntax.Paren():
            items = (right.inner,)
        case _:
            items = (right,)
    domain = ", ".join(binder(b) for b in head.binders) + guard(head.guard)
    arrays = tuple(i for i, item in enumerate(items) if not _is_node(item))
    return Words(domain, tuple(expression(item) for item in items), arrays)


def _is_node(item: syntax.Expr) -> bool:
    """Whether it is certainly one node: a read at integers. A name alone, or an application, may be an array."""
    return isinstance(item, syntax.Subscript) and not any(
        isinstance(index, syntax.Range | syntax.All) for index in item.subscripts
    )
