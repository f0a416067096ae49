"""Messages about a builder's statements stand at the program's own lines and columns."""

import linecache
from pathlib import Path

import pytest

import exnet
from exnet.source import Diagnostic, ExnetError

HEAD = """import exnet
b = exnet.Builder("t")
b.input("x", 4, type="real[2]")
b.output("y", "class[3]")
"""


def said(tmp_path: Path, program: str, *, build: bool = False) -> tuple[Diagnostic, ...]:
    """What is said about a program whose first line, after four of a head, is line 5."""
    path = tmp_path / "program.py"
    path.write_text(HEAD + program)
    names: dict[str, exnet.Builder] = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    with pytest.raises(ExnetError) as caught:
        exnet.build(names["b"]) if build else names["b"].spec()
    for diagnostic in caught.value.diagnostics:
        assert diagnostic.span is not None
        assert diagnostic.span.source.name == str(path)
        assert diagnostic.fix is None
    return caught.value.diagnostics


def places(tmp_path: Path, program: str, *, build: bool = False) -> list[tuple[str, int, int, str]]:
    found = said(tmp_path, program, build=build)
    return [(d.name, *d.span.first, d.span.text) for d in found if d.span]


ROOT = 'b.root("tree(x)")\n'


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        # in the middle of a literal
        ('b.net("m", "mlp", norm="laye")\n' + ROOT, [("wrong-option-value", 5, 25, "laye")]),
        ('b.net("m", "mlp", hidden=["2*k"])\n' + ROOT, [("unknown-constant", 5, 30, "k")]),
        ("b.net('m', 'mlp', hidden=['2*k'])\n" + ROOT, [("unknown-constant", 5, 30, "k")]),
        ('b.net("m", "mlp", hidden=[r"2*k"])\n' + ROOT, [("unknown-constant", 5, 31, "k")]),
        # a keyword, a number, a negative number
        ('b.net("m", "mlp", hiden=[3])\n' + ROOT, [("unknown-option", 5, 19, "hiden")]),
        ('b.learn("xprop", batch=2.5)\n' + ROOT, [("wrong-option-value", 5, 24, "2.5")]),
        ('b.learn("xprop", batch=-1)\n' + ROOT, [("option-out-of-range", 5, 24, "-1")]),
        ("b.param(n=2.5)\n" + ROOT, [("not-a-constant", 5, 11, "2.5")]),
        # calls of several lines
        ('b.net(\n    "m",\n    "mlp",\n    norm="laye",\n)\n' + ROOT, [("wrong-option-value", 8, 11, "laye")]),
        ('b.learn("xprop", optimiser=exnet.call("adam",\n  lrr=3))\n' + ROOT, [("unknown-option", 6, 3, "lrr")]),
        # equal texts in different arguments
        ('b.net("m", "mlp", norm="mlp", hidden=["mlp"])\n' + ROOT,
         [("wrong-option-value", 5, 25, "mlp"), ("unknown-constant", 5, 40, "mlp")]),
        ('b.tokenise("x", "linear", "linear")\n' + ROOT, [("duplicate-option", 5, 28, "linear")]),
        ('b.net("m", "mlp", hidden=["k", 2, "k"])\n' + ROOT,
         [("unknown-constant", 5, 28, "k"), ("unknown-constant", 5, 36, "k")]),
        ('b.net("m", "mlp", norm="norm")\n' + ROOT, [("wrong-option-value", 5, 25, "norm")]),
        # values made elsewhere: a call with options has a place of its own, else the argument is named
        ('o = exnet.call("adam", lrr=3)\nb.learn("xprop", optimiser=o)\n' + ROOT, [("unknown-option", 5, 24, "lrr")]),
        ('n = "lay" + "e"\nb.net("m", "mlp", norm=n)\n' + ROOT, [("wrong-option-value", 6, 24, "n")]),
        ('b.net("m", "mlp", norm="la" "ye")\n' + ROOT, [("wrong-option-value", 5, 24, '"la" "ye"')]),
        ('n = 2\nb.root(f"xx[{n}]")\nb.net("m", f"ml{n}")\n', [("unknown-kind", 7, 12, 'f"ml{n}"')]),
        ('o = {"norm": "laye"}\nb.net("m", "mlp", **o)\n' + ROOT,
         [("wrong-option-value", 6, 1, 'b.net("m", "mlp", **o)')]),
        # not ASCII before it
        ('"é"; b.net("m", "mlp", norm="laye")\n' + ROOT, [("wrong-option-value", 5, 30, "laye")]),
        # syntax, and what a text brings in
        ('b.let("h[i: 0..3", "x[i]")\n' + ROOT, [("unclosed-bracket", 5, 9, "[")]),
        ('b.let("h", "x[0] root x[1]")\n' + ROOT, [("not-one-piece", 5, 13, "x[0] root x[1]")]),
        ('b.output("z", None)\n' + ROOT, [("wrong-python-value", 5, 15, "None")]),
        ('b.input("z", 3, 2.5, type=[])\n' + ROOT,
         [("wrong-python-value", 5, 17, "2.5"), ("wrong-python-value", 5, 27, "[]")]),
        # a statement that is missing, one too many, independent ones
        ("", [("missing-root", 2, 20, "t")]),
        (ROOT + ROOT, [("repeated-statement", 6, 1, 'b.root("tree(x)")')]),
        ('b.net("a", "mpl")\nb.mode("stochastc")\n' + ROOT,
         [("unknown-kind", 5, 13, "mpl"), ("unknown-kind", 6, 9, "stochastc")]),
        # in a function, in a loop, in a block
        ('def add(c, kind):\n    c.net("m", kind)\nadd(b, "mpl")\n' + ROOT, [("unknown-kind", 6, 16, "kind")]),
        ('for k in ("mlp", "mpl"):\n    b.net(f"{k}_", k)\n' + ROOT, [("unknown-kind", 6, 20, "k")]),
        ('with b.block("f", "a: vertex") as f:\n    f.let("g", "a let h = a")\n    f.yields("g")\n' + ROOT,
         [("not-one-piece", 6, 17, "a let h = a")]),
    ],
)  # fmt: skip
def test_places_of_declarations(tmp_path: Path, program: str, wanted: list[tuple[str, int, int, str]]) -> None:
    assert places(tmp_path, program) == wanted


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        ('b.vertex("h[i: 0..4]", "x[i]",\n         "x[i+1]")\nb.root("tree(h)")\n',
         ("read-outside-domain", 6, 11, "x[i+1]")),
        ('b.root("tree(z)")\n', ("unknown-name", 5, 14, "z")),
        ('b.vertex("h[i: 0..4]", "(x[i], h[(i+1) % 4])")\nb.root("h[0]")\n', ("cycle", 5, 32, "h[(i+1) % 4]")),
        ('b.vertex("h[i: 0..2]", "x[i..4]", share="all")\nb.root("tree(h)")\n',
         ("sharing-unequal-shapes", 5, 42, "all")),
    ],
)  # fmt: skip
def test_places_of_equations(tmp_path: Path, program: str, wanted: tuple[str, int, int, str]) -> None:
    assert places(tmp_path, program, build=True)[0] == wanted


def test_labels_and_lines_in_messages_are_the_programs_too(tmp_path: Path) -> None:
    program = 'b.net("a", "mlp")\n\n\nb.net("a", "linear")\n' + ROOT
    (found,) = said(tmp_path, program)
    assert found.span is not None
    assert (found.span.first, found.span.text) == ((8, 8), "a")
    (label,) = found.labels
    assert (label.span.first, label.span.text) == ((5, 8), "a")
    (found,) = said(tmp_path, 'b.let("h[0, i: 0..3]", "x[i]")\nb.let("h[i: 5..9]", "x[0]")\n' + ROOT, build=True)
    assert "2 indices on line 5" in found.message


def test_the_message_as_it_is_printed(tmp_path: Path) -> None:
    program = 'b.vertex("h[i: 0..4]", "x[i]", "x[i+1]")\nb.root("tree(h)")\n'
    path = tmp_path / "program.py"
    path.write_text(HEAD + program)
    names: dict[str, exnet.Builder] = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    with pytest.raises(ExnetError) as caught:
        exnet.build(names["b"])
    shown = str(caught.value)
    assert f"--> {path}:5:33" in shown
    assert ' 5 | b.vertex("h[i: 0..4]", "x[i]", "x[i+1]")\n' in shown
    assert f"\n   | {' ' * 32}{'^' * 6}\n" in shown


def test_a_cell_of_a_notebook() -> None:
    cell = 'b.net("m", "mlp", norm="laye")\n'
    name = "<ipython-input-7-abc>"
    linecache.cache[name] = (len(cell), None, cell.splitlines(keepends=True), name)
    try:
        b = exnet.Builder("t")
        b.input("x", 4, type="real[2]")
        b.output("y", "class[3]")
        b.root("tree(x)")
        exec(compile(cell, name, "exec"), {"b": b})
        with pytest.raises(ExnetError) as caught:
            b.spec()
        assert caught.value.span is not None
        assert (caught.value.span.source.name, caught.value.span.first, caught.value.span.text) == (
            name,
            (1, 25),
            "laye",
        )
    finally:
        del linecache.cache[name]


def test_without_the_text_of_the_program_file_and_line_are_named() -> None:
    b = exnet.Builder("t")
    b.input("x", 4, type="real[2]")
    b.output("y", "class[3]")
    b.root("tree(x)")
    exec(compile('\n\n\nb.net("m", "mlp",\n  norm="laye")\n', "<nowhere>", "exec"), {"b": b})
    exec(compile("\nb.output('z', None)\n", "<nowhere>", "exec"), {"b": b})
    with pytest.raises(ExnetError) as caught:
        b.spec()
    (wrong,) = caught.value.diagnostics
    assert wrong.span is not None
    assert (wrong.span.source.name, wrong.span.first.line) == ("<nowhere>", 2)
    b = exnet.Builder("t")
    b.input("x", 4, type="real[2]")
    b.output("y", "class[3]")
    b.root("tree(x)")
    exec(compile('\n\n\nb.net("m", "mlp",\n  norm="laye")\n', "<nowhere>", "exec"), {"b": b})
    with pytest.raises(ExnetError) as caught:
        b.spec()
    assert "--> <nowhere>:4:19" in str(caught.value)
    assert " 4 | net m = mlp(norm: laye)" in str(caught.value)


def test_a_program_that_has_changed_since_is_still_named(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(HEAD + 'b.net("m", "mpl")\n')
    names: dict[str, exnet.Builder] = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    path.write_text("import exnet\n")
    linecache.checkcache(str(path))
    with pytest.raises(ExnetError) as caught:
        names["b"].spec()
    assert str(path) in str(caught.value)
    assert "there is no network called `mpl`" in str(caught.value)
