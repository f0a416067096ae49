"""The standard suite: what a step costs on workloads W1 to W5, beside its peers and the speed of the matrix product.

    python benchmarks/speed.py [--only w1,w2] [--rounds 5] [--threads 1] [--json benchmarks/results/speed.json]
                               [--markdown] [--write-docs] [--quick]

All contestants of a workload have the same parameters and the same batch, their gradients are compared before anything
is timed (a peer that computes something else ends that workload), and they take turns within one process. Every line
of the table is a ratio within the same run. A must or a goal is met when the median of the rounds is within 5 % of it.

`--only` chooses from w1, w2, w3, w4, w5, chains (1,024 vertices), growth, and compiled (modules under `torch.compile`,
15 vertices; this one runs only if it is asked for, it takes minutes and a C++ compiler). `--write-docs` puts the
stored rows into docs/performance.md and measures nothing, unless `--only` or `--json` is given as well. `--quick` runs
small sizes in float64, for a look whether everything works: its times mean nothing and are not stored.
"""

import argparse
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import torch
from suite.lines import ASKED, LINES, Options
from suite.rows import EXPECTED, Row, load, markdown, missed, store, summary, written

import exnet

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "speed.json"
PAGE = ROOT / "docs" / "performance.md"


def measured(names: Sequence[str], options: Options) -> list[Row]:
    """The rows of some workloads, printed as they come."""
    found = list[Row]()
    for name in names:
        rows = LINES[name](options)
        found += rows
        for row in rows:
            print(line(row), flush=True)
    return found


def line(row: Row) -> str:
    """A row on one line of a terminal."""
    workload, name, figure, spread, must, goal, met = row.cells
    asked = ", ".join(f"{word} {wanted}" for word, wanted in (("must", must), ("goal", goal)) if wanted)
    rest = "; ".join(part for part in (f"{spread}" if spread else "", asked, row.detail) if part)
    return f"{met or '-':5} {workload:14} {name:52} {figure:>9}   {rest}"


def about(options: Options) -> dict[str, Any]:
    """How the figures were made."""
    return {
        "exnet": exnet.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "processor": f"{os.cpu_count()} cores, {torch.backends.cpu.get_cpu_capability()}",
        "threads": torch.get_num_threads(),
        "rounds": options.rounds,
        "date": date.today().isoformat(),
    }


def page() -> None:
    """Writes the stored rows into the page."""
    PAGE.write_text(written(PAGE.read_text(), "speed", tables(*load(RESULTS))))


def tables(stored: Sequence[Row], made: Mapping[str, Any]) -> str:
    """The table, with the rows that are still expected, how it was made, and the absolute figures behind it."""
    known = {(row.workload, row.name) for row in stored}
    rows = [*stored, *(row for row in EXPECTED if (row.workload, row.name) not in known)]
    words = (
        f"Made on {made['date']} with torch {made['torch']}, {made['processor']}, threads: {made['threads']}, "
        f"{made['rounds']} rounds. {summary(rows)}"
    )
    return f"{markdown(rows)}\n\n{words}\n\n{details(rows)}"


def details(rows: Sequence[Row]) -> str:
    """The absolute figures behind the ratios."""
    lines = [f"- {row.workload}, {row.name}: {row.detail}" for row in rows if row.detail]
    return "\n".join(["The absolute figures behind them, to be compared within one line only:", "", *lines])


def main() -> None:
    """Measures, prints, stores, writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="comma-separated: " + ", ".join(LINES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="where the rows are kept")
    parser.add_argument("--markdown", action="store_true", help="print the table for a page as well")
    parser.add_argument("--write-docs", action="store_true", help="put the stored rows into docs/performance.md")
    parser.add_argument("--quick", action="store_true", help="small sizes, float64, nothing stored")
    chosen = parser.parse_args()
    if not (chosen.write_docs and chosen.only is None and chosen.json is None):
        run(parser, chosen)
    if chosen.write_docs:
        page()


def run(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> None:
    """Measures what was chosen."""
    names = chosen.only.split(",") if chosen.only else [name for name in LINES if name not in ASKED]
    if unknown := [name for name in names if name not in LINES]:
        parser.error(f"`--only {','.join(unknown)}`: choose from {', '.join(LINES)}")
    torch.set_num_threads(chosen.threads)
    options = Options(1, 0.0, True) if chosen.quick else Options(chosen.rounds)
    rows = measured(names, options)
    print(summary(rows), *(f"not met: {name}" for name in missed(rows)), sep="\n")
    if chosen.markdown:
        print(markdown(rows))
    if not chosen.quick:
        store(chosen.json or RESULTS, rows, about(options))


if __name__ == "__main__":
    main()
