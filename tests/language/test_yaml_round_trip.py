"""Random specs through both forms and back."""

import pytest

from exnet.language import exn_text, parse_file, syntax, yaml_text
from exnet.language.layout import Columns, rows_of
from exnet.language.yaml_file import parse_yaml
from exnet.source import Source
from exnet.spec import analyse_source
from exnet.testing import random_spec


def lines(node: syntax.Statement | syntax.Yield) -> list[str]:
    """What a statement says, without its layout; settings one by one, blocks with their bodies in order."""
    if isinstance(node, syntax.Settings):
        return [f"{node.keyword} {setting!r}" for setting in node.settings]
    if isinstance(node, syntax.Block):
        body = sorted(line for part in node.body for line in lines(part))
        return [f"block {node.name.id}({node.formals!r})", *(f"{node.name.id}: {line}" for line in body)]
    return [" ".join(f"{row.text} {row.tail}" for row in rows_of(node, Columns(0, 0))).replace("  ", " ")]


def said(file: syntax.File) -> list[str]:
    found = sorted(line for statement in file.statements for line in lines(statement))
    return [" ".join(line.split()) for line in found]


@pytest.mark.parametrize("part", range(4))
def test_yaml_says_the_same(part: int) -> None:
    for seed in range(part * 75, part * 75 + 75):
        file = parse_file(Source("random.exn", random_spec(seed))).unwrap()
        text = yaml_text(file).unwrap()
        read_back = parse_yaml(Source("random.exn.yaml", text)).unwrap()
        assert said(read_back) == said(file), f"seed {seed}"


def test_the_check_sees_a_difference() -> None:
    """A key that is lost, or another sign, is a difference."""
    one, two, three = (
        parse_file(Source("t.exn", f"exnet t vertex h[i: 0..2] = (x[i], x[i{sign}1]) {clause}")).unwrap()
        for sign, clause in (("+", "share all"), ("-", "share all"), ("+", ""))
    )
    assert said(one) != said(two)
    assert said(one) != said(three)


@pytest.mark.full
@pytest.mark.parametrize("part", range(50))
def test_five_thousand_specs_keep_their_hash(part: int) -> None:
    """`.exn` to YAML and back; all three have one meaning."""
    for seed in range(part * 100, part * 100 + 100):
        source = Source("random.exn", random_spec(seed))
        twin = Source("random.exn.yaml", yaml_text(parse_file(source).unwrap()).unwrap())
        again = Source("random.exn", exn_text(parse_file(twin).unwrap()))
        hashes = {analyse_source(each).unwrap().spec_hash for each in (source, twin, again)}
        assert len(hashes) == 1, f"seed {seed}"
