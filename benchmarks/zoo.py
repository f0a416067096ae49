"""Every spec of the zoo by every method: Xprop and Xprop* in two ways each, backprop, and a plain net.

    python benchmarks/zoo.py [--jobs 2] [--seeds 0,1,2] [--only NAME,..] [--methods NAME,..] [--quick] [--again]

Entries are listed in zoo.toml. All methods of an entry have the spec's optimiser, learning rate, schedule, batch size
and number of epochs, and none of these was searched for. Each run is scored once, after its last step, on the test
part; the table has every run, none is selected. docs/zoo.md explains the columns.

Runs are kept in benchmarks/results/zoo.json, each with a hash of all that it is a function of (the spec as it means,
data, options, seed, version of exnet), and are not made again unless `--again` is given; so an interrupted zoo goes on
where it was. At the end the tables of docs/zoo.md and README.md are written between their markers. `--tables` does only
that. `--quick` stops every run after a few steps and writes nothing: it shows that everything runs, and how long the
whole would take.

Each run has one thread, in a pool of `--jobs` processes. Data whose folder is not given by the environment
(`MNIST=folder`) are left out, and said to be.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any

from zoo_page import write_tables
from zoo_runs import METHODS, ROOT, Entry, Job, entries, key, methods, run, seconds_left, skipped

Stored = dict[tuple[str, str, int], dict[str, Any]]
"""Runs by entry, method and seed."""
RESULTS = ROOT / "benchmarks" / "results" / "zoo.json"


def main(words: Sequence[str] | None = None) -> int:
    """The command; 1 if a run failed for another reason than numbers that ran away."""
    options = arguments(words)
    results = Path(options.results)
    stored = read(results)
    if options.tables:
        write_tables(stored.values())
        return 0
    jobs = all_jobs(chosen(options.only), options)
    if not options.again and not options.quick:
        jobs = [job for job in jobs if stored.get(place(job), {}).get("key") != key(job)]
    say(f"{len(jobs)} runs to make, {options.jobs} at a time")
    found, broken = carry_out(jobs, options.jobs, None if options.quick else (results, stored))
    if options.quick:
        say(estimate(jobs, found, options.jobs))
    else:
        write_tables(stored.values())
    return 1 if broken else 0


def arguments(words: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--jobs", type=int, default=2, help="processes, one thread each")
    options.add_argument("--seeds", default="0,1,2")
    options.add_argument("--only", default="", help="names of entries")
    options.add_argument("--methods", default=",".join(METHODS))
    options.add_argument("--quick", action="store_true", help="a few steps of each run, nothing is written")
    options.add_argument("--again", action="store_true", help="make runs that are stored once more")
    options.add_argument("--tables", action="store_true", help="only write the tables")
    options.add_argument("--results", default=str(RESULTS), help="the file of results")
    return options.parse_args(words)


def chosen(only: str) -> list[Entry]:
    """The entries named, or all, without those whose files are not there."""
    known = {entry.name: entry for entry in entries()}
    names = [name for name in only.split(",") if name] or list(known)
    if unknown := [name for name in names if name not in known]:
        sys.exit(f"there is no entry {unknown[0]}; known are {', '.join(known)}")
    for name in names:
        if skipped(known[name]):
            say(f"{name:<24} skipped: set {known[name].folder} to the folder of the data")
    return [known[name] for name in names if not skipped(known[name])]


def all_jobs(wanted: Iterable[Entry], options: argparse.Namespace) -> list[Job]:
    """Every run, in the order of zoo.toml."""
    named = options.methods.split(",")
    if unknown := [name for name in named if name not in METHODS]:
        sys.exit(f"there is no method {unknown[0]}; known are {', '.join(METHODS)}")
    seeds = [0] if options.quick else [int(seed) for seed in options.seeds.split(",")]
    return [
        Job(entry, method, seed, options.quick)
        for entry in wanted
        for method in methods(entry)
        if method in named
        for seed in seeds
    ]


def carry_out(
    jobs: Sequence[Job], processes: int, kept: tuple[Path, Stored] | None
) -> tuple[dict[Job, dict[str, Any]], list[Job]]:
    """The results of all runs, each written as soon as it is there, and the runs that failed."""
    found, broken, began = dict[Job, dict[str, Any]](), list[Job](), perf_counter()
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        futures: dict[Future[dict[str, Any]], Job] = {pool.submit(run, job): job for job in jobs}
        for number, future in enumerate(as_completed(futures), 1):
            job, passed = futures[future], perf_counter() - began
            head = f"[{number}/{len(jobs)} {passed / 60:.1f} min] {job.entry.name:<22} {job.method:<14} {job.seed}"
            result = future.result()
            say(f"{head}  {outcome(result)}")
            if "error" in result:
                broken.append(job)
                continue
            found[job] = result
            if kept is not None:
                kept[1][place(job)] = result
                save(*kept)
    return found, broken


def outcome(result: dict[str, Any]) -> str:
    """A run in a few words."""
    if "score" not in result:
        return result.get("failed") or result["error"]
    return f"score {result['score']:.3f}  loss {result['loss']:.3f}  {result['seconds']:.0f} s"


def estimate(jobs: Iterable[Job], found: dict[Job, dict[str, Any]], processes: int) -> str:
    """How long three seeds of everything would take at the pace of these steps."""
    total = 3 * sum(seconds_left(job, found[job]) for job in jobs if job in found and "failed" not in found[job])
    return f"three seeds would take about {total / 60 / processes:.0f} minutes"


def read(path: Path) -> Stored:
    """The stored runs."""
    rows = json.loads(path.read_text()) if path.exists() else []
    return {(row["entry"], row["method"], row["seed"]): row for row in rows}


def place(job: Job) -> tuple[str, str, int]:
    """Where its result is stored."""
    return job.entry.name, job.method, job.seed


def save(path: Path, stored: Stored) -> None:
    """All runs in a fixed order; the file is replaced as a whole, so that a stop leaves the old or the new one."""
    order = {entry.name: i for i, entry in enumerate(entries())}
    rows = sorted(stored.values(), key=lambda r: (order.get(r["entry"], -1), METHODS.index(r["method"]), r["seed"]))
    beside = path.with_suffix(".new")
    path.parent.mkdir(parents=True, exist_ok=True)
    beside.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    os.replace(beside, path)


def say(text: str) -> None:
    """A line of progress."""
    print(text, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
