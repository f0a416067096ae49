"""The Python form, and the JSON Schema that is made of it."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

from exnet.cli.schema import text
from exnet.compiler import spec_of
from exnet.language import parse_file, yaml_text
from exnet.language.yaml_tree import read_tree
from exnet.source import ExnetError, Source
from exnet.spec import analyse_source, parse
from exnet.spec.form import Form, data
from exnet.spec.registry import LEARNING_RULES, LOSSES, MODES, NETWORKS, OPTIMISERS, SCHEDULES, TOKENISERS
from exnet.spec.schema import json_schema

ROOT = Path(__file__).parents[2]
GOOD = [*sorted((ROOT / "specs").glob("*.exn")), *sorted((ROOT / "grammar" / "accept").glob("*.exn"))]
SCHEMA = json_schema()
VALID = jsonschema.Draft202012Validator(SCHEMA)
FRAME: dict[str, Any] = {
    "exnet": "t",
    "input": {"x": {"shape": [4], "type": "real[2]"}},
    "output": {"y": "class[3]"},
    "root": "tree(x)",
}


def problems(value: Any) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in VALID.iter_errors(value)]


def test_the_committed_schema_is_up_to_date() -> None:
    committed = ROOT / "docs" / "exnet.schema.json"
    assert committed.read_text(encoding="utf-8") == text(), "python -m exnet.cli.schema writes it"


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(text()) == SCHEMA


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_good_specs_are_valid(path: Path) -> None:
    """As our own reader sees them, as PyYAML does, and as the Python form."""
    source = Source(str(path), path.read_text())
    written = yaml_text(parse_file(source).unwrap()).unwrap()
    root = read_tree(Source("t.yaml", written)).root
    assert root is not None
    assert problems(data(root)) == []
    assert problems(yaml.safe_load(written)) == []
    spec = analyse_source(source).unwrap()
    form = Form.of(spec)
    assert problems(form.mapping) == []
    assert form.spec() == spec


BAD: list[dict[str, Any]] = [
    {"outputs": {}},
    {"exnet": "two words"},
    {"exnet": 3},
    {"edition": 2},
    {"param": {"d": 1.5}},
    {"param": {"a b": 1}},
    {"param": ["d"]},
    {"input": {"x": {"shape": [4]}}},
    {"input": {"x": {"type": "real", "shap": 3}}},
    {"input": {"x": ["real"]}},
    {"output": {"y": {"typ": "class[3]"}}},
    {"space": {"primry": 8}},
    {"net": {"m": "mpl"}},
    {"net": {"m": {"mlp": {}, "linear": {}}}},
    {"net": {"m": {"mlp": {"hiden": [64]}}}},
    {"net": {"m": {"mlp": {"hidden": 64}}}},
    {"net": {"m": {"mlp": {"norm": "batch"}}}},
    {"net": {"m": {"mlp": {"dropout": 1.5}}}},
    {"net": {"m": {"mlp": [64]}}},
    {"tokenise": {"x": "line"}},
    {"default": {"judge": "mlp"}},
    {"mode": "random"},
    {"mode": {"stochastic": {"combine": "mean"}}},
    {"mode": {"deterministic": {"combine": "median"}}},
    {"learn": "adam"},
    {"learn": {"xprop": {"optimiser": "xprop"}}},
    {"learn": {"xprop": {"optimiser": {"adam": {"lr": 0}}}}},
    {"learn": {"xprop": {"batch": 0}}},
    {"learn": {"xprop": {"weights": {"y": 1.0}}}},
    {"equations": {"let": "a", "is": "x"}},
    {"equations": [{"let": "a"}]},
    {"equations": [{"is": "x"}]},
    {"equations": [{"let": "a", "vertex": "b", "is": "x"}]},
    {"equations": [{"let": "a", "is": "x", "shared": "all"}]},
    {"equations": [{"let": "a", "is": "x", "share": 3}]},
    {"equations": [{"let": "a", "is": "x", "share": {"primary": "some"}}]},
    {"equations": [{"let": "a", "is": "x\nmode stochastic"}]},
    {"equations": [{"let": "a", "is": ["x"]}]},
    {"root": {"share": "all"}},
    {"root": 3},
    {"block": {"f": {"formals": ["xs[n]"]}}},
    {"block": {"f": {"yield": "x", "root": "x"}}},
    {"block": []},
    {"import": 3},
]


@pytest.mark.parametrize("more", BAD, ids=json.dumps)
def test_bad_structure_is_not_valid(more: dict[str, Any]) -> None:
    assert problems(FRAME) == []
    assert problems({**FRAME, **more})


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("network", NETWORKS),
        ("tokeniser", TOKENISERS),
        ("learning_rule", LEARNING_RULES),
        ("mode", MODES),
        ("optimiser", OPTIMISERS),
        ("schedule", SCHEDULES),
        ("loss", LOSSES),
    ],
)
def test_every_kind_and_option_is_in_the_schema(name: str, kinds: Any) -> None:
    names, _, table = SCHEMA["$defs"][name]["anyOf"]
    assert names["enum"] == list(kinds)
    for kind, entry in kinds.items():
        assert set(entry.option_names) <= set(table["properties"][kind]["properties"])


def test_form_and_text_mean_the_same() -> None:
    form = Form.model_validate({**FRAME, "param": {"d": 8}, "space": {"primary": "d"}})
    assert form.spec() == parse(
        "exnet t  param d = 8  space primary = d  input x[4] : real[2]  output y : class[3]  root tree(x)"
    )
    assert form.spec(overrides={"d": 5}).primary == 5
    assert Form.of(form.spec()).spec() == form.spec()


def test_a_form_is_taken_where_a_spec_is() -> None:
    good: Any = Form.model_validate(FRAME)
    assert spec_of(good).unwrap() == good.spec()
    bad: Any = Form.model_validate({**FRAME, "root": "z("})
    assert [d.name for d in spec_of(bad).diagnostics] == ["unclosed-bracket"]


def test_words_of_python_have_a_mark() -> None:
    form = Form.model_validate({"exnet": "t", "equations": [{"let": "a", "is_": "x"}]})
    assert form.mapping == {"exnet": "t", "equations": [{"let": "a", "is": "x"}]}


def test_the_form_is_frozen_and_strict() -> None:
    form = Form.model_validate(FRAME)
    with pytest.raises(ValidationError, match="frozen"):
        form.exnet = "u"  # type: ignore[misc]
    with pytest.raises(ValidationError, match="Extra inputs"):
        Form.model_validate({**FRAME, "outputs": {}})
    with pytest.raises(ExnetError, match="unknown-kind"):
        Form.model_validate({**FRAME, "net": {"m": "mpl"}}).spec()
