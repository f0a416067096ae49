"""`exnet explain` and the index of codes."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from exnet.cli.codes import FAMILIES, all_rules, find_rule, page
from exnet.language import parse_file
from exnet.source import Rule, Severity, Source

Run = Callable[..., "subprocess.CompletedProcess[str]"]
OF_RUNS = "67"
"""Families about runs and their files: there doubts stand beside errors. Those about specs have their own family."""
DOCS = Path(__file__).parents[2] / "docs"


def test_by_code_and_by_name(exnet: Run) -> None:
    by_code, by_name = exnet("explain", "exn011"), exnet("explain", "true-division")
    assert by_code.returncode == 0
    assert find_rule("011") is find_rule("EXN011") is not None
    assert by_code.stdout == by_name.stdout
    assert by_code.stdout.startswith("EXN011 true-division\n")
    assert "Wrong:" in by_code.stdout
    assert "Right:" in by_code.stdout


def test_unknown(exnet: Run) -> None:
    for wrong, near in (("true-divison", "true-division"), ("EXN0111", "EXN011"), ("qqqqqqqq", "lists all codes")):
        done = exnet("explain", wrong)
        assert (done.returncode, done.stdout) == (2, "")
        assert near in done.stderr


def test_list_and_json(exnet: Run) -> None:
    listing = exnet("explain").stdout
    assert all(rule.code in listing and rule.name in listing for rule in all_rules())
    assert len(json.loads(exnet("explain", "--json").stdout)) == len(all_rules())
    assert json.loads(exnet("explain", "EXN104", "--json").stdout)["name"] == "unknown-name"


def test_codes_and_names_are_unique() -> None:
    codes, names = [r.code for r in all_rules()], [r.name for r in all_rules()]
    assert len(set(codes)) == len(codes)
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.code)
def test_every_rule_is_documented(rule: Rule) -> None:
    assert rule.code[:3] == "EXN"
    assert rule.code[3] in FAMILIES
    assert len(rule.code) == 6
    assert rule.summary.endswith(".")
    assert all((rule.why, rule.bad, rule.good))
    if rule.code[3] not in OF_RUNS:
        assert (rule.code[3] == "5") == (rule.severity is Severity.WARNING)


@pytest.mark.parametrize("rule", [r for r in all_rules() if r.code < "EXN04"], ids=lambda rule: rule.code)
def test_syntax_rules_answer_to_their_own_examples(rule: Rule) -> None:
    assert rule.name in {d.name for d in parse_file(Source("bad", rule.bad)).diagnostics}
    assert not parse_file(Source("good", rule.good)).diagnostics


def test_the_page_is_up_to_date() -> None:
    assert (DOCS / "errors.md").read_text() == page(), "run python -m exnet.cli.codes"
