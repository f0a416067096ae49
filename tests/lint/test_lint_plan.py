"""`exnet lint` says what the plan would refuse."""

import pytest

from exnet.lint import lint_source
from exnet.source import Source

HEAD = "exnet t\ninput x[4] : real[2]\noutput y : class[3]\n"


def said(text: str) -> list[str]:
    return [d.concise for d in lint_source(Source("t.exn", HEAD + text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("root tree(x)\nlearn xprop_star(order: listed, list: [1])\n", "t.exn:5:40: error[EXN623] missing-group"),
        ("root tree(x)\nlearn xprop_star(order: listed, list: [1, 2, 7])\n", "t.exn:5:46: error[EXN622] unknown-group"),
        (
            'root tree(x)\nlearn xprop_star(group: class, order: listed, list: ["h"])\n',
            "t.exn:5:54: error[EXN622] unknown-group",
        ),
    ],
)
def test_lists_of_groups(text: str, expected: str) -> None:
    found = said(text)
    assert len(found) == 1
    assert found[0].startswith(expected)


def test_a_list_that_fits() -> None:
    assert said("root tree(x)\nlearn xprop_star(order: listed, list: [2, 1, 2])\n") == []


def test_too_many_parameters() -> None:
    found = said("space primary = 65_536\nnet wide = mlp(hidden: [65_536])\nroot tree(x) with (primary: wide)\n")
    assert [line.split(": ")[1] for line in found] == ["error[EXN960] too-many-parameters"]
