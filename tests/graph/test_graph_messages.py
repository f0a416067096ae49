"""The words of messages: what is wrong, at which index, and the way out. Places are tested by the reject corpus."""

import pytest
from graph_specs import outcome, said

CASES = [
    (
        "vertex h[i: 0..4] = (h[i, 0], x[i])\nroot tree(h)",
        "wrong-rank: `h` has 1 index, 2 given",
        "",
    ),
    (
        "let h[0, i: 0..8] = x[i]\nvertex h[i: 0..4] = (x[i], x[i])\nroot x[0]",
        "rank-differs: `h` has 2 indices on line 4 and 1 here",
        "write `h[1, i: 0..4]`, or use another name",
    ),
    (
        "let h[0, i: 0..8] = x[i]\nvertex h[l: 1..=2, i: 0..=8 >> l] = (h[l-1, 2*i], x[0])\nroot h[2, 0]",
        "read-outside-domain: `h[1, 4]` reads `h[0, 8]`; `h[0, i]` exists for i in 0..8",
        "write `0..8 >> l`: it ends at 3 when l = 1",
    ),
    (
        "vertex h[i: 0..8] = (x[i-1], x[i])\nroot tree(h)",
        "read-outside-domain: `h[0]` reads `x[-1]`; `x[i]` exists for i in 0..8",
        "indices do not count from the end; start at `i: 1..8` and define `h[0]`",
    ),
    (
        "let h[0, i: 0..8] = x[i]\nvertex h[l: 0..=3, i: 0..8 >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])\nroot h[3, 0]",
        "overlapping-equations: `h[0, 0]` is defined on lines 4 and 5 (8 indices in common)",
        "write `l: 1..=3`",
    ),
    (
        "let h[i: 0..3] = x[i]\nlet h[i: 5..8] = x[i]\nroot tree(h)",
        "slice-with-hole: `h[:]` is not contiguous: `h[3]` and `h[4]` do not exist",
        "choose a part of it with a range",
    ),
    (
        "let h[i: 0..3] = x[i]\nlet h[i: 5..8] = x[i]\nvertex r = (h[3], x[3], x[4])\nroot r",
        "read-outside-domain: `r` reads `h[3]`; `h[i]` exists for i in 0..3 and 5..8",
        "",
    ),
    (
        "vertex h[i: 0..4] = (h[(i+1) % 4], x[i])\nroot h[0]",
        "cycle: `h[0]` -> `h[1]` -> `h[2]` -> `h[3]` -> `h[0]` (4 vertices)",
        "a vertex may only read what does not read it",
    ),
    (
        "let h[i: 0..4] = h[3-i]\nroot tree(h)",
        "alias-cycle: `h[0]` = `h[3]` = `h[0]`: these names only rename each other",
        "one of them must be a `vertex`, or a name of a leaf",
    ),
    (
        "let z[l: 0..=2, i: 0..8] = attention(z[l-1, :])[i]\nroot tree(z[2, :])",
        "read-outside-domain: `z[0, _]` reads `z[-1, :]`; `z[l, ..]` exists for l in 0..=2",
        "start at `l: 1..=2` and add `let z[0, i: 0..8] = ..`",
    ),
    (
        "let y[i: 0..8] = half(x)[i]\nroot tree(y)\nblock half(xs[n]) {\n"
        "  vertex v[i: 0..n//2] = (xs[2*i], xs[2*i+1])\n  yield v\n}",
        "read-outside-domain: `y[4]` reads index 4 of `half(x)`, which has 0..4 (and 3 more)",
        "",
    ),
    ("let h[i: 0..4] = x[8 // i]\nroot tree(h)", "division-by-zero: `8 // i` at `h[0]`", ""),
    (
        "let h[i: 0..8] = x[10 ** (9*i)]\nroot tree(h)",
        "integer-overflow: `10 ** (9*i)` may reach 10^63 (i = 7), beyond 2^62",
        "",
    ),
    (
        "vertex h[l: 1..3, i: 0..4] = (x[1 << l - 4], x[i])\nroot tree(flatten(h))",
        "negative-shift: shift by -3 at `h[1, 0]` (and 7 more)",
        "`-` binds tighter than `<<`",
    ),
    (
        "vertex h[i: 0..8] = (x[i], x[0])\nroot tree(h[0..3])\nvertex h[j: 8..9] = (x[3..j-5])",
        "no-children: `h[8]` would have 0 children: `3..j-5` is empty",
        "",
    ),
    (
        "let t[k: 0..4] = tree(x)\nvertex r = t[:]\nroot r",
        "index-without-effect: `t[0]`..`t[3]` are one vertex",
        "`per k` makes one `tree` for each",
    ),
]


@pytest.mark.parametrize(
    ("body", "message", "hint"), CASES, ids=[c[1].split(":")[0] + str(i) for i, c in enumerate(CASES)]
)
def test_words(body: str, message: str, hint: str) -> None:
    first = said(body)[0]
    assert f"{first.name}: {first.message}" == message
    assert first.help == hint


def test_sizes_of_images() -> None:
    (message,) = said("root quadtree(x)", "x[6, 6] : real[2]")
    assert message.message == "`log2(6)`, where s = 6 is the size of `x`"
    assert message.help == "pad the input to 8 x 8, or use `grid`"
    (message,) = said("root quadtree(x)", "x[8, 4] : real[2]")
    assert message.message == "`g[s, s]` wants equal sizes; `x` is 8 x 4"


def test_a_mistake_in_a_standard_block_is_shown_at_the_argument() -> None:
    (message,) = said("root quadtree(x)", "x[6, 6] : real[2]")
    assert message.span is not None
    assert message.span.text == "x"
    assert [label.text for label in message.labels] == ["read here, in `quadtree`"]


def test_a_mistake_in_an_own_block_names_the_application() -> None:
    body = "let t[k: 1..3] = f(x[0..k])\nvertex r = t[:]\nroot r\nblock f(xs[n]) {\n  vertex v = (xs[1])\n  yield v\n}"
    (message,) = said(body)
    assert message.message == "`v` reads `xs[1]`; `xs[i]` exists for i in 0..1"
    assert [label.text for label in message.labels] == ["applied here, with k = 1"]
    assert message.notes == ("in `t[1].f.v`",)


def test_a_block_that_is_applied_to_itself() -> None:
    body = "let z[0, i: 0..8] = x[i]\nlet z[l: 1..=2, i: 0..8] = attention(z[l, :])[i]\nroot tree(z[2, :])"
    (message,) = said(body)
    assert message.name == "cycle"
    assert message.help == "did you mean `z[l-1, :]`?"
    assert message.span is not None
    assert message.span.text == "z[l, :]"


def test_independent_mistakes_come_together() -> None:
    body = """
    vertex a[i: 0..4] = (x[i+6], nobody)
    vertex b[i: 0..4, i: 0..4] = (x[i], x[0, 1])
    let    c = (x[0], x[1])
    root   tree(d) share all
    """
    names = [d.name for d in said(body)]
    assert names == [
        "unknown-name",
        "duplicate-index",
        "wrong-rank",
        "let-of-tuple",
        "unknown-name",
        "clause-without-effect",
    ]


def test_independent_reads_come_together_and_none_twice() -> None:
    body = "vertex a[i: 0..4] = (x[i+6], x[i-2])\nlet b[i: 0..4] = a[i+1]\nvertex r = (a, b)\nroot r"
    assert [d.span.text for d in said(body) if d.span] == ["x[i+6]", "x[i-2]", "a[i+1]"]


def test_unused_names_and_leaves() -> None:
    body = """
    const  five = 5
    param  n = 4, m = 3
    net    mix = mlp
    let    p[i: 0..n] = x[i]
    root   tree(x[0..4])
    block  f(xs[k]) { yield tree(xs) }
    """
    found = [(d.name, d.span.text) for d in said(body) if d.span]
    assert found == [
        ("unused-leaf", "input  x[8] : real[2]"),
        ("unused-name", "five"),
        ("unused-name", "m"),
        ("unused-name", "mix"),
        ("unused-name", "p"),
        ("unused-name", "f"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "root tree(x)",
        "param n = 8\nlet h[0, i: 0..n] = x[i]\nlet h[l: 1..=2, i: 0..n] = attention(h[l-1, :])[i]\nroot tree(h[2, :])",
        "root chain(x)[7]",
        "root multilayer(x)",
        "root ensemble(x, 3)",
    ],
)
def test_no_doubts_about_plain_nets(body: str) -> None:
    assert outcome(body).diagnostics == ()
