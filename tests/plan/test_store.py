"""Stored plans: what is read is what was written, and every damage is refused with code and reason."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import plan_graphs as hand
import pytest
from safetensors.numpy import load, save

from exnet.plan import Plan, load_plan, make_plan, save_plan
from exnet.plan.arrays import KINDS
from exnet.plan.store import digest, dumped, sealed
from exnet.source import ExnetError
from exnet.spec import Spec, parse

TEXT = """exnet t
param  d = 8   # a remark
input  x[8] : real[2]
output y    : class[3]
space  primary = d, complementary = d
root tree(x)
"""


@pytest.fixture
def compiled() -> tuple[Spec, Plan]:
    spec = parse(TEXT, overrides={"d": 6})
    networks = {component: spec.networks[component] for component in ("primary", "complementary", "trainer")}
    graph = hand.random_graph(5)
    return spec, make_plan(replace(spec, networks=networks), graph)


@pytest.fixture
def folder(tmp_path: Path, compiled: tuple[Spec, Plan]) -> Path:
    save_plan(tmp_path / "net", *compiled)
    return tmp_path / "net"


def assert_same(a: Any, b: Any, path: str = "plan") -> None:
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype, path
        assert np.array_equal(a, b), path
    elif isinstance(a, tuple):
        assert len(a) == len(b), path
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            assert_same(x, y, f"{path}[{i}]")
    elif is_dataclass(a) and type(a).__name__ not in ("Span", "Source"):
        for field in fields(a):
            assert_same(getattr(a, field.name), getattr(b, field.name), f"{path}.{field.name}")
    elif type(a).__name__ != "Span":
        assert a == b, path


def test_round_trip(folder: Path, compiled: tuple[Spec, Plan]) -> None:
    spec, plan = load_plan(folder)
    assert_same(compiled[1], plan)
    assert spec.constants == {"d": 6}
    assert plan.class_name(0, 0) == compiled[1].class_name(0, 0)
    assert plan.vertex_name(0) == compiled[1].vertex_name(0)
    assert plan.span_of(0).text == compiled[1].span_of(0).text == "exnet"
    assert sorted(os.listdir(folder)) == ["plan.json", "plan.safetensors", "spec.exn"]


def test_spec_is_canonical_with_overrides(folder: Path) -> None:
    text = (folder / "spec.exn").read_text()
    assert "d = 6" in text
    assert parse(text).primary == 6


def test_bytes_are_the_same_under_any_hash_seed(folder: Path, tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]); import plan_graphs as hand\n"
        "from exnet.plan import make_plan, save_plan; from exnet.spec import parse\n"
        "save_plan(sys.argv[2], spec := parse(sys.argv[3], overrides={'d': 6}), make_plan(spec, hand.random_graph(5)))"
    )
    for seed in ("1", "2"):
        out = tmp_path / seed
        command = [sys.executable, "-c", script, str(Path(__file__).parent), str(out), TEXT]
        subprocess.run(command, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
        for name in ("spec.exn", "plan.json", "plan.safetensors"):
            assert (out / name).read_bytes() == (folder / name).read_bytes()


def refused(folder: Path, code: str, words: str) -> None:
    with pytest.raises(ExnetError, match=words) as caught:
        load_plan(folder)
    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.parametrize("name", ["spec.exn", "plan.json", "plan.safetensors"])
def test_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    refused(folder, "EXN701", f"holds no `{name}`")


def test_missing_folder(tmp_path: Path) -> None:
    refused(tmp_path / "nowhere", "EXN701", "does not exist")


def test_folder_in_place_of_a_file(folder: Path) -> None:
    (folder / "spec.exn").unlink()
    (folder / "spec.exn").mkdir()
    refused(folder, "EXN701", "cannot be read")


@pytest.mark.parametrize("name", ["spec.exn", "plan.json", "plan.safetensors"])
def test_any_changed_or_missing_byte_is_refused(folder: Path, name: str) -> None:
    whole, rng = (folder / name).read_bytes(), random.Random(name)
    places = [0, len(whole) // 2, len(whole) - 1, *(rng.randrange(len(whole)) for _ in range(40))]
    for at in places:
        changed = bytearray(whole)
        changed[at] ^= 1 << rng.randrange(8)
        for damaged in (bytes(changed), whole[:at]):
            (folder / name).write_bytes(damaged)
            with pytest.raises(ExnetError) as caught:
                load_plan(folder)
            assert caught.value.code in ("EXN702", "EXN703")


def rewrite(folder: Path, change: Callable[[dict[str, Any], dict[str, Any]], None]) -> None:
    """Damage by somebody who knows how to compute the hashes."""
    description = json.loads((folder / "plan.json").read_text())
    arrays = dict(load((folder / "plan.safetensors").read_bytes()))
    change(description, arrays)
    data = save(arrays)
    (folder / "plan.safetensors").write_bytes(data)
    description["files"]["plan.safetensors"] = digest(data)
    (folder / "plan.json").write_bytes(dumped(sealed(description)))


def test_foreign_version(folder: Path) -> None:
    rewrite(folder, lambda description, _: description.update(version=99))
    refused(folder, "EXN703", "99")


def test_the_first_format_has_leaf_rows_in_the_order_of_the_graph(folder: Path) -> None:
    def older(description: dict[str, Any], arrays: dict[str, Any]) -> None:
        description.update(version=1)
        del arrays["leaf"]

    rewrite(folder, older)
    _, plan = load_plan(folder)
    assert plan.leaf.tolist() == list(range(plan.leaves))


def test_another_kind_of_json(folder: Path) -> None:
    (folder / "plan.json").write_text("[1, 2]\n")
    refused(folder, "EXN703", "does not describe")
    (folder / "plan.json").write_text('{"format": "exnet-plan", "version": 1, "files": [], "a": NaN}')
    refused(folder, "EXN702", "not JSON")
    (folder / "plan.json").write_bytes(dumped(sealed({"format": "exnet-plan", "version": 1, "files": []})))
    refused(folder, "EXN702", "lists other files")
    (folder / "plan.json").write_text("[" * 100_000)
    refused(folder, "EXN702", "not JSON")


@pytest.mark.parametrize("name", sorted(KINDS))
def test_arrays_of_wrong_length_type_or_content(folder: Path, name: str) -> None:
    pristine = {p.name: p.read_bytes() for p in folder.iterdir()}

    def longer(_: Any, a: dict[str, np.ndarray]) -> None:
        more = a[name][:1] if len(a[name]) else [0]
        a[name] = np.append(a[name], more).astype(a[name].dtype)

    wrong: list[Callable[[Any, Any], None]] = [
        lambda _, a: a.pop(name),
        lambda _, a: a.update({name: a[name].astype(np.float32)}),
        lambda _, a: a.update({name: a[name][None]}),
        longer,
    ]
    for change in wrong:
        for file, data in pristine.items():
            (folder / file).write_bytes(data)
        rewrite(folder, change)
        with pytest.raises(ExnetError) as caught:
            load_plan(folder)
        assert caught.value.code == "EXN702"


ROWS = [n for n in sorted(KINDS) if n.split(".")[-1] in ("sites", "rows", "operands", "stack") and n != "stacks.sites"]


@pytest.mark.parametrize("name", ROWS)
def test_rows_that_do_not_exist(folder: Path, name: str) -> None:
    rewrite(folder, lambda _, a: a.update({name: np.full_like(a[name], 10_000)}))
    refused(folder, "EXN702", "plan that can be run")


@pytest.mark.parametrize(
    "change",
    [
        lambda d, _: d["stacks"][0]["options"].update(activation="relu"),
        lambda d, _: d["stacks"][0].update(network="nobody"),
        lambda d, _: d["stacks"][0].update(rows=1),
        lambda d, _: d["equations"][0].update(rows=1),
        lambda d, _: d.pop("equations"),
        lambda d, _: d["counts"].update(vertices=3),
        lambda d, _: d.update(stacks=None),
        lambda d, _: d["equations"][0].update(span=[9, 0, 0]),
        lambda d, _: d["equations"][0].update(span=[0, 5, 10**9]),
    ],
)
def test_descriptions_that_contradict_the_rest(folder: Path, change: Callable[[Any, Any], None]) -> None:
    rewrite(folder, change)
    refused(folder, "EXN702", "plan that can be run")


def test_pickle_is_no_plan(folder: Path) -> None:
    import pickle

    data = pickle.dumps({"a": 1})
    (folder / "plan.safetensors").write_bytes(data)
    description = json.loads((folder / "plan.json").read_text())
    description["files"]["plan.safetensors"] = digest(data)
    (folder / "plan.json").write_bytes(dumped(sealed(description)))
    refused(folder, "EXN702", "not a safetensors file")


def test_folder_that_cannot_be_written(tmp_path: Path, compiled: tuple[Spec, Plan]) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExnetError) as caught:
        save_plan(tmp_path / "file", *compiled)
    assert caught.value.code == "EXN704"


def test_a_failed_write_leaves_the_old_files(
    folder: Path, compiled: tuple[Spec, Plan], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {p.name: p.read_bytes() for p in folder.iterdir()}

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExnetError, match="no space left"):
        save_plan(folder, *compiled)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
