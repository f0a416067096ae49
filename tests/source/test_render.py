"""What diagnostics look like: for people, for scripts, for GitHub, for code scanners."""

import json
from collections.abc import Callable
from typing import Any

from exnet.source import Diagnostic, Fix, Label, Rule, Severity, Source, Span
from exnet.source.render import render_concise, render_github, render_json, render_sarif, render_text

TEXT = """exnet tree_digits

input  x[16] : real[4]
output y     : class[10]

let    h[0, i: 0..16] = x[i]
vertex h[l: 1..=4, i: 0..=16 >> l] = (h[l-1, 2*i], h[l-1, 2*i+1])
root h[4, 0]
"""
READ = Rule("EXN203", "read-outside-domain", "A read misses the domain.", "Why: it does.")
DOUBT = Rule("EXN502", "odd, or: so it seems", "A doubt.", severity=Severity.WARNING)
LIMIT = Rule("EXN910", "file-too-large", "A limit.")


def span(source: Source, text: str, after: str = "") -> Span:
    start = source.text.index(text, source.text.index(after))
    return Span(source, start, start + len(text))


def examples() -> list[Diagnostic]:
    source = Source("specs/tree_digits.exn", TEXT)
    other = Source("blocks/tree.exn", "exnet tree\nblock tree(xs[n]) {\n  yield xs\n}\n")
    read = READ.at(
        span(source, "h[l-1, 2*i]"),
        "`h[1, 8]` reads `h[0, 16]`, but `h[0, i]` exists for i in 0..16",
        label="index 16 when l = 1, i = 8",
        labels=(
            Label(span(source, "i: 0..16"), "domain of `h[0, i]` fixed here"),
            Label(span(other, "xs[n]"), "applied here"),
        ),
        help="write `i: 0..16 >> l`, which ends at 7 when l = 1",
        notes=("through `tree`",),
        fix=Fix(span(source, "0..=16"), "0..16"),
    )
    doubt = DOUBT.at(span(source, "root h[4, 0]\n"), "100 % of\nit, perhaps")
    return [read, doubt, LIMIT.at(None, "`big.exn` is larger than 4 MiB", help="write less")]


def test_text(golden: Callable[[str, str], None]) -> None:
    golden("text.txt", render_text(examples()))


def test_text_in_colour_says_the_same() -> None:
    import re

    painted = render_text(examples(), color=True)
    assert "\x1b[1;31m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == render_text(examples())


def test_concise(golden: Callable[[str, str], None]) -> None:
    golden("concise.txt", render_concise(examples()))


def test_github(golden: Callable[[str, str], None]) -> None:
    text = render_github(examples())
    assert len(text.splitlines()) == 3
    golden("github.txt", text)


def test_json(golden: Callable[[str, str], None]) -> None:
    text = render_json(examples())
    document = json.loads(text)
    assert (document["errors"], document["warnings"], len(document["diagnostics"])) == (2, 1, 3)
    assert document["diagnostics"][0]["place"]["start"] == {"line": 7, "column": 39}
    assert document["diagnostics"][2]["place"] is None
    golden("report.json", text)


def test_sarif(golden: Callable[[str, str], None]) -> None:
    text = render_sarif(examples(), [READ, DOUBT], "0.1.0")
    check_sarif(json.loads(text))
    golden("report.sarif", text)


def test_sarif_without_findings_and_without_rules() -> None:
    check_sarif(json.loads(render_sarif([], [READ], "0.1.0")))
    check_sarif(json.loads(render_sarif(examples())))


def test_sarif_paths_are_relative_addresses() -> None:
    from pathlib import Path

    for name, uri in (
        ("./specs//a b.exn", "specs/a%20b.exn"),
        ("<stdin>", "%3Cstdin%3E"),
        (str(Path.cwd() / "specs/a.exn"), "specs/a.exn"),
    ):
        source = Source(name, "exnet")
        found = json.loads(render_sarif([READ.at(Span(source, 0, 5), "m")]))
        location = found["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
        assert location == {"uri": uri, "uriBaseId": "START"}


def check_sarif(document: Any) -> None:
    """What SARIF 2.1.0 demands of a log of one run, and what GitHub refuses."""
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "exnet"
    rules = driver["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("error", "warning", "note")
    assert isinstance(run["results"], list)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        for location in [*result.get("locations", []), *result.get("relatedLocations", [])]:
            check_place(run, location["physicalLocation"])
        for fix in result.get("fixes", []):
            for change in fix["artifactChanges"]:
                for replacement in change["replacements"]:
                    check_place(run, {**change, "region": replacement["deletedRegion"]})
                    assert isinstance(replacement["insertedContent"]["text"], str)


def check_place(run: Any, place: Any) -> None:
    """A relative path below a declared base, and no zero line or column."""
    assert not place["artifactLocation"]["uri"].startswith("/")
    assert place["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
    region = place["region"]
    assert min(region.values()) >= 1
    assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])


def test_wide_hidden_and_long_text_keeps_carets_in_place() -> None:
    source = Source("a.exn", "let\ta = 漢字 \u202e? # " + "x" * 1000)
    lines = render_text([READ.at(span(source, "?"), "m")]).split("\n")
    assert lines[3] == " 1 | " + ("let    a = 漢字 <U+202E>? # " + "x" * 1000)[: len(lines[3]) - 5]
    assert lines[4] == "   | " + " " * 24 + "^"
    far = Source("a.exn", "x" * 5000 + "?" + "x" * 5000)
    lines = render_text([READ.at(span(far, "?"), "m")]).split("\n")
    assert lines[1] == "  --> a.exn:1:5001"
    assert len(lines[3]) < 200
    assert lines[3][lines[4].index("^")] == "?"


def test_a_span_over_several_lines_is_underlined_to_the_end_of_its_first() -> None:
    source = Source("a.exn", "vertex v =\n  (a, b)\n")
    lines = render_text([READ.at(Span(source, 0, len(source.text)), "m")]).split("\n")
    assert lines[4] == "   | ^^^^^^^^^^"


def test_the_end_of_the_text_can_be_pointed_at() -> None:
    for text in ("", "exnet", "exnet\n"):
        source = Source("a.exn", text)
        for render in (render_text, render_concise, render_github, render_json, render_sarif):
            assert render([READ.at(Span(source, len(text), len(text)), "m")])
