"""The documentation inside the rules is true."""

import pytest

from exnet.source import Rule, Source
from exnet.spec import analyse_source
from exnet.spec.rules import RULES

DOCUMENTED = [rule for rule in RULES if rule.bad.startswith("exnet t")]


def test_codes_and_names_are_unique() -> None:
    assert len({rule.code for rule in RULES}) == len({rule.name for rule in RULES}) == len(RULES)
    assert len(DOCUMENTED) >= 25
    assert all(rule.why and rule.bad and rule.good for rule in RULES)


@pytest.mark.parametrize("rule", DOCUMENTED, ids=lambda rule: rule.name)
def test_bad_examples_are_bad_and_good_ones_good(rule: Rule) -> None:
    bad = analyse_source(Source("bad.exn", rule.bad))
    assert [d.code for d in bad.diagnostics] == [rule.code]
    assert bad.value is None
    good = analyse_source(Source("good.exn", rule.good))
    assert [d.concise for d in good.diagnostics] == []
