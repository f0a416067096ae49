"""What an expression is: an integer, a condition, a node, or an array of some rank."""

from typing import TYPE_CHECKING

from exnet.graph import rules
from exnet.graph.calls import call_kind
from exnet.graph.places import Place, counted
from exnet.graph.scope import Kind, Scope
from exnet.language import syntax
from exnet.source import Label, nearest
from exnet.spec.walk import used_names

if TYPE_CHECKING:
    from exnet.graph.program import Program


def kind_of(program: "Program", expr: syntax.Expr, place: Place) -> Kind:
    """The kind of an expression; mistakes inside go to the report, once, and give None."""
    match expr:
        case syntax.Int():
            return "int"
        case syntax.Bool():
            return "bool"
        case syntax.Slot():
            return _slot(program, expr, place)
        case syntax.Name():
            return _name(program, expr, place)
        case syntax.Paren():
            return program.kind(expr.inner, place)
        case syntax.Unary() | syntax.Binary() | syntax.Compare():
            return _operator(program, expr, place)
        case syntax.Subscript():
            return _subscript(program, expr, place)
        case syntax.Call():
            return call_kind(program, expr, place)
        case _:
            what = {"Float": "a number with a point", "Str": "a text", "List": "a list"}
            message = f"{what.get(type(expr).__name__, 'a tuple')} has no place in an equation"
            program.report.add(rules.KIND_DIFFERS.at(expr.span, message))
            return None


def _slot(program: "Program", expr: syntax.Slot, place: Place) -> Kind:
    if not place.slot:
        message = "`slot` is the position of a child; only a `complementary` key may use it"
        program.report.add(rules.MISPLACED_SLOT.at(expr.span, message))
        return None
    return "int"


def _name(program: "Program", expr: syntax.Name, place: Place) -> Kind:
    name, scope = expr.id, place.scope
    if name in place.indices:
        return "int"
    if name in scope.ints:
        return scope.ints[name]
    if name in scope.arrays:
        return scope.arrays[name]
    if name in scope.families:
        return program.family_kind(scope, scope.families[name])
    if name in scope.inputs:
        return scope.inputs[name]
    _unknown(program, expr, place)
    return None


def _unknown(program: "Program", expr: syntax.Name, place: Place) -> None:
    name = expr.id
    if name in place.later:
        binder = place.later[name]
        message, hint = f"`{name}` is bound after it is used", f"put `{binder.span.text}` first"
        if any(used.id == name for used in used_names(binder.domain)):
            message, hint = f"the bounds of `{name}` use `{name}` itself", "bounds use earlier indices only"
    elif name in program.nets and name in place.scope.places:
        message, hint = f"`{name}` is a network, not a node", "networks are chosen by `with (primary: ..)`"
    elif name in place.scope.visible:
        message, hint = f"`{name}` is a block", f"apply it: `{name}(..)`"
    else:
        message = f"`{name}` is not defined here"
        near = nearest(name, [*place.scope.names(), *place.indices])
        hint = f"did you mean `{near}`?" if near else _closed(program, name, place.scope)
    program.report.add(rules.UNKNOWN_NAME.at(expr.span, message, help=hint))


def _closed(program: "Program", name: str, scope: Scope) -> str:
    if scope.block is not None and scope.block.origin == "file" and name in program.file.names():
        return f"a block sees only its formals: add `{name}` to those of `{scope.name}`"
    return ""


def _operator(program: "Program", expr: "syntax.Unary | syntax.Binary | syntax.Compare", place: Place) -> Kind:
    if isinstance(expr, syntax.Compare):
        kinds = [program.kind(operand, place) for operand in expr.operands]
        wanted = "bool" if kinds[0] == "bool" and set(expr.operators) <= {"==", "!="} else "int"
        for operand in expr.operands:
            program.integer(operand, place, wanted)
        return "bool"
    wanted = "bool" if expr.operator in ("not", "and", "or") else "int"
    for operand in (expr.operand,) if isinstance(expr, syntax.Unary) else (expr.left, expr.right):
        program.integer(operand, place, wanted)
    return wanted


def _subscript(program: "Program", expr: syntax.Subscript, place: Place) -> Kind:
    base = program.node(expr.base, place)
    for sub in expr.subscripts:
        if isinstance(sub, syntax.Range):
            program.integer(sub.lo, place)
            program.integer(sub.hi, place)
        elif not isinstance(sub, syntax.All):
            program.integer(sub, place)
    if not isinstance(base, int):
        return None
    given, text = len(expr.subscripts), expr.base.span.text
    if given != base:
        has = counted(base, "index", "indices") if base else "no index"
        labels = _defined(expr.base, place)
        program.report.add(rules.WRONG_RANK.at(expr.span, f"`{text}` has {has}, {given} given", labels=labels))
        return None
    return sum(isinstance(sub, syntax.Range | syntax.All) for sub in expr.subscripts)


def _defined(expr: syntax.Expr, place: Place) -> tuple[Label, ...]:
    if isinstance(expr, syntax.Name) and expr.id in place.scope.places:
        return (Label(place.scope.places[expr.id][1], "defined here"),)
    return ()
