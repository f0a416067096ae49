"""Formals of blocks, and the arguments that applications give them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from exnet.graph import rules
from exnet.graph.places import Place, counted, rank_words
from exnet.graph.scope import Kind, Scope
from exnet.language import syntax
from exnet.source import Diagnostic, Label, nearest

if TYPE_CHECKING:
    from exnet.graph.program import Program


def check_formals(program: "Program", scope: Scope) -> None:
    """Reports what is wrong in the formals of a block: defaults and sizes."""
    assert scope.block is not None
    seen, later = set[str](), {f.name.id for f in scope.block.block.formals}
    for formal in scope.block.block.formals:
        place = Place(_left_of(scope, later))
        if formal.default is not None:
            program.integer(formal.default, place, scope.ints.get(formal.name.id, "int"))
        for dim in formal.dims or ():
            if not isinstance(dim, syntax.Name):
                program.integer(dim, Place(scope))
        if formal.dims is not None and len(formal.dims) > 4:
            message = f"`{formal.name.id}` has {len(formal.dims)} axes; the limit is 4"
            program.report.add(rules.RANK_TOO_HIGH.at(formal.span, message))
        later.discard(formal.name.id)
        seen.add(formal.name.id)


def _left_of(scope: Scope, later: Iterable[str]) -> Scope:
    """The scope as a default sees it: without formals that stand to its right."""
    hidden = set(later)
    return Scope(scope.name, scope.block, scope.visible, {k: v for k, v in scope.ints.items() if k not in hidden})


def check_arguments(program: "Program", call: syntax.Call, block: int, place: Place) -> None:
    """Reports arguments that are missing, unknown, given twice, or of another kind than their formal."""
    formals = program.spec.blocks[block].block.formals
    scope = program.blocks[block]
    given = _match(program, call, formals, place)
    for formal in formals:
        if formal.name.id in given:
            _check_argument(program, given[formal.name.id], formal, scope, place)
    missing = [f for f in formals if f.name.id not in given and f.default is None]
    named = {arg.name.id for arg in call.args if arg.name}
    if missing and named <= {f.name.id for f in formals}:
        wanted = ", ".join(f"`{f.span.text}`" for f in missing)
        program.report.add(rules.MISSING_ARGUMENT.at(call.span, f"`{call.function.id}` wants {wanted}"))


def _match(
    program: "Program", call: syntax.Call, formals: Sequence[syntax.Formal], place: Place
) -> Mapping[str, syntax.Expr]:
    given: dict[str, syntax.Expr] = {}
    names = [f.name.id for f in formals]
    for at, arg in enumerate(call.args):
        name = arg.name.id if arg.name else (names[at] if at < len(names) else None)
        if name is None or name not in names:
            _unknown_argument(program, call, arg, names)
            program.kind(arg.value, place)
        elif name in given:
            message = f"`{call.function.id}` gets `{name}` twice"
            program.report.add(rules.UNKNOWN_ARGUMENT.at(arg.span, message))
        else:
            given[name] = arg.value
    return given


def _unknown_argument(program: "Program", call: syntax.Call, arg: syntax.Arg, names: Sequence[str]) -> None:
    known = ", ".join(f"`{n}`" for n in names) if names else "no arguments"
    near = nearest(arg.name.id, names) if arg.name else None
    hint = f"did you mean `{near}`?" if near else ""
    span = arg.name.span if arg.name else arg.span
    program.report.add(rules.UNKNOWN_ARGUMENT.at(span, f"`{call.function.id}` has {known}", help=hint))


def _check_argument(program: "Program", value: syntax.Expr, formal: syntax.Formal, scope: Scope, place: Place) -> None:
    wanted: Kind = scope.arrays.get(formal.name.id, scope.ints.get(formal.name.id))
    kind = program.kind(value, place)
    if kind is None or kind == wanted:
        return
    program.report.add(_argument_differs(value, formal, scope.name, kind, wanted))


def _argument_differs(value: syntax.Expr, formal: syntax.Formal, block: str, kind: Kind, wanted: Kind) -> Diagnostic:
    text, want = value.span.text, formal.span.text.split("=")[0].strip()
    labels = (Label(formal.span, f"`{block}` wants this"),)
    if isinstance(kind, int) and isinstance(wanted, int) and kind > 0 and wanted > 0:
        message = f"`{want}` has {counted(wanted, 'index', 'indices')}, `{text}` has {kind}"
        hint = f"write `flatten({text})`" if wanted == 1 else ""
        return rules.WRONG_RANK.at(value.span, message, help=hint, labels=labels)
    words = {"int": "an integer", "bool": "`true` or `false`"}
    wants = words[wanted] if isinstance(wanted, str) else ("one vertex" if wanted == 0 else "an array")
    is_what = words[kind] if isinstance(kind, str) else rank_words(kind)
    hint = ""
    if kind == 0 and wanted == 1 and isinstance(value, syntax.Subscript) and len(value.subscripts) == 1:
        sub, base = value.subscripts[0], value.base.span.text
        if isinstance(sub, syntax.Int):
            hint = f"write `{base}[{sub.value}..{sub.value + 1}]` or `{base}`"
        else:
            hint = f"write `{base}`"
    message = f"`{block}` wants `{want}`, {wants}; `{text}` is {is_what}"
    return rules.KIND_DIFFERS.at(value.span, message, help=hint, labels=labels)
