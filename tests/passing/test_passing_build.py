"""`exnet.build`: every form of a spec, the same net for the same meaning, errors as values."""

import copy
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from passing_nets import MIXED, TREE, UNSHARED, inputs, net

import exnet
from exnet.passing.net import ExtractionNet
from exnet.source import ExnetError


def same(a: ExtractionNet, b: ExtractionNet) -> None:
    x = inputs(a, 3)
    assert set(a.state_dict()) == set(b.state_dict())
    assert torch.equal(a.local_predictions(x), b.local_predictions(x))


def test_every_form_of_a_spec_gives_the_same_net(tmp_path: Path) -> None:
    path = tmp_path / "t.exn"
    path.write_text(TREE)
    spec = exnet.parse(TREE)
    mapping = {
        "exnet": "t",
        "input": {"x": {"shape": [7], "type": "real[3]"}},
        "output": {"y": "class[4]"},
        "space": {"primary": 6, "complementary": 5},
        "root": "tree(x)",
    }
    first = exnet.build(TREE)
    for form in (path, str(path), spec, mapping):
        same(exnet.build(form), first)


def test_params_can_be_set(tmp_path: Path) -> None:
    text = TREE.replace("space  primary = 6", "param  d = 6\nspace  primary = d")
    path = tmp_path / "t.exn"
    path.write_text(text)
    assert exnet.build(text).plan.primary == 6
    for form in (text, path, exnet.parse(text)):
        assert exnet.build(form, overrides={"d": 9}).plan.primary == 9
    with pytest.raises(ExnetError) as caught:
        exnet.build(text, overrides={"e": 9})
    assert caught.value.name == "unknown-parameter"


@pytest.mark.parametrize("text", [UNSHARED, MIXED])
def test_the_order_of_statements_changes_nothing(text: str) -> None:
    head, *statements = text.strip().replace("\n  share", "  share").splitlines()
    turned = exnet.build("\n".join([head, *reversed(statements)]) + "\n", dtype=torch.float64)
    same(turned, exnet.build(text, dtype=torch.float64))


def test_seeds_give_different_nets() -> None:
    a, b = net("tree", seed=0), net("tree", seed=1)
    x = inputs(a, 2)
    assert not torch.isclose(a(x), b(x)).any()
    same(a, net("tree", seed=0))


def test_initial_values_belong_to_classes_not_to_rows() -> None:
    """A vertex keeps its parameters when another family joins the net."""
    more = UNSHARED.replace("root   c", "vertex z[i: 0..2] = (a[i], x[3])\nvertex w = (c, z[0], z[1])\nroot   w")
    small, large = exnet.build(UNSHARED), exnet.build(more)
    for i, stack in enumerate(small.plan.stacks):
        j = [other.name for other in large.plan.stacks].index(stack.name)
        there = {large.plan.class_name(j, row): row for row in range(len(large.plan.stacks[j].classes))}
        for row in range(len(stack.classes)):
            other = there[small.plan.class_name(i, row)]
            for name, value in small.stacks.tensors(i).items():
                assert torch.equal(value[row], large.stacks.tensors(j)[name][other])


def test_parameters_are_stacks() -> None:
    made = net("unshared")
    shapes = {name: tuple(value.shape) for name, value in made.named_parameters()}
    assert shapes["stacks.primary/2/primary.w0"] == (5, 12, 12)
    assert shapes["stacks.primary/3/primary.w0"] == (1, 18, 12)
    assert shapes["stacks.trainer/3/trainer.b1"] == (1, 4)


def test_state_travels() -> None:
    a, b = net("mixed", seed=0), net("mixed", seed=1)
    b.load_state_dict(a.state_dict())
    x = inputs(a, 2)
    assert torch.equal(a.predict(x), b.predict(x))


def test_nets_can_be_copied() -> None:
    made = net("mixed")
    before = made.local_predictions(inputs(made, 2))
    twin = copy.deepcopy(made)
    with torch.no_grad():
        for value in made.parameters():
            value.zero_()
    assert torch.equal(twin.local_predictions(inputs(made, 2)), before)


def test_vertices_have_names() -> None:
    made = net("unshared")
    assert made.vertex_name(made.plan.root) == "c"
    assert {made.vertex_name(row) for row in range(3)} == {"a[0]", "a[1]", "a[2]"}


@pytest.mark.parametrize(
    "spec",
    [
        "no/such/file.exn",
        "exnet t\n",
        "exnet t\ninput x[4] : real[2]\noutput y : class[3]\nroot tre(x)\n",
        {"exnet": "t"},
    ],
)
def test_mistakes_are_values_and_nothing_is_printed(spec: object, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ExnetError):
        exnet.build(spec)  # type: ignore[arg-type]
    assert capsys.readouterr() == ("", "")


def test_the_rules_load_no_torch() -> None:
    check = "import sys, exnet.passing.rules, exnet.passing.draws; print('torch' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_import_survives_warnings_as_errors() -> None:
    check = "import exnet; exnet.build('exnet t\\ninput x[2] : real[1]\\noutput y : class[2]\\nroot tree(x)\\n')"
    subprocess.run([sys.executable, "-W", "error", "-c", check], check=True, capture_output=True)
