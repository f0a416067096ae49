"""The corpora of the language: good specs with their counts, bad ones with the name and place of each message.

The files are written from the definition of the language, not from the compiler's answers. At the end of a file a line
`# expect: NAME L:C` says that an error of that name stands at line L, column C; `# doubt:` says the same of a warning;
`# vertices:` and `# classes:` give the internal vertices and the sharing classes of primary propagators.
"""

import re
from pathlib import Path

import numpy as np
import pytest

from exnet.graph import elaborate
from exnet.graph.model import Graph
from exnet.language import format_file, parse_file
from exnet.learn.compare_graphs import graph_problems
from exnet.reference import interpret
from exnet.source import Diagnostic, Severity, Source
from exnet.spec import analyse
from exnet.testing import permuted

GRAMMAR = Path(__file__).parents[2] / "grammar"
ACCEPT = sorted((GRAMMAR / "accept").glob("*.exn"))
SPECS = sorted((GRAMMAR.parent / "specs").glob("*.exn"))
REJECT = sorted((GRAMMAR / "reject").glob("*.exn"))
Message = tuple[str, int, int]


def read(path: Path) -> Source:
    return Source(str(path), path.read_text())


def compile_graph(source: Source) -> tuple[Graph | None, tuple[Diagnostic, ...]]:
    """The graph of a text, if it has one, with what every stage had to say."""
    file = parse_file(source)
    if file.value is None:
        return None, file.diagnostics
    spec = analyse(file.value, source)
    if spec.value is None:
        return None, file.diagnostics + spec.diagnostics
    graph = elaborate(spec.value)
    return graph.value, file.diagnostics + spec.diagnostics + graph.diagnostics


def messages(diagnostics: tuple[Diagnostic, ...], severity: Severity) -> list[Message]:
    """Name, line and column of each message of one severity, in the order of the text."""
    found = list[Message]()
    for diagnostic in diagnostics:
        if diagnostic.severity is severity:
            line, column = diagnostic.span.first if diagnostic.span else (0, 0)
            found.append((diagnostic.name, line, column))
    return sorted(found, key=lambda message: (message[1:], message[0]))


def expected(text: str, word: str) -> list[Message]:
    """What the file's last lines ask for."""
    lines = re.findall(rf"^# {word}: ([a-z0-9-]+) (\d+):(\d+)$", text, re.MULTILINE)
    found = [(name, int(line), int(column)) for name, line, column in lines]
    return sorted(found, key=lambda message: (message[1:], message[0]))


def count(text: str, word: str) -> int:
    match = re.search(rf"^# {word}: (\d+)$", text, re.MULTILINE)
    assert match, f"the file does not say `# {word}:`"
    return int(match[1])


def test_corpora_are_large_enough() -> None:
    assert len(ACCEPT) >= 60
    assert len(REJECT) >= 80


@pytest.mark.parametrize("path", ACCEPT, ids=lambda path: path.stem)
def test_accept(path: Path) -> None:
    source = read(path)
    graph, diagnostics = compile_graph(source)
    assert messages(diagnostics, Severity.ERROR) == [], [d.concise for d in diagnostics]
    assert messages(diagnostics, Severity.WARNING) == expected(source.text, "doubt"), [d.concise for d in diagnostics]
    assert graph is not None
    assert graph.vertex_count == count(source.text, "vertices")
    assert len(graph.primary) == count(source.text, "classes")


@pytest.mark.parametrize("path", [*ACCEPT, *SPECS], ids=lambda path: path.stem)
def test_compiled_graph_is_the_reference_graph(path: Path) -> None:
    source = read(path)
    spec = analyse(parse_file(source).unwrap(), source).unwrap()
    reference = interpret(spec)
    assert list(graph_problems(elaborate(spec).unwrap(), reference)) == []
    for seed in range(2):
        other = Source(source.name, permuted(source.text, seed))
        graph = compile_graph(other)[0]
        assert graph is not None
        assert list(graph_problems(graph, reference)) == []


@pytest.mark.parametrize("path", ACCEPT, ids=lambda path: path.stem)
def test_formatting_changes_nothing(path: Path) -> None:
    source = read(path)
    once = format_file(parse_file(source).unwrap())
    again = parse_file(Source(source.name, once))
    assert again.value is not None, [d.concise for d in again.diagnostics]
    assert format_file(again.value) == once
    comments = [comment.text.rstrip() for comment in parse_file(source).unwrap().comments]
    assert [comment.text for comment in again.value.comments] == comments
    before, after = compile_graph(source)[0], compile_graph(Source(source.name, once))[0]
    assert before is not None
    assert after is not None
    same_graph(before, after)


def same_graph(one: Graph, other: Graph) -> None:
    """Two graphs with equal vertices, arcs, sharing and identities."""
    assert np.array_equal(one.child_ptr, other.child_ptr)
    assert np.array_equal(one.child, other.child)
    assert np.array_equal(one.hash, other.hash)
    assert one.root == other.root
    for name in ("primary", "complementary", "trainer"):
        mine, theirs = getattr(one, name), getattr(other, name)
        assert np.array_equal(mine.of, theirs.of)
        assert np.array_equal(mine.hash, theirs.hash)
        assert [mine.stacks[i] for i in mine.stack] == [theirs.stacks[i] for i in theirs.stack]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_specs_are_clean_and_formatted(path: Path) -> None:
    source = read(path)
    graph, diagnostics = compile_graph(source)
    assert graph is not None
    assert [d.concise for d in diagnostics] == []
    assert format_file(parse_file(source).unwrap()) == source.text


@pytest.mark.parametrize("path", REJECT, ids=lambda path: path.stem)
def test_reject(path: Path) -> None:
    source = read(path)
    errors, doubts = expected(source.text, "expect"), expected(source.text, "doubt")
    assert errors or doubts, "the file does not say what is wrong with it"
    graph, diagnostics = compile_graph(source)
    assert messages(diagnostics, Severity.ERROR) == errors, [d.concise for d in diagnostics]
    assert (graph is None) == bool(errors)
    if not errors:
        assert messages(diagnostics, Severity.WARNING) == doubts, [d.concise for d in diagnostics]
