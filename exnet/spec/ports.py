"""Inputs and outputs: sizes, types, tokenisers."""

from collections.abc import Mapping, Sequence
from math import prod

from exnet.language import syntax
from exnet.source import Diagnostic, Label
from exnet.spec.learned import LeafGrid, check_alone, check_table, leaf_grids, tokenising
from exnet.spec.model import Input, InputType, Output, OutputType
from exnet.spec.objective import Objective
from exnet.spec.options import OptionReader
from exnet.spec.registry import ALL_TOKENISERS
from exnet.spec.rules import (
    DUPLICATE_OPTION,
    PATCHES_LEAVE_GAPS,
    REPEATED_STATEMENT,
    TOKENISER_MISFIT,
    TOO_MANY_LEAVES,
    UNKNOWN_PORT,
    WRONG_SIZE,
    WRONG_TYPE,
)
from exnet.spec.tokeniser import Learned, TokeniserPart, default_tokeniser
from exnet.spec.wording import listed, suggestion

MAX_SIZE = 2**31
MAX_LEAVES = 2 * 10**7
INPUT_TYPES: Mapping[str, tuple[int, ...]] = {"real": (), "index": (1,), "patch": (2, 4)}
OUTPUT_TYPES: Mapping[str, tuple[int, ...]] = {"class": (1,), "real": (), "labels": (1,)}
"""How many sizes a type may have; nothing for any number."""
_WRITTEN = {
    "index": "index[V]",
    "patch": "patch[p, q]` or `patch[p, q, s, t]",
    "class": "class[K]",
    "labels": "labels[K]",
}


def read_sizes(
    reader: OptionReader, exprs: Sequence[syntax.Expr], least: int = 1, most: int | None = MAX_SIZE
) -> tuple[int, ...] | None:
    """Positive integers, or None after messages."""
    sizes = list[int | None]()
    for expr in exprs:
        value = reader.integer(expr)
        if value is not None and value < least:
            reader.said.append(
                WRONG_SIZE.at(expr.span, _too_small(expr.span.text, value, least), help="sizes count things")
            )
            value = None
        sizes.append(value)
    if any(size is None for size in sizes):
        return None
    found = tuple(size for size in sizes if size is not None)
    if most is not None and prod(found) > most:
        whole = exprs[0].span.to(exprs[-1].span)
        reader.said.append(
            WRONG_SIZE.at(
                whole, f"`{whole.text}` makes {prod(found)} numbers; the limit is 2^31", help="lower one of the sizes"
            )
        )
        return None
    return found


def _too_small(written: str, value: int, least: int) -> str:
    computed = "" if written == str(value) else f" is {value}, and"
    return f"`{written}`{computed} must be at least {least}"


def _read_shape(reader: OptionReader, statement: syntax.Input) -> tuple[int, ...] | None:
    """The grid of leaves, or None after messages."""
    shape = read_sizes(reader, statement.dims, most=None)
    if shape is None or prod(shape) <= MAX_LEAVES:
        return shape
    largest = statement.dims[shape.index(max(shape))]
    where = statement.dims[0].span.to(statement.dims[-1].span)
    message = f"`{statement.name.id}` would have {prod(shape)} leaves; the limit is {MAX_LEAVES}"
    reader.said.append(TOO_MANY_LEAVES.at(where, message, help=f"lower `{largest.span.text}`"))
    return None


def _read_type(
    reader: OptionReader, type_: syntax.Type, known: Mapping[str, tuple[int, ...]]
) -> tuple[int, ...] | None:
    """The sizes of a type, or None after messages."""
    if type_.name.id not in known:
        reader.say_unknown(type_.name, "type", list(known))
        return None
    wanted = known[type_.name.id]
    if wanted and len(type_.sizes) not in wanted:
        count = "one size" if wanted == (1,) else " or ".join(map(str, wanted)) + " sizes"
        message = f"`{type_.name.id}` has {count}, {len(type_.sizes) or 'none'} given"
        reader.said.append(WRONG_TYPE.at(type_.span, message, help=f"write `{_WRITTEN[type_.name.id]}`"))
        return None
    return read_sizes(reader, type_.sizes, least=2 if type_.name.id == "class" else 1)


def _read_input_type(reader: OptionReader, written: syntax.Type) -> InputType | None:
    """The type of an input, or None after messages."""
    sizes = _read_type(reader, written, INPUT_TYPES)
    if sizes is None:
        return None
    size, step = (sizes[:2], sizes[2:]) if written.name.id == "patch" else (sizes, ())
    for at, (one, other) in enumerate(zip(size, step, strict=bool(step))):
        if other > one:
            what, place = ("rows", "columns")[at], written.sizes[2 + at]
            message = f"patches of {one} {what} every {other} {what} leave {other - one} between them that none reads"
            way_out = f"write at most {one}, or make the patches larger"
            reader.said.append(PATCHES_LEAVE_GAPS.at(place.span, message, help=way_out))
            return None
    stride = step if step != size[: len(step)] else ()
    return InputType.model_validate({"kind": written.name.id, "sizes": size, "stride": stride or None})


def read_outputs(reader: OptionReader, statements: Sequence[syntax.Output], objective: Objective) -> tuple[Output, ...]:
    """Outputs in the order of the text; those with a mistake are left out."""
    found = list[Output]()
    for statement in statements:
        sizes = _read_type(reader, statement.type, OUTPUT_TYPES)
        if sizes is not None:
            type_ = OutputType.model_validate({"kind": statement.type.name.id, "sizes": sizes})
            name = statement.name.id
            loss = objective.loss(reader, statement, type_.kind, type_.width)
            found.append(Output(name, type_, objective.weight(name), loss, statement.span))
    return tuple(found)


def read_inputs(
    reader: OptionReader,
    statements: Sequence[syntax.Input],
    tokenise: Sequence[syntax.Tokenise],
    primary: int | None,
) -> tuple[Input, ...]:
    """Inputs in the order of the text, with their tokenisers; those with a mistake are left out."""
    parts = _read_tokenisers(reader, tokenise, [statement.name.id for statement in statements])
    said = {statement.name.id: statement for statement in reversed(tokenise)}
    found = list[Input]()
    for statement in statements:
        shape = _read_shape(reader, statement)
        type_ = _read_input_type(reader, statement.type)
        if shape is None or type_ is None:
            continue
        name = statement.name.id
        chosen = parts.get(name, ())
        for part, place in chosen:
            _check_fit(reader, statement, type_, part, place, primary)
        tokeniser = tuple(part for part, _ in chosen) or default_tokeniser(type_.kind)
        grids = leaf_grids(name, shape, tokeniser, type_.numbers, primary or 1)
        if sum(grid.leaves for grid in grids) > MAX_LEAVES:
            reader.said.append(_too_many_raw_leaves(said[name], grids))
        equation = tokenising(statement, shape, said[name], tokeniser) if name in said else None
        found.append(Input(name, shape, type_, tokeniser, grids, equation, statement.span))
    return tuple(found)


def _too_many_raw_leaves(statement: syntax.Tokenise, grids: Sequence[LeafGrid]) -> Diagnostic:
    name, count = statement.name.id, sum(grid.leaves for grid in grids)
    message = f"below `{name}` there would be {count} raw leaves; the limit is {MAX_LEAVES}"
    return TOO_MANY_LEAVES.at(statement.span, message, help="widen `space primary`: a raw leaf holds as many numbers")


Parts = list[tuple[TokeniserPart, syntax.Expr]]


def _read_tokenisers(
    reader: OptionReader, statements: Sequence[syntax.Tokenise], inputs: list[str]
) -> dict[str, Parts]:
    found, places = dict[str, Parts](), dict[str, syntax.Tokenise]()
    for statement in statements:
        name = statement.name.id
        if name not in inputs:
            known = f"inputs are {listed(inputs)}" if inputs else ""
            message = f"there is no input called `{name}`"
            reader.said.append(UNKNOWN_PORT.at(statement.name.span, message, help=suggestion(name, inputs, known)))
        elif name in places:
            first = (Label(places[name].span, "its tokeniser is given here"),)
            message = f"`{name}` has two tokenisers"
            way_out = "join them, `linear + position`, or leave one out"
            reader.said.append(REPEATED_STATEMENT.at(statement.span, message, labels=first, help=way_out))
        places.setdefault(name, statement)
        parts = _read_sum(reader, statement.value)
        if name not in found:
            found[name] = parts
    return found


def _read_sum(reader: OptionReader, expr: syntax.Expr) -> Parts:
    """The parts of `linear + position`; empty after a message."""
    terms, before = _terms(expr), len(reader.said)
    parts = Parts()
    for term in terms:
        part = reader.extensible(term, ALL_TOKENISERS, TokeniserPart)
        if part is None:
            continue
        first = next((place for other, place in parts if other.kind == part.kind), None)
        if first is not None:
            labels = (Label(first.span, "and here"),)
            message = f"`{part.kind}` is added twice"
            reader.said.append(
                DUPLICATE_OPTION.at(term.span, message, labels=labels, help="leave one out, or scale it")
            )
        parts.append((part, term))
    check_alone(reader, parts)
    if len(reader.said) == before and all(part.reads == "nothing" for part, _ in parts):
        message = f"`{expr.span.text}` reads nothing of an instance"
        reader.said.append(TOKENISER_MISFIT.at(expr.span, message, help="add a part that does, `linear + position`"))
    return parts if len(reader.said) == before else []


def _terms(expr: syntax.Expr) -> list[syntax.Expr]:
    terms, rest = list[syntax.Expr](), expr
    while True:
        if isinstance(rest, syntax.Paren):
            rest = rest.inner
        elif isinstance(rest, syntax.Binary) and rest.operator == "+":
            terms.append(rest.right)
            rest = rest.left
        else:
            return [rest, *reversed(terms)]


def _check_fit(
    reader: OptionReader,
    statement: syntax.Input,
    type_: InputType,
    part: TokeniserPart,
    place: syntax.Expr,
    primary: int | None,
) -> None:
    label = (Label(statement.type.span, "the type of a leaf"),)
    if isinstance(part, Learned):
        check_table(reader, statement, type_.numbers, place)
    elif part.reads != "nothing" and (part.reads == "index") != (type_.kind == "index"):
        written = statement.type.span.text
        reads = "an index" if part.reads == "index" else "numbers"
        message = f"`{part.kind}` reads {reads}, but `{statement.name.id}` is `{written}`"
        way_out = "use `embedding`" if type_.kind == "index" else "use `orthogonal`, `linear` or `identity`"
        reader.said.append(TOKENISER_MISFIT.at(place.span, message, help=way_out, labels=label))
    elif primary is not None and (problem := part.problem(type_.width, primary)):
        way_out = f"write `space primary = {type_.width}`, or use `linear`"
        reader.said.append(TOKENISER_MISFIT.at(place.span, problem, help=way_out, labels=label))
