"""Where a chunk leaves the grammar -> what to say about it. The first of `SENTENCES` that knows, says it."""

from collections.abc import Callable

from exnet.language import lexis
from exnet.language.chunks import CLOSING, OPENING, WORDS
from exnet.language.failure import CLAUSES, EXPRESSION, MATCHING, VALUES, Failure
from exnet.language.rules import (
    RESERVED,
    SINGLE_EQUALS,
    UNCLOSED,
    UNEXPECTED,
    UNKNOWN_STATEMENT,
)
from exnet.source import Diagnostic, Fix, Label, Span, nearest

WORDS_OF_OTHERS = {
    "if": "a condition stands inside the brackets of a head: `h[i: 0..4 when i < 3]`",
    "else": "write a second equation with `otherwise` inside the brackets of its head",
    "elif": "write a second equation with `otherwise` inside the brackets of its head",
    "for": "an index runs over a range inside the brackets of a head: `h[i: 0..4]`",
    "in": "the range of an index stands after a colon: `i: 0..4`",
    "where": "a condition stands inside the brackets of a head: `h[i: 0..4 when i < 3]`",
    "def": "a block begins with `block`",
    "return": "a block ends with `yield`",
    "mod": "the remainder is written `%`",
    "div": "division is written `//`",
    "step": "ranges have no steps: run over `0..n`, and write `2*i` where the index is read",
}


def sentence(failure: Failure) -> Diagnostic:
    """The message about a failure."""
    return next(found for say in SENTENCES if (found := say(failure)) is not None)


def equals(f: Failure) -> Diagnostic | None:
    """`=` inside an expression."""
    if f.token.type != "EQUAL" or "EQUAL" in f.accepts or "COMPARE" not in f.accepts:
        return None
    if f.open and f.open[-1].type == "LPAR" and f.before and f.before.type == "NAME" and "COLON" in f.accepts:
        message = f"an argument is named with `:`, and `=` stands after `{f.before.text}`"
        way_out = f"write `{f.before.text}: {f.after().text}`"
        gap = Span(f.token.source, f.before.end, f.token.end)
        return UNEXPECTED.at(f.place, message, help=way_out, fix=Fix(gap, ":"))
    if f.open and f.open[-1].type == "LSQB" and not f.since_bracket("WHEN"):
        return None
    if f.open and not closes(f):
        return None
    fix = Fix(f.place, "==") if f.since_bracket("WHEN") else None
    return SINGLE_EQUALS.at(f.place, "`=` defines, it does not compare", help="write `==` to compare", fix=fix)


def closes(f: Failure) -> bool:
    """Whether the innermost open bracket is closed further on in the chunk."""
    depth = 0
    for token in f.chunk.tokens[f.at :]:
        depth += (token.type in OPENING) - (token.type in CLOSING)
        if depth < 0:
            return token.type == MATCHING[f.open[-1].type]
    return False


def colon(f: Failure) -> Diagnostic | None:
    """`x[0:3]`, as Python slices."""
    if f.token.type != "COLON" or not f.open or f.open[-1].type != "LSQB" or "RANGE" not in f.accepts:
        return None
    way_out = "write `..`: `x[0..3]` are the indices 0, 1 and 2"
    return UNEXPECTED.at(f.place, "a range is written with `..`, not with `:`", help=way_out, fix=Fix(f.place, ".."))


def unclosed(f: Failure) -> Diagnostic | None:
    """An open bracket where the equation goes on or another statement begins."""
    if not f.open or not (f.ended or f.token.type in CLAUSES or f.token.type in ("EQUAL", "AS", "LBRACE")):
        return None
    bracket = f.open[-1]
    ending = f"before `{f.token.text}`" if f.token.text else "before the end of the text"
    labels = (Label(f.token.span, "it should be closed before this"),) if f.token.text else ()
    way_out = f"write `{sign(MATCHING[bracket.type])}` where it ends"
    return UNCLOSED.at(
        bracket.span,
        f"`{bracket.text}` of line {bracket.span.shown.first.line} is not closed {ending}",
        help=way_out,
        labels=labels,
    )


def sign(kind: str) -> str:
    """The closing bracket of a kind."""
    return {"RPAR": ")", "RSQB": "]", "RBRACE": "}"}[kind]


def wrong_bracket(f: Failure) -> Diagnostic | None:
    """`)` for `]`, or a bracket that closes nothing."""
    if f.token.type not in CLOSING:
        return None
    if not f.open:
        return UNEXPECTED.at(f.place, f"`{f.token.text}` closes nothing: no bracket is open here", help="remove it")
    wanted = MATCHING[f.open[-1].type]
    if f.token.type == wanted:
        return None
    bracket = f.open[-1]
    return UNEXPECTED.at(
        f.place,
        f"`{f.token.text}` cannot close `{bracket.text}`",
        help=f"write `{sign(wanted)}` first",
        labels=(Label(bracket.span, "opened here"),),
    )


def unknown_statement(f: Failure) -> Diagnostic | None:
    """A line that begins with a word that begins no statement."""
    if f.token.type != "NAME" or not f.statement_complete or not (f.first_of_line or f.at == 0):
        return None
    near = nearest(f.token.text, WORDS)
    other = WORDS_OF_OTHERS.get(f.token.text)
    if near and not other:
        way_out, fix = f"did you mean `{near}`?", Fix(f.place, near)
    elif f.after().type in ("EQUAL", "LSQB"):
        way_out, fix = "an equation begins with `vertex` or `let`, a number with `param` or `const`", None
    else:
        way_out, fix = other or f"statements begin with one of: {', '.join(WORDS)}", None
    return UNKNOWN_STATEMENT.at(f.place, f"`{f.token.text}` begins no statement", help=way_out, fix=fix)


def foreign_word(f: Failure) -> Diagnostic | None:
    """A word of another language, or a clause in the wrong place."""
    if f.token.type == "BY" and f.since_bracket("RANGE"):
        return UNEXPECTED.at(
            f.place, "ranges have no steps", help="run over `0..n`, and write `2*i` where the index is read"
        )
    if f.token.type in ("WHEN", "OTHERWISE") and not f.open:
        message = f"a guard stands inside the brackets of the head, and `{f.token.text}` stands outside"
        return UNEXPECTED.at(f.place, message, help="write `h[i: 0..4 when i < 3] = ...`")
    for token in (f.token, f.before):
        if token is not None and token.type == "NAME" and token.text in WORDS_OF_OTHERS:
            message = f"`{token.text}` is no word of this language"
            return UNEXPECTED.at(token.span, message, help=WORDS_OF_OTHERS[token.text])
    return None


def reserved(f: Failure) -> Diagnostic | None:
    """A reserved word where a name should stand."""
    if not f.token.text.isidentifier() or f.token.type == "NAME" or "NAME" not in f.accepts or f.ended:
        return None
    if f.wants_expression and not used_as_name(f):
        return None
    message = f"`{f.token.text}` is a word of the language and cannot be a name"
    return RESERVED.at(f.place, message, help=f"another name, such as `{f.token.text}_`, would do")


def used_as_name(f: Failure) -> bool:
    """Whether what follows a word can only follow a name."""
    following = {"LSQB", "COMMA", "RPAR", "RSQB", "COLON", "RANGE", "PLUS", "MINUS", "TIMES", "DIVIDE", "SHIFT"}
    return f.after().type in following | {"COMPARE", "POWER", "EQUAL"}


def share(f: Failure) -> Diagnostic | None:
    """`share l` for `share by l`; two keys without brackets."""
    if not {"ALL", "NONE", "BY", "OVER"} <= f.accepts:
        return None
    clause = [t for t in f.chunk.tokens[: f.at] if t.type == "SHARE"]
    if f.before is not None and f.before.type == "NAME" and clause:
        key = f.before.text
        message = f"after `{key}` the key is missing: `all`, `none`, `by` or `over`"
        way_out = f"write `share by {key}` to share among equal `{key}`; two keys stand in brackets, `by (i, j)`"
        return UNEXPECTED.at(f.place, message, help=way_out)
    way_out = "write `share all`, `share none`, `share by l`, `share over i` or `share as name`"
    return UNEXPECTED.at(f.place, f"`share` has no key {f.where()}", help=way_out)


def missing_value(f: Failure) -> Diagnostic | None:
    """An operator, a comma or a word that has nothing on one side."""
    if not f.wants_expression or (f.token.type in EXPRESSION and not f.ended):
        return None
    if f.before is None:
        return UNEXPECTED.at(f.place, "an expression is missing here", help="write a name, a number or `(a, b)`")
    after = f.before.text
    way_out = "an expression is a name, a number, `h[i]`, `f(x)`, `(a, b)` or a combination of these"
    if after in ("..", "..="):
        way_out = f"write the end of the range: `{after}n`; all indices of an axis are `:`"
    return UNEXPECTED.at(f.place, f"an expression is missing between `{after}` and {there(f)}", help=way_out)


def there(f: Failure) -> str:
    """The token of the failure in words."""
    return f"`{f.token.text}`" if f.token.text else "the end"


def ranges(f: Failure) -> Diagnostic | None:
    """`a..b` where one value is wanted."""
    if f.token.type != "RANGE" or "RANGE" in f.accepts:
        return None
    way_out = "as children write `x[0..3]`; as a domain write `h[i: 0..3]`"
    return UNEXPECTED.at(f.place, "a range stands only in a head or a subscript", help=way_out)


def round_head(f: Failure) -> Diagnostic | None:
    """`vertex h(i: 0..4)`."""
    if f.token.type != "LPAR" or "LSQB" not in f.accepts or "EQUAL" not in f.accepts:
        return None
    name = f.before.text if f.before else "h"
    return UNEXPECTED.at(f.place, f"the indices of `{name}` stand in `[` and `]`", help=f"write `{name}[i: 0..4]`")


def dashed_name(f: Failure) -> Diagnostic | None:
    """`exnet my-net`."""
    if f.token.type != "MINUS" or f.statement != "exnet":
        return None
    return UNEXPECTED.at(f.place, "a name has letters, digits and `_`, no `-`", help="write `_`", fix=Fix(f.place, "_"))


def missing_sign(f: Failure) -> Diagnostic | None:
    """A fixed sign or word of the statement's form is missing."""
    wanted = [SIGNS[kind] for kind in SIGNS if kind in f.accepts and not (kind == "LPAR" and may_be_a_call(f))]
    if f.statement_complete or not wanted or ("COMMA" in f.accepts and "RPAR" in f.accepts):
        return None
    between = f" after `{f.before.text}`" if f.before else ""
    form = FORMS.get(f.statement, "")
    expected = " or ".join(wanted)
    instead = "" if f.ended or not f.token.text else f", and `{f.token.text}` stands there"
    way_out = f"the form is `{form}`" if form else f"write {expected} here"
    return UNEXPECTED.at(f.place, f"{expected} is missing{between}{instead}", help=way_out)


def may_be_a_call(f: Failure) -> bool:
    """Whether `(` could stand here only because a name stands before it that could be applied."""
    return f.before is not None and f.before.type == "NAME" and f.statement != "block"


SIGNS = {
    "COLON": "`:`",
    "EQUAL": "`=`",
    "WITH": "`with`",
    "VERTEX": "`vertex`",
    "LPAR": "`(`",
    "LBRACE": "`{`",
    "STRING": "a text in quotes",
    "NAME": "a name",
    "AS": "`as`",
}
FORMS = {
    "exnet": "exnet NAME",
    "import": 'import "file.exn"',
    "input": "input x[16] : real[4]",
    "output": "output y : class[10]",
    "const": "const a = 1, b = 2",
    "param": "param n = 16, d = 32",
    "space": "space primary = d, complementary = d",
    "net": "net mix = mlp(hidden: [64])",
    "tokenise": "tokenise x with linear + position",
    "default": "default vertex (primary: mix)",
    "let": "let h[0, i: 0..16] = x[i]",
    "vertex": "vertex h[i: 0..8] = (x[2*i], x[2*i+1])",
    "root": "root tree(x)",
    "mode": "mode stochastic(draw: instance)",
    "learn": "learn xprop(batch: 64)",
    "yield": "yield out",
    "block": "block pair(a: vertex, xs[n], window = 3) { ... }",
}


def missing_operator(f: Failure) -> Diagnostic | None:
    """Two values side by side."""
    if f.before is None or f.token.type not in VALUES | {"LPAR"} or f.before.type not in VALUES | {"RPAR", "RSQB"}:
        return None
    gap = Span(f.before.source, f.before.end, f.before.end)
    way_out = "write `,` between them, or `*` to multiply" if f.open else "one statement has one right side"
    fix = Fix(gap, ",", safe=False) if f.open and "COMMA" in f.accepts else None
    message = f"`{f.before.text}` and `{shortened(f.token.text)}` stand side by side with nothing between them"
    return UNEXPECTED.at(f.place, message, help=way_out, fix=fix)


def shortened(text: str) -> str:
    """The first characters of a long word."""
    return text if len(text) <= 40 else f"{text[:40]}..."


def unexpected(f: Failure) -> Diagnostic:
    """Anything else: what stands there, and what could."""
    could = [SIGNS[kind] for kind in SIGNS if kind in f.accepts]
    could += [f"`{sign(MATCHING[f.open[-1].type])}`"] if f.open and MATCHING[f.open[-1].type] in f.accepts else []
    could += ["`,`"] if "COMMA" in f.accepts else []
    form = FORMS.get(f.statement, "")
    way_out = f"the form is `{form}`" if form and not f.open else ""
    way_out = f"here could stand {', '.join(could)}" if could else way_out
    what = f"`{shortened(f.token.text)}` cannot stand here" if f.token.text else "the text ends too early"
    return UNEXPECTED.at(f.place, what, help=way_out or "remove it, or begin a new statement on a new line")


SENTENCES: tuple[Callable[[Failure], Diagnostic | None], ...] = (
    lexis.mistake,
    equals,
    colon,
    wrong_bracket,
    unclosed,
    unknown_statement,
    foreign_word,
    reserved,
    share,
    missing_value,
    ranges,
    round_head,
    dashed_name,
    missing_sign,
    missing_operator,
    unexpected,
)
