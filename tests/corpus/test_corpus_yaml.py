"""The corpora in the YAML form: what is written from a good file says the same, a bad one gets the same answers.

`grammar/reject-yaml` holds mistakes that only the YAML form can have, or that look different there, with their places.
"""

import re
from collections import Counter
from pathlib import Path

import pytest

from exnet.graph import elaborate
from exnet.language import exn_text, parse_file, syntax, yaml_text
from exnet.language.yaml_file import parse_yaml
from exnet.source import Diagnostic, Source
from exnet.spec import analyse, analyse_source

GRAMMAR = Path(__file__).parents[2] / "grammar"
GOOD = [*sorted((GRAMMAR / "accept").rglob("*.exn")), *sorted((GRAMMAR.parent / "specs").glob("*.exn"))]
BLOCKS = sorted((GRAMMAR.parent / "exnet" / "spec" / "blocks").glob("*.exn"))
REJECT = sorted((GRAMMAR / "reject").glob("*.exn"))
STRUCTURE = {("unknown_component_in_share", "unknown-component"): "unknown-key"}
"""Words that are keys in YAML."""
REJECT_YAML = sorted((GRAMMAR / "reject-yaml").glob("*.exn.yaml"))


def read(path: Path) -> Source:
    return Source(str(path), path.read_text())


def said(source: Source) -> tuple[Diagnostic, ...]:
    """What all stages say."""
    file = parse_file(source)
    if file.value is None:
        return file.diagnostics
    spec = analyse(file.value, source)
    if spec.value is None:
        return file.diagnostics + spec.diagnostics
    return file.diagnostics + spec.diagnostics + elaborate(spec.value).diagnostics


def comments(file: syntax.File) -> Counter[str]:
    return Counter(comment.text for comment in file.comments)


def convertible() -> list[Path]:
    """Bad files whose mistakes the YAML form can hold."""
    files = ((path, parse_file(read(path)).value) for path in REJECT)
    return [path for path, file in files if file is not None and yaml_text(file).value is not None]


def test_corpora_are_large_enough() -> None:
    assert len(REJECT_YAML) >= 60
    assert len(convertible()) >= 120


@pytest.mark.parametrize("path", REJECT_YAML, ids=lambda path: path.name.partition(".")[0])
def test_reject_yaml(path: Path) -> None:
    source = read(path)
    expected = re.findall(r"^# expect: ([a-z0-9-]+) (\d+):(\d+)$", source.text, re.MULTILINE)
    assert expected, "the file does not say what is wrong with it"
    found = [(d.name, *map(str, d.span.first)) for d in said(source) if d.is_error and d.span]
    assert sorted(found) == sorted(expected), [d.concise for d in said(source)]
    assert all(d.help for d in said(source))
    slow = parse_yaml(source, pure=True)
    if parse_file(source).value is None:
        assert [d.name for d in slow.diagnostics] == [d.name for d in parse_yaml(source).diagnostics]


@pytest.mark.parametrize("path", convertible(), ids=lambda path: path.stem)
def test_mistakes_have_the_same_names_in_both_forms(path: Path) -> None:
    source = read(path)
    text = yaml_text(parse_file(source).unwrap()).unwrap()
    twin = Source(f"{path}.yaml", text)
    wanted = Counter(STRUCTURE.get((path.stem, d.name), d.name) for d in said(source))
    assert Counter(d.name for d in said(twin)) == wanted, text
    assert all(d.span is None or d.span.source.name != twin.name or d.span.source is twin for d in said(twin))


@pytest.mark.parametrize("path", [*GOOD, *BLOCKS], ids=lambda path: path.stem)
def test_good_files_come_back(path: Path) -> None:
    source = read(path)
    file = parse_file(source).unwrap()
    text = yaml_text(file).unwrap()
    twin = Source(f"{path}.yaml", text)
    read_back = parse_file(twin).unwrap()
    assert yaml_text(read_back).unwrap() == text
    assert repr(parse_yaml(twin, pure=True).unwrap()) == repr(read_back)
    again = Source(str(path), exn_text(read_back))
    assert comments(file) == comments(read_back) == comments(parse_file(again).unwrap())
    if path in GOOD and path.parent.name != "lib":
        one, two, three = (analyse_source(s).unwrap() for s in (source, twin, again))
        assert one.spec_hash == two.spec_hash == three.spec_hash
