"""Every message is documented, and its documentation is true."""

from pathlib import Path

import pytest

from exnet.cli.codes import all_rules, page
from exnet.compiler import compile_source
from exnet.language import parse_file
from exnet.source import Diagnostic, Rule, Source

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
SHOWN = [rule for rule in all_rules() if rule.bad.startswith("exnet ") and rule.bad.count("\n") > 1]


def said(rule: Rule, text: str) -> tuple[Diagnostic, ...]:
    """What the compiler says; of a rule about syntax what the parser says, for its examples may be parts of a file."""
    source = Source("spec.exn", text)
    return parse_file(source).diagnostics if rule.code < "EXN1" else compile_source(source).diagnostics


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "python -m exnet.cli.codes writes it"


def test_codes_and_names_are_unique() -> None:
    rules = all_rules()
    assert len({rule.code for rule in rules}) == len({rule.name for rule in rules}) == len(rules)


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: rule.name)
def test_wrong_example_is_wrong(rule: Rule) -> None:
    assert rule.name in {d.name for d in said(rule, rule.bad)}


@pytest.mark.parametrize("rule", SHOWN, ids=lambda rule: rule.name)
def test_right_example_is_right(rule: Rule) -> None:
    found = said(rule, rule.good)
    assert rule.name not in {d.name for d in found}
    assert [d.concise for d in found if d.is_error] == []
