"""The index of all codes, collected from the rooms' rules; `python -m exnet.cli.codes` writes docs/errors.md."""

import runpy
import sys
from functools import cache
from pathlib import Path

from exnet.source import Rule, Severity

PACKAGE = Path(__file__).parents[1]
ROOMS = (
    "source",
    "language",
    "spec",
    "graph",
    "lint",
    "plan",
    "data",
    "learn",
    "export",
    "monitor",
    "nets",
    "ranks",
    "passing",
    "view",
    "cli",
)
FAMILIES = {
    "0": "text and syntax",
    "1": "names and kinds",
    "2": "domains and reads",
    "3": "sharing and blocks",
    "4": "declarations and options",
    "5": "doubts about specs",
    "6": "data and runs",
    "7": "stored files",
    "9": "limits",
}


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule of every room, by code."""
    found = dict[str, Rule]()
    for room in ROOMS:
        path = PACKAGE / room / "rules.py"
        for rule in rules_in(path) if path.is_file() else ():
            add(found, rule)
    return tuple(found[code] for code in sorted(found))


def rules_in(path: Path) -> tuple[Rule, ...]:
    """The rules that a file declares. Its package is not imported, as the rooms below the line would load torch."""
    declared = runpy.run_path(str(path))
    return tuple(value for value in declared.values() if isinstance(value, Rule))


def add(found: dict[str, Rule], rule: Rule) -> None:
    """Put a rule into the index; two different ones with one code are a mistake of the house."""
    if found.setdefault(rule.code, rule) != rule:
        raise ValueError(f"{rule.code} is both {found[rule.code].name} and {rule.name}")


def find_rule(wanted: str) -> Rule | None:
    """The rule with a code or a name, in any case of letters; `EXN` may be left out."""
    key = wanted.strip().lower()
    key = f"exn{key}" if key.isdecimal() else key
    return next((rule for rule in all_rules() if key in (rule.code.lower(), rule.name)), None)


def page() -> str:
    """The text of docs/errors.md."""
    lines = ["# Errors and doubts", "", INTRODUCTION, ""]
    for digit, title in FAMILIES.items():
        rules = [rule for rule in all_rules() if rule.code[3] == digit]
        if not rules:
            continue
        lines += [f"## EXN{digit}xx: {title}", ""]
        for rule in rules:
            lines += entry(rule)
    return "\n".join(lines).rstrip("\n") + "\n"


INTRODUCTION = (
    "Every message has a code and a name; both are accepted by `exnet explain`. This page is generated from the rules\n"
    "themselves by `python -m exnet.cli.codes`."
)


def entry(rule: Rule) -> list[str]:
    """The lines about one rule."""
    doubt = " (a doubt)" if rule.severity is Severity.WARNING else ""
    lines = [f"### {rule.code} {rule.name}{doubt}", "", rule.summary, ""]
    lines += [rule.why, ""] if rule.why else []
    for title, example in (("Wrong", rule.bad), ("Right", rule.good)):
        if example:
            fence = "yaml" if example.startswith("exnet:") else "exn"
            lines += [f"{title}:", "", f"```{fence}", example.rstrip("\n"), "```", ""]
    return lines


def main() -> None:
    """Write the page into the checkout that this file stands in."""
    target = PACKAGE.parent / "docs" / "errors.md"
    target.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{target.relative_to(Path.cwd()) if target.is_relative_to(Path.cwd()) else target}\n")


if __name__ == "__main__":
    main()
