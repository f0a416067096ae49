"""Equations and the root: what their right sides may be, before any array is made."""

from typing import TYPE_CHECKING

from exnet.graph import rules
from exnet.graph.clauses import check_clauses
from exnet.graph.heads import check_head
from exnet.graph.places import Place
from exnet.graph.scope import Kind, Scope, Statement
from exnet.language import syntax

if TYPE_CHECKING:
    from exnet.graph.program import Program


def check_equation(program: "Program", scope: Scope, statement: Statement) -> None:
    """Reports what is wrong in one equation: head, right side, clauses."""
    place = check_head(program, scope, statement.head)
    if isinstance(statement, syntax.Vertex):
        _check_children(program, statement, place)
    else:
        _check_let(program, scope, statement, place)
    check_clauses(program, statement, place)


def _check_let(program: "Program", scope: Scope, statement: syntax.Let, place: Place) -> None:
    value = statement.value
    if isinstance(value, syntax.Tuple):
        text = f"write `vertex {statement.head.span.text} = {value.span.text}`"
        program.report.add(rules.LET_OF_TUPLE.at(value.span, "`let` only renames", help=text))
        return
    if not statement.head.binders:
        program.family_kind(scope, scope.families[statement.head.name.id])
        return
    kind = program.node(value, place)
    if isinstance(kind, int) and kind > 0:
        name = statement.head.name.id
        message = f"`{name}` names one node for each index; `{value.span.text}` is an array of rank {kind}"
        inside = ", ".join(b.name.id if b.name else b.span.text for b in statement.head.binders)
        text = f"write `{value.span.text}[{inside}]`, or `let {name} = ..` without indices for the whole array"
        program.report.add(rules.KIND_DIFFERS.at(value.span, message, help=text))


def _check_children(program: "Program", statement: syntax.Vertex, place: Place) -> None:
    value = statement.value
    if isinstance(value, syntax.Tuple):
        for item in value.items:
            _check_child(program, item, place)
    elif isinstance(value, syntax.Paren):
        _check_child(program, value.inner, place)
    else:
        kind = program.node(value, place)
        if kind == 0:
            name, text = statement.head.span.text, value.span.text
            hint = f"write `let {name} = {text}` to rename, or `({text})` for one child"
            program.report.add(rules.VERTEX_NEEDS_CHILDREN.at(value.span, "one vertex is not a tuple", help=hint))
        else:
            _splice_rank(program, value, kind)


def _check_child(program: "Program", item: syntax.Expr, place: Place) -> None:
    inner = item
    while isinstance(inner, syntax.Paren):
        inner = inner.inner
    if isinstance(inner, syntax.Tuple):
        hint = f"name the inner one: `vertex u = {inner.span.text}`"
        program.report.add(rules.NESTED_TUPLE.at(item.span, "children are vertices", help=hint))
        return
    _splice_rank(program, item, program.node(item, place))


def _splice_rank(program: "Program", item: syntax.Expr, kind: Kind) -> None:
    if isinstance(kind, int) and kind > 1:
        message = f"children are an array of rank 1; `{item.span.text}` has rank {kind}"
        hint = f"write `flatten({item.span.text})`"
        program.report.add(rules.WRONG_RANK.at(item.span, message, help=hint))


def check_root(program: "Program") -> None:
    """Reports a root that is not one vertex."""
    root = program.spec.root
    place = Place(program.file)
    if isinstance(root.value, syntax.Tuple):
        hint = f"write `vertex top = {root.value.span.text}` and `root top`"
        program.report.add(
            rules.ROOT_NOT_A_VERTEX.at(root.value.span, "the root is one vertex, not a tuple", help=hint)
        )
        return
    kind = program.node(root.value, place)
    if isinstance(kind, int) and kind > 0:
        message = f"the root is one vertex; `{root.value.span.text}` is an array of rank {kind}"
        hint = f"write `tree({root.value.span.text})`" if kind == 1 else "choose one of its vertices"
        program.report.add(rules.ROOT_NOT_A_VERTEX.at(root.value.span, message, help=hint))
    check_clauses(program, root, place)
