"""Grammar rules to syntax nodes: one method for each rule, called by the parser as soon as the rule is complete.

A method gets all that the rule is made of, tokens and finished nodes alike. Its span runs from the first to the last.
"""
# ruff: noqa: D102  (the contract of a method is the line of the grammar with its name)

from typing import Any, TypeAlias

from lark import Transformer

from exnet.language import syntax as s
from exnet.language.token import Token
from exnet.source import Span

Child: TypeAlias = Any  # a Token, a node, or a Part
SEPARATORS = frozenset({"COMMA", "LPAR", "RPAR", "LSQB", "RSQB", "LBRACE", "RBRACE"})


class Part:
    """Nodes that belong to a larger node, with the span of the text that they came from."""

    __slots__ = ("items", "span")

    def __init__(self, items: tuple[Child, ...], span: Span | None) -> None:
        self.items = items
        self.span = span


def over(children: list[Child]) -> Span:
    """From the first child to the last one that has any text."""
    first = children[0].span
    last = next(c.span for c in reversed(children) if c.span is not None)
    return Span(first.source, first.start, last.end)


def inner(children: list[Child]) -> tuple[Child, ...]:
    """The children that are not commas or brackets."""
    return tuple(c for c in children if not (isinstance(c, Token) and c.type in SEPARATORS))


def named(token: Token) -> s.Name:
    """A name token as a node."""
    return s.Name(token.text, token.span)


def integer(token: Token) -> s.Int:
    """An integer token as a node. The scanner's check has bounded its length."""
    return s.Int(int(token.text.replace("_", "")), token.span)


def string(token: Token) -> s.Str:
    """A string token as a node, without its quotes."""
    return s.Str(token.text[1:-1], token.span)


def maybe(children: list[Child], at: int) -> tuple[Child, ...]:
    """What is in the part at a position, if the rule has that position."""
    return children[at].items if at < len(children) and isinstance(children[at], Part) else ()


class Expressions(Transformer[Any, Any]):
    """The rules of expressions."""

    def int_(self, c: list[Child]) -> s.Int:
        return integer(c[0])

    def float_(self, c: list[Child]) -> s.Float:
        return s.Float(float(c[0].text.replace("_", "")), c[0].text, c[0].span)

    def str_(self, c: list[Child]) -> s.Str:
        return string(c[0])

    def bool_(self, c: list[Child]) -> s.Bool:
        return s.Bool(c[0].type == "TRUE", c[0].span)

    def slot(self, c: list[Child]) -> s.Slot:
        return s.Slot(c[0].span)

    def name(self, c: list[Child]) -> s.Name:
        return named(c[0])

    def call(self, c: list[Child]) -> s.Call:
        return s.Call(named(c[0]), maybe(c, 2), over(c))

    def args(self, c: list[Child]) -> Part:
        return Part(inner(c), over(c))

    def named_arg(self, c: list[Child]) -> s.Arg:
        return s.Arg(named(c[0]), c[2], over(c))

    def plain_arg(self, c: list[Child]) -> s.Arg:
        return s.Arg(None, c[0], c[0].span)

    def paren(self, c: list[Child]) -> s.Paren:
        return s.Paren(c[1], over(c))

    def tuple_(self, c: list[Child]) -> s.Tuple:
        return s.Tuple(inner(c), over(c))

    def list_(self, c: list[Child]) -> s.List:
        return s.List(inner(c), over(c))

    def unary(self, c: list[Child]) -> s.Unary:
        return s.Unary(c[0].text, c[1], over(c))

    def binary(self, c: list[Child]) -> s.Binary:
        return s.Binary(c[1].text, c[0], c[2], over(c))

    def compare(self, c: list[Child]) -> s.Compare:
        return s.Compare(tuple(t.text for t in c[1::2]), tuple(c[::2]), over(c))

    def range(self, c: list[Child]) -> s.Range:
        return s.Range(c[0], c[2], c[1].text == "..=", over(c))

    def everything(self, c: list[Child]) -> s.All:
        return s.All(c[0].span)

    def subscripted(self, c: list[Child]) -> s.Subscript:
        return s.Subscript(c[0], inner(c[1:]), over(c))


class Equations(Expressions):
    """The rules of heads and clauses."""

    def head(self, c: list[Child]) -> s.Head:
        guard = c[3] if len(c) > 3 and isinstance(c[3], s.When | s.Otherwise) else None
        return s.Head(named(c[0]), maybe(c, 2), guard, over(c))

    def binders(self, c: list[Child]) -> Part:
        return Part(inner(c), over(c))

    def named_binder(self, c: list[Child]) -> s.Binder:
        return s.Binder(named(c[0]), c[2], over(c))

    def plain_binder(self, c: list[Child]) -> s.Binder:
        return s.Binder(None, c[0], c[0].span)

    def when(self, c: list[Child]) -> s.When:
        return s.When(c[1], over(c))

    def otherwise(self, c: list[Child]) -> s.Otherwise:
        return s.Otherwise(c[0].span)

    def clauses(self, c: list[Child]) -> Part:
        return Part(tuple(c), over(c) if c else None)

    def share(self, c: list[Child]) -> s.Share:
        items = c[1].items if isinstance(c[1], Part) else ()
        alias = c[-1] if isinstance(c[-1], s.Name) else None
        return s.Share(items, alias, over(c))

    def items(self, c: list[Child]) -> Part:
        return Part(inner(c), over(c))

    def share_all(self, c: list[Child]) -> s.ShareItem:
        return s.ShareItem(named(c[0]) if len(c) > 1 else None, c[-1].text, (), (), over(c))

    share_none = share_all

    def share_by(self, c: list[Child]) -> s.ShareItem:
        key = c[-1].items if isinstance(c[-1], s.Tuple) else (c[-1],)
        return s.ShareItem(named(c[0]) if len(c) > 2 else None, "by", key, (), over(c))

    def share_over(self, c: list[Child]) -> s.ShareItem:
        return s.ShareItem(named(c[0]) if len(c) > 2 else None, "over", (), c[-1].items, over(c))

    def alias(self, c: list[Child]) -> s.Name:
        return named(c[1])

    def per(self, c: list[Child]) -> s.Per:
        return s.Per(c[1].items, over(c))

    def with_(self, c: list[Child]) -> s.With:
        return s.With(c[2].items, over(c))

    def one_name(self, c: list[Child]) -> Part:
        return Part((named(c[0]),), c[0].span)

    def some_names(self, c: list[Child]) -> Part:
        return Part(tuple(named(t) for t in inner(c)), over(c))


class Builder(Equations):
    """All rules."""

    def file(self, c: list[Child]) -> tuple[s.Name, s.Int | None, tuple[s.Statement, ...]]:
        name, edition = c[0].items
        return name, edition, tuple(c[1:])

    def header(self, c: list[Child]) -> Part:
        return Part((named(c[1]), integer(c[3]) if len(c) > 2 else None), over(c))

    def import_(self, c: list[Child]) -> s.Import:
        return s.Import(string(c[1]), over(c))

    def settings(self, c: list[Child]) -> Part:
        return Part(inner(c), over(c))

    def setting(self, c: list[Child]) -> s.Setting:
        return s.Setting(named(c[0]), c[2], over(c))

    def const(self, c: list[Child]) -> s.Settings:
        return s.Settings(c[0].text, c[1].items, over(c))

    param = const
    space = const

    def input(self, c: list[Child]) -> s.Input:
        return s.Input(named(c[1]), maybe(c, 2), c[-1], over(c))

    def output(self, c: list[Child]) -> s.Output:
        return s.Output(named(c[1]), c[3], over(c))

    def type(self, c: list[Child]) -> s.Type:
        return s.Type(named(c[0]), maybe(c, 1), over(c))

    def dims(self, c: list[Child]) -> Part:
        return Part(inner(c), over(c))

    def net(self, c: list[Child]) -> s.Net:
        return s.Net(named(c[1]), c[3], over(c))

    def tokenise(self, c: list[Child]) -> s.Tokenise:
        return s.Tokenise(named(c[1]), c[3], over(c))

    def default(self, c: list[Child]) -> s.Default:
        return s.Default(c[3].items, over(c))

    def mode(self, c: list[Child]) -> s.Mode:
        return s.Mode(c[1], over(c))

    def learn(self, c: list[Child]) -> s.Learn:
        return s.Learn(c[1], over(c))

    def let(self, c: list[Child]) -> s.Let:
        return s.Let(c[1], c[3], c[4].items, over(c))

    def vertex(self, c: list[Child]) -> s.Vertex:
        return s.Vertex(c[1], c[3], c[4].items, over(c))

    def root(self, c: list[Child]) -> s.Root:
        return s.Root(c[1], c[2].items, over(c))

    def yield_(self, c: list[Child]) -> s.Yield:
        return s.Yield(c[1], over(c))

    def block(self, c: list[Child]) -> s.Block:
        name, formals = c[0].items
        return s.Block(name, formals, c[2].items, over(c))

    def block_head(self, c: list[Child]) -> Part:
        return Part((named(c[1]), maybe(c, 3)), over(c))

    def body(self, c: list[Child]) -> Part:
        return Part(tuple(c), over(c) if c else None)

    def formals(self, c: list[Child]) -> Part:
        return Part(inner(c), over(c))

    def formal(self, c: list[Child]) -> s.Formal:
        kind = c[1] if len(c) > 1 and isinstance(c[1], Part) else None
        dims = kind.items if kind is not None and kind.items else None
        default = c[-1] if len(c) > 2 else None
        return s.Formal(named(c[0]), dims, kind is not None and not kind.items, default, over(c))

    def vertex_kind(self, c: list[Child]) -> Part:
        return Part((), over(c))
