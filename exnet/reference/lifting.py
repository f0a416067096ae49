"""Lifting: which indices an application depends on, so that there is one instance for each of their values."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from exnet.language import syntax
from exnet.reference.frames import Host

Part: TypeAlias = syntax.Expr | syntax.Range | syntax.All


def lifted_names(call: syntax.Call, host: Host) -> tuple[str, ...]:
    """The indices of the host that occur free in the arguments, and those of its `per`, in the order of its head."""
    if not isinstance(host, syntax.Let | syntax.Vertex):
        return ()
    wanted = {name for arg in call.args for name in _names(arg.value)}
    wanted |= {name.id for clause in host.clauses if isinstance(clause, syntax.Per) for name in clause.names}
    return tuple(b.name.id for b in host.head.binders if b.name is not None and b.name.id in wanted)


def _names(expr: Part) -> Iterator[str]:
    if isinstance(expr, syntax.Name):
        yield expr.id
    for part in parts(expr):
        yield from _names(part)


def parts(expr: Part) -> tuple[Part, ...]:
    """The expressions directly inside an expression, in the order of the text."""
    match expr:
        case syntax.Paren(inner=inner):
            return (inner,)
        case syntax.Unary(operand=operand):
            return (operand,)
        case syntax.Binary(left=left, right=right):
            return (left, right)
        case syntax.Compare(operands=operands):
            return operands
        case syntax.Range(lo=lo, hi=hi):
            return (lo, hi)
        case syntax.Subscript(base=base, subscripts=subscripts):
            return (base, *subscripts)
        case syntax.Call(args=args):
            return tuple(arg.value for arg in args)
        case syntax.Tuple(items=items) | syntax.List(items=items):
            return items
        case _:
            return ()


def applications(expr: Part, blocks: Mapping[str, object]) -> Iterator[syntax.Call]:
    """The block applications in an expression, in the order of the text."""
    if isinstance(expr, syntax.Call) and expr.function.id in blocks:
        yield expr
    for part in parts(expr):
        yield from applications(part, blocks)
