"""Text to syntax tree: every construct, every span."""

from dataclasses import fields, is_dataclass

import pytest

from exnet.language import parse_expression, parse_file
from exnet.language import syntax as s
from exnet.language.grammar import reserved_words
from exnet.source import Source, Span

HEAD = "exnet t\ninput x[4] : real[2]\noutput y : class[2]\n"
AT = Span(Source("none", ""), 0, 0)


def name(text: str) -> s.Name:
    return s.Name(text, AT)


def integer(value: int) -> s.Int:
    return s.Int(value, AT)


def expression(text: str) -> s.Expr:
    return parse_expression(Source("e", text)).unwrap()


def statement(text: str) -> s.Statement:
    return parse_file(Source("f", f"exnet t {text}")).unwrap().statements[0]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("1+8>>1", "(1+8)>>1"),
        ("-2**2", "-(2**2)"),
        ("2**-1", "2**(-1)"),
        ("2**3**2", "2**(3**2)"),
        ("a-b-c", "(a-b)-c"),
        ("a*b//c%d", "((a*b)//c)%d"),
        ("a+b*c", "a+(b*c)"),
        ("not a or b and c", "(not a) or (b and c)"),
        ("not a == b", "not (a == b)"),
        ("1<<l-4", "1<<(l-4)"),
        ("not not a", "not (not a)"),
    ],
)
def test_precedence_is_that_of_python(text: str, same: str) -> None:
    assert bare(expression(text)) == bare(expression(same))


def bare(node: object) -> object:
    """A tree without brackets that only group."""
    if isinstance(node, s.Paren):
        return bare(node.inner)
    if isinstance(node, tuple):
        return tuple(map(bare, node))
    if is_dataclass(node):
        return (type(node).__name__, *(bare(getattr(node, f.name)) for f in fields(node) if f.compare))
    return node


def test_comparisons_chain() -> None:
    found = expression("0 <= i < n != 4")
    assert found == s.Compare(("<=", "<", "!="), (integer(0), name("i"), name("n"), integer(4)), AT)


def test_tuples_and_brackets_differ() -> None:
    assert isinstance(expression("(a)"), s.Paren)
    assert expression("(a,)") == s.Tuple((name("a"),), AT)
    assert expression("(a, b,)") == s.Tuple((name("a"), name("b")), AT)


def test_numbers() -> None:
    assert expression("1_000") == integer(1000)
    assert expression("2e-3") == s.Float(0.002, "2e-3", AT)
    assert expression("x[0..16]") == s.Subscript(name("x"), (s.Range(integer(0), integer(16), False, AT),), AT)
    assert expression("x[1..=n, :]") == s.Subscript(
        name("x"), (s.Range(integer(1), name("n"), True, AT), s.All(AT)), AT
    )


def test_heads() -> None:
    found = statement("vertex h[l: 1..=4, l-1, i: 0..n when i < l] = (a, b)")
    assert isinstance(found, s.Vertex)
    assert [b.name and b.name.id for b in found.head.binders] == ["l", None, "i"]
    assert isinstance(found.head.guard, s.When)
    other = statement("let h[i: 0..4 otherwise] = a")
    assert isinstance(other, s.Let)
    assert isinstance(other.head.guard, s.Otherwise)
    plain = statement("let h = a")
    assert isinstance(plain, s.Let)
    assert plain.head.binders == ()


def test_clauses() -> None:
    found = statement("root f(x) share primary by (l, i % 2), trainer all as enc per (k, m) with (trainer: judge,)")
    assert isinstance(found, s.Root)
    share, per, with_ = found.clauses
    assert isinstance(share, s.Share)
    assert [(i.component and i.component.id, i.kind, len(i.key)) for i in share.items] == [
        ("primary", "by", 2),
        ("trainer", "all", 0),
    ]
    assert share.alias == name("enc")
    assert per == s.Per((name("k"), name("m")), AT)
    assert with_ == s.With((s.Arg(name("trainer"), name("judge"), AT),), AT)
    alone = statement("let a = f(x) share as enc")
    assert isinstance(alone, s.Let)
    assert alone.clauses == (s.Share((), name("enc"), AT),)
    over = statement("let a = f(x) share over (i, j)")
    assert isinstance(over, s.Let)
    assert over.clauses == (s.Share((s.ShareItem(None, "over", (), (name("i"), name("j")), AT),), None, AT),)


def test_blocks() -> None:
    found = statement("block f(xs[n, 2], a: vertex, k, w = n, c = false) { let b = a yield b }")
    assert isinstance(found, s.Block)
    assert [(f.name.id, f.dims is not None, f.is_vertex, f.default is not None) for f in found.formals] == [
        ("xs", True, False, False),
        ("a", False, True, False),
        ("k", False, False, False),
        ("w", False, False, True),
        ("c", False, False, True),
    ]
    assert [type(part) for part in found.body] == [s.Let, s.Yield]
    assert statement("block f() {}") == s.Block(name("f"), (), (), AT)


def test_header_and_declarations() -> None:
    file = parse_file(
        Source(
            "f",
            'exnet t edition 1 import "a.exn" const a = 1, b = true param n = 2 space primary = 3 net m = mlp()\n'
            "tokenise x with linear + position default vertex (primary: m) mode deterministic learn xprop root x",
        )
    ).unwrap()
    assert file.edition == integer(1)
    kinds = [s.Import, s.Settings, s.Settings, s.Settings, s.Net, s.Tokenise, s.Default, s.Mode, s.Learn, s.Root]
    assert [type(statement) for statement in file.statements] == kinds


def test_comments_are_kept_with_their_places() -> None:
    file = parse_file(Source("f", "# one\nexnet t # two  \nroot x #")).unwrap()
    assert [(c.text, c.span.first) for c in file.comments] == [("# one", (1, 1)), ("# two", (2, 9)), ("#", (3, 8))]


def test_every_span_covers_its_own_text() -> None:
    """A span of an expression, parsed alone, is that expression again."""
    text = HEAD + (
        "let h[0, i: 0..4] = x[i]\nvertex h[l: 1..=2, i: 0..4 >> l when not (i % 2 == 1)] = (h[l-1, 2*i], h[l-1, -i])\n"
        "  share primary by (l, slot), trainer all\nroot tree(h[2, :], window: 2**l)\nlearn xprop(lr: 2e-3, on: true)"
    )
    source = Source("f", text)
    seen = 0
    stack: list[object] = [*parse_file(source).unwrap().statements]
    while stack:
        node = stack.pop()
        stack += [v for f in fields(node) for v in spread(getattr(node, f.name))]  # type: ignore[arg-type]
        if isinstance(node, s.Expr):
            assert node.span.source is source
            assert parse_expression(Source("e", node.span.text)).unwrap() == node
            seen += 1
    assert seen > 40


def spread(value: object) -> list[object]:
    if isinstance(value, tuple):
        return [v for v in value if is_dataclass(v)]
    return [value] if is_dataclass(value) and not isinstance(value, Span) else []


def test_all_reserved_words() -> None:
    words = "exnet edition import input output const param space net tokenise default let vertex root mode learn block"
    words += " yield share per all none by over as with when otherwise and or not true false slot"
    assert set(reserved_words()) == set(words.split())


def test_expressions_alone_must_be_whole() -> None:
    assert parse_expression(Source("e", "a b")).diagnostics[0].name == "unexpected-token"
    assert parse_expression(Source("e", "")).diagnostics[0].name == "unexpected-token"
