"""`exnet explain`: what a code means, why it is a mistake, and how to put it right."""

import json
from typing import Annotated

import typer

from exnet.cli.codes import FAMILIES, all_rules, find_rule
from exnet.cli.common import JsonOption, out, usage
from exnet.source import Rule, Severity, nearest


def register(app: typer.Typer) -> None:
    """Add the verb."""
    about = "Explain a message: what is wrong, why, and how to put it right. Without a code: a list of all."
    app.command(help=about, epilog="Example: exnet explain EXN203")(explain)


def explain(
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="A code such as EXN203, or a name.")] = None,
    as_json: JsonOption = False,
) -> None:
    """One rule in full, or all of them in a list."""
    rules = all_rules() if code is None else (wanted(code),)
    if as_json:
        out(json.dumps([rule_json(rule) for rule in rules] if code is None else rule_json(rules[0]), indent=2) + "\n")
    elif code is None:
        out(listing(rules))
    else:
        out(page(rules[0]))


def wanted(code: str) -> Rule:
    """The rule with a code or name; ends the verb if there is none."""
    rule = find_rule(code)
    if rule is None:
        names = [name for rule in all_rules() for name in (rule.code, rule.name)]
        near = nearest(code.upper() if code[:3].upper() == "EXN" else code.lower(), names)
        way_out = f"did you mean `{near}`?" if near else "`exnet explain` lists all codes"
        usage(f"no message has the code or name `{code}`", way_out)
    return rule


def rule_json(rule: Rule) -> dict[str, str]:
    """A rule for scripts."""
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "summary": rule.summary,
        "why": rule.why,
        "bad": rule.bad,
        "good": rule.good,
    }


def listing(rules: tuple[Rule, ...]) -> str:
    """One line for each rule, under the title of its family."""
    lines = list[str]()
    for digit, title in FAMILIES.items():
        family = [rule for rule in rules if rule.code[3] == digit]
        lines += [f"{title}:"] if family else []
        lines += [f"  {rule.code}  {rule.name:<28}  {rule.summary}" for rule in family]
    return "\n".join(lines) + "\n"


def page(rule: Rule) -> str:
    """A rule in full."""
    doubt = " (a doubt)" if rule.severity is Severity.WARNING else ""
    parts = [f"{rule.code} {rule.name}{doubt}", rule.summary + (f"\n{rule.why}" if rule.why else "")]
    parts += [f"Wrong:\n{indented(rule.bad)}"] if rule.bad else []
    parts += [f"Right:\n{indented(rule.good)}"] if rule.good else []
    return "\n\n".join(parts) + "\n"


def indented(text: str) -> str:
    """An example, set in."""
    return "\n".join(f"    {line}".rstrip() for line in text.rstrip("\n").split("\n"))
