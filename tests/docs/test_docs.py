"""The documentation is true: its specs compile, its commands and options exist, its links lead somewhere.

In a Markdown file a block marked ```exn is a whole spec and must compile without a message; one marked
```exn fragment only has to parse behind a header; ```console blocks name verbs and options of the command line.
"""

import re
import shlex
from pathlib import Path

import pytest
import typer

from exnet.cli.app import make_app
from exnet.graph import elaborate
from exnet.language import parse_file
from exnet.source import Source
from exnet.spec import analyse

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*.md"))]
GENERATED = "errors.md"  # test_errors.py looks at it
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")


def blocks(kind: str) -> list[tuple[str, str]]:
    """(page:line, text) of every block of a kind."""
    found = list[tuple[str, str]]()
    for page in PAGES:
        text = page.read_text() if page.name != GENERATED else ""
        for match in FENCE.finditer(text):
            if match[1].strip() == kind:
                line = text.count("\n", 0, match.start()) + 2
                found.append((f"{page.relative_to(ROOT)}:{line}", match[2]))
    return found


def commands() -> list[tuple[str, list[str]]]:
    """(place, words) of every line of a console block that calls exnet."""
    found = list[tuple[str, list[str]]]()
    for place, text in blocks("console"):
        for line in text.splitlines():
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if words and words[0] == "exnet":
                found.append((place, words))
    return found


def label(value: object) -> str:
    """Names a test after the place of its block."""
    return value if isinstance(value, str) and value.isprintable() else ""


def test_there_is_something_to_test() -> None:
    assert len(blocks("exn")) >= 8
    assert commands()


@pytest.mark.parametrize(("place", "text"), blocks("exn"), ids=label)
def test_specs_in_the_docs_compile(place: str, text: str) -> None:
    source = Source(place, text)
    spec = analyse(parse_file(source).unwrap(), source)
    graph = elaborate(spec.unwrap())
    assert [d.concise for d in (*spec.diagnostics, *graph.diagnostics)] == []
    assert graph.unwrap().vertex_count > 0


@pytest.mark.parametrize(("place", "text"), blocks("exn fragment"), ids=label)
def test_fragments_in_the_docs_parse(place: str, text: str) -> None:
    assert parse_file(Source(place, f"exnet fragment\n{text}")).diagnostics == ()


@pytest.mark.parametrize(("place", "words"), commands(), ids=label)
def test_commands_in_the_docs_exist(place: str, words: list[str]) -> None:
    verbs = vars(typer.main.get_command(make_app()))["commands"]
    if words[1].startswith("-"):
        return
    assert words[1] in verbs, f"{place}: there is no verb `{words[1]}`"
    known = {o for parameter in verbs[words[1]].params for o in (*parameter.opts, *parameter.secondary_opts)}
    for word in words[2:]:
        if re.match(r"--?[a-z]", word):
            assert word.split("=")[0] in known | {"--help"}, f"{place}: `{words[1]}` has no option `{word}`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text())
    for target in LINK.findall(text):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        goal = (page.parent / path).resolve() if path else page
        assert goal.exists(), f"{page.name} links to {target}"
        if anchor and goal.suffix == ".md":
            assert anchor in anchors(goal), f"{page.name} links to {target}"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}
