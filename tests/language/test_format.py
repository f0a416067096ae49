"""The formatter: one layout, reached at once, that changes nothing and loses no comment."""

import random
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from exnet.language import format_file, parse_file
from exnet.language import syntax as s
from exnet.language.scan import scan
from exnet.source import Source, Span

ROOT = Path(__file__).parents[2]
FILES = sorted([*(ROOT / "grammar/accept").glob("*.exn"), *(ROOT / "exnet/spec/blocks").glob("*.exn")])
TREE = """exnet tree_digits

input  x[16] : real[4]                      # 16 leaves; each instance gives 16 vectors of 4 numbers
output y     : class[10]

let    h[0, i: 0..16] = x[i]
vertex h[l: 1..=4, i: 0..16 >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])
  share by l

root h[4, 0]
"""


def formatted(text: str) -> str:
    return format_file(parse_file(Source("t.exn", text)).unwrap())


def meaning(node: object) -> object:
    """A tree without brackets that only group, its clauses in one order."""
    if isinstance(node, s.Paren):
        return meaning(node.inner)
    if isinstance(node, tuple):
        if node and isinstance(node[0], s.Share | s.Per | s.With):
            node = tuple(sorted(node, key=lambda c: ("Share", "Per", "With").index(type(c).__name__)))
        return tuple(map(meaning, node))
    if is_dataclass(node):
        return (type(node).__name__, *(meaning(getattr(node, f.name)) for f in fields(node) if f.compare))
    return node


def check(text: str) -> None:
    """Formatting a text is idempotent, keeps its meaning and all its comments, and fits the width."""
    before = parse_file(Source("before", text)).unwrap()
    once = format_file(before)
    after = parse_file(Source("after", once))
    assert after.value is not None, once
    assert format_file(after.value) == once
    assert [c.text for c in after.value.comments] == [c.text for c in before.comments]
    assert meaning(after.value.statements) == meaning(before.statements)
    assert (after.value.name, after.value.edition) == (before.name, before.edition)
    assert once.endswith("\n")
    assert "\n\n\n" not in once
    for line in once.split("\n"):
        assert line == line.rstrip()
        assert len(line.partition("#")[0].rstrip()) <= 120


def respaced(text: str, chance: random.Random) -> str:
    """The same tokens with other white space and comments anywhere between them."""
    parts = list[str]()
    for number, token in enumerate(scan(Source("t", text)).tokens):
        parts.append(token.text)
        dice = chance.random()
        if dice < 0.7:
            parts.append(" " * chance.choice((1, 1, 1, 2, 30)))
        elif dice < 0.9:
            parts.append("\n" * chance.choice((1, 1, 2, 4)) + " " * chance.randint(0, 6))
        else:
            parts.append(chance.choice((" ", "\n", "\n\n")) + f"# {chance.choice((number, 'same', '{', '}'))}\n")
    return "".join(parts)


def test_the_tree_of_the_docs_is_a_fixed_point() -> None:
    assert formatted(TREE) == TREE


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files(path: Path) -> None:
    check(path.read_text())


@pytest.mark.parametrize("seed", range(4))
def test_files_with_other_white_space_and_comments(seed: int) -> None:
    for path in FILES:
        check(respaced(path.read_text(), random.Random(f"{path.name} {seed}")))


class Maker:
    """Random texts that follow the grammar, whatever they mean."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def name(self) -> str:
        return self.chance.choice(["a", "b", "h", "x", "layer", "a_rather_long_name_of_a_family", "i", "n"])

    def expression(self, depth: int = 3) -> str:
        one, some = self.chance.choice, self.chance.randint
        if depth == 0:
            return one([self.name(), str(some(0, 99)), "2e-3", "true", "slot"])
        inner = [self.expression(depth - 1) for _ in range(3)]
        operator = one(["or", "and", "<", "<=", "==", ">>", "<<", "+", "-", "*", "//", "%", "**"])
        return one(
            [
                f"({inner[0]}) {operator} ({inner[1]})",
                f"(({inner[0]}))",
                f"(-({inner[0]})) {operator} {self.name()}",
                f"not ({inner[0]})",
                f"{self.name()}({inner[0]}, key: {inner[1]},)",
                f"{self.name()}[{inner[0]}, {self.name()}..={inner[1]}, :]",
                f"({', '.join(inner)},)",
                f"[{inner[0]}, {inner[1]}]",
            ]
        )

    def head(self) -> str:
        guard = self.chance.choice(["", f" when {self.expression(2)}", " otherwise"])
        return f"{self.name()}[i: {self.expression(1)}..{self.expression(1)}, {self.expression(2)}{guard}]"

    def clauses(self) -> str:
        choice = [" per (i, j)", f" with (trainer: {self.name()})", f" share primary by ({self.expression(1)}, i) as e"]
        choice += [" share over (i, j)", " share trainer none, complementary all"]
        return "".join(self.chance.sample(choice, self.chance.randint(0, 3)))

    def equation(self) -> str:
        word = self.chance.choice(["let", "vertex"])
        return f"{word} {self.head()} = {self.expression()}{self.clauses()}"

    def statement(self) -> str:
        return self.chance.choice(
            [
                self.equation(),
                self.equation(),
                f"param {', '.join(f'{self.name()} = {self.expression(1)}' for _ in range(self.chance.randint(1, 9)))}",
                f"input {self.name()}[{self.expression(1)}] : real[{self.expression(1)}]",
                "output y : class[3]",
                f"net {self.name()} = {self.expression(2)}",
                f"tokenise x with {self.expression(1)}",
                f"default vertex (primary: {self.name()}, trainer: {self.expression(2)})",
                f"root {self.expression()}{self.clauses()}",
                f"block f(xs[n], a: vertex, k = {self.expression(1)}) {{ {self.equation()} yield x }}",
            ]
        )

    def file(self) -> str:
        gaps = [
            self.chance.choice(["\n", "\n", "\n\n", "\n\n\n\n", " ", "\n  # note\n", "  # end\n"]) for _ in range(8)
        ]
        return "exnet t\n" + "".join(self.statement() + gap for gap in gaps)


@pytest.mark.parametrize("part", range(4))
def test_random_texts(part: int) -> None:
    for seed in range(75 * part, 75 * part + 75):
        maker = Maker(seed)
        text = maker.file()
        assert parse_file(Source("t", text)).value is not None, text
        check_wide(text)
        check_wide(respaced(text, maker.chance))


def check_wide(text: str) -> None:
    """As `check`, but heads and calls made by chance may be too long to break."""
    before = parse_file(Source("before", text)).unwrap()
    once = format_file(before)
    after = parse_file(Source("after", once)).unwrap()
    assert format_file(after) == once
    assert [c.text for c in after.comments] == [c.text for c in before.comments]
    assert meaning(after.statements) == meaning(before.statements)


def test_paragraphs_and_alignment() -> None:
    text = "exnet t\ninput x[4]:real[2]\noutput label : class[2]\n\n\n\nlet a = x[0]\nroot tree( x ) share all\n"
    assert formatted(text) == (
        "exnet t\ninput  x[4]  : real[2]\noutput label : class[2]\n\nlet  a = x[0]\nroot tree(x)  share all\n"
    )
    nets = "exnet t\nnet a = mlp\nnet long = mlp\nspace primary = 3\nnet b = mlp\n"
    assert formatted(nets) == "exnet t\nnet   a    = mlp\nnet   long = mlp\nspace primary = 3\nnet   b = mlp\n"


def test_clauses() -> None:
    text = "exnet t\nlet a = f(x) with (trainer: j) per k share all\nlet bbbb = x  share none\nlet c = x\n share all\n"
    assert formatted(text) == (
        "exnet t\nlet a = f(x)  share all per k with (trainer: j)\nlet bbbb = x  share none\nlet c = x\n  share all\n"
    )


def test_long_equations_break_before_clauses_then_after_equals_then_between_children() -> None:
    name, child = "h" * 30, "child_of_a_vertex[2*i+1]"
    two, four = f"({child}, {child})", f"({', '.join([child] * 4)})"
    head = f"{name}[i: 0..1000]"
    assert formatted(f"exnet t\nvertex {head} = {two} share by i//1000000000000") == (
        f"exnet t\nvertex {head} = {two}\n  share by i // 1000000000000\n"
    )
    assert formatted(f"exnet t\nvertex {head} = {four} share all") == (
        f"exnet t\nvertex {head} =\n       {four}\n  share all\n"
    )
    many = f"({', '.join([child] * 6)})"
    below = f",\n{' ' * 8}".join([child] * 6)
    assert formatted(f"exnet t\nvertex {head} = {many} share all") == (
        f"exnet t\nvertex {head} =\n       ({below})  share all\n"
    )


def test_spaces_and_brackets() -> None:
    text = "exnet t\nlet h[i:(0)..(16)>>l when (2*i+1<w and not(a))] = x[ (l - 1) , 2 * i ]\nparam n=4*(d)+1\n"
    assert formatted(text) == (
        "exnet t\nlet   h[i: 0..16 >> l when 2*i+1 < w and not a] = x[l-1, 2*i]\nparam n = 4 * d + 1\n"
    )
    assert formatted("exnet t\nvertex v = (a)\nlet b = (a,)\n") == "exnet t\nvertex v = (a)\nlet    b = (a,)\n"


def test_comments_in_the_midst_of_a_statement_go_above_it() -> None:
    text = "exnet t\nvertex v = (a,  # left\n  b)  # right\n"
    assert formatted(text) == "exnet t\n# left\nvertex v = (a, b)  # right\n"
    text = "exnet t\nvertex v = (a, b)  # children\n  share all        # key\n"
    assert formatted(text) == "exnet t\nvertex v = (a, b)  # children\n  share all        # key\n"


def test_a_tree_without_a_text_can_be_printed() -> None:
    """As the mapping form makes them: spans in other texts, or in none."""

    def at() -> Span:
        return Span(Source("none", ""), 0, 0)

    name = s.Name("x", at())
    sum_ = s.Binary("*", s.Binary("+", name, s.Int(1, at()), at()), s.Int(1000, at()), at())
    equation = s.Let(s.Head(name, (), None, at()), sum_, (s.Share((), name, at()),), at())
    block = s.Block(name, (), (s.Yield(name, at()),), at())
    file = s.File(name, None, (equation, block), (), at())
    assert format_file(file) == "exnet x\nlet x = (x + 1) * 1000  share as x\nblock x() {\n  yield x\n}\n"
