"""What docs/forms.md shows is true: its YAML compiles, says what the `.exn` beside it says, and its Python runs."""

import re
from pathlib import Path

from exnet.compiler import compile_source
from exnet.language import exn_text, format_file, parse_file, yaml_text
from exnet.language.yaml_file import BLOCK_KEYS, EQUATION_KEYS, FILE_KEYS
from exnet.language.yaml_values import CLAUSE_KEYS
from exnet.source import Source

PAGE = (Path(__file__).parents[2] / "docs" / "forms.md").read_text()


def block(kind: str) -> str:
    match = re.search(rf"^```{kind}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert match, f"docs/forms.md has no {kind} block"
    return match[1]


def test_both_forms_are_one_net() -> None:
    one, two = Source("forms.exn", block("exn")), Source("forms.exn.yaml", block("yaml"))
    compiled = [compile_source(source) for source in (one, two)]
    assert [d.concise for outcome in compiled for d in outcome.diagnostics] == []
    assert compiled[0].unwrap().spec == compiled[1].unwrap().spec
    assert yaml_text(parse_file(one).unwrap()).unwrap() == two.text
    assert yaml_text(parse_file(two).unwrap()).unwrap() == two.text
    assert "".join(exn_text(parse_file(two).unwrap()).split()) == "".join(format_file(parse_file(one).unwrap()).split())


def test_every_key_is_described() -> None:
    for key in {*FILE_KEYS, *EQUATION_KEYS, *BLOCK_KEYS, *CLAUSE_KEYS}:
        assert f"`{key}`" in PAGE, key


def test_the_python_runs() -> None:
    exec(compile(block("python"), "docs/forms.md", "exec"), {})
