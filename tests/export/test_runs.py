import json
from pathlib import Path

import pytest
import torch

import exnet
from exnet.export.checkpoint import Moment, apply, read_checkpoint, save_checkpoint
from exnet.export.folder import free_folder, prepare, read_json, runs_in
from exnet.export.loading import load_net, plan_hash
from exnet.export.resume import read_state, save_state
from exnet.export.tensors import read_tensors, write_tensors
from exnet.learn.optimiser import make_optimiser, optimiser_tensors
from exnet.learn.state import State
from exnet.passing.net import ExtractionNet
from exnet.plan import save_plan
from exnet.source import ExnetError
from exnet.spec.canonical import canonical_text

TEXT = """exnet stored
param d = 6
input x[4] : real[2]
output y : class[3]
space primary = d, complementary = d
root tree(x)
"""


def net_of(text: str = TEXT, seed: int = 3, dtype: torch.dtype = torch.float64) -> ExtractionNet:
    return exnet.build(exnet.parse(text), seed=seed, dtype=dtype)


def save_run(folder: Path, net: ExtractionNet) -> Moment:
    folder.mkdir(parents=True, exist_ok=True)
    save_plan(folder, net.spec, net.plan)
    scales = {"x": (0.1, 1 / 3)}
    moment = Moment(canonical_text(net.spec), plan_hash(folder), "xprop", net.seed, 12, 3, "digits", scales)
    save_checkpoint(folder / "checkpoint.safetensors", net, moment)
    return moment


def spoil(net: ExtractionNet) -> None:
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.25)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_run_comes_back_with_its_parameters(tmp_path: Path, dtype: torch.dtype) -> None:
    net = net_of(dtype=dtype)
    spoil(net)
    moment = save_run(tmp_path, net)
    loaded = load_net(tmp_path)
    assert loaded.moment is not None
    assert loaded.moment.scales == {"x": list(moment.scales["x"])}
    assert (loaded.moment.step, loaded.moment.epoch, loaded.moment.seed) == (12, 3, 3)
    assert loaded.net.dtype == dtype
    x = torch.randn(5, 4, 2, dtype=dtype)
    assert torch.equal(loaded.net(x), net(x))
    assert torch.equal(exnet.load(tmp_path)(x), net(x))


def test_a_compiled_folder_gives_initial_parameters(tmp_path: Path) -> None:
    net = net_of(seed=0, dtype=torch.get_default_dtype())
    save_plan(tmp_path, net.spec, net.plan)
    x = torch.randn(5, 4, 2)
    assert torch.equal(exnet.load(tmp_path)(x), net(x))


def test_overrides_are_in_the_stored_spec(tmp_path: Path) -> None:
    net = exnet.build(exnet.parse(TEXT, overrides={"d": 9}))
    save_plan(tmp_path, net.spec, net.plan)
    assert load_net(tmp_path).net.plan.primary == 9


def test_the_state_of_the_optimiser_is_kept(tmp_path: Path) -> None:
    net = net_of()
    optimiser = make_optimiser(net.parameters(), net.spec.learn.optimiser)
    net(torch.randn(5, 4, 2)).square().sum().backward()
    optimiser.step()
    rule, meter = {"turn": torch.tensor(3)}, {"loss": torch.ones(2)}
    state = State(1, 0, optimiser_tensors(net, optimiser), rule, meter)
    save_state(tmp_path, net, state, Moment("", "p", "xprop", 0, 0, 0))
    tensors, about = read_tensors(tmp_path / "optimiser.safetensors")
    assert (about["kind"], about["step"], about["best"]) == ("optimiser", 1, None)
    for name, parameter in net.named_parameters():
        for key, value in optimiser.state[parameter].items():
            assert torch.equal(tensors[f"optimiser/{name}/{key}"], value)
    assert len(tensors) == sum(len(state) for state in optimiser.state.values()) + 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint.safetensors", "optimiser.safetensors"]
    other = net_of(seed=4)
    found = read_state(tmp_path, other)
    assert (found.step, found.epoch, found.best) == (1, 0, None)
    assert (int(found.rule["turn"]), found.meter["loss"].tolist()) == (3, [1.0, 1.0])
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), other.parameters(), strict=True))


def test_a_checkpoint_of_another_plan_is_refused(tmp_path: Path) -> None:
    save_run(tmp_path / "a", net_of())
    save_run(tmp_path / "b", net_of(TEXT.replace("x[4]", "x[5]")))
    (tmp_path / "a/checkpoint.safetensors").write_bytes((tmp_path / "b/checkpoint.safetensors").read_bytes())
    with pytest.raises(ExnetError) as caught:
        load_net(tmp_path / "a")
    assert caught.value.code == "EXN753"


def test_tensors_that_do_not_fit_are_all_named() -> None:
    net = net_of()
    tensors = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    missing, narrow, short, *_ = tensors
    del tensors[missing]
    tensors[narrow] = tensors[narrow].float()
    tensors[short] = tensors[short][:1, :0]
    tensors["extra"] = torch.zeros(1)
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    with pytest.raises(ExnetError) as caught:
        apply(net, tensors, Path("c"))
    assert caught.value.code == "EXN753"
    for words in (f"{missing} is missing", "extra is unknown", f"{narrow} is float32", f"{short} is float64"):
        assert words in str(caught.value)
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())


def test_other_tensor_files_are_no_checkpoints(tmp_path: Path) -> None:
    for number, about in enumerate(({"kind": "optimiser", "format": 1}, {"kind": "checkpoint", "format": 2})):
        write_tensors(tmp_path / str(number), {}, about)
        with pytest.raises(ExnetError) as caught:
            read_checkpoint(tmp_path / str(number))
        assert caught.value.code == "EXN752"
    write_tensors(tmp_path / "x", {}, {"kind": "checkpoint", "format": 1, "colour": "blue"})
    with pytest.raises(ExnetError) as caught:
        read_checkpoint(tmp_path / "x")
    assert caught.value.code == "EXN752"


def test_missing_folders(tmp_path: Path) -> None:
    with pytest.raises(ExnetError):
        exnet.load(tmp_path / "none")
    with pytest.raises(ExnetError) as caught:
        runs_in(tmp_path)
    assert caught.value.code == "EXN751"
    save_run(tmp_path / "seed-0", net_of())
    save_run(tmp_path / "seed-10", net_of())
    save_run(tmp_path / "seed-2", net_of())
    assert [path.name for path in runs_in(tmp_path)] == ["seed-0", "seed-2", "seed-10"]
    with pytest.raises(ExnetError) as caught:
        exnet.load(tmp_path)
    assert caught.value.code == "EXN751"
    assert "seed-0" in caught.value.hint


def test_a_run_replaces_only_runs_and_only_when_told(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    prepare(folder, overwrite=False)
    prepare(folder, overwrite=False)  # empty: nothing to lose
    (folder / "run.json").write_text("{}")
    (folder / "seed-1").mkdir()
    (folder / "seed-1/checkpoint.safetensors").write_text("old")
    (folder / "mine.txt").write_text("keep")
    with pytest.raises(ExnetError) as caught:
        prepare(folder, overwrite=False)
    assert caught.value.code == "EXN754"
    prepare(folder, overwrite=True)
    assert [path.name for path in folder.rglob("*")] == ["mine.txt"]
    with pytest.raises(ExnetError) as caught:
        prepare(folder, overwrite=True)  # no run any more
    assert caught.value.code == "EXN754"
    assert (folder / "mine.txt").read_text() == "keep"
    (folder / "seed-4").mkdir()
    (folder / "seed-4/run.json").write_text("{}")  # several seeds, ended before the first was done
    prepare(folder, overwrite=True)
    assert [path.name for path in folder.rglob("*")] == ["mine.txt"]
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExnetError) as caught:
        prepare(tmp_path / "file", overwrite=True)
    assert caught.value.code == "EXN754"
    with pytest.raises(ExnetError) as caught:
        prepare(tmp_path / "file/below", overwrite=False)
    assert caught.value.code == "EXN750"


def test_a_free_name(tmp_path: Path) -> None:
    assert free_folder(tmp_path / "runs/run").name == "run"
    (tmp_path / "runs/run-2").mkdir()
    assert free_folder(tmp_path / "runs/run").name == "run-3"
    assert (tmp_path / "runs/run-3").is_dir()
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExnetError) as caught:
        free_folder(tmp_path / "file/run")
    assert caught.value.code == "EXN750"


def test_json_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("{")
    (tmp_path / "b").write_text(json.dumps([1]))
    for name in ("a", "b", "none"):
        with pytest.raises(ExnetError) as caught:
            read_json(tmp_path / name)
        assert caught.value.code == "EXN751"
