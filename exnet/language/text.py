"""Syntax nodes to canonical text on one line. `format` lays these pieces out."""

from exnet.language import syntax as s

PRECEDENCE = {
    "or": 1,
    "and": 2,
    "not": 3,
    "compare": 4,
    ">>": 5,
    "<<": 5,
    "+": 6,
    "-": 6,
    "*": 7,
    "//": 7,
    "%": 7,
    "sign": 8,
    "**": 9,
    "atom": 10,
}
TIGHT = frozenset({"**"})
TIGHT_INSIDE = frozenset({"**", "*", "+", "-"})


def expression(node: s.Expr | s.Range | s.All, inside: bool = False) -> str:
    """The text of an expression; `inside` subscripts `*`, `+` and `-` have no spaces around them."""
    match node:
        case s.Int():
            return integer(node)
        case s.Float():
            return node.text
        case s.Str():
            return f'"{node.value}"'
        case s.Bool():
            return "true" if node.value else "false"
        case s.Slot():
            return "slot"
        case s.Name():
            return node.id
        case s.Call():
            return f"{node.function.id}({arguments(node.args, inside)})"
        case s.Paren():
            return f"({expression(node.inner, inside)})"
        case s.Tuple():
            comma = "," if len(node.items) == 1 else ""
            return f"({joined(node.items, inside)}{comma})"
        case s.List():
            return f"[{joined(node.items, True)}]"
        case s.Unary():
            return unary(node, inside)
        case s.Binary():
            return binary(node, inside)
        case s.Compare():
            return compare(node, inside)
        case s.Range():
            return f"{outermost(node.lo, True)}{'..=' if node.inclusive else '..'}{outermost(node.hi, True)}"
        case s.All():
            return ":"
        case s.Subscript():
            return f"{atom(node.base, inside)}[{indices(node.subscripts)}]"


def integer(node: s.Int) -> str:
    """An integer as it was written, or in decimal digits if it was not written at all."""
    written = node.span.text
    return written if written.replace("_", "") == str(node.value) else str(node.value)


def joined(nodes: tuple[s.Expr | s.Range | s.All, ...], inside: bool) -> str:
    """Expressions with commas between them."""
    return ", ".join(expression(node, inside) for node in nodes)


def indices(nodes: tuple[s.Expr | s.Range | s.All, ...]) -> str:
    """What stands in the brackets of a subscript, a head or a type."""
    return ", ".join(outermost(node, True) for node in nodes)


def arguments(args: tuple[s.Arg, ...], inside: bool = False) -> str:
    """Arguments of a call, an option or a clause."""
    return ", ".join(argument(a, inside) for a in args)


def argument(arg: s.Arg, inside: bool = False) -> str:
    """`window: 3`, `x`."""
    value = expression(arg.value, inside)
    return f"{arg.name.id}: {value}" if arg.name else value


def right_side(node: s.Expr) -> str:
    """The right side of an equation, as it is: `(a)` is one child there."""
    return expression(node)


def outermost(node: s.Expr | s.Range | s.All, inside: bool = False) -> str:
    """An integer or a condition that fills its place alone, so that brackets around it say nothing."""
    while isinstance(node, s.Paren):
        node = node.inner
    return expression(node, inside)


def level(node: s.Expr | s.Range | s.All) -> int:
    """How tightly the outermost operator of a node binds."""
    match node:
        case s.Binary():
            return PRECEDENCE[node.operator]
        case s.Compare():
            return PRECEDENCE["compare"]
        case s.Unary():
            return PRECEDENCE["not" if node.operator == "not" else "sign"]
        case _:
            return PRECEDENCE["atom"]


def operand(node: s.Expr, least: int, inside: bool) -> str:
    """An operand, without brackets around a single name, number or call.

    Brackets are added if it binds less tightly than its place demands; only trees that were not parsed need them.
    """
    while isinstance(node, s.Paren) and level(node.inner) == PRECEDENCE["atom"]:
        node = node.inner
    text = expression(node, inside)
    return text if level(node) >= least else f"({text})"


def atom(node: s.Expr, inside: bool) -> str:
    """What may stand before `[`."""
    return operand(node, PRECEDENCE["atom"], inside)


def unary(node: s.Unary, inside: bool) -> str:
    """`not a`, `-a`."""
    if node.operator == "not":
        return f"not {operand(node.operand, PRECEDENCE['not'], inside)}"
    return f"-{operand(node.operand, PRECEDENCE['sign'], inside)}"


def binary(node: s.Binary, inside: bool) -> str:
    """`a op b`; all operators lean to the left but `**`."""
    own = PRECEDENCE[node.operator]
    power = node.operator == "**"
    left = operand(node.left, own + 1 if power else own, inside)
    right = operand(node.right, PRECEDENCE["sign"] if power else own + 1, inside)
    tight = node.operator in (TIGHT_INSIDE if inside else TIGHT)
    return f"{left}{node.operator}{right}" if tight else f"{left} {node.operator} {right}"


def compare(node: s.Compare, inside: bool) -> str:
    """`a < b <= c`."""
    least = PRECEDENCE["compare"] + 1
    parts = [operand(node.operands[0], least, inside)]
    for operator, right in zip(node.operators, node.operands[1:], strict=True):
        parts.append(f"{operator} {operand(right, least, inside)}")
    return " ".join(parts)


def head(node: s.Head) -> str:
    """`h[l: 1..=4, i: 0..16 >> l when ...]`."""
    if not node.binders:
        return node.name.id
    binders = ", ".join(binder(b) for b in node.binders)
    return f"{node.name.id}[{binders}{guard(node.guard)}]"


def guard(node: s.When | s.Otherwise | None) -> str:
    """The guard of a head with the space before it."""
    match node:
        case None:
            return ""
        case s.When():
            return f" when {outermost(node.condition, True)}"
        case s.Otherwise():
            return " otherwise"


def binder(node: s.Binder) -> str:
    """`i: 0..n`, `0`."""
    text = outermost(node.domain, True)
    return f"{node.name.id}: {text}" if node.name else text


def clause(node: s.Clause) -> str:
    """`share by l`, `per k`, `with (trainer: judge)`."""
    match node:
        case s.Share():
            alias = f"as {node.alias.id}" if node.alias else ""
            items = ", ".join(share_item(item) for item in node.items)
            return " ".join(part for part in ("share", items, alias) if part)
        case s.Per():
            return f"per {names(node.names)}"
        case s.With():
            return f"with ({arguments(node.args)})"


def share_item(node: s.ShareItem) -> str:
    """`primary by l`."""
    parts = [node.component.id] if node.component else []
    parts.append(node.kind)
    if node.kind == "by":
        keys = indices(node.key)
        parts.append(keys if len(node.key) == 1 else f"({keys})")
    if node.kind == "over":
        parts.append(names(node.names))
    return " ".join(parts)


def names(nodes: tuple[s.Name, ...]) -> str:
    """`i`, `(i, j)`."""
    text = ", ".join(node.id for node in nodes)
    return text if len(nodes) == 1 else f"({text})"


def formal(node: s.Formal) -> str:
    """`xs[n]`, `a: vertex`, `window = n`."""
    text = node.name.id
    if node.dims is not None:
        text += dims(node.dims)
    if node.is_vertex:
        text += ": vertex"
    return f"{text} = {expression(node.default)}" if node.default is not None else text


def dims(nodes: tuple[s.Expr, ...]) -> str:
    """`[4, 4]`, or nothing."""
    return f"[{indices(nodes)}]" if nodes else ""


def type_text(node: s.Type) -> str:
    """`real[4]`."""
    return node.name.id + dims(node.sizes)
