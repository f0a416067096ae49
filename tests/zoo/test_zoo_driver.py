"""The driver of the zoo: what a run is a function of, what is made again, plain nets of like size, tables."""

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import zoo
import zoo_page
import zoo_plain
import zoo_runs
from zoo_runs import Entry, Job

from exnet import data
from exnet.passing.net import ExtractionNet

ENTRIES = {entry.name: entry for entry in zoo_runs.entries()}
TREE, CHAIN, MULTILAYER = ENTRIES["tree_digits"], ENTRIES["chain_recall"], ENTRIES["multilayer_digits"]


def row(entry: Entry, method: str, seed: int, **more: Any) -> dict[str, Any]:
    """A stored run."""
    sizes = {"vertices": 15, "parameters": 1000, "used": 500, "steps": 9, "seconds": 1.0, "guess": 0.1}
    kept = {"exnet": "0.1.0", "torch": "2.13.0", "loss": 1.0, "score": 0.5, "step_ms": 2.0, **sizes, **more}
    return {"entry": entry.name, "method": method, "seed": seed, "key": "", **kept}


def test_a_key_is_of_everything_that_decides() -> None:
    jobs = [Job(MULTILAYER, method, seed) for method in zoo_runs.METHODS for seed in (0, 1)]
    jobs += [Job(replace(MULTILAYER, data="digits(part: tuning)"), "backprop", 0)]
    assert len({zoo_runs.key(job) for job in jobs}) == len(jobs)
    assert zoo_runs.key(jobs[0]) == zoo_runs.key(Job(replace(MULTILAYER, task="other words"), "stochastic", 0))


def test_modes_that_are_the_same_run_once() -> None:
    assert "deterministic" not in zoo_runs.methods(TREE)
    assert "deterministic" not in zoo_runs.methods(CHAIN)
    assert zoo_runs.methods(MULTILAYER) == list(zoo_runs.METHODS)


def test_all_methods_have_the_options_of_the_spec() -> None:
    own = zoo_runs.spec_of(MULTILAYER).learn
    for method in zoo_runs.METHODS:
        rule = zoo_runs.rule_of(Job(MULTILAYER, method, 0))
        assert (rule.optimiser, rule.schedule, rule.batch, rule.epochs) == (
            own.optimiser,
            own.schedule,
            own.batch,
            own.epochs,
        )


@pytest.mark.parametrize("entry", [TREE, CHAIN, ENTRIES["labels_digits"]], ids=lambda entry: entry.name)
def test_a_plain_net_is_as_large_as_what_predicts(entry: Entry) -> None:
    compiled = zoo_runs.compiled(entry)
    net = ExtractionNet(compiled.spec, compiled.plan)
    wanted = zoo_runs.used(net)
    plain = zoo_plain.plain_net(entry.plain, compiled.spec, wanted, seed=0)
    assert abs(zoo_plain.count(plain) - wanted) < 0.1 * wanted
    x = {source.name: torch.zeros(2, source.leaves, source.type.width) for source in compiled.spec.inputs}
    if entry.plain == "gru":
        x = {name: values[..., 0].long() for name, values in x.items()}
    assert plain(x).shape == (2, compiled.spec.output_width)
    again = zoo_plain.plain_net(entry.plain, compiled.spec, wanted, seed=0)
    assert all(torch.equal(a, b) for a, b in zip(plain.parameters(), again.parameters(), strict=True))


def test_what_predicts_is_what_backprop_trains() -> None:
    compiled = zoo_runs.compiled(MULTILAYER)
    net = ExtractionNet(compiled.spec, compiled.plan)
    net(torch.randn(3, 16, 4)).square().sum().backward()
    touched = [p.grad for p in net.parameters() if p.grad is not None]
    rows = sum(int(g.flatten(1).any(1).sum()) * g[0].numel() for g in touched)
    assert zoo_runs.used(net) == rows


def test_r2_is_that_of_the_definition() -> None:
    target = torch.tensor([[1.0], [2.0], [3.0], [6.0]])
    assert zoo_runs.r2(target, target) == 1.0
    assert zoo_runs.r2(torch.full((4, 1), 3.0), target) == 0.0
    assert zoo_runs.r2(target + 1.0, target) == pytest.approx(1.0 - 4.0 / 14.0)


def test_an_error_ends_its_run_alone() -> None:
    broken = replace(TREE, data="digits(pad: 3)")
    result = zoo_runs.run(Job(broken, "backprop", 0, quick=True))
    assert result["error"].startswith("EXN604: ")
    assert pickle.loads(pickle.dumps(result)) == result


@pytest.mark.parametrize("method", ["stochastic", "plain"])
def test_a_run_is_a_function_of_its_job(method: str) -> None:
    one, other = (zoo_runs.run(Job(TREE, method, 1, quick=True)) for _ in range(2))
    assert {k: v for k, v in one.items() if k not in ("seconds", "step_ms")} == {
        k: v for k, v in other.items() if k not in ("seconds", "step_ms")
    }
    assert one["steps"] == zoo_runs.QUICK_STEPS
    assert 0.0 <= one["score"] <= 1.0


def test_what_is_stored_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = list[Job]()
    monkeypatch.setattr(zoo, "write_tables", lambda rows: None)
    monkeypatch.setattr(zoo, "carry_out", lambda jobs, processes, kept: (made.extend(jobs), ({}, []))[1])
    results, job = tmp_path / "zoo.json", Job(TREE, "backprop", 0)
    zoo.save(results, {zoo.place(job): row(TREE, "backprop", 0, key=zoo_runs.key(job))})
    words = ["--results", str(results), "--only", "tree_digits", "--seeds", "0,1", "--methods", "backprop"]
    assert zoo.main(words) == 0
    assert made == [Job(TREE, "backprop", 1)]
    made.clear()
    assert zoo.main([*words, "--again"]) == 0
    assert made == [job, Job(TREE, "backprop", 1)]
    zoo.save(results, {zoo.place(job): row(TREE, "backprop", 0, key="of another spec")})
    made.clear()
    assert zoo.main(words) == 0
    assert made == [job, Job(TREE, "backprop", 1)]


def test_data_that_are_not_there_are_skipped(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNIST", raising=False)
    assert "quadtree_mnist" not in [entry.name for entry in zoo.chosen("")]
    assert "set MNIST to the folder" in capsys.readouterr().out
    monkeypatch.setenv("MNIST", "somewhere")
    assert "quadtree_mnist" in [entry.name for entry in zoo.chosen("")]


def test_cells() -> None:
    rows = [row(TREE, "stochastic", seed, score=score) for seed, score in enumerate((0.96, 0.97, 0.98))]
    assert zoo_page.cell(TREE, rows, "stochastic") == "97.0 ± 1.0"
    assert zoo_page.cell(TREE, rows, "deterministic") == "same"
    assert zoo_page.cell(TREE, rows, "backprop") == ""
    away = {k: v for k, v in row(TREE, "backprop", 0, failed="EXN640").items() if k != "score"}
    assert zoo_page.cell(TREE, [away, row(TREE, "backprop", 1)], "backprop") == "50.0 1 of 2 ran away"
    diabetes = ENTRIES["table_diabetes"]
    assert zoo_page.cell(diabetes, [row(diabetes, "plain", 0, score=0.4567)], "plain") == "R2 0.457"
    assert zoo_page.cell(CHAIN, [row(CHAIN, "plain", 0)], "plain") == "50.0 GRU"


def test_costs_are_multiples_of_backprop() -> None:
    rows = [row(TREE, "stochastic", 0, step_ms=5.0), row(TREE, "backprop", 0), row(TREE, "plain", 0, parameters=490)]
    line = zoo_page.costs(rows).splitlines()[-1]
    assert [cell.strip() for cell in line.split("|")[2:-1]] == ["1,000", "500", "490", "2.0", "2.5", "", "", "", "1.0"]


def test_tables_do_not_depend_on_the_order_of_runs() -> None:
    rows = [row(entry, method, seed) for entry in (TREE, CHAIN) for method in ("backprop", "plain") for seed in (0, 1)]
    for made in (zoo_page.scores, zoo_page.costs, zoo_page.short):
        assert made(rows) == made(rows[::-1])


def test_a_table_goes_between_its_markers() -> None:
    text = "a\n<!-- zoo -->\nold\nolder\n<!-- /zoo -->\nb <!-- zoo: no -->\n"
    assert zoo_page.between(text, "zoo", "new") == "a\n<!-- zoo -->\nnew\n<!-- /zoo -->\nb <!-- zoo: no -->\n"
    with pytest.raises(ValueError, match="0 places"):
        zoo_page.between(text, "scores", "new")


def test_the_tables_in_the_docs_are_those_of_the_stored_runs() -> None:
    rows = list(zoo.read(zoo.RESULTS).values())
    page, readme = zoo_page.PAGE.read_text(), zoo_page.README.read_text()
    assert page == zoo_page.between(
        zoo_page.between(page, "scores", zoo_page.scores(rows)), "costs", zoo_page.costs(rows)
    )
    assert readme == zoo_page.between(readme, "zoo", zoo_page.short(rows)), "python benchmarks/zoo.py --tables"


def test_stored_runs_have_no_path_of_a_machine() -> None:
    text = zoo.RESULTS.read_text() if zoo.RESULTS.exists() else "[]"
    assert not any("/" in str(value) for entry in json.loads(text) for value in entry.values())
    assert all(data.parse(entry.data).kind for entry in ENTRIES.values())
