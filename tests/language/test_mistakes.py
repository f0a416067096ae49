"""Broken texts: one message for one mistake, at its place, in words of the user's; many mistakes at once; odd input."""

import time

import pytest

from exnet.language import parse_file
from exnet.language.scan import scan
from exnet.source import Diagnostic, Source
from exnet.source.render import render_text

HEAD = "exnet t\ninput x[4] : real[2]\noutput y : class[2]\n"
ATTENTION = """exnet attention
param n = 16, d = 32, layers = 2            # overridable: --set d=64

input  image[4, 4] : patch[2, 2]            # an 8x8 image cut into 4x4 patches of 2x2
output digit       : class[10]

space primary = d, complementary = d
net   mix   = mlp(hidden: [2*d], activation: gelu, norm: layer)
net   judge = mlp(hidden: [2*d], activation: gelu)
tokenise image with linear + position
default vertex (primary: mix, complementary: mix, trainer: judge)

let  x[0, i: 0..n] = flatten(image)[i]
let  x[l: 1..=layers, i: 0..n] = attention(x[l-1, :])[i]
root tree(x[layers, :])

mode  stochastic(draw: instance)
learn xprop(optimiser: adam(lr: 2e-3), batch: 64)

block attention(xs[n]) {                    # the standard blocks are written in the language itself
  vertex pair[i: 0..n, j: 0..n] = (xs[i], xs[j])          share all
  let    out[i: 0..n] = tree(pair[i, :])                  share over i
  yield  out
}
"""


def diagnostics(text: str) -> tuple[Diagnostic, ...]:
    return parse_file(Source("t.exn", text)).diagnostics


def places(text: str) -> list[tuple[str, int, int]]:
    return [(d.name, *d.span.first) for d in diagnostics(text) if d.span]


@pytest.mark.parametrize(
    ("text", "name", "column", "help"),
    [
        ("root tree(x[0..4/2])", "true-division", 17, "`//`"),
        ("vertex h[i: 0..4 when i = 3] = x", "single-equals", 25, "`==`"),
        ("vertex h[i: 0..4 when i > 0 && i < 3] = x", "foreign-operator", 29, "`and`"),
        ("vertex h[i: 0..4 when i > 0 || i < 3] = x", "foreign-operator", 29, "`or`"),
        ("vertex h[i: 0..4 when !a] = x", "foreign-operator", 23, "`not`"),
        ("let h = a ? b : c", "foreign-operator", 11, "two equations"),
        ("vertex h[i: 0..4 = (x[i])", "unclosed-bracket", 9, "`]`"),
        ("vertex v = (x[0], x[1] share all", "unclosed-bracket", 12, "`)`"),
        ("vertex net[i: 0..4] = x", "reserved-word", 8, "`net_`"),
        ("vertx h[i: 0..4] = x", "unknown-statement", 1, "`vertex`"),
        ("h[0] = x[0]", "unknown-statement", 1, "`vertex` or `let`"),
        ("for i in x", "unknown-statement", 1, "`h[i: 0..4]`"),
        ("def f(x)", "unknown-statement", 1, "`block`"),
        ("root h(lr = 2)", "unexpected-token", 11, "`lr: 2`"),
        ("root h[0:3]", "unexpected-token", 9, "`..`"),
        ("vertex h(i: 0..4) = x", "unexpected-token", 9, "`h[i: 0..4]`"),
        ("vertex h[i in 0..4] = x", "unexpected-token", 12, "`i: 0..4`"),
        ("root x[3..]", "unexpected-token", 11, "`..n`"),
        ("vertex v = (x[0] x[1])", "unexpected-token", 18, "`,`"),
        ("let a = f(x) share l", "unexpected-token", 21, "`share by l`"),
        ("let a = f(x) per", "unexpected-token", 17, ""),
        ("let a = 1.", "unexpected-token", 9, "`1.0`"),
        ("let a = .5", "unexpected-token", 9, "`0.5`"),
        ("let a = 3x", "unexpected-token", 9, "begins with a letter"),
        ("let a = x;", "unexpected-token", 10, "remove"),
        ("let größe = x", "unexpected-token", 7, "a to z"),
        ("import 'a.exn'", "unexpected-token", 8, '`"..."`'),
        ('import "a.exn', "unclosed-string", 8, '`"`'),
        ("root (x]", "unexpected-token", 8, "`)`"),
        ("root x)", "unexpected-token", 7, "remove"),
        ("yield x", "misplaced-statement", 1, "`root`"),
        ("let a = (x[0], x[1]) if a", "unexpected-token", 22, "`h[i: 0..4 when i < 3]`"),
    ],
)
def test_one_mistake(text: str, name: str, column: int, help: str) -> None:
    found = diagnostics(f"{HEAD}{text}\n")
    assert [(d.name, *d.span.first) for d in found if d.span] == [(name, 4, column)], [d.concise for d in found]
    assert help in found[0].help


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("root tree(x[0..4/2])", "root tree(x[0..4//2])"),
        ("vertex h[i: 0..4 when i = 3] = x", "vertex h[i: 0..4 when i == 3] = x"),
        ("vertex h[i: 0..4 when i > 0 && i < 3] = x", "vertex h[i: 0..4 when i > 0 and i < 3] = x"),
        ("vertex h[i: 0..4 when !a] = x", "vertex h[i: 0..4 when not a] = x"),
        ("vertx h = x", "vertex h = x"),
        ("root f(lr = 2)", "root f(lr: 2)"),
        ("root x[0:3]", "root x[0..3]"),
        ("import 'a.exn'", 'import "a.exn"'),
        ("let a := x", "let a = x"),
    ],
)
def test_safe_fixes_put_it_right(wrong: str, right: str) -> None:
    text = f"{HEAD}{wrong}\n"
    fix = diagnostics(text)[0].fix
    assert fix is not None
    assert fix.safe
    fixed = text[: fix.span.start] + fix.text + text[fix.span.end :]
    assert fixed == f"{HEAD}{right}\n"
    assert not diagnostics(fixed)


def test_independent_mistakes_are_reported_together() -> None:
    text = (
        HEAD + "vertex h[i: 0..4 = (x[i])\nlet a = b c\nvertx k = x\nroot x[3/2]\nblock f(x) {\n  let a = \n  yield b\n"
    )
    assert places(text) == [
        ("unclosed-bracket", 4, 9),
        ("unexpected-token", 5, 11),
        ("unknown-statement", 6, 1),
        ("true-division", 7, 9),
        ("unbalanced-brace", 8, 12),
        ("unexpected-token", 9, 10),
    ]


def test_a_lost_token_costs_one_message_near_its_place() -> None:
    tokens = scan(Source("a", ATTENTION)).tokens
    assert len(tokens) == 247
    still_good, far = 0, list[str]()
    for token in tokens:
        text = ATTENTION[: token.start] + " " * (token.end - token.start) + ATTENTION[token.end :]
        found = diagnostics(text)
        still_good += not found
        if found and (len(found) > 1 or abs(found[0].span.first.line - token.line) > 1):  # type: ignore[union-attr]
            far.append(token.text)
    assert still_good == 10
    assert far == ["}"]  # it is reported at the `{` that it should close


def test_a_lost_brace_does_not_escape() -> None:
    text = HEAD + "block f(xs[n]) {\n  yield xs\n\nblock g(xs[n]) {\n  yield xs\n}\nroot f(x)\n"
    assert places(text) == [("unbalanced-brace", 4, 16)]


@pytest.mark.parametrize("word", ["xnet", "exnt", ""])
def test_header(word: str) -> None:
    assert places(f"{word} t\nroot x\n")[0][0] == "missing-header"
    assert len(places(f"{word} t\nroot x\n")) == 1


ODD = {
    "nul": HEAD + "root \0x",
    "lone surrogate": HEAD + "root \ud800x",
    "right to left": HEAD + "root \u202ex",
    "number of 10^5 digits": HEAD + "root x[" + "9" * 10**5 + "]",
    "float of 10^5 digits": HEAD + "param a = 0." + "9" * 10**5,
    "infinite float": HEAD + "param a = 1e999",
    "name of 10 MB": HEAD + "root " + "a" * 10**7,
    "deep brackets": HEAD + "root " + "(" * 10**5 + "x" + ")" * 10**5,
    "deep nots": HEAD + "root " + "not " * 10**4 + "x",
    "deep minus": HEAD + "root " + "-" * 10**4 + "x",
    "deep powers": HEAD + "root x" + "**x" * 10**4,
    "deep sum": HEAD + "root x" + "+x" * 10**4,
    "deep subscripts": HEAD + "root x" + "[0]" * 10**4,
    "many tokens": HEAD + "root " + "()" * 10**6,
    "many braces": HEAD + "}" * 10**4,
    "many headers": "exnet t\n" * 10**3,
    "nothing": "",
    "dots": HEAD + "root x[" + "." * 10**5,
    "quotes": HEAD + '"' * 9999,
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_input_gives_a_diagnostic_and_soon(text: str) -> None:
    start = time.monotonic()
    found = diagnostics(text)
    assert found
    assert len(found) <= 100
    shown = render_text(found)
    assert len(shown) < 10**5
    assert all(c == "\n" or c.isprintable() for c in shown)
    assert all(min(d.span.first) >= 1 for d in found if d.span)
    assert time.monotonic() - start < 30


def test_limits_have_the_limit_codes() -> None:
    for case in ("number of 10^5 digits", "name of 10 MB", "deep brackets", "deep sum", "many tokens"):
        assert [d.is_limit for d in diagnostics(ODD[case])] == [True], case


def test_good_but_unusual_input() -> None:
    assert not diagnostics("\ufeff" + HEAD + "\troot\ttree(\tx)\t")
    assert not diagnostics(HEAD.replace("\n", "\r\n") + "root tree(x)\r\n")
    assert not diagnostics("exnet t " + HEAD[8:].replace("\n", " ") + "root tree(x)")
    assert not diagnostics(HEAD + "root " + "(" * 60 + "x" + ")" * 60)
