"""Calls in equations: functions of integers, functions of arrays, applications of blocks."""

from typing import TYPE_CHECKING

from exnet.graph import rules
from exnet.graph.arguments import check_arguments
from exnet.graph.integers import FUNCTIONS
from exnet.graph.places import Place, counted, rank_words
from exnet.graph.scope import Kind
from exnet.language import syntax
from exnet.source import nearest
from exnet.spec.library import STANDARD

if TYPE_CHECKING:
    from exnet.graph.program import Program


ARRAY_FUNCTIONS = {"flatten": None, "reverse": 1, "transpose": 2}


def call_kind(program: "Program", expr: syntax.Call, place: Place) -> Kind:
    """The kind of what a call gives; None after a message."""
    name = expr.function.id
    if name in FUNCTIONS:
        return _integer_function(program, expr, place)
    if name in place.scope.visible:
        block = place.scope.visible[name]
        check_arguments(program, expr, block, place)
        return program.yield_kind(block)
    if name in ARRAY_FUNCTIONS:
        return _array_function(program, expr, place)
    for arg in expr.args:
        program.kind(arg.value, place)
    near = nearest(name, [*FUNCTIONS, *ARRAY_FUNCTIONS, *STANDARD, *place.scope.visible])
    hint = f"did you mean `{near}`?" if near else ""
    what = (
        "a network; `with` chooses networks" if name in program.nets else "not a block or function that is visible here"
    )
    program.report.add(rules.UNKNOWN_NAME.at(expr.function.span, f"`{name}` is {what}", help=hint))
    return None


def _positional(program: "Program", expr: syntax.Call, fewest: int, most: int) -> bool:
    name = expr.function.id
    for arg in expr.args:
        if arg.name:
            message = f"`{name}` has no named arguments"
            program.report.add(rules.UNKNOWN_ARGUMENT.at(arg.name.span, message))
            return False
    if not fewest <= len(expr.args) <= most:
        message = f"`{name}` wants {counted(fewest, 'argument')}, {len(expr.args)} given"
        program.report.add(rules.MISSING_ARGUMENT.at(expr.span, message))
        return False
    return True


def _integer_function(program: "Program", expr: syntax.Call, place: Place) -> Kind:
    for arg in expr.args:
        program.integer(arg.value, place)
    _positional(program, expr, *FUNCTIONS[expr.function.id])
    return "int"


def _array_function(program: "Program", expr: syntax.Call, place: Place) -> Kind:
    if not _positional(program, expr, 1, 1):
        return None
    wanted, arg = ARRAY_FUNCTIONS[expr.function.id], expr.args[0].value
    rank = program.node(arg, place)
    if not isinstance(rank, int):
        return None
    if rank == 0 or wanted not in (None, rank):
        want = f"an array of rank {wanted}" if wanted else "an array"
        message = f"`{expr.function.id}` wants {want}; `{arg.span.text}` is {rank_words(rank)}"
        rule = rules.KIND_DIFFERS if rank == 0 else rules.WRONG_RANK
        program.report.add(rule.at(arg.span, message))
        return None
    return 1 if expr.function.id == "flatten" else rank
