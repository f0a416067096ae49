"""The syntax tree of an `.exn` file: frozen values, each with its span. Spans do not take part in comparison.

One expression grammar serves integers, conditions, nodes, arrays and options; a kind check follows in `exnet.graph`
(equations) and `exnet.spec` (declarations). Nodes are never subclassed, so `match` and `isinstance` are safe.
"""

from dataclasses import dataclass, field
from typing import TypeAlias

from exnet.source import Span


@dataclass(frozen=True, slots=True)
class Int:
    """`16`."""

    value: int
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Float:
    """`2e-3`. `text` keeps the user's spelling."""

    value: float
    text: str = field(compare=False)
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Str:
    """`"text"`."""

    value: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Bool:
    """`true`, `false`."""

    value: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Slot:
    """`slot`: the position of a child, in complementary keys."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A name alone."""

    id: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Arg:
    """`window: 3` (named) or `x` (positional, `name` is None) in a call."""

    name: Name | None
    value: "Expr"
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """`tree(x)`, `adam(lr: 2e-3)`, `min(a, b)`."""

    function: Name
    args: tuple[Arg, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Paren:
    """`(a)`: one expression in brackets. As the right side of `vertex` it is a tuple of one child."""

    inner: "Expr"
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Tuple:
    """`(a, b)`: two or more, or one with a trailing comma."""

    items: tuple["Expr", ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class List:
    """`[2*d, d]`, in options."""

    items: tuple["Expr", ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`-a` or `not a`; `operator` is `-` or `not`."""

    operator: str
    operand: "Expr"
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """`a + b` and so on; `operator` is one of `or and >> << + - * // % **`."""

    operator: str
    left: "Expr"
    right: "Expr"
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """`a < b <= c`: chained as in Python; `len(operands) == len(operators) + 1`."""

    operators: tuple[str, ...]
    operands: tuple["Expr", ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Range:
    """`lo..hi` (without hi) or `lo..=hi` (`inclusive`)."""

    lo: "Expr"
    hi: "Expr"
    inclusive: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class All:
    """`:` as a subscript: all indices that exist on that axis."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Subscript:
    """`h[l-1, :]`."""

    base: "Expr"
    subscripts: tuple["Expr | Range | All", ...]
    span: Span = field(compare=False, repr=False)


Expr: TypeAlias = (
    Int | Float | Str | Bool | Slot | Name | Call | Paren | Tuple | List | Unary | Binary | Compare | Subscript
)


# Heads and clauses of equations


@dataclass(frozen=True, slots=True)
class Binder:
    """One index of a head: `i: 0..n` (named, `domain` a Range) or `0`, `l-1` (no name, one value)."""

    name: Name | None
    domain: "Range | Expr"
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class When:
    """`when cond` inside the brackets of a head."""

    condition: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Otherwise:
    """`otherwise` inside the brackets of a head: the box minus what the other equations of the family define."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Head:
    """`h[l: 1..=4, i: 0..16 >> l when ...]`. No binders: a family of one node."""

    name: Name
    binders: tuple[Binder, ...]
    guard: When | Otherwise | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ShareItem:
    """`primary by l`: `component` is None (all of them), or a Name (primary, complementary, trainer).

    `kind` is `all`, `none`, `by` or `over`. `key` holds the keys of `by` (one or more), `names` the indices of `over`.
    """

    component: Name | None
    kind: str
    key: tuple[Expr, ...]
    names: tuple[Name, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Share:
    """`share by l as enc`; no items: `share as enc`."""

    items: tuple[ShareItem, ...]
    alias: Name | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Per:
    """`per k`."""

    names: tuple[Name, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class With:
    """`with (trainer: judge)`."""

    args: tuple[Arg, ...]
    span: Span = field(compare=False, repr=False)


Clause: TypeAlias = Share | Per | With


# Statements


@dataclass(frozen=True, slots=True)
class Import:
    """`import "x.exn"`."""

    path: Str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Type:
    """`real[4]`, `class[10]`, `index[V]`, `patch[2, 2]`, `labels[5]`."""

    name: Name
    sizes: tuple[Expr, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Input:
    """`input x[16] : real[4]`."""

    name: Name
    dims: tuple[Expr, ...]
    type: Type
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Output:
    """`output y : class[10]`."""

    name: Name
    type: Type
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Setting:
    """`d = 32` in `const`, `param` or `space`."""

    name: Name
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """`const a = 1, b = 2`; `keyword` is `const`, `param` or `space`."""

    keyword: str
    settings: tuple[Setting, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Net:
    """`net mix = mlp(hidden: [2*d])`."""

    name: Name
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Tokenise:
    """`tokenise image with linear + position`."""

    name: Name
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Default:
    """`default vertex (primary: mix, trainer: judge)`."""

    args: tuple[Arg, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Mode:
    """`mode stochastic(draw: instance)`."""

    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Learn:
    """`learn xprop(batch: 64)`."""

    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Let:
    """`let h[0, i: 0..16] = x[i]`."""

    head: Head
    value: Expr
    clauses: tuple[Clause, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Vertex:
    """`vertex h[l: 1..=4, i: 0..16 >> l] = (h[l-1, 2*i], h[l-1, 2*i+1]) share by l`."""

    head: Head
    value: Expr
    clauses: tuple[Clause, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Root:
    """`root h[4, 0]`."""

    value: Expr
    clauses: tuple[Clause, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Yield:
    """`yield out`."""

    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Formal:
    """`xs[n]` (`dims`), `a: vertex` (`is_vertex`), `trees` or `window = n` (an integer or boolean)."""

    name: Name
    dims: tuple[Expr, ...] | None
    is_vertex: bool
    default: Expr | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Block:
    """`block tree(xs[n]) { ... }`; the body holds Let, Vertex and Yield."""

    name: Name
    formals: tuple[Formal, ...]
    body: tuple["Let | Vertex | Yield", ...]
    span: Span = field(compare=False, repr=False)


Statement: TypeAlias = (
    Import | Settings | Input | Output | Net | Tokenise | Default | Mode | Learn | Let | Vertex | Root | Block
)


@dataclass(frozen=True, slots=True)
class Comment:
    """`# ...` up to the end of its line, `#` included."""

    text: str
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class File:
    """A whole file: header, statements in the order of the text, comments in the order of the text."""

    name: Name
    edition: Int | None
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
    span: Span = field(compare=False, repr=False)
